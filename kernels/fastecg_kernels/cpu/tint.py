"""What a coarse lattice does to the pixels below it: tint, scale and carve (Numba)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel

CHUNK = 64
"""Pixels that are passed over together where nothing is to do."""


@kernel
def _span(length: int, cells: int, start: float, pitch: float) -> tuple[int, int]:
    first = max(math.ceil(start - 0.5), 0)
    end = min(math.ceil(start + cells * pitch - 0.5), length)
    return first, max(end, first)


@kernel
def _place(
    first: int, end: int, cells: int, start: float, pitch: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return, for each pixel of a span, the cell centre before it and how far on it lies."""
    before = np.empty(end - first, np.int32)
    share = np.empty(end - first, np.float32)
    for k in range(end - first):
        at = min(max((first + k + 0.5 - start) / pitch - 0.5, 0.0), cells - 1.0)
        node = min(int(at), max(cells - 2, 0))
        before[k] = node
        share[k] = at - node
    return before, share


@kernel
def _mix_rows(
    out: NDArray[np.float32], lattice: NDArray[np.float32], node: int, share: np.float32
) -> np.float32:
    """Write a row between two rows of a lattice, its last value twice; return its largest value."""
    above, below = lattice[node], lattice[min(node + 1, lattice.shape[0] - 1)]
    count = lattice.shape[1]
    largest = np.float32(0)
    for k in range(count):
        out[k] = above[k] + (below[k] - above[k]) * share
        largest = max(largest, out[k])
    out[count] = out[count - 1]
    return largest


@kernel
def _pick(
    levels: NDArray[np.uint8],
    base: NDArray[np.float32],
    rise: NDArray[np.float32],
    columns: NDArray[np.uint64],
    share: NDArray[np.float32],
    top: np.int32,
) -> None:
    """Write the table row of each pixel of a line."""
    for j in range(levels.shape[0]):
        node = columns[j]
        level = np.int32(base[node] + rise[node] * share[j])
        levels[j] = np.uint8(min(max(level, np.int32(0)), top))


@kernel
def _multiply(
    line: NDArray[np.uint8], levels: NDArray[np.uint8], gains: NDArray[np.uint16], spread: NDArray[np.uint16]
) -> None:
    """Multiply pixels, RGB after RGB: first lay the gains out as the bytes lie, then go straight through."""
    used = np.uint8(0)
    for j in range(levels.shape[0]):
        used |= levels[j]
    if used == 0:
        return
    three, one = np.uintp(3), np.uintp(1)
    for j in range(levels.shape[0]):
        source, place = np.uintp(levels[j]) * three, np.uintp(j) * three
        spread[place] = gains[source]
        spread[place + one] = gains[source + one]
        spread[place + one + one] = gains[source + one + one]
    for k in range(line.shape[0]):
        value = np.uint32(line[k]) * np.uint32(spread[k])
        line[k] = np.uint8((value + np.uint32(16384)) >> np.uint32(15))


