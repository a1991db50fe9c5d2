"""A map made exact: the grid's pattern, as the page itself shows it, is found millimetre by millimetre.

Source: M. J. Hÿtch, E. Snoeck and R. Kilaas, Quantitative measurement of displacement and strain
fields from HREM micrographs, Ultramicroscopy 74 (1998): displacement from the phases of a lattice.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.fields import Nodes, nodes_over, smooth_field
from fastecg.digitize.nodes import fit_homography, project
from fastecg.digitize.rectify import Rectifier

Floats = NDArray[np.floating[Any]]

PX: Final = 6
"""Pixels per mm of the flat picture whose phases are taken."""
HARMONICS: Final = (1, 2, 3, 4, 5, 10)
"""Multiples of 1 / 5 mm."""
REACH_MM: Final = 0.9
FAR_MM: Final = 2.3
"""How far off the map may be."""
STEP_MM: Final = 4.0
FINE_STEP_MM: Final = 2.0
LEAST_SURE: Final = 0.1
STRAIGHT_PX: Final = 1.0
STRAIGHT_SHARE: Final = 0.6
SLOW_STEP_MM: Final = 25.0
NEAR_MM: Final = 0.45
FLOOR_PX: Final = 0.04
"""Shifts that are no larger than this where they are found are the raster's and the ink's."""
AROUND_MM: Final = 6.0
FADE: Final = 0.1
"""Trust, as a share of the usual, at which half of a shift is taken."""


def phases(flat: Floats, axis: int) -> NDArray[np.complexfloating[Any]]:
    """Return the pattern's amplitudes along an axis, shape (harmonics, rows, columns), one per mm."""
    rows, columns = flat.shape[0] // PX, flat.shape[1] // PX
    cells = flat[: rows * PX, : columns * PX].reshape(rows, PX, columns, PX)
    cells = cells.sum(
        axis=3 if axis == 1 else 1
    )  # across the axis: (rows, PX, columns) or (rows, columns, PX)
    inside = (np.arange(PX) + 0.5) / PX
    found = np.empty((len(HARMONICS), rows, columns), np.complex64)
    for k, harmonic in enumerate(HARMONICS):
        wave = np.exp(-2j * np.pi * harmonic / 5 * inside).astype(np.complex64)
        place = np.exp(-2j * np.pi * harmonic / 5 * np.arange(rows if axis == 1 else columns)).astype(
            np.complex64
        )
        if axis == 1:
            found[k] = np.einsum("ipj,p->ij", cells, wave) * place[:, None]
        else:
            found[k] = np.einsum("ijp,p->ij", cells, wave) * place
    return found


def displacement(
    found: NDArray[np.complexfloating[Any]], known: Floats, sigma_mm: float, reach_mm: float
) -> tuple[Floats, Floats]:
    """Return how far, in mm, the pattern lies off in every square millimetre, and how surely.

    Parameters
    ----------
    found
        As :func:`phases` returns them.
    known
        Shape (rows, columns): how far each cell may be trusted to show paper.
    sigma_mm
        Over what distance phases are averaged.
    reach_mm
        How far off the map may be.
    """
    import cv2  # noqa: PLC0415 - 0.1 s to import

    parts = []
    for layer in found:
        seen = layer * known
        real = cv2.GaussianBlur(np.ascontiguousarray(seen.real), (0, 0), sigma_mm)
        parts.append(real + 1j * cv2.GaussianBlur(np.ascontiguousarray(seen.imag), (0, 0), sigma_mm))
    smooth = np.stack(parts)
    size = np.abs(smooth)
    template = np.array([layer[a < 4 * np.median(a)].sum() for layer, a in zip(smooth, size, strict=True)])
    total = size.reshape(len(size), -1).sum(axis=1) + 1e-9
    coherence = np.abs(template) / total
    # a template whose phases do not agree over the page says nothing
    strength = np.clip(coherence - 0.15, 0, None) * total / total.max()
    unit = np.conj(template / (np.abs(template) + 1e-9)) * strength
    aligned = smooth * unit[:, None, None].astype(np.complex64)
    fifths = strength[:4].sum() > 0.15 * strength.sum()
    reach = reach_mm if fifths else 0.5
    shifts = np.linspace(-reach, reach, 2 * int(reach / 0.05) + 1)
    frequencies = np.array(HARMONICS) / 5
    waves = np.exp(2j * np.pi * np.outer(shifts, frequencies)).astype(np.complex64)
    flat = aligned.reshape(len(HARMONICS), -1)
    scores = (waves.real @ flat.real - waves.imag @ flat.imag).reshape(len(shifts), *found.shape[1:])
    scores = scores * (1 - 0.08 * (shifts / reach) ** 2)[:, None, None].astype(np.float32)
    best = np.clip(scores.argmax(axis=0), 1, len(shifts) - 2)
    low, middle, high = (np.take_along_axis(scores, best[None] + k, 0)[0] for k in (-1, 0, 1))
    part = np.clip(0.5 * (low - high) / np.minimum(low + high - 2 * middle, -1e-9), -1, 1)
    shift = shifts[best] + part * (shifts[1] - shifts[0])
    possible = np.tensordot(strength.astype(np.float32), size, 1) + 1e-9
    agreement = np.clip(middle / possible, 0, 1)
    usual = float(np.median(middle[middle > 0])) if (middle > 0).any() else 1.0
    return shift, (agreement**2 * np.clip(middle / usual, 0, 1)).astype(np.float64)


