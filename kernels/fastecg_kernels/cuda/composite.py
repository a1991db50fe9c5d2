"""Compositing of one ink colour over or into images, by their coverage (CUDA)."""

from __future__ import annotations

import numpy as np

from fastecg_kernels.cuda._device import Array, Device, blocks

THREADS = 256
PIXELS = 8
"""Pixels of one thread."""


def composite(device: Device, image: Array, coverage: Array, color: Array, clear: bool) -> None:
    """Blend ``color`` into ``image`` where ``coverage`` says so; see the reference of this name."""
    _lay(device, "composite", image, coverage, color, clear)


def absorb(device: Device, image: Array, coverage: Array, color: Array, clear: bool) -> None:
    """Multiply ``image`` by ``color`` where ``coverage`` says so; see the reference of this name."""
    _lay(device, "absorb", image, coverage, color, clear)


def _lay(device: Device, kernel: str, image: Array, coverage: Array, color: Array, clear: bool) -> None:
    if coverage.size == 0:
        return
    pages = coverage.shape[0] if coverage.ndim == 3 else 1
    colors = device.send(color, np.uint8)
    step = 3 if colors.ndim == 2 else 0
    grid = (blocks(coverage.size, PIXELS * THREADS),)
    sizes = np.int64(coverage.size), np.int64(coverage.size // pages), np.int32(step)
    device.launch("composite", kernel, grid, (THREADS,), (image, coverage, colors, *sizes, np.int32(clear)))
