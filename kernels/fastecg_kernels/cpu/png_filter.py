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


@kernel
def _words_equal(words: NDArray[np.uint64], others: NDArray[np.uint64]) -> bool:
    for start in range(0, words.shape[0], 512):
        difference = np.uint64(0)
        for k in range(start, min(start + 512, words.shape[0])):
            difference |= words[k] ^ others[k]
        if difference != 0:
            return False
    return True


def rows_equal(rows: NDArray[np.uint8], others: NDArray[np.uint8]) -> bool:
    """Return whether two contiguous arrays of the same shape hold the same, stopping early if not."""
    flat, other = rows.reshape(-1), others.reshape(-1)
    whole = flat.size // 8 * 8
    if not np.array_equal(flat[whole:], other[whole:]):
        return False
    return _words_equal(flat[:whole].view(np.uint64), other[:whole].view(np.uint64))
