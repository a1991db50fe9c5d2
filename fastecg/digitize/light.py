"""Light taken out of an image: how dark ink and grid are, as shares of the paper around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Image = NDArray[np.uint8]

PAPER_STEP: Final = 8
"""Paper is looked at in squares of this many pixels."""

PAPER_REACH: Final = 1 / 60
"""How far the nearest bare paper may be, as a share of the image's longer side."""


@dataclass(frozen=True, slots=True)
class Tones:
    """What is left when light is taken out, each of shape (H, W), float32, 0 for paper to 1 for black.

    ``ink`` is the darkness of the least dark channel: coloured grids and coloured pens vanish from
    it. ``grid`` is that of the darkest channel: everything printed shows.
    """

    ink: Floats
    grid: Floats


def paper_level(image: Image) -> Floats:
    """Return how bright bare paper would be at every pixel.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB.

    Returns
    -------
    ndarray
        Shape (H, W, 3), float32, above 0.

    Examples
    --------
    >>> paper_level(np.full((64, 96, 3), 200, np.uint8)).round().max()
    np.float32(200.0)
    """
    import cv2  # noqa: PLC0415 - 0.1 s to import

    height, width = image.shape[:2]
    size = (max(width // PAPER_STEP, 1), max(height // PAPER_STEP, 1))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    reach = 2 * max(round(PAPER_REACH * max(size)), 1) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    smooth = cv2.GaussianBlur(closed.astype(np.float32), (0, 0), reach / 4, borderType=cv2.BORDER_REPLICATE)
    level = cv2.resize(np.maximum(smooth, 8.0), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(level, np.float32)


def tones(image: Image) -> Tones:
    """Return how dark ink and grid are at every pixel, whatever the light and the paper's colour.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB.

    Examples
    --------
    >>> page = np.full((64, 64, 3), (255, 240, 240), np.uint8)
    >>> page[:, 30] = (250, 150, 150)  # a line of a red grid
    >>> page[40] = (20, 20, 20)
    >>> found = tones(page)
    >>> bool(found.ink[10, 30] < 0.1 < found.grid[10, 30] < 0.5 < found.ink[40, 10])
    True
    """
    import cv2  # noqa: PLC0415 - 0.1 s to import

    level = paper_level(image)
    share = cv2.divide(image.astype(np.float32), level)
    red, green, blue = cv2.split(share)
    brightest = cv2.max(cv2.max(red, green), blue)
    darkest = cv2.min(cv2.min(red, green), blue)
    return Tones(np.clip(1 - brightest, 0, 1), np.clip(1 - darkest, 0, 1))


def shrink(image: NDArray[np.uint8], longest: int) -> tuple[NDArray[np.uint8], float]:
    """Return an image no longer than so many pixels, and the share of its size that is left.

    Examples
    --------
    >>> small, share = shrink(np.zeros((100, 200, 3), np.uint8), 50)
    >>> small.shape, share
    ((25, 50, 3), 0.25)
    """
    import cv2  # noqa: PLC0415 - 0.1 s to import

    height, width = image.shape[:2]
    share = min(longest / max(height, width), 1.0)
    if share == 1.0:
        return image, 1.0
    size = (max(round(width * share), 1), max(round(height * share), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), share
