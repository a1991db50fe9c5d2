"""The search of image quilting: which place of the texture continues the sheet (Numba).

All places are searched without comparing most of them: the squared difference of two areas is at
least that of their sums, cell by cell, over the cell's size (Li and Salari, "Successive elimination
algorithm for motion estimation", IEEE Trans. Image Processing 4(1), 1995). Those bounds are cheap and
rule out nearly every place; what is left is compared in full, and given up as soon as it is too bad.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel

Area = tuple[int, int, int, int, int]
"""Top, left, block, overlap and channels."""

_SAFETY: Final = 1.001
"""A bound is a sum of float32, wrong by less than this factor for up to 16,000 cells."""

_UNKNOWN: Final = 2**63 - 1
"""More than any cost."""


@kernel
def _mix(value: np.uint64) -> np.uint64:
    # 32 bits in 64: products of two fit, so nothing overflows, and every step is cut to 32 bits again.
    value = ((value ^ value >> np.uint64(16)) * np.uint64(0x7FEB352D)) & np.uint64(0xFFFFFFFF)
    value = ((value ^ value >> np.uint64(15)) * np.uint64(0x846CA68B)) & np.uint64(0xFFFFFFFF)
    return np.uint64(value ^ value >> np.uint64(16))


@kernel
def draw(key: int, row: int, column: int, number: int) -> np.int64:
    """Return 32 bits that look random, the same ones for the same four numbers."""
    word = np.uint64(0xFFFFFFFF)
    value = _mix(np.uint64(key))
    value = _mix(np.uint64((value + np.uint64(row)) & word))
    value = _mix(np.uint64((value + np.uint64(column)) & word))
    return np.int64(_mix(np.uint64((value + np.uint64(number)) & word)))


@kernel
def _row_cost(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> np.int64:
    # 32 bits hold 33,000 squares, more than a row has; every step is cast to stay there.
    total = np.int32(0)
    for k in range(a.shape[0]):
        d = np.int32(np.int32(a[k]) - np.int32(b[k]))
        total = np.int32(total + np.int32(d * d))
    return np.int64(total)


@kernel
def _cost(
    sheet: NDArray[np.uint8], texture: NDArray[np.uint8], y: int, x: int, area: Area, limit: np.int64
) -> np.int64:
    """Sum of squared differences, or more than the limit as soon as it is exceeded."""
    top, left, block, overlap, channels = area
    total = np.int64(0)
    for i in range(block):
        width = 0
        if top > 0 and i < overlap:
            width = block * channels
        elif left > 0:
            width = overlap * channels
        if width == 0 or total > limit:
            break
        a = sheet[top + i, left * channels : left * channels + width]
        b = texture[y + i, x * channels : x * channels + width]
        total += _row_cost(a, b)
    return total


@kernel
def _choose(
    found: NDArray[np.int64], costs: NDArray[np.int64], count: int, limit: np.int64, chance: np.int64
) -> np.int64:
    """Return one of the places whose cost is within the limit."""
    good = 0
    for k in range(count):
        good += costs[k] <= limit
    wanted = chance % good
    for k in range(count):
        if costs[k] <= limit:
            if wanted == 0:
                return np.int64(found[k])
            wanted -= 1
    return np.int64(found[0])


@kernel
def find_candidate(
    sheet: NDArray[np.uint8],
    texture: NDArray[np.uint8],
    area: Area,
    tolerance: float,
    key: int,
    number: tuple[int, int],
    found: NDArray[np.int64],
    costs: NDArray[np.int64],
) -> np.int64:
    """Return a good place out of as many hashed ones as ``found`` has room for."""
    across = texture.shape[1] // area[4] - area[2] + 1
    places = (texture.shape[0] - area[2] + 1) * across
    best = limit = np.int64(_UNKNOWN)
    for k in range(found.shape[0]):
        place = draw(key, number[0], number[1], 1 + k) % places
        found[k] = place
        costs[k] = _cost(sheet, texture, place // across, place % across, area, limit)
        if costs[k] < best:
            best = costs[k]
            limit = np.int64(best * (1.0 + tolerance))
    return _choose(found, costs, found.shape[0], limit, draw(key, number[0], number[1], 0))


@kernel
def _cells(
    sheet: NDArray[np.uint8], area: Area, size: int, cells: NDArray[np.int64], targets: NDArray[np.float32]
) -> int:
    """List the cells that tile the overlap (row, column, channel), and the sheet's sum over each."""
    top, left, block, overlap, channels = area
    count = 0
    for i in range(0, block - size + 1, size):
        # What a cell would cover of a strip only in part stays out: the bound is only lower for it.
        inside = overlap if left > 0 else 0
        if top > 0 and i + size <= overlap:
            inside = block
        for j in range(0, inside - size + 1, size):
            for c in range(channels):
                total = np.int64(0)
                for k in range(size):
                    for m in range(size):
                        total += np.int64(sheet[top + i + k, (left + j + m) * channels + c])
                cells[count, 0] = i
                cells[count, 1] = j
                cells[count, 2] = c
                targets[count] = total
                count += 1
    return count