@kernel
def _tint(
    image: NDArray[np.uint8],
    amount: NDArray[np.float32],
    frame: NDArray[np.float64],
    gains: NDArray[np.uint16],
) -> None:
    """Tint rows of RGB bytes, ``image`` being (H, 3 W) and ``gains`` flat."""
    height, width = amount.shape
    y0, y1 = _span(image.shape[0], height, frame[0], frame[2])
    x0, x1 = _span(image.shape[1] // 3, width, frame[1], frame[3])
    rows, row_share = _place(y0, y1, height, frame[0], frame[2])
    columns, column_share = _place(x0, x1, width, frame[1], frame[3])
    places = columns.astype(np.uint64)
    row, rise = np.empty(width + 1, np.float32), np.empty(width, np.float32)
    levels, spread = np.empty(x1 - x0, np.uint8), np.empty(3 * CHUNK, np.uint16)
    top = np.int32(gains.shape[0] // 3 - 1)
    for i in range(y1 - y0):
        if _mix_rows(row, amount, rows[i], row_share[i]) < np.float32(0.5):
            continue
        for k in range(width):
            rise[k] = row[k + 1] - row[k]
            row[k] += np.float32(0.5)
        _pick(levels, row, rise, places, column_share, top)
        for j in range(0, x1 - x0, CHUNK):
            end = min(j + CHUNK, x1 - x0)
            line = image[y0 + i, 3 * (x0 + j) : 3 * (x0 + end)]
            _multiply(line, levels[j:end], gains, spread)


def tint(
    image: NDArray[np.uint8],
    amount: NDArray[np.float32],
    frame: NDArray[np.float64],
    gains: NDArray[np.uint16],
) -> None:
    """Multiply colours by gains that a lattice picks from a table; see the reference of this name."""
    _tint(image.reshape(len(image), -1), amount, frame, gains.reshape(-1))


@kernel
def _scale_run(
    line: NDArray[np.uint8],
    base: NDArray[np.float32],
    rise: NDArray[np.float32],
    columns: NDArray[np.uint64],
    share: NDArray[np.float32],
) -> None:
    """Scale the pixels of a part of a line, if it has any that are not 0."""
    used = np.uint8(0)
    for j in range(line.shape[0]):
        used |= line[j]
    if used == 0:
        return
    for j in range(line.shape[0]):
        node = columns[j]
        value = np.float32(line[j]) * (base[node] + rise[node] * share[j]) + np.float32(0.5)
        line[j] = np.uint8(np.int32(min(value, np.float32(255))))


@kernel
def _scale(mask: NDArray[np.uint8], factor: NDArray[np.float32], frame: NDArray[np.float64]) -> None:
    height, width = factor.shape
    y0, y1 = _span(mask.shape[0], height, frame[0], frame[2])
    x0, x1 = _span(mask.shape[1], width, frame[1], frame[3])
    rows, row_share = _place(y0, y1, height, frame[0], frame[2])
    columns, share = _place(x0, x1, width, frame[1], frame[3])
    places = columns.astype(np.uint64)
    row, rise = np.empty(width + 1, np.float32), np.empty(width, np.float32)
    for i in range(y1 - y0):
        _mix_rows(row, factor, rows[i], row_share[i])
        for k in range(width):
            rise[k] = row[k + 1] - row[k]
        for j in range(0, x1 - x0, CHUNK):
            end = min(j + CHUNK, x1 - x0)
            _scale_run(mask[y0 + i, x0 + j : x0 + end], row, rise, places[j:end], share[j:end])


def scale(mask: NDArray[np.uint8], factor: NDArray[np.float32], frame: NDArray[np.float64]) -> None:
    """Multiply a mask by the factors of a lattice; see the reference of this name."""
    _scale(mask, factor, frame)


@kernel
def _carve(
    alpha: NDArray[np.uint8], level: NDArray[np.float32], frame: NDArray[np.float64], scale: float
) -> None:
    height, width = level.shape
    y0, y1 = _span(alpha.shape[0], height, frame[0], frame[2])
    x0, x1 = _span(alpha.shape[1], width, frame[1], frame[3])
    rows, row_share = _place(y0, y1, height, frame[0], frame[2])
    columns, column_share = _place(x0, x1, width, frame[1], frame[3])
    row = np.empty(width + 1, np.float32)
    for i in range(y1 - y0):
        _mix_rows(row, level, rows[i], row_share[i])
        line = alpha[y0 + i]
        for j in range(x1 - x0):
            k = columns[j]
            value = (row[k] + (row[k + 1] - row[k]) * column_share[j]) * np.float32(scale) + np.float32(0.5)
            inside = min(max(value, np.float32(0)), np.float32(1)) * np.float32(255) + np.float32(0.5)
            line[x0 + j] = min(line[x0 + j], np.uint8(inside))


def carve(
    alpha: NDArray[np.uint8], level: NDArray[np.float32], frame: NDArray[np.float64], scale: float
) -> None:
    """Cut what lies outside the zero line of a level set out of a mask; see the reference of this name."""
    _carve(alpha, level, frame, float(scale))
