"""Contact sheets: many pages small on one picture, to look at a recipe."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

GAP_PX = 12
BACKGROUND = 120
CELL_PX = (480, 620)
"""Height and width that a page gets."""


def contact_sheet(
    images: Sequence[NDArray[np.uint8]], *, columns: int = 3, cell_px: tuple[int, int] = CELL_PX
) -> NDArray[np.uint8]:
    """Put images side by side, each shrunk to fit a cell, never enlarged.

    Parameters
    ----------
    images
        Each of shape (H, W, 3), uint8 RGB; at least one.
    columns
        Images in a row.
    cell_px
        Height and width of a cell.

    Examples
    --------
    >>> contact_sheet([np.zeros((100, 200, 3), np.uint8)] * 4, columns=2, cell_px=(50, 80)).shape
    (136, 196, 3)
    """
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    height, width = cell_px
    size = (rows * (height + GAP_PX) + GAP_PX, columns * (width + GAP_PX) + GAP_PX, 3)
    sheet = np.full(size, BACKGROUND, np.uint8)
    for k, image in enumerate(images):
        small = shrunk(image, cell_px)
        y = (k // columns) * (height + GAP_PX) + GAP_PX + (height - small.shape[0]) // 2
        x = (k % columns) * (width + GAP_PX) + GAP_PX + (width - small.shape[1]) // 2
        sheet[y : y + small.shape[0], x : x + small.shape[1]] = small
    return sheet


def shrunk(image: NDArray[np.uint8], cell_px: tuple[int, int] = CELL_PX) -> NDArray[np.uint8]:
    """Return an image shrunk to fit a cell; one that fits already is returned as it is.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB.
    cell_px
        Height and width of the cell.

    Examples
    --------
    >>> shrunk(np.zeros((100, 200, 3), np.uint8), (50, 80)).shape
    (40, 80, 3)
    """
    import cv2  # noqa: PLC0415 - 0.14 s, and only sheets need it

    height, width = image.shape[:2]
    scale = min(cell_px[0] / height, cell_px[1] / width)
    if scale >= 1:
        return image
    shape = (max(int(width * scale), 1), max(int(height * scale), 1))
    return np.asarray(cv2.resize(image, shape, interpolation=cv2.INTER_AREA), np.uint8)
