"""Compositing of one ink colour over or into an image, by its coverage (Numba)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel

SQUARE = 255 * 255


@kernel
def _blend(
    image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], k: int, over: bool
) -> None:
    alpha = np.int32(coverage[k])
    if alpha != 0:
        for channel in range(3):
            under, ink = np.int32(image[k, channel]), np.int32(color[channel])
            if over:
                image[k, channel] = np.uint8((under * (255 - alpha) + ink * alpha + 127) // 255)
            else:
                passed = np.int32(SQUARE) - alpha * (255 - ink)
                image[k, channel] = np.uint8((under * passed + SQUARE // 2) // SQUARE)


@kernel
def _composite(
    image: NDArray[np.uint8],
    coverage: NDArray[np.uint8],
    words: NDArray[np.uint64],
    color: NDArray[np.uint8],
    clear: bool,
    over: bool,
) -> None:
    # Ink covers 1-2 % of a page: eight pixels at a time are passed over where there is none.
    for word in range(words.shape[0]):
        if words[word] != 0:
            for k in range(8 * word, 8 * word + 8):
                _blend(image, coverage, color, k, over)
            if clear:
                words[word] = 0
    for k in range(8 * words.shape[0], coverage.shape[0]):
        _blend(image, coverage, color, k, over)
        if clear:
            coverage[k] = 0


def composite(
    image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], clear: bool
) -> None:
    """Blend ``color`` into ``image`` where ``coverage`` says so; see the reference of this name."""
    _lay(image, coverage, color, clear, True)


def absorb(
    image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], clear: bool
) -> None:
    """Multiply ``image`` by ``color`` where ``coverage`` says so; see the reference of this name."""
    _lay(image, coverage, color, clear, False)


def _lay(
    image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], clear: bool, over: bool
) -> None:
    flat = coverage.reshape(-1)
    words = flat[: flat.size // 8 * 8].view(np.uint64)
    _composite(image.reshape(-1, 3), flat, words, color, clear, over)
