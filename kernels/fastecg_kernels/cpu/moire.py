"""Bands of light and dark, as a camera sees on a screen (Numba)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._nodes import spread_across
from fastecg_kernels.cpu._numba import kernel


@kernel
def _moire(image: NDArray[np.uint8], phase: NDArray[np.float32], half_depth: np.float32) -> None:
    """Darken rows of RGB bytes, ``image`` being (H, 3 W)."""
    height, count = image.shape
    one = np.float32(1)
    top = np.empty(count, np.float32)
    bottom = np.empty(count, np.float32)
    spread_across(phase[0], bottom)
    for y in range(height):
        if y % 8 == 0:
            top, bottom = bottom, top
            spread_across(phase[y // 8 + 1], bottom)
        share = (np.float32(y % 8) + np.float32(0.5)) / np.float32(8)
        row = image[y]
        for i in range(count):
            turns = top[i] + (bottom[i] - top[i]) * share + np.float32(0.25)
            place = turns - np.floor(turns) - np.float32(0.5)
            wave = np.float32(-8) * place * (one - np.float32(2) * abs(place))
            factor = one - half_depth * (one - wave)
            row[i] = np.uint8(np.float32(row[i]) * factor + np.float32(0.5))


def moire(image: NDArray[np.uint8], phase: NDArray[np.float32], depth: float) -> None:
    """Darken an image by waves of a phase; see the reference of this name."""
    _moire(image.reshape(len(image), -1), phase, np.float32(depth / 2))
