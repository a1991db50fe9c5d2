"""Light on a relief: slopes to shade, and shade onto an image (Numba)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel


@kernel
def _lit(value: np.uint8, shade: np.uint16) -> np.uint8:
    # 255 * 255 + 64 fits into 16 bits; staying there is three times as fast as 32 bits.
    product = np.uint16(np.uint16(np.uint16(value) * shade) + np.uint16(64))
    return np.uint8(min(np.uint16(product >> np.uint16(7)), np.uint16(255)))


@kernel
def _relight(values: NDArray[np.uint8], shade: NDArray[np.uint8]) -> None:
    for k in range(shade.shape[0]):
        light = np.uint16(shade[k])
        values[3 * k] = _lit(values[3 * k], light)
        values[3 * k + 1] = _lit(values[3 * k + 1], light)
        values[3 * k + 2] = _lit(values[3 * k + 2], light)


def relight(image: NDArray[np.uint8], shade: NDArray[np.uint8]) -> None:
    """Multiply each pixel of an image by its shade / 128; see the reference of this name."""
    _relight(image.reshape(-1), shade.reshape(-1))


@kernel
def _shade(gx: np.uint8, gy: np.uint8, wx: np.int32, wy: np.int32, base: np.int32) -> np.uint8:
    # Every step is cast: left alone, Numba would go on in 64 bits and take eight times as long.
    light = np.int32(np.int32(np.int32(gx) * wx) + np.int32(np.int32(gy) * wy))
    light = np.int32(np.int32(light + base) >> np.int32(12))
    return np.uint8(min(max(light, np.int32(1)), np.int32(255)))


@kernel
def _shade_run(
    run: NDArray[np.uint8], out: NDArray[np.uint8], wx: np.int32, wy: np.int32, base: np.int32
) -> None:
    for j in range(out.shape[0]):
        out[j] = _shade(run[2 * j], run[2 * j + 1], wx, wy, base)


@kernel
def _shade_rows(
    slopes: NDArray[np.uint8],
    top: int,
    left: int,
    shade: NDArray[np.uint8],
    wx: np.int32,
    wy: np.int32,
    base: np.int32,
) -> None:
    columns = slopes.shape[1] // 2
    for i in range(shade.shape[0]):
        row, done, start = slopes[(top + i) % slopes.shape[0]], 0, left % columns
        while done < shade.shape[1]:
            end = min(start + shade.shape[1] - done, columns)
            _shade_run(row[2 * start : 2 * end], shade[i, done : done + end - start], wx, wy, base)
            done += end - start
            start = 0


def shade_slopes(
    slopes: NDArray[np.uint8],
    corner: tuple[int, int],
    shade: NDArray[np.uint8],
    weights: tuple[int, int, int],
) -> None:
    """Light a piece of a field of slopes; see the reference of this name."""
    wx, wy, level = weights
    base = np.int32(4096 * level + 2048 - 128 * (wx + wy))
    _shade_rows(slopes.reshape(len(slopes), -1), *corner, shade, np.int32(wx), np.int32(wy), base)
