"""Fields that are smooth or made of spots, on a lattice (Numba)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel


@kernel
def _weight(t: float, tap: int) -> float:
    if tap == 0:
        return (1 - t) * (1 - t) * (1 - t) / 6
    if tap == 1:
        return (3 * t * t * t - 6 * t * t + 4) / 6
    if tap == 2:
        return (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6
    return t * t * t / 6


@kernel
def _add_scaled(out: NDArray[np.float32], source: NDArray[np.float32], weight: np.float32) -> None:
    for k in range(out.shape[0]):
        out[k] += weight * source[k]


@kernel
def _add_cubic(
    out: NDArray[np.float32], row: NDArray[np.float32], node: int, share: np.float32, step: np.float32
) -> None:
    """Add the spline between a node and the next to pixels that begin ``share`` behind the node."""
    last, six, three = row.shape[0] - 1, np.float32(6), np.float32(3)
    a = row[min(max(node - 1, 0), last)] / six
    b = row[min(max(node, 0), last)] / six
    c = row[min(max(node + 1, 0), last)] / six
    d = row[min(max(node + 2, 0), last)] / six
    k0, k1 = a + np.float32(4) * b + c, three * (c - a)
    k2, k3 = three * (a + c) - six * b, d - a + three * (b - c)
    for k in range(out.shape[0]):
        t = share + step * np.float32(k)
        out[k] += k0 + t * (k1 + t * (k2 + t * k3))


@kernel
def _add_smooth(
    field: NDArray[np.float32],
    lattice: NDArray[np.float32],
    top: float,
    left: float,
    step_y: float,
    step_x: float,
) -> None:
    height, width = field.shape
    last_row, last_column = lattice.shape[0] - 1, lattice.shape[1] - 1
    # A run of columns lies between the same two nodes and is one cubic: its ends are found once.
    ends = np.empty(width, np.int32)
    j = 0
    while j < width:
        node = math.floor(left + step_x * j)
        end = j + 1
        while end < width and math.floor(left + step_x * end) == node:
            end += 1
        ends[j] = end
        j = end
    row = np.empty(last_column + 1, np.float32)
    step = np.float32(step_x)
    for i in range(height):
        at = top + step_y * i
        below = math.floor(at)
        row[:] = 0
        for tap in range(4):
            _add_scaled(
                row,
                lattice[min(max(below - 1 + tap, 0), last_row)],
                np.float32(_weight(at - below, tap)),
            )
        j = 0
        while j < width:
            start = left + step_x * j
            node = math.floor(start)
            _add_cubic(field[i, j : ends[j]], row, node, np.float32(start - node), step)
            j = ends[j]


def add_smooth(
    field: NDArray[np.float32],
    lattice: NDArray[np.float32],
    top: float,
    left: float,
    step_y: float,
    step_x: float,
) -> None:
    """Add a cubic B-spline surface over a lattice to a field; see the reference of this name."""
    _add_smooth(field, lattice, float(top), float(left), float(step_y), float(step_x))


@kernel
def _add_spots(
    field: NDArray[np.float32], warp: NDArray[np.float32], spots: NDArray[np.float32], softness: float
) -> None:
    height, width = field.shape
    soft = np.float32(softness)
    for spot in range(spots.shape[0]):
        x, y, radius, strength = spots[spot, 0], spots[spot, 1], spots[spot, 2], spots[spot, 3]
        reach = (np.float32(2) + soft) * radius
        for i in range(max(math.floor(y - reach), 0), min(math.ceil(y + reach) + 1, height)):
            dy = np.float32(i) + np.float32(0.5) - y
            for j in range(max(math.floor(x - reach), 0), min(math.ceil(x + reach) + 1, width)):
                dx = np.float32(j) + np.float32(0.5) - x
                distance = np.sqrt(dx * dx + dy * dy) / radius
                if distance <= np.float32(2) + soft:
                    t = (np.float32(1) + soft - distance - warp[i, j]) / (np.float32(2) * soft)
                    t = min(max(t, np.float32(0)), np.float32(1))
                    cover = strength * t * t * (np.float32(3) - np.float32(2) * t)
                    field[i, j] += cover * (np.float32(1) - field[i, j])


def add_spots(
    field: NDArray[np.float32], warp: NDArray[np.float32], spots: NDArray[np.float32], softness: float
) -> None:
    """Lay round spots with a soft rim over a field of coverage; see the reference of this name."""
    _add_spots(field, warp, spots, float(softness))
