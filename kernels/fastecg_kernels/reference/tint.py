"""What a coarse lattice does to the pixels below it: tint, scale and carve (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]


def _axis(
    length: int, cells: int, start: float, pitch: float
) -> tuple[Span, NDArray[np.int64], NDArray[np.float64]]:
    """Return the pixels whose centres lie on a row of cells, the cell centre before each, and how far on."""
    first = max(int(np.ceil(start - 0.5)), 0)
    end = min(int(np.ceil(start + cells * pitch - 0.5)), length)
    span = first, max(end, first)
    at = np.clip((np.arange(*span) + 0.5 - start) / pitch - 0.5, 0, cells - 1)
    before = np.minimum(at.astype(np.int64), max(cells - 2, 0))
    return span, before, at - before


def _sample(
    shape: tuple[int, ...], lattice: NDArray[np.float32], frame: NDArray[np.float64]
) -> tuple[Span, Span, NDArray[np.float64]]:
    """Return the rows and columns of pixels that a lattice covers, and its value there (bilinear)."""
    top, left, pitch_y, pitch_x = frame.tolist()
    rows, i, fy = _axis(shape[0], lattice.shape[0], top, pitch_y)
    columns, j, fx = _axis(shape[1], lattice.shape[1], left, pitch_x)
    below, right = np.minimum(i + 1, lattice.shape[0] - 1), np.minimum(j + 1, lattice.shape[1] - 1)
    values = lattice.astype(np.float64)
    across = values[i] * (1 - fy)[:, None] + values[below] * fy[:, None]
    return rows, columns, across[:, j] * (1 - fx) + across[:, right] * fx


def tint(
    image: NDArray[np.uint8],
    amount: NDArray[np.float32],
    frame: NDArray[np.float64],
    gains: NDArray[np.uint16],
) -> None:
    """Multiply the colours of an image by gains that a lattice of amounts picks from a table.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8, C-contiguous; changed in place.
    amount
        Shape (h, w), float32: rows of the table, at the centres of cells; between centres it is
        bilinear, beyond the outer ones constant. Below 0.5 leaves the image.
    frame
        Shape (4,), float64: top and left of the lattice in pixels, then height and width of a
        cell. Pixels whose centre lies on no cell stay as they are.
    gains
        Shape (n, 3), uint16, n <= 256: gain of red, green, blue for each whole amount; 32768 is 1,
        as the first row has to be, and nothing is larger.

    Examples
    --------
    >>> image = np.full((1, 3, 3), 200, np.uint8)
    >>> gains = np.array([[32768] * 3, [32768, 16384, 0]], np.uint16)
    >>> tint(image, np.ones((1, 1), np.float32), np.array([0, 0, 1.0, 2.0]), gains)
    >>> image[0, :, 1].tolist()
    [100, 100, 200]
    """
    (y0, y1), (x0, x1), values = _sample(image.shape, amount, frame)
    level = np.minimum((values + 0.5).astype(np.int64), len(gains) - 1)
    part = image[y0:y1, x0:x1]
    part[:] = ((part.astype(np.int64) * gains[level] + 16384) >> 15).astype(np.uint8)


def scale(mask: NDArray[np.uint8], factor: NDArray[np.float32], frame: NDArray[np.float64]) -> None:
    """Multiply a mask by the factors of a lattice.

    Parameters
    ----------
    mask
        Shape (H, W), uint8; changed in place, cut at 255.
    factor
        Shape (h, w), float32, >= 0, sampled as the amounts of ``tint``.
    frame
        As for ``tint``.

    Examples
    --------
    >>> mask = np.array([[200, 0, 200]], np.uint8)
    >>> scale(mask, np.array([[1.0, 0.5]], np.float32), np.array([0, 0, 1.0, 1.5]))
    >>> mask.tolist()
    [[200, 0, 100]]
    """
    (y0, y1), (x0, x1), values = _sample(mask.shape, factor, frame)
    part = mask[y0:y1, x0:x1]
    part[:] = np.minimum(part * values + 0.5, 255).astype(np.uint8)


def carve(
    alpha: NDArray[np.uint8], level: NDArray[np.float32], frame: NDArray[np.float64], scale: float
) -> None:
    """Cut out of an alpha mask what lies outside the zero line of a level set, with a smooth edge.

    Parameters
    ----------
    alpha
        Shape (H, W), uint8; the smaller of it and the new alpha is kept.
    level
        Shape (h, w), float32: distance to the edge, positive inside, sampled as the amounts of
        ``tint``.
    frame
        As for ``tint``.
    scale
        Pixels in a unit of ``level``: the edge is as wide as one pixel.

    Examples
    --------
    >>> alpha = np.full((1, 4), 255, np.uint8)
    >>> carve(alpha, np.array([[-1, 0, 1]], np.float32), np.array([0, 0, 1.0, 1.0]), 1.0)
    >>> alpha.tolist()
    [[0, 128, 255, 255]]
    """
    (y0, y1), (x0, x1), values = _sample(alpha.shape, level, frame)
    part = alpha[y0:y1, x0:x1]
    np.minimum(part, (np.clip(values * scale + 0.5, 0, 1) * 255 + 0.5).astype(np.uint8), out=part)
