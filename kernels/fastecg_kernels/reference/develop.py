"""Light and sensor noise in one pass, and salt and pepper (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.counter import (
    BYTES_MEAN,
    BYTES_VARIANCE,
    FACTOR_1,
    FACTOR_2,
    PEPPER_STREAM,
    split_key,
)
from fastecg_kernels.nodes import spread_nodes


def develop(
    image: NDArray[np.uint8],
    light: NDArray[np.float32],
    offset: float,
    gaussian_sd: float,
    poisson_sd: float,
    key: int,
) -> None:
    """Multiply an image by its light, and add the noise of a sensor, in place.

    A byte v becomes w = max(v · light + offset, 0), and then w + sqrt(gaussian_sd² + poisson_sd² ·
    w / 255) · n, rounded and cut to 0..255. n is nearly normal, with mean 0 and variance 1: the sum
    of four bytes of a hash of the key and the byte's place (Irwin-Hall, at most 3.45). So it
    depends on nothing else, neither on the order of pixels nor on other pages. All steps are of
    float32 in a set order, so that every backend comes to the same bytes.

    Source: ECG-Image-Kit (arXiv 2307.01946), section 3.7, eqs. 5 and 6; a Poisson count of mean m is
    taken as normal with variance m, as it nearly is from some ten photons on.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8, contiguous; at most 2**32 bytes.
    light
        Shape (ceil(H / 8) + 1, ceil(W / 8) + 1, 3), float32: factors at the nodes, see
        ``fastecg_kernels.nodes``.
    offset
        Grey levels added everywhere.
    gaussian_sd
        Standard deviation of the noise that is the same everywhere, grey levels.
    poisson_sd
        Standard deviation at white (255) of the noise whose variance grows with the signal, grey levels.
    key
        The page's number, 0 to 2**64 - 1.

    Examples
    --------
    >>> image = np.full((1, 2, 3), 100, np.uint8)
    >>> develop(image, np.full((2, 2, 3), 1.5, np.float32), 0.0, 0.0, 0.0, 7)
    >>> image[0, 0].tolist()
    [150, 150, 150]
    """
    height, width = image.shape[:2]
    value = image.astype(np.float32) * spread_nodes(light, height, width) + np.float32(offset)
    value = np.maximum(value, np.float32(0))
    hashes = _hash(np.arange(image.size, dtype=np.uint32).reshape(image.shape), key)
    sums = sum((hashes >> np.uint32(8 * k)) & np.uint32(255) for k in range(4))
    noise = np.asarray(sums).astype(np.float32) - np.float32(BYTES_MEAN)
    fixed = np.float32(gaussian_sd**2 / BYTES_VARIANCE)
    growing = np.float32(poisson_sd**2 / BYTES_VARIANCE / 255)
    noisy = value + np.sqrt(fixed + growing * value) * noise
    image[:] = np.clip(noisy + np.float32(0.5), np.float32(0), np.float32(255)).astype(np.uint8)


def salt_pepper(image: NDArray[np.uint8], density: float, key: int) -> None:
    """Make pixels black or white, each with half the density, in place.

    A pixel's fate hangs on a hash of the key and its place alone.

    Source: ECG-Image-Kit (arXiv 2307.01946), section 3.7, eq. 7.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8, contiguous.
    density
        Expected share of pixels that are hit, 0 to 1.
    key
        The page's number, 0 to 2**64 - 1.

    Examples
    --------
    >>> image = np.full((2, 2, 3), 100, np.uint8)
    >>> salt_pepper(image, 1.0, 7)
    >>> set(image.ravel().tolist()) <= {0, 255}
    True
    """
    counters = np.arange(image.size // 3, dtype=np.uint32).reshape(image.shape[:2])
    hashes = _hash(counters ^ np.uint32(PEPPER_STREAM), key)
    hit = (hashes >> np.uint32(1)).astype(np.int64) < round(density * 2**31)
    image[hit & (hashes % 2 == 0)] = 0
    image[hit & (hashes % 2 == 1)] = 255


def _hash(counters: NDArray[np.uint32], key: int) -> NDArray[np.uint32]:
    """Hash 32-bit counters; see ``fastecg_kernels.counter``."""
    first, second = (np.uint32(word) for word in split_key(key))
    mixed = counters + first
    mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(FACTOR_1)
    mixed = mixed ^ second
    mixed = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(FACTOR_2)
    return np.asarray(mixed ^ (mixed >> np.uint32(16)), dtype=np.uint32)
