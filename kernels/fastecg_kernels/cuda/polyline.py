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


def polyline_coverage(device: Device, mask: Array, points: Array, half_width: Array | float) -> None:
    """Draw polylines with round joins and caps into coverage masks; see the reference of this name."""
    points = device.send(points, np.float32)
    half_widths = device.send(half_width, np.float32).reshape(-1)
    if mask.size == 0 or points.size == 0:
        return
    pages, (height, width) = mask.size // (mask.shape[-2] * mask.shape[-1]), mask.shape[-2:]
    boxes, sizes = line_boxes(device, points)
    grid = (blocks(width, TILE), blocks(height, TILE), pages)
    page = np.int32(half_widths.size), np.int32(height), np.int32(width)
    device.launch(
        "polyline", "polyline_coverage", grid, (TILE, TILE), (mask, points, boxes, half_widths, *sizes, *page)
    )
