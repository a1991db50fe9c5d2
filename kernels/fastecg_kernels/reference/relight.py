"""Light on a relief: slopes to shade, and shade onto an image (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def relight(image: NDArray[np.uint8], shade: NDArray[np.uint8]) -> None:
    """Multiply each pixel of an image by its shade / 128, rounded to nearest, at most 255.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8; changed in place.
    shade
        Shape (H, W), uint8: 128 leaves a pixel, 64 halves it, 192 makes it half as bright again.

    Examples
    --------
    >>> image = np.array([[[200, 100, 0], [200, 100, 0]]], np.uint8)
    >>> relight(image, np.array([[64, 192]], np.uint8))
    >>> image.tolist()
    [[[100, 50, 0], [255, 150, 0]]]
    """
    lit = (image.astype(np.int32) * shade[:, :, None].astype(np.int32) + 64) // 128
    image[:] = np.minimum(lit, 255).astype(np.uint8)


def shade_slopes(
    slopes: NDArray[np.uint8],
    corner: tuple[int, int],
    shade: NDArray[np.uint8],
    weights: tuple[int, int, int],
) -> None:
    """Light a piece of a field of slopes: level + (wx (gx - 128) + wy (gy - 128)) / 4096, within 1 to 255.

    The brightness of a matt surface under a light far away is a linear function of its slopes, as
    long as these are small (Pentland, "Linear shape from shading", IJCV 1990).

    Parameters
    ----------
    slopes
        Shape (H, W, 2), uint8: slope along x and y, 128 where the surface is level.
    corner
        Row and column of ``slopes`` where the piece begins. From the last row it goes on with the
        first one, and from the last column likewise.
    shade
        Written: shape (h, w), uint8, the size of the piece; 128 is neutral.
    weights
        wx and wy, each within 2,000,000 of 0, and level, the shade of level ground, 0 to 255.

    Examples
    --------
    >>> shade = np.empty((1, 3), np.uint8)
    >>> slopes = np.array([[[9, 9], [128, 128], [138, 128], [128, 8]]], np.uint8)
    >>> shade_slopes(slopes, (0, 1), shade, (4096, 8192, 120))
    >>> shade.tolist()
    [[120, 130, 1]]
    """
    rows = (corner[0] + np.arange(shade.shape[0])) % slopes.shape[0]
    columns = (corner[1] + np.arange(shade.shape[1])) % slopes.shape[1]
    tilt = slopes[rows[:, None], columns].astype(np.int32) - 128
    light = tilt[:, :, 0] * weights[0] + tilt[:, :, 1] * weights[1]
    shade[:] = np.clip(weights[2] + (light + 2048) // 4096, 1, 255).astype(np.uint8)
