"""The floor of developing a page: light and noise of one strength in one pass, and nothing else.

Per byte: light between four nodes, a hash of its number, the sum of the hash's four bytes as noise,
and a cut to 0..255. No key, no tone, no noise that grows with the light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel


@kernel
def _spread(nodes: NDArray[np.float32], row: NDArray[np.float32]) -> None:
    for node in range(nodes.shape[0] - 1):
        for k in range(min(8, row.shape[0] // 3 - 8 * node)):
            share = (np.float32(k) + np.float32(0.5)) * np.float32(0.125)
            for c in range(3):
                low, high = nodes[node, c], nodes[node + 1, c]
                row[24 * node + 3 * k + c] = low + (high - low) * share


@kernel
def _cut(number: int) -> np.uint32:
    return np.uint32(number & 0xFFFFFFFF)


@kernel
def _noise(number: np.uint32) -> np.float32:
    mixed = _cut(int(number ^ (number >> np.uint32(16))) * 0x7FEB352D)
    mixed = _cut(int(mixed ^ (mixed >> np.uint32(15))) * 0x846CA68B)
    mixed = mixed ^ (mixed >> np.uint32(16))
    pairs = (mixed & np.uint32(0xFF00FF)) + ((mixed >> np.uint32(8)) & np.uint32(0xFF00FF))
    return np.float32(np.int32((pairs + (pairs >> np.uint32(16))) & np.uint32(0xFFFF)))


@kernel
def light_and_noise(image: NDArray[np.uint8], light: NDArray[np.float32], sd: np.float32) -> None:
    """Change rows of RGB bytes in place, ``image`` being (H, 3 W), by light at nodes every 8 px."""
    height, count = image.shape
    top, bottom = np.empty(count, np.float32), np.empty(count, np.float32)
    scale = np.float32(sd / np.float32(147.8))
    _spread(light[0], bottom)
    for y in range(height):
        if y % 8 == 0:
            top, bottom = bottom, top
            _spread(light[y // 8 + 1], bottom)
        down = (np.float32(y % 8) + np.float32(0.5)) * np.float32(0.125)
        row = image[y]
        start = _cut(y * count)
        for i in range(count):
            factor = top[i] + (bottom[i] - top[i]) * down
            noise = (_noise(_cut(int(start) + i)) - np.float32(510)) * scale
            value = np.float32(row[i]) * factor + noise + np.float32(0.5)
            row[i] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))
