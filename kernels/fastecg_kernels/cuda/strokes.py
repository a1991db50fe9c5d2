"""Coverage of pen strokes whose width and darkness change along them, tile by tile (CUDA)."""

from __future__ import annotations

import numpy as np

from fastecg_kernels.cuda._device import Array, Device, blocks
from fastecg_kernels.cuda.polyline import THREADS, TILE, line_boxes, tiles


def stroke_coverage(device: Device, mask: Array, points: Array, half_widths: Array, darkness: Array) -> None:
    """Draw pen strokes into coverage masks, keeping the larger value; see the reference of this name."""
    if mask.size == 0 or points.size == 0:
        return
    reach = half_widths if isinstance(half_widths, np.ndarray) else np.inf
    grid, page = tiles(mask, points, reach)
    if 0 in grid:
        return
    points = device.send(points, np.float32)
    half_widths, darkness = device.send(half_widths, np.float32), device.send(darkness, np.float32)
    boxes, sizes = line_boxes(device, points)
    count, _, lines = sizes
    strokes = device.empty((int(lines), int(count)), np.int32)
    widest = device.send(np.zeros(int(lines), np.int32), np.int32)
    found = points, half_widths, count, lines, strokes, widest
    device.launch("strokes", "find_strokes", (blocks(strokes.size, THREADS),), (THREADS,), found)
    pen = points, boxes, half_widths, darkness, strokes, widest
    device.launch("strokes", "stroke_coverage", grid, (TILE, TILE), (mask, *pen, *sizes, *page))