def refined(
    rectifier: Rectifier, fine: Floats, *, sigma_mm: float, stiffness: float, reach_mm: float = REACH_MM
) -> tuple[Rectifier, Floats]:
    """Return a better map, and how surely the grid is known in every square millimetre of the extent.

    Parameters
    ----------
    rectifier
        A map that is off by less than a millimetre.
    fine
        What is fine in the picture of the grid, shape (H, W), at the map's pixels.
    sigma_mm
        Over what distance phases are averaged.
    stiffness
        See :func:`fastecg.digitize.fields.smooth_field`.
    reach_mm
        How far off the map may be: only the squares tell more than half a millimetre.
    """
    x0, y0, x1, y1 = rectifier.extent_mm
    centres, shifts, trusts, known = _shifts(rectifier, fine, sigma_mm, reach_mm)
    sure = np.sqrt(trusts[..., 0] * trusts[..., 1]) * known
    nodes = nodes_over((x0 - 5, y0 - 5, x1 + 5, y1 + 5), STEP_MM)
    # what lies at p should lie at p - shift
    every = np.s_[::2, ::2]
    truly = centres[every].reshape(-1, 2) - shifts[every].reshape(-1, 2)
    field = smooth_field(
        nodes,
        truly,
        shifts[every].reshape(-1, 2),
        sure[every].ravel() ** 2,
        stiffness=stiffness,
        outlier=0.25,
    )
    return _moved(rectifier, nodes, field), sure


