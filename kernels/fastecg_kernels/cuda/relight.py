"""Light on a relief: slopes to shade, and shade onto images (CUDA)."""

from __future__ import annotations

import numpy as np

from fastecg_kernels.cuda._device import Array, Device, blocks
from fastecg_kernels.cuda.camera import BLOCK, send_records

THREADS = 256
SLANT = np.dtype([(name, np.int32) for name in ("top", "left", "weight_x", "weight_y", "level")])


def relight(device: Device, image: Array, shade: Array) -> None:
    """Multiply each pixel of images, one or a batch, by its shade / 128; see the reference of this name."""
    if shade.size:
        grid = (blocks(shade.size, THREADS),)
        device.launch("relight", "relight", grid, (THREADS,), (image, shade, np.int64(shade.size)))


def shade_slopes(
    device: Device, slopes: Array, corner: tuple[int, int], shade: Array, weights: tuple[int, int, int]
) -> None:
    """Light a piece of a field of slopes; see the reference of this name."""
    slants = np.array([(*corner, *weights)], SLANT)
    height, width = shade.shape[-2:]
    sizes = np.int32(height), np.int32(width), np.int32(slopes.shape[0]), np.int32(slopes.shape[1])
    grid = blocks(width, BLOCK[0]), blocks(height, BLOCK[1]), len(slants)
    device.launch(
        "relight", "shade_slopes", grid, BLOCK, (shade, slopes, send_records(device, slants), *sizes)
    )
