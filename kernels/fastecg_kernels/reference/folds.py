"""Folds: long, nearly straight lines that shade, wear and shift a sheet (NumPy reference).

All three kernels take the folds the same way. ``lines`` has shape (n, 4), float64: a unit normal
(x, y), the line's distance from the origin along it, and the place along the line, which runs
along (-y, x), of its first node. Nodes follow each other at ``pitch`` pixels; ``offsets``, shape
(n, m), float32, says how far aside the fold runs there, in pixels along the normal. What is
between two nodes is linear, and beyond the last the last holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _along(values: NDArray[np.float32], at: Floats) -> Floats:
    """Return a fold's values at places along it, in nodes."""
    at = np.clip(at, 0, len(values) - 1)
    node = np.minimum(at.astype(np.int64), max(len(values) - 2, 0))
    share = at - node
    after = np.minimum(node + 1, len(values) - 1)
    ends = values.astype(np.float64)
    return np.asarray(ends[node] * (1 - share) + ends[after] * share)


def _place(
    shape: tuple[int, int], line: Floats, pitch: float, offsets: NDArray[np.float32], px: float, first: float
) -> tuple[Floats, Floats]:
    """Return the distance from a fold, and the node along it, of points ``px`` pixels apart."""
    y, x = (np.arange(shape[0]) * px + first)[:, None], (np.arange(shape[1]) * px + first)[None, :]
    normal_x, normal_y, distance, start = line.tolist()
    at = (normal_x * y - normal_y * x - start) / pitch
    return normal_x * x + normal_y * y - distance - _along(offsets, at), at


def _bump(d: Floats, flank: float, ridge: float) -> Floats:
    return flank * d * np.exp((1 - d**2) / 2) + ridge * np.exp(-(d**2) / 2)


