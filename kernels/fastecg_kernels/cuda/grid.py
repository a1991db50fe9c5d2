"""Grid paper from four line profiles a page (CUDA)."""

from __future__ import annotations

from math import prod

import numpy as np

from fastecg_kernels.cuda._device import Array, Device, blocks

THREADS = 256
PIXELS = 4
"""Pixels of one thread."""


def paint_grid(device: Device, image: Array, columns: Array, rows: Array, colors: Array, dots: Array) -> None:
    """Paint paper with a minor and a major grid, filling whole images; see the reference of this name."""
    if image.size == 0:
        return
    height, width = image.shape[-3:-1]
    tables = [device.send(table, np.uint8) for table in (columns, rows, colors, dots)]
    own_axes = (2, 2, 2, 1)
    steps = [
        np.int32(prod(table.shape[1:]) if table.ndim > axes else 0)
        for table, axes in zip(tables, own_axes, strict=True)
    ]
    pixels = image.size // 3
    sizes = np.int64(pixels), np.int32(height), np.int32(width)
    grid = (blocks(pixels, PIXELS * THREADS),)
    device.launch("grid", "paint_grid", grid, (THREADS,), (image, *tables, *sizes, *steps))
