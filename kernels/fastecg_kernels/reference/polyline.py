"""Coverage of a stroked polyline by 16 × 16 samples a pixel (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAMPLES = 16
TILE = 64
"""Pixels a side that are sampled at once: 16 × 16 samples of a whole page would not fit into memory."""


def polyline_coverage(
    mask: NDArray[np.uint8], points: NDArray[np.float32], half_width: float, *, soft: bool = True
) -> None:
    """Draw a polyline with round joins and caps into a coverage mask, keeping the larger value.

    Parameters
    ----------
    mask
        Shape (H, W), uint8, changed in place; 255 is full coverage.
    points
        Shape (N, 2), float32: x and y in pixels, corner origin (the centre of pixel (row i,
        column j) is (j + 0.5, i + 0.5)). A NaN breaks the line; a lone point is a dot.
    half_width
        Half the width of the line in pixels, > 0.
    soft
        Let each of the 256 samples count by the share of its own 1/16 px cell. Hard samples
        measure a horizontal or vertical edge no finer than 1/16 px: up to 8 grey levels off
        either way, where soft ones stay within 3 of a 64 × 64 count.

    Examples
    --------
    >>> mask = np.zeros((3, 4), np.uint8)
    >>> polyline_coverage(mask, np.array([[-9, 1.5], [9, 1.5]], np.float32), 0.5)
    >>> mask[:, 1].tolist()
    [0, 255, 0]
    """
    segments = _segments(points.astype(np.float64))
    reach = half_width + 1 / SAMPLES
    for top in range(0, mask.shape[0], TILE):
        for left in range(0, mask.shape[1], TILE):
            tile = mask[top : top + TILE, left : left + TILE]
            height, width = tile.shape
            x = left + (np.arange(width * SAMPLES) + 0.5) / SAMPLES
            y = top + (np.arange(height * SAMPLES) + 0.5) / SAMPLES
            inside = (half_width - _distance(x, y, segments, reach)) * SAMPLES
            count = np.clip(inside + 0.5, 0.0, 1.0) if soft else (inside >= 0).astype(np.float64)
            share = count.reshape(height, SAMPLES, width, SAMPLES).mean(axis=(1, 3))
            np.maximum(tile, np.floor(share * 255.0 + 0.5).astype(np.uint8), out=tile)


def _segments(points: Floats) -> Floats:
    """Return rows (ax, ay, bx, by); a lone point is a segment without length."""
    finite = np.isfinite(points.sum(axis=1))
    joined = finite[:-1] & finite[1:]
    lone = finite & ~np.append(joined, False) & ~np.append(False, joined)
    pairs = np.hstack([points[:-1], points[1:]])[joined]
    return np.concatenate([pairs, np.hstack([points[lone], points[lone]])])


def _distance(x: Floats, y: Floats, segments: Floats, reach: float) -> Floats:
    """Return the distance of every sample to the nearest segment, as far as ``reach`` and infinite beyond."""
    nearest = np.full((len(y), len(x)), np.inf)
    lowest = np.minimum(segments[:, :2], segments[:, 2:]) - reach
    highest = np.maximum(segments[:, :2], segments[:, 2:]) + reach
    near = (lowest <= (x[-1], y[-1])).all(axis=1) & (highest >= (x[0], y[0])).all(axis=1)
    for (ax, ay, bx, by), low, high in zip(segments[near], lowest[near], highest[near], strict=True):
        columns = slice(*np.searchsorted(x, (low[0], high[0])))
        rows = slice(*np.searchsorted(y, (low[1], high[1])))
        to_x, to_y = x[None, columns] - ax, y[rows, None] - ay
        dx, dy = bx - ax, by - ay
        square = dx * dx + dy * dy
        along = np.clip((to_x * dx + to_y * dy) / square, 0.0, 1.0) if square > 0 else 0.0
        distance = np.sqrt((to_x - along * dx) ** 2 + (to_y - along * dy) ** 2)
        nearest[rows, columns] = np.minimum(nearest[rows, columns], distance)
    return nearest
