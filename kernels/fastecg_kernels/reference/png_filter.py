"""Rows of an image to rows of a PNG's image data, each led by the number of its filter.

PNG Specification (Third Edition), section 9, "Filtering"; rows are bytes, pixel by pixel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def png_filter_none(rows: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Copy the rows as they are (filter 0).

    Parameters
    ----------
    rows
        Image rows, shape (H, S), uint8.
    out
        Written: shape (H, S + 1), uint8.

    Examples
    --------
    >>> out = np.empty((2, 3), np.uint8)
    >>> png_filter_none(np.array([[1, 2], [4, 1]], np.uint8), out)
    >>> out.tolist()
    [[0, 1, 2], [0, 4, 1]]
    """
    out[:, 0] = 0
    out[:, 1:] = rows


def png_filter_up(rows: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Subtract from each row the one above it, modulo 256 (filter 2); nothing from the first.

    Parameters
    ----------
    rows
        Image rows, shape (H, S), uint8.
    out
        Written: shape (H, S + 1), uint8.

    Examples
    --------
    >>> out = np.empty((2, 3), np.uint8)
    >>> png_filter_up(np.array([[1, 2], [4, 1]], np.uint8), out)
    >>> out.tolist()
    [[2, 1, 2], [2, 3, 255]]
    """
    out[:, 0] = 2
    out[0, 1:] = rows[0]
    out[1:, 1:] = rows[1:] - rows[:-1]


def rows_equal(rows: NDArray[np.uint8], others: NDArray[np.uint8]) -> bool:
    """Return whether two arrays of the same shape hold the same.

    Parameters
    ----------
    rows, others
        Shape (H, S), uint8.

    Examples
    --------
    >>> rows_equal(np.zeros((2, 3), np.uint8), np.ones((2, 3), np.uint8))
    False
    """
    return bool(np.array_equal(rows, others))
