"""Points through a mesh, both ways (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.nodes import NODE_STEP as STEP

Points = NDArray[np.float64]

ROUNDS = 30
CLOSE_PX = 1e-5


def mesh_to_page(mesh: NDArray[np.float32], points: Points) -> Points:
    """Return where image points lie on the page: bilinear between a mesh's nodes, and beyond them.

    Parameters
    ----------
    mesh
        Shape (m, n, 2), float32: page coordinates (x, y) of the image points (8 j, 8 i).
    points
        Shape (N, 2), float64: x and y in image pixels; NaN stays NaN.

    Examples
    --------
    >>> mesh = np.stack(np.meshgrid([10, 18], [0, 8]), axis=-1).astype(np.float32)
    >>> mesh_to_page(mesh, np.array([[4.0, 2.0]])).tolist()
    [[14.0, 2.0]]
    """
    return _inside(mesh, points)[0]


def mesh_to_image(mesh: NDArray[np.float32], points: Points, guess: Points) -> Points:
    """Return where page points are seen in the image: the inverse of ``mesh_to_page``, by Newton's method.

    Parameters
    ----------
    mesh
        As in ``mesh_to_page``; it must not fold.
    points
        Shape (N, 2), float64: x and y in page pixels; NaN stays NaN.
    guess
        Shape (N, 2), float64: image points to begin with. One more than an image's size out of the image
        is left as it is: there is no mesh.

    Examples
    --------
    >>> mesh = np.stack(np.meshgrid([10, 18], [0, 8]), axis=-1).astype(np.float32)
    >>> mesh_to_image(mesh, np.array([[14.0, 2.0]]), np.zeros((1, 2))).round(6).tolist()
    [[4.0, 2.0]]
    """
    size = np.array([mesh.shape[1] - 1, mesh.shape[0] - 1], np.float64) * STEP
    found = guess.astype(np.float64).copy()
    found[~np.isfinite(points).all(axis=1)] = np.nan
    near: NDArray[np.bool_] = np.asarray((np.abs(found - size / 2) <= 1.5 * size).all(axis=1))
    for _ in range(ROUNDS):
        if not near.any():
            break
        at, across, down = _inside(mesh, found[near])
        error = at - points[near]
        determinant = across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]
        dx = (error[:, 0] * down[:, 1] - error[:, 1] * down[:, 0]) / determinant
        dy = (across[:, 0] * error[:, 1] - across[:, 1] * error[:, 0]) / determinant
        far = np.flatnonzero(near)[(np.abs(error) > CLOSE_PX).any(axis=1)]
        found[near] -= np.column_stack([dx, dy])
        near[:] = False
        near[far] = True
    return found


def _inside(mesh: NDArray[np.float32], points: Points) -> tuple[Points, Points, Points]:
    """Return page points and their derivatives by image x and y."""
    rows, columns = mesh.shape[0] - 1, mesh.shape[1] - 1
    known = np.isfinite(points).all(axis=1)
    x, y = np.where(known, points[:, 0], 0.0) / STEP, np.where(known, points[:, 1], 0.0) / STEP
    j = np.clip(np.floor(x), 0, columns - 1).astype(np.int64)
    i = np.clip(np.floor(y), 0, rows - 1).astype(np.int64)
    u, v = (x - j)[:, None], (y - i)[:, None]
    a, b = mesh[i, j].astype(np.float64), mesh[i, j + 1].astype(np.float64)
    c, d = mesh[i + 1, j].astype(np.float64), mesh[i + 1, j + 1].astype(np.float64)
    at = (a + (b - a) * u) * (1 - v) + (c + (d - c) * u) * v
    at[~known] = np.nan
    across = ((b - a) * (1 - v) + (d - c) * v) / STEP
    down = ((c - a) * (1 - u) + (d - b) * u) / STEP
    return at, across, down
