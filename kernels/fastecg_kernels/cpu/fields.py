"""Fields that are smooth or made of spots, on a lattice (Numba)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel

SHORT = 0.05
"""Distance of places, in nodes, above which runs behind one node are too short to be worth the trouble."""


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
def _find_cubics(row: NDArray[np.float32], first: int, cubics: NDArray[np.float32]) -> None:
    """Write the spline behind each node, from ``first`` on, as a polynomial of the way to the next."""
    last, six, three = row.shape[0] - 1, np.float32(6), np.float32(3)
    for k in range(cubics.shape[1]):
        node = first + k
        a = row[min(max(node - 1, 0), last)] / six
        b = row[min(max(node, 0), last)] / six
        c = row[min(max(node + 1, 0), last)] / six
        d = row[min(max(node + 2, 0), last)] / six
        cubics[0, k] = a + np.float32(4) * b + c
        cubics[1, k] = three * (c - a)
        cubics[2, k] = three * (a + c) - six * b
        cubics[3, k] = d - a + three * (b - c)


@kernel
def _add_run(
    out: NDArray[np.float32], cubics: NDArray[np.float32], k: int, share: NDArray[np.float32]
) -> None:
    """Add one cubic to neighbours that lie behind the same node."""
    c0, c1, c2, c3 = cubics[0, k], cubics[1, k], cubics[2, k], cubics[3, k]
    for j in range(out.shape[0]):
        t = share[j]
        out[j] += c0 + t * (c1 + t * (c2 + t * c3))


@kernel
def _add_each(
    out: NDArray[np.float32],
    c0: NDArray[np.float32],
    c1: NDArray[np.float32],
    c2: NDArray[np.float32],
    c3: NDArray[np.float32],
    nodes: NDArray[np.uint64],
    share: NDArray[np.float32],
) -> None:
    """Add each place its own cubic."""
    for j in range(out.shape[0]):
        k, t = nodes[j], share[j]
        out[j] += c0[k] + t * (c1[k] + t * (c2[k] + t * c3[k]))


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
    first = math.floor(left)
    nodes, share = np.empty(width, np.uint64), np.empty(width, np.float32)
    for j in range(width):
        at = left + step_x * j
        node = math.floor(at)
        nodes[j] = node - first
        share[j] = at - node
    row = np.empty(last_column + 1, np.float32)
    cubics = np.empty((4, int(nodes[width - 1]) + 1), np.float32)
    for i in range(height):
        at = top + step_y * i
        below = math.floor(at)
        row[:] = 0
        for tap in range(4):
            source = lattice[min(max(below - 1 + tap, 0), last_row)]
            _add_scaled(row, source, np.float32(_weight(at - below, tap)))
        _find_cubics(row, first, cubics)
        if step_x > SHORT:
            _add_each(field[i], cubics[0], cubics[1], cubics[2], cubics[3], nodes, share)
            continue
        j = 0
        while j < width:
            # The next node's first place; by how far it is, to within one.
            end = min(j + max(int((1 - share[j]) / step_x), 1), width)
            while end < width and nodes[end] == nodes[j]:
                end += 1
            while nodes[end - 1] != nodes[j]:
                end -= 1
            _add_run(field[i, j:end], cubics, int(nodes[j]), share[j:end])
            j = end


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
