"""Fields that are smooth or made of spots, on a lattice (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def _weights(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the uniform cubic B-spline's four weights, shape (4, n)."""
    return np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6


def _along(lattice: NDArray[np.float64], start: float, step: float, count: int) -> NDArray[np.float64]:
    """Interpolate the rows of a lattice at ``count`` places."""
    at = start + step * np.arange(count)
    below = np.floor(at)
    weights = _weights(at - below)
    nodes = np.clip(below.astype(np.int64)[None, :] + np.arange(-1, 3)[:, None], 0, len(lattice) - 1)
    return np.asarray((weights[:, :, None] * lattice[nodes]).sum(axis=0))


def add_smooth(
    field: NDArray[np.float32],
    lattice: NDArray[np.float32],
    top: float,
    left: float,
    step_y: float,
    step_x: float,
) -> None:
    """Add a cubic B-spline surface over a lattice of values to a field.

    Parameters
    ----------
    field
        Shape (h, w), float32; changed in place.
    lattice
        Shape (n, m), float32: the surface's coefficients; beyond its border its edge goes on.
    top, left
        Place of field[0, 0] in rows and columns of the lattice.
    step_y, step_x
        Distance of the field's neighbours there, > 0.

    Examples
    --------
    >>> field = np.zeros((1, 2), np.float32)
    >>> add_smooth(field, np.full((3, 3), 2.5, np.float32), 0.3, 0.0, 0.1, 0.7)
    >>> field.tolist()
    [[2.5, 2.5]]
    """
    rows = _along(lattice.astype(np.float64), top, step_y, field.shape[0])
    field += _along(rows.T, left, step_x, field.shape[1]).T.astype(np.float32)


def add_spots(
    field: NDArray[np.float32], warp: NDArray[np.float32], spots: NDArray[np.float32], softness: float
) -> None:
    """Lay round spots with a soft rim over a field of coverage, each over what is there already.

    A spot covers ``strength`` of a cell where the cell's distance from its centre, in radii and
    plus the warp there, is below 1 - softness, nothing above 1 + softness, and falls smoothly in
    between; coverages a and b of one place make a + b - a b.

    Parameters
    ----------
    field
        Shape (h, w), float32, 0 to 1; changed in place.
    warp
        Shape (h, w), float32, at least -1: what makes the spots uneven, in radii.
    spots
        Shape (n, 4), float32: x and y of the centre and the radius, in cells (the centre of
        field[i, j] is (j + 0.5, i + 0.5)), and the strength, 0 to 1.
    softness
        Half of the rim's width, in radii, more than 0, at most 1.

    Examples
    --------
    >>> field = np.zeros((1, 3), np.float32)
    >>> add_spots(field, np.zeros((1, 3), np.float32), np.array([[1.5, 0.5, 1, 0.5]], np.float32), 0.1)
    >>> field.tolist()
    [[0.25, 0.5, 0.25]]
    """
    height, width = field.shape
    ys, xs = np.arange(height)[:, None] + 0.5, np.arange(width)[None, :] + 0.5
    for x, y, radius, strength in spots.astype(np.float64):
        distance = np.hypot(xs - x, ys - y) / radius
        # The warp may pull a rim out to two radii more, and no further: spots stay near their centres.
        within = distance <= 2.0 + softness
        t = np.clip((1 + softness - distance - warp) / (2 * softness), 0, 1)
        cover = np.where(within, strength * t * t * (3 - 2 * t), 0.0)
        field += (cover * (1 - field)).astype(np.float32)