def shade_folds(
    shade: NDArray[np.uint8],
    lines: Floats,
    pitch: float,
    offsets: NDArray[np.float32],
    strengths: NDArray[np.float32],
    profiles: NDArray[np.float32],
    reach: float,
    dither: NDArray[np.float32],
) -> None:
    """Multiply light and dark along folds into a shade layer, in a band along each and nowhere else.

    Parameters
    ----------
    shade
        Shape (H, W), uint8; changed in place.
    lines, pitch, offsets
        The folds, as the module says.
    strengths
        Shape (n, m), float32: what the profile is multiplied by, at the nodes.
    profiles
        Shape (n, 6), float32: width, flank and ridge of a wide part, then of a fine part. At distance
        d in widths, flank · d · exp((1 - d^2) / 2) + ridge · exp(-d^2 / 2) is added to a gain of 1:
        the slopes of a Gaussian ridge lit from one side, and what its top adds. Widths in px, > 0.
    reach
        Half of the band's width, px; pixels as far as this or farther are left.
    dither
        Shape (a, b), float32, 0 to 0.999: added before rounding down, tiled over the page, so
        that faint slopes have no steps.

    Examples
    --------
    >>> shade = np.full((1, 4), 128, np.uint8)
    >>> line = np.array([[1.0, 0.0, 2.0, 0.0]])
    >>> one, half = np.ones((1, 1), np.float32), np.full((1, 1), 0.5, np.float32)
    >>> profile = np.array([[0.5, 0.5, 0, 0.5, 0, 0.25]], np.float32)
    >>> shade_folds(shade, line, 8.0, 0 * one, one, profile, 1.0, half)
    >>> shade.tolist()
    [[128, 83, 211, 128]]
    """
    height, width = shade.shape
    tile = np.tile(dither, (-(-height // dither.shape[0]), -(-width // dither.shape[1])))[:height, :width]
    for fold, line in enumerate(lines):
        aside, at = _place(shade.shape, line, pitch, offsets[fold], 1.0, 0.5)
        wide, wide_flank, wide_ridge, fine, fine_flank, fine_ridge = profiles[fold].tolist()
        profile = _bump(aside / wide, wide_flank, wide_ridge) + _bump(aside / fine, fine_flank, fine_ridge)
        gain = 1 + _along(strengths[fold], at) * profile
        lit = np.clip(shade * gain + tile, 0, 255).astype(np.uint8)
        shade[:] = np.where(np.abs(aside) < reach, lit, shade)


def thin_folds(
    mask: NDArray[np.uint8],
    lines: Floats,
    pitch: float,
    offsets: NDArray[np.float32],
    wear: NDArray[np.float32],
    reach: float,
    grain: NDArray[np.float32],
    grain_px: float,
) -> None:
    """Rub a coverage mask off along folds, in speckles.

    A pixel loses its coverage where the wear, which falls to nothing at ``reach`` as
    (1 - (distance / reach)^2)^2, is above the grain there; within an eighth above and below it
    loses a part.

    Parameters
    ----------
    mask
        Shape (H, W), uint8; changed in place.
    lines, pitch, offsets
        The folds, as the module says.
    wear
        Shape (n, m), float32, 0 to 1: about the share of the fold's middle that is rubbed off.
    reach
        Half of the band's width, px.
    grain
        Shape (a, b), float32, 0 to 1, a and b powers of 2: the speckles, across and along a
        fold, tiled, bilinear in between. A fold begins a row and 37 columns after the one before.
    grain_px
        Pixels in a cell of the grain.

    Examples
    --------
    >>> mask = np.full((1, 4), 200, np.uint8)
    >>> line, zero = np.array([[1.0, 0.0, 2.0, 0.0]]), np.zeros((1, 1), np.float32)
    >>> thin_folds(mask, line, 8.0, zero, zero + 1, 1.0, zero + 0.3, 1.0)
    >>> mask.tolist()
    [[200, 0, 0, 200]]
    """
    rows, columns = grain.shape
    for fold, line in enumerate(lines):
        aside, at = _place(mask.shape, line, pitch, offsets[fold], 1.0, 0.5)
        across, along = aside / grain_px + fold, at * pitch / grain_px + 37 * fold
        i, j = np.floor(across).astype(np.int64), np.floor(along).astype(np.int64)
        fy, fx = across - i, along - j
        four = [grain[(i + a) & (rows - 1), (j + b) & (columns - 1)] for a in (0, 1) for b in (0, 1)]
        speckle = (four[0] * (1 - fx) + four[1] * fx) * (1 - fy) + (four[2] * (1 - fx) + four[3] * fx) * fy
        worn = _along(wear[fold], at) * np.maximum(1 - (aside / reach) ** 2, 0) ** 2
        lost = np.where((np.abs(aside) < reach) & (worn > 0), np.clip((worn - speckle) * 4 + 0.5, 0, 1), 0)
        mask[:] = (mask * (1 - lost) + 0.5).astype(np.uint8)


def shift_folds(
    shift: NDArray[np.float32],
    step: float,
    lines: Floats,
    amounts: NDArray[np.float32],
    width: float,
) -> None:
    """Add to a field of shifts what folds do to it: both sides move along the normal, in opposite senses.

    At distance d from a fold the shift is amount · (d / width) · exp((1 - (d / width)^2) / 2): nothing on
    the fold, the whole amount at ``width``, and taken as nothing from 4 widths on. Its steepest slope,
    on the fold, is 1.65 amount / width.

    Parameters
    ----------
    shift
        Shape (h, w, 2), float32, px; node (i, j) lies at (j step, i step). Changed in place.
    step
        Distance of the nodes, px.
    lines
        The folds, as the module says; they are taken as straight.
    amounts
        Shape (n,), float32, px.
    width
        Distance of the largest shift, px.

    Examples
    --------
    >>> shift = np.zeros((1, 3, 2), np.float32)
    >>> shift_folds(shift, 8.0, np.array([[1.0, 0, 8, 0]]), np.array([0.5], np.float32), 8.0)
    >>> shift[0, :, 0].tolist()
    [-0.5, 0.0, 0.5]
    """
    flat = np.zeros(1, np.float32)
    for line, amount in zip(lines, amounts, strict=True):
        aside, _ = _place(shift.shape[:2], line, 1.0, flat, step, 0.0)
        ratio = aside / width
        moved = np.where(np.abs(ratio) < 4, float(amount) * ratio * np.exp((1 - ratio**2) / 2), 0.0)
        shift += (moved[:, :, None] * line[:2]).astype(np.float32)