def sharpened(rectifier: Rectifier, fine: Floats, *, sigma_mm: float) -> Rectifier:
    """Return a map that follows creases: what is left of the displacement is taken as it is found.

    Where the grid is not seen, the map stays as it was.

    Parameters
    ----------
    rectifier
        A map that is off by a tenth of a millimetre.
    fine
        What is fine in the picture of the grid, shape (H, W), at the map's pixels.
    sigma_mm
        Over what distance phases are averaged.
    """
    import cv2  # noqa: PLC0415 - 0.1 s to import

    x0, y0, x1, y1 = rectifier.extent_mm
    centres, shifts, trusts, known = _shifts(rectifier, fine, sigma_mm, NEAR_MM)
    trusts = trusts * known[..., None]
    usual = np.median(trusts, axis=(0, 1)) + 1e-9
    shifts = shifts * trusts / (trusts + FADE * usual)
    around = cv2.GaussianBlur((shifts**2).astype(np.float32), (0, 0), AROUND_MM)
    floor_mm = FLOOR_PX / float(np.mean(rectifier.px_per_mm(centres[centres.shape[0] // 2])))
    shifts = (shifts * np.clip(1 - floor_mm**2 / (around + 1e-12), 0, 1)).astype(np.float32)
    nodes = nodes_over((x0 - 5, y0 - 5, x1 + 5, y1 + 5), FINE_STEP_MM)
    at = (nodes.points() - np.array([x0 + 0.5, y0 + 0.5])).astype(np.float32)
    field = cv2.remap(
        shifts, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float64)
    return _moved(rectifier, nodes, field)


def straightened(rectifier: Rectifier, sure: Floats) -> Rectifier | None:
    """Return a map that bends slowly, where it says it all but for what whole pixels do to lines; else None.

    Programs put lines on whole pixels: a map that follows them is worse than one that does not.

    Parameters
    ----------
    rectifier
        As :func:`refined` returns it.
    sure
        Shape (rows, columns): how surely the grid is known in every square millimetre of the extent.
    """
    x0, y0, x1, y1 = rectifier.extent_mm
    x, y = (first + np.arange(0, n, 5) + 0.5 for first, n in ((x0, sure.shape[1]), (y0, sure.shape[0])))
    weight = sure[::5, ::5].ravel()
    seen = weight > LEAST_SURE
    if np.count_nonzero(seen) < 20:
        return None
    paper = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)[seen]
    image = rectifier.to_image(paper)
    matrix = fit_homography(paper, image, weight[seen], 0.3)
    off = image - project(matrix, paper)
    far = np.hypot(*off.T)
    near = far < STRAIGHT_PX
    if near.mean() < STRAIGHT_SHARE or np.sqrt((far[near] ** 2).mean()) > 0.4 * STRAIGHT_PX:
        return None
    nodes = nodes_over((x0 - 5, y0 - 5, x1 + 5, y1 + 5), SLOW_STEP_MM)
    slow = smooth_field(nodes, paper, off, weight[seen], stiffness=1.0, outlier=STRAIGHT_PX)
    return Rectifier(matrix, nodes.origin, nodes.step, slow, rectifier.extent_mm)


def _shifts(
    rectifier: Rectifier, fine: Floats, sigma_mm: float, reach_mm: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return centres of the square millimetres, the shifts there, their trust, and which are seen."""
    x0, y0, _, _ = rectifier.extent_mm
    flat = rectifier.resample(fine, rectifier.extent_mm, (PX, PX))
    rows, columns = flat.shape[0] // PX, flat.shape[1] // PX
    centres = np.stack(np.meshgrid(x0 + np.arange(columns) + 0.5, y0 + np.arange(rows) + 0.5), axis=-1)
    in_image = rectifier.to_image_grid(centres[0, :, 0], centres[:, 0, 1])
    inside = (in_image > 0) & (in_image < np.array(fine.shape[::-1]))
    known = np.asarray(inside.all(axis=-1), np.float32)
    found = [displacement(phases(flat, axis), known, sigma_mm, reach_mm) for axis in (0, 1)]
    shifts, trusts = (np.stack([pair[k] for pair in found], axis=-1) for k in (0, 1))
    return centres, shifts, trusts, known


def _moved(rectifier: Rectifier, nodes: Nodes, field: Floats) -> Rectifier:
    """Return a map that puts every node where it put the point a shift in mm away from it."""
    points = nodes.points().reshape(-1, 2)
    image = rectifier.to_image(points + field.reshape(-1, 2))
    off = (image - project(rectifier.homography, points)).reshape(field.shape)
    return Rectifier(rectifier.homography, nodes.origin, nodes.step, off, rectifier.extent_mm)


def rectifier_of(paper: Floats, image: Floats, confidence: Floats, shape: tuple[int, int]) -> Rectifier:
    """Return a first map through the places of tiles.

    Parameters
    ----------
    paper, image
        Shape (n, 2): mm and pixels.
    confidence
        Shape (n,).
    shape
        (H, W) of the image.
    """
    height, width = shape
    matrix = fit_homography(paper, image, confidence, 0.5)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    seen = project(np.linalg.inv(matrix), corners)
    low = np.floor(seen.min(0))
    move = np.array([[1, 0, low[0]], [0, 1, low[1]], [0, 0, 1]])
    matrix, paper, seen = matrix @ move, paper - low, seen - low
    extent = (0.0, 0.0, float(np.ceil(seen[:, 0].max())), float(np.ceil(seen[:, 1].max())))
    nodes = nodes_over((-10, -10, extent[2] + 10, extent[3] + 10), 10.0)
    off = image - project(matrix, paper)
    scale = float(
        np.hypot(
            *(
                project(matrix, paper.mean(0, keepdims=True) + np.array([1.0, 0.0]))
                - project(matrix, paper.mean(0, keepdims=True))
            )[0]
        )
    )
    field = smooth_field(nodes, paper, off, confidence**2, stiffness=0.3, outlier=0.4 * scale)
    return Rectifier(matrix / matrix[2, 2], nodes.origin, nodes.step, field, extent)
