"""Image quilting: a sheet sewn from blocks of a texture, wave after wave (CUDA)."""

from __future__ import annotations

from typing import Final

import numpy as np

from fastecg_kernels.cuda._device import Array, Device
from fastecg_kernels.cuda._device import blocks as blocks_of
from fastecg_kernels.cuda.camera import send_records

THREADS = 128
PATCH: Final = np.dtype([(name, np.int32) for name in ("row", "column", "number")])
QUILT: Final = np.dtype(
    [
        *((name, np.int64) for name in ("sheet_row", "texture_row")),
        *((name, np.int32) for name in ("channels", "block", "overlap", "down", "across", "tried")),
        ("candidates", np.int32),
        ("key", np.uint32),
        ("tolerance", np.float64),
    ],
    align=True,
)


def box_sums(device: Device, texture: Array, sums: Array) -> None:
    """Sum a texture over every square of some size; see the reference of this name."""
    if not sums.size:
        return
    channels, rows, columns = sums.shape
    sizes = (np.int32(rows), np.int32(columns), np.int32(channels), np.int32(texture.shape[0]))
    grid = blocks_of(sums.size, THREADS)
    device.launch(
        "quilting", "box_sums", (grid,), (THREADS,), (sums, texture, *sizes, np.int32(texture.shape[1]))
    )


def quilt_blocks(
    device: Device,
    sheet: Array,
    texture: Array,
    sums: Array,
    blocks: Array,
    places: Array,
    block: int,
    overlap: int,
    tolerance: float,
    candidates: int,
    key: int,
) -> None:
    """Choose some blocks of a sheet and sew them to their neighbours; see the reference of this name.

    Blocks of equal column + 2 row have nothing in common, and what any block has to know lies on earlier
    such diagonals. So these are sewn one after another, each in two launches, and ``places`` of all places
    are compared at once: there is no search to be sped up by ``sums``.
    """
    del sums
    patches = _patches(device.fetch(blocks))
    if not len(patches):
        return
    down, across = texture.shape[0] - block + 1, texture.shape[1] - block + 1
    tried, channels = candidates or down * across, texture.shape[2]
    rows = sheet.shape[1] * channels, texture.shape[1] * channels
    numbers = (*rows, channels, block, overlap, down, across, tried, candidates, key, tolerance)
    settings = send_records(device, np.array([numbers], QUILT))
    waves = np.split(patches, np.flatnonzero(np.diff(_wave(patches))) + 1)
    most = max(len(wave) for wave in waves)
    costs = device.empty((most, tried), np.int64)
    totals, paths = device.empty((most, block * overlap), np.int64), device.empty((most, 2 * block), np.int32)
    for wave in waves:
        there = send_records(device, wave)
        search = (costs, sheet, texture, settings, there)
        device.launch("quilting", "quilt_costs", (blocks_of(tried, THREADS), len(wave)), (THREADS,), search)
        sewing = (sheet, places, totals, paths, costs, texture, settings, there)
        device.launch("quilting", "quilt_sew", (len(wave),), (THREADS,), sewing)


def _patches(
    blocks: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.void]]:
    """Return blocks as records in the order of their diagonals."""
    patches = np.zeros(len(blocks), PATCH)
    patches["row"], patches["column"], patches["number"] = blocks[:, 0], blocks[:, 1], np.arange(len(blocks))
    return patches[np.argsort(_wave(patches), kind="stable")]


def _wave(
    patches: np.ndarray[tuple[int, ...], np.dtype[np.void]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.asarray(patches["column"] + 2 * patches["row"], np.int32)
