"""Coverage of pen strokes whose width and darkness change along them (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLES = 16


def stroke_coverage(
    mask: NDArray[np.uint8],
    points: NDArray[np.float32],
    half_widths: NDArray[np.float32],
    darkness: NDArray[np.float32],
) -> None:
    """Draw pen strokes into a coverage mask, keeping the larger value.

    Between two points the half width and the darkness change evenly; a place belongs to the stroke if
    it is no farther from the nearest point of the segment than the half width there.

    Parameters
    ----------
    mask
        Shape (H, W), uint8, changed in place; 255 is full coverage.
    points
        Shape (N, 2), float32: x and y in pixels, corner origin. A row of NaN ends a stroke; a lone
        point is a dot.
    half_widths
        Shape (N,), float32: half the width of the line at each point in pixels, > 0.
    darkness
        Shape (N,), float32, 0 to 1: how much the ink covers there.

    Examples
    --------
    >>> mask = np.zeros((3, 4), np.uint8)
    >>> points = np.array([[-9, 1.5], [9, 1.5]], np.float32)
    >>> stroke_coverage(mask, points, np.full(2, 0.5, np.float32), np.full(2, 1, np.float32))
    >>> mask[:, 1].tolist()
    [0, 255, 0]
    """
    height, width = mask.shape
    x = ((np.arange(width * SAMPLES) + 0.5) / SAMPLES)[None, :]
    y = ((np.arange(height * SAMPLES) + 0.5) / SAMPLES)[:, None]
    finite = np.isfinite(points.sum(axis=1))
    for start, end in _runs(finite):
        ink = np.zeros((height * SAMPLES, width * SAMPLES))
        for a in range(start, max(end - 1, start + 1)):
            b = min(a + 1, end - 1)
            (ax, ay), (bx, by) = points[a].astype(np.float64), points[b].astype(np.float64)
            dx, dy = bx - ax, by - ay
            square = dx * dx + dy * dy
            t = np.clip(((x - ax) * dx + (y - ay) * dy) / square, 0.0, 1.0) if square > 0 else 0.0
            distance = np.hypot(x - (ax + t * dx), y - (ay + t * dy))
            half = half_widths[a] + t * (float(half_widths[b]) - half_widths[a])
            dark = darkness[a] + t * (float(darkness[b]) - darkness[a])
            # Soft samples, as for polylines: each counts by the share of its own cell.
            ink = np.maximum(ink, np.clip((half - distance) * SAMPLES + 0.5, 0.0, 1.0) * dark)
        share = ink.reshape(height, SAMPLES, width, SAMPLES).mean(axis=(1, 3))
        np.maximum(mask, np.floor(share * 255.0 + 0.5).astype(np.uint8), out=mask)


def _runs(finite: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where strokes begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