@kernel(fastmath=True)
def _add_squares(out: NDArray[np.float32], row: NDArray[np.float32], target: np.float32) -> None:
    for x in range(out.shape[0]):
        d = np.float32(row[x] - target)
        out[x] += np.float32(d * d)


@kernel
def _bound_all(
    sheet: NDArray[np.uint8], sums: NDArray[np.float32], area: Area, size: int, bounds: NDArray[np.float32]
) -> None:
    """Write what the cost of each place is at least, times the size of a cell."""
    block, channels = area[2], area[4]
    most = (block // size) ** 2 * channels
    cells, targets = np.empty((most, 3), np.int64), np.empty(most, np.float32)
    count = _cells(sheet, area, size, cells, targets)
    for y in range(bounds.shape[0]):
        out = bounds[y]
        out[:] = np.float32(0)
        for k in range(count):
            i, j, c = cells[k]
            _add_squares(out, sums[c, y + i, j : j + out.shape[0]], targets[k])


@kernel
def _longer(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a copy with twice the room."""
    more = np.empty(2 * len(values), np.int64)
    more[: len(values)] = values
    return more


@kernel
def find_best(
    sheet: NDArray[np.uint8],
    texture: NDArray[np.uint8],
    sums: NDArray[np.float32],
    area: Area,
    tolerance: float,
    chance: np.int64,
    bounds: NDArray[np.float32],
) -> np.int64:
    """Return a good place out of all; ``bounds`` is empty where there are no sums to bound costs by."""
    across = texture.shape[1] // area[4] - area[2] + 1
    places = (texture.shape[0] - area[2] + 1) * across
    best = limit = np.int64(_UNKNOWN)
    bounded = bounds.size > 0
    lowest = bounds.reshape(-1)
    size = texture.shape[0] - sums.shape[1] + 1
    if bounded:
        _bound_all(sheet, sums, area, size, bounds)
        first = lowest.argmin()
        best = _cost(sheet, texture, first // across, first % across, area, limit)
        limit = np.int64(best * (1.0 + tolerance))
    count = 0
    # Room for all places would be taken from the system and given back for every call, and threads
    # would wait for each other there.
    found, costs = np.empty(64, np.int64), np.empty(64, np.int64)
    highest = np.float32(_SAFETY * size * size * limit)
    for place in range(places):
        if bounded and lowest[place] > highest:
            continue
        cost = _cost(sheet, texture, place // across, place % across, area, limit)
        if cost <= limit:
            if count == len(found):
                found, costs = _longer(found), _longer(costs)
            found[count] = place
            costs[count] = cost
            count += 1
        if cost < best:
            best = cost
            limit = np.int64(best * (1.0 + tolerance))
            highest = np.float32(_SAFETY * size * size * limit)
    return _choose(found, costs, count, limit, chance)
