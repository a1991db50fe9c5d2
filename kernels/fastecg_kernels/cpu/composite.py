"""Compositing of one ink colour over an image, by its coverage (Numba)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel


@kernel
def _blend(image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], k: int) -> None:
    alpha = np.int32(coverage[k])
    if alpha != 0:
        for channel in range(3):
            under = np.int32(image[k, channel])
            over = np.int32(color[channel])
            image[k, channel] = np.uint8((under * (255 - alpha) + over * alpha + 127) // 255)


@kernel
def _composite(
    image: NDArray[np.uint8],
    coverage: NDArray[np.uint8],
    words: NDArray[np.uint64],
    color: NDArray[np.uint8],
    clear: bool,
) -> None:
    # Ink covers 1-2 % of a page: eight pixels at a time are passed over where there is none.
    for word in range(words.shape[0]):
        if words[word] != 0:
            for k in range(8 * word, 8 * word + 8):
                _blend(image, coverage, color, k)
            if clear:
                words[word] = 0
    for k in range(8 * words.shape[0], coverage.shape[0]):
        _blend(image, coverage, color, k)
        if clear:
            coverage[k] = 0


def composite(
    image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], clear: bool
) -> None:
    """Blend ``color`` into ``image`` where ``coverage`` says so; see the reference of this name."""
    flat = coverage.reshape(-1)
    words = flat[: flat.size // 8 * 8].view(np.uint64)
    _composite(image.reshape(-1, 3), flat, words, color, clear)
