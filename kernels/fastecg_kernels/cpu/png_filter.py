"""Rows of an image to rows of a PNG's image data; see ``reference.png_filter``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel


@kernel
def png_filter_none(rows: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Copy the rows as they are (filter 0): (H, S) into (H, S + 1), uint8."""
    height, stride = rows.shape
    for i in range(height):
        out[i, 0] = 0
        for j in range(stride):
            out[i, j + 1] = rows[i, j]


@kernel
def rows_equal(rows: NDArray[np.uint8], others: NDArray[np.uint8]) -> bool:
    """Return whether two arrays (H, S) are equal, stopping at the first row that differs.

    Comparing views of eight bytes at a time took twice as long.
    """
    height, stride = rows.shape
    for i in range(height):
        difference = 0
        for j in range(stride):
            difference |= int(rows[i, j]) ^ int(others[i, j])
        if difference != 0:
            return False
    return True


@kernel
def png_filter_up(rows: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Subtract from each row the one above it (filter 2): (H, S) into (H, S + 1), uint8."""
    height, stride = rows.shape
    for i in range(height):
        out[i, 0] = 2
        if i == 0:
            for j in range(stride):
                out[i, j + 1] = rows[i, j]
        else:
            for j in range(stride):
                out[i, j + 1] = (int(rows[i, j]) - int(rows[i - 1, j])) & 255
