"""Light and sensor noise in one pass, and salt and pepper (Numba)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.counter import (
    BYTES_MEAN,
    BYTES_VARIANCE,
    FACTOR_1,
    FACTOR_2,
    MASK32,
    PEPPER_STREAM,
    split_key,
)
from fastecg_kernels.cpu._nodes import spread_across
from fastecg_kernels.cpu._numba import kernel

HASHES: Final = 256
"""How many pixels are hashed at a time."""

LOW_BYTES: Final = 0x00FF00FF
"""The lower byte of each half of a word."""


@kernel
def _cut(number: int) -> np.uint32:
    return np.uint32(number & MASK32)


@kernel
def _hash(mixed: np.uint32, second: np.uint32) -> np.uint32:
    # Products are cut to 32 bits at once: so the compiler works on 32-bit lanes, and plain Python on
    # whole numbers, which do not overflow.
    mixed = _cut(int(mixed ^ (mixed >> np.uint32(16))) * FACTOR_1)
    mixed = mixed ^ second
    mixed = _cut(int(mixed ^ (mixed >> np.uint32(15))) * FACTOR_2)
    return mixed ^ (mixed >> np.uint32(16))


@kernel
def _byte_sum(mixed: np.uint32) -> np.int32:
    low = np.uint32(LOW_BYTES)
    pairs = (mixed & low) + ((mixed >> np.uint32(8)) & low)
    return np.int32((pairs + (pairs >> np.uint32(16))) & np.uint32(0xFFFF))


@kernel
def _develop(
    image: NDArray[np.uint8],
    light: NDArray[np.float32],
    offset: np.float32,
    fixed: np.float32,
    growing: np.float32,
    first: np.uint32,
    second: np.uint32,
) -> None:
    """Develop rows of RGB bytes, ``image`` being (H, 3 W)."""
    height, count = image.shape
    top = np.empty(count, np.float32)
    bottom = np.empty(count, np.float32)
    spread_across(light[0], bottom)
    for y in range(height):
        if y % 8 == 0:
            top, bottom = bottom, top
            spread_across(light[y // 8 + 1], bottom)
        share = (np.float32(y % 8) + np.float32(0.5)) / np.float32(8)
        row = image[y]
        start = _cut(y * count + int(first))
        for i in range(count):
            factor = top[i] + (bottom[i] - top[i]) * share
            value = max(np.float32(row[i]) * factor + offset, np.float32(0))
            sums = _byte_sum(_hash(_cut(int(start) + i), second))
            noise = np.float32(sums) - np.float32(BYTES_MEAN)
            noisy = value + np.sqrt(fixed + growing * value) * noise + np.float32(0.5)
            row[i] = np.uint8(min(max(noisy, np.float32(0)), np.float32(255)))


def develop(
    image: NDArray[np.uint8],
    light: NDArray[np.float32],
    offset: float,
    gaussian_sd: float,
    poisson_sd: float,
    key: int,
) -> None:
    """Multiply an image by its light, and add a sensor's noise; see the reference of this name.

    One pass over the bytes of a row, without branches, so that the compiler works on 16 of them at
    a time: the light's nodes are spread along x once for 8 rows.
    """
    first, second = split_key(key)
    _develop(
        image.reshape(len(image), -1),
        light,
        np.float32(offset),
        np.float32(gaussian_sd**2 / BYTES_VARIANCE),
        np.float32(poisson_sd**2 / BYTES_VARIANCE / 255),
        np.uint32(first),
        np.uint32(second),
    )


@kernel
def _salt_pepper(pixels: NDArray[np.uint8], hits: int, first: np.uint32, second: np.uint32) -> None:
    """Hit some of the pixels, ``pixels`` being (H W, 3), by blocks whose hashes come first."""
    count = pixels.shape[0]
    hashes = np.empty(HASHES, np.uint32)
    for start in range(0, count, HASHES):
        for k in range(HASHES):
            hashes[k] = _hash(_cut(int(_cut(start + k) ^ np.uint32(PEPPER_STREAM)) + int(first)), second)
        for k in range(min(HASHES, count - start)):
            if hashes[k] >> np.uint32(1) < hits:
                value = np.uint8(255 * (hashes[k] & np.uint32(1)))
                for channel in range(3):
                    pixels[start + k, channel] = value


def salt_pepper(image: NDArray[np.uint8], density: float, key: int) -> None:
    """Make pixels black or white; see the reference of this name."""
    first, second = split_key(key)
    _salt_pepper(image.reshape(-1, 3), round(density * 2**31), np.uint32(first), np.uint32(second))
