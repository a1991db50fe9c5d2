"""Image quilting: a sheet sewn from blocks of a texture (Numba)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel
from fastecg_kernels.cpu._quilt_search import draw, find_best, find_candidate


@kernel
def box_sums(texture: NDArray[np.uint8], sums: NDArray[np.float32]) -> None:
    """Sum a texture over every square of some size; see the reference of this name."""
    channels, rows, columns = sums.shape
    size = texture.shape[0] - rows + 1
    down = np.zeros(texture.shape[1], np.int64)
    for c in range(channels):
        for y in range(rows):
            for x in range(texture.shape[1]):
                if y == 0:
                    down[x] = 0
                    for i in range(size):
                        down[x] += texture[i, x, c]
                else:
                    down[x] += np.int64(texture[y + size - 1, x, c]) - np.int64(texture[y - 1, x, c])
            total = down[:size].sum()
            sums[c, y, 0] = total
            for x in range(1, columns):
                total += down[x + size - 1] - down[x - 1]
                sums[c, y, x] = total


@kernel
def cut_path(errors: NDArray[np.int64], path: NDArray[np.int64]) -> None:
    """Find the cheapest cut through an overlap; see the reference of this name."""
    rows, columns = errors.shape
    total = errors.copy()
    for i in range(1, rows):
        for j in range(columns):
            least = total[i - 1, j]
            if j > 0:
                least = min(least, total[i - 1, j - 1])
            if j + 1 < columns:
                least = min(least, total[i - 1, j + 1])
            total[i, j] += least
    path[rows - 1] = total[rows - 1].argmin()
    for i in range(rows - 2, -1, -1):
        below = path[i + 1]
        best = max(below - 1, 0)
        for j in range(best + 1, min(below + 2, columns)):
            if total[i, j] < total[i, best]:
                best = j
        path[i] = best


@kernel
def _sew(
    sheet: NDArray[np.uint8],
    texture: NDArray[np.uint8],
    top: int,
    left: int,
    y: int,
    x: int,
    block: int,
    overlap: int,
) -> None:
    """Cut a block of the texture to fit the sheet, and lay it there."""
    channels = texture.shape[2]
    above, beside = np.zeros(block, np.int64), np.zeros(block, np.int64)
    if left > 0:
        errors = np.zeros((block, overlap), np.int64)
        for i in range(block):
            for j in range(overlap):
                for c in range(channels):
                    d = np.int64(sheet[top + i, left + j, c]) - np.int64(texture[y + i, x + j, c])
                    errors[i, j] += d * d
        cut_path(errors, beside)
    if top > 0:
        errors = np.zeros((block, overlap), np.int64)
        for i in range(overlap):
            for j in range(block):
                for c in range(channels):
                    d = np.int64(sheet[top + i, left + j, c]) - np.int64(texture[y + i, x + j, c])
                    errors[j, i] += d * d
        cut_path(errors, above)
    for i in range(block):
        for j in range(beside[i], block):
            if i >= above[j]:
                for c in range(channels):
                    sheet[top + i, left + j, c] = texture[y + i, x + j, c]


@kernel
def _quilt_blocks(
    sheet: NDArray[np.uint8],
    texture: NDArray[np.uint8],
    rows: NDArray[np.uint8],
    texture_rows: NDArray[np.uint8],
    sums: NDArray[np.float32],
    blocks: NDArray[np.int64],
    places: NDArray[np.int64],
    block: int,
    overlap: int,
    tolerance: float,
    candidates: int,
    key: int,
) -> None:
    channels = texture.shape[2]
    down, across = texture.shape[0] - block + 1, texture.shape[1] - block + 1
    # Scratch for the search, once for all blocks.
    found, costs = np.empty(candidates, np.int64), np.empty(candidates, np.int64)
    bounds = np.empty((down, across) if candidates == 0 and sums.size > 0 else (0, 0), np.float32)
    for number in range(blocks.shape[0]):
        row, column = blocks[number]
        top, left = row * (block - overlap), column * (block - overlap)
        if row == 0 and column == 0:
            place = draw(key, 0, 0, 0) % (down * across)
        elif candidates > 0:
            area = (top, left, block, overlap, channels)
            place = find_candidate(rows, texture_rows, area, tolerance, key, (row, column), found, costs)
        else:
            area = (top, left, block, overlap, channels)
            chance = draw(key, row, column, 0)
            place = find_best(rows, texture_rows, sums, area, tolerance, chance, bounds)
        y, x = place // across, place % across
        places[number, 0] = y
        places[number, 1] = x
        _sew(sheet, texture, top, left, y, x, block, overlap)


def quilt_blocks(
    sheet: NDArray[np.uint8],
    texture: NDArray[np.uint8],
    sums: NDArray[np.float32],
    blocks: NDArray[np.int64],
    places: NDArray[np.int64],
    block: int,
    overlap: int,
    tolerance: float,
    candidates: int,
    key: int,
) -> None:
    """Choose some blocks of a sheet and sew them to their neighbours; see the reference of this name."""
    rows, texture_rows = sheet.reshape(len(sheet), -1), texture.reshape(len(texture), -1)
    settings = (block, overlap, float(tolerance), candidates, key)
    _quilt_blocks(sheet, texture, rows, texture_rows, sums, blocks, places, *settings)
