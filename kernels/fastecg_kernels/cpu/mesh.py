"""Points through a mesh, both ways (Numba); see ``reference.mesh``."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel
from fastecg_kernels.nodes import NODE_STEP as STEP
from fastecg_kernels.reference.mesh import CLOSE_PX, ROUNDS

Points = NDArray[np.float64]


@kernel
def _at(mesh: NDArray[np.float32], x: float, y: float, found: NDArray[np.float64]) -> None:
    """Write the page point and its derivatives by x and by y: six values."""
    j = min(max(math.floor(x / STEP), 0), mesh.shape[1] - 2)
    i = min(max(math.floor(y / STEP), 0), mesh.shape[0] - 2)
    u, v = x / STEP - j, y / STEP - i
    for axis in range(2):
        a, b = np.float64(mesh[i, j, axis]), np.float64(mesh[i, j + 1, axis])
        c, d = np.float64(mesh[i + 1, j, axis]), np.float64(mesh[i + 1, j + 1, axis])
        found[axis] = (a + (b - a) * u) * (1 - v) + (c + (d - c) * u) * v
        found[2 + axis] = ((b - a) * (1 - v) + (d - c) * v) / STEP
        found[4 + axis] = ((c - a) * (1 - u) + (d - b) * u) / STEP


@kernel
def mesh_to_page(mesh: NDArray[np.float32], points: Points) -> Points:
    """Return where image points lie on the page; see the reference of this name."""
    result = np.empty((points.shape[0], 2))
    found = np.empty(6)
    for n in range(points.shape[0]):
        x, y = points[n, 0], points[n, 1]
        if math.isfinite(x) and math.isfinite(y):
            _at(mesh, x, y, found)
            result[n, 0], result[n, 1] = found[0], found[1]
        else:
            result[n, 0], result[n, 1] = np.nan, np.nan
    return result


@kernel
def mesh_to_image(mesh: NDArray[np.float32], points: Points, guess: Points) -> Points:
    """Return where page points are seen in the image; see the reference of this name."""
    width, height = (mesh.shape[1] - 1) * STEP, (mesh.shape[0] - 1) * STEP
    result = np.empty((points.shape[0], 2))
    found = np.empty(6)
    for n in range(points.shape[0]):
        x, y = guess[n, 0], guess[n, 1]
        if not (math.isfinite(points[n, 0]) and math.isfinite(points[n, 1])):
            x, y = np.nan, np.nan
        for _ in range(ROUNDS):
            # Not a number compares as far.
            if not (abs(x - width / 2) <= 1.5 * width and abs(y - height / 2) <= 1.5 * height):
                break
            _at(mesh, x, y, found)
            off_x, off_y = found[0] - points[n, 0], found[1] - points[n, 1]
            determinant = found[2] * found[5] - found[3] * found[4]
            x -= (off_x * found[5] - off_y * found[4]) / determinant
            y -= (found[2] * off_y - found[3] * off_x) / determinant
            if abs(off_x) <= CLOSE_PX and abs(off_y) <= CLOSE_PX:
                break
        result[n, 0], result[n, 1] = x, y
    return result
