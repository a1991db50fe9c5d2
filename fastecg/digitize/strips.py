"""Strips: rows of a page, flat and at one scale, from which traces are read."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

X_PX_MM: Final = 10
"""Pixels per mm along a strip."""

Y_PX_MM: Final = 8
"""Pixels per mm across a strip: those of a 200 dpi page."""

COLUMNS_MM: Final = 20
"""Columns of the read-out per mm, two per pixel: 500 samples a second at 25 mm/s."""

HALF_MM: Final = 22.0
"""What a strip shows above and below the row's baseline."""

HEIGHT: Final = round(2 * HALF_MM * Y_PX_MM)
"""Rows of pixels in a strip."""

TALL_HALF_MM: Final = 36.0
"""The same for a strip whose trace leaves the usual one."""

BLOCK: Final = 8
"""Pixels, each way, of which the mean stands for the paper or does not."""


def darkness(strip: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how much darker than the paper around it each pixel is, channel by channel.

    The paper's brightness is that of the lightest of the blocks of 8 pixels around, smoothed: shadows
    and the colour of the light fall out, grid and ink stay.

    Parameters
    ----------
    strip
        Shape (H, W, 3), uint8 RGB, at least 8 pixels each way.

    Returns
    -------
    ndarray
        Shape (H, W, 3), float32: 0 paper, 1 black, below 0 what is lighter than the paper.

    Examples
    --------
    >>> strip = np.full((32, 64, 3), 200, np.uint8)
    >>> strip[:, 30:32] = 50
    >>> [round(float(darkness(strip)[16, x, 0]), 2) for x in (5, 30)]
    [0.0, 0.75]
    """
    import cv2  # noqa: PLC0415 - heavy

    height, width = strip.shape[:2]
    small = cv2.resize(strip, (max(width // BLOCK, 1), max(height // BLOCK, 1)), interpolation=cv2.INTER_AREA)
    paper = cv2.blur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (7, 7))
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    np.maximum(paper, 8.0, out=paper)
    np.divide(strip, paper, out=paper)
    np.subtract(1.0, paper, out=paper)
    return np.maximum(paper, -0.3, out=paper)
