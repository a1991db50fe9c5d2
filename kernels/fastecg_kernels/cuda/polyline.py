"""Coverage of stroked polylines, tile by tile (CUDA)."""

from __future__ import annotations

import numpy as np

from fastecg_kernels.cuda._device import Array, Device, blocks

TILE = 16
CHUNK = 32
THREADS = 256
"""As in ``lines.cuh``."""


def line_boxes(device: Device, points: Array) -> tuple[Array, tuple[np.int32, np.int32, np.int32]]:
    """Return the boxes of each chunk of each line; and how many points, chunks and lines there are."""
    count = points.shape[-2]
    lines = points.shape[0] if points.ndim == 3 else 1
    sizes = np.int32(count), np.int32(blocks(count, CHUNK)), np.int32(lines)
    boxes = device.empty((lines, int(sizes[1]), 4), np.float32)
    device.launch(
        "polyline", "line_boxes", (blocks(boxes.size // 4, THREADS),), (THREADS,), (points, *sizes, boxes)
    )
    return boxes, sizes


def tiles(
    mask: Array, points: Array, reach: Array | float
) -> tuple[tuple[int, int, int], tuple[np.int32, ...]]:
    """Return the grid of tiles that lines may meet; and the size of a page and the first tile along x and y.

    Of one page's points that come from NumPy the bounds are known: a short line then takes few blocks.
    """
    pages, (height, width) = mask.size // (mask.shape[-2] * mask.shape[-1]), mask.shape[-2:]
    low, high = (0, 0), (blocks(width, TILE), blocks(height, TILE))
    if isinstance(points, np.ndarray) and points.ndim == 2:
        known = points[np.isfinite(points.sum(axis=1, dtype=np.float64))].astype(np.float64)
        if len(known) == 0:
            return (0, 0, 0), ()
        margin = float(np.max(reach)) + 1
        low = np.clip(np.floor((known.min(axis=0) - margin) / TILE), 0, high).astype(int)
        high = np.clip(np.ceil((known.max(axis=0) + margin) / TILE), low, high).astype(int)
    grid = int(high[0] - low[0]), int(high[1] - low[1]), pages
    return grid, (np.int32(height), np.int32(width), np.int32(low[0]), np.int32(low[1]))


def polyline_coverage(device: Device, mask: Array, points: Array, half_width: Array | float) -> None:
    """Draw polylines with round joins and caps into coverage masks; see the reference of this name."""
    if mask.size == 0 or points.size == 0:
        return
    grid, page = tiles(mask, points, half_width)
    if 0 in grid:
        return
    points = device.send(points, np.float32)
    half_widths = device.send(half_width, np.float32).reshape(-1)
    boxes, sizes = line_boxes(device, points)
    args = mask, points, boxes, half_widths, *sizes, np.int32(half_widths.size), *page
    device.launch("polyline", "polyline_coverage", grid, (TILE, TILE), args)
