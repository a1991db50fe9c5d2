"""Affine and projective maps of the plane, singly or in batches.

Source: ECG-Image-Kit (arXiv 2307.01946), section 3.6, equations (3) and (4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def affine(
    rotation_deg: float, scale: tuple[float, float], shear: float, shift: tuple[float, float]
) -> Floats:
    """Return the 3 × 3 matrix of an affine map: shear, then scale, then rotation, then shift; eq. (3).

    Parameters
    ----------
    rotation_deg
        Turn from x (right) towards y (down), so clockwise as seen.
    scale
        Factors along x and y.
    shear
        How much x grows with y.
    shift
        Added to x and y.

    Examples
    --------
    >>> project(affine(90, (1, 1), 0, (10, 0)), np.array([[2.0, 0.0]])).round(6).tolist()
    [[10.0, 2.0]]
    """
    angle = np.deg2rad(rotation_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.eye(3)
    matrix[:2, :2] = turn @ np.diag(scale) @ np.array([[1.0, shear], [0.0, 1.0]])
    matrix[:2, 2] = shift
    return matrix


def project(matrices: Floats, points: Floats) -> Floats:
    """Map points by a homography, or each set of a batch by its own; eq. (4).

    Parameters
    ----------
    matrices
        Shape (3, 3) or (N, 3, 3).
    points
        Shape (..., M, 2); for a batch (N, M, 2). NaN stays NaN.

    Returns
    -------
    ndarray
        Shape of ``points``; points beyond the horizon come out on its other side.

    Examples
    --------
    >>> project(np.stack([np.eye(3), 2 * np.eye(3)]), np.ones((2, 1, 2))).tolist()
    [[[1.0, 1.0]], [[1.0, 1.0]]]
    """
    mapped = points @ np.swapaxes(matrices[..., :, :2], -1, -2) + matrices[..., None, :, 2]
    result: Floats = mapped[..., :2] / mapped[..., 2:]
    return result


def fit(source: Floats, target: Floats) -> Floats:
    """Return the homographies that take four points to four points each.

    Parameters
    ----------
    source, target
        Shape (4, 2) or (N, 4, 2); no three of the points on one line.

    Returns
    -------
    ndarray
        Shape (3, 3) or (N, 3, 3), with 1 in the last place.

    Raises
    ------
    numpy.linalg.LinAlgError
        If three points lie on one line.

    Examples
    --------
    >>> square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    >>> fit(square, 3 * square).round(6).tolist()
    [[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0]]
    """
    x, y = source[..., 0], source[..., 1]
    u, v = target[..., 0], target[..., 1]
    zero, one = np.zeros_like(x), np.ones_like(x)
    across = np.stack([x, y, one, zero, zero, zero, -u * x, -u * y], axis=-1)
    down = np.stack([zero, zero, zero, x, y, one, -v * x, -v * y], axis=-1)
    system = np.concatenate([across, down], axis=-2)
    values = np.linalg.solve(system, np.concatenate([u, v], axis=-1)[..., None])[..., 0]
    whole = np.concatenate([values, np.ones((*values.shape[:-1], 1))], axis=-1)
    return whole.reshape(*values.shape[:-1], 3, 3)
