"""Grid paper from four line profiles (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def _cross(column: NDArray[np.uint8], row: NDArray[np.uint8], dots: bool) -> NDArray[np.int32]:
    """Coverage of lines in both directions, or of dots where they would cross."""
    across = column.astype(np.int32)[None, :]
    down = row.astype(np.int32)[:, None]
    if dots:
        return (across * down + 127) // 255
    return 255 - ((255 - across) * (255 - down) + 127) // 255


def paint_grid(
    image: NDArray[np.uint8],
    columns: NDArray[np.uint8],
    rows: NDArray[np.uint8],
    colors: NDArray[np.uint8],
    dots: NDArray[np.bool_],
) -> None:
    """Paint paper with a minor and a major grid, filling the whole image.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8; every pixel is written.
    columns
        Shape (2, W), uint8: coverage by the vertical minor and major lines.
    rows
        Shape (2, H), uint8: coverage by the horizontal minor and major lines.
    colors
        Shape (3, 3), uint8: RGB of paper, minor lines, major lines.
    dots
        Shape (2,), bool: draw the minor, the major grid as dots at its crossings.

    Examples
    --------
    >>> image = np.empty((2, 2, 3), np.uint8)
    >>> lines = np.array([[0, 0], [255, 0]], np.uint8)
    >>> colors = np.array([[250] * 3, [200] * 3, [100] * 3], np.uint8)
    >>> paint_grid(image, lines, np.zeros((2, 2), np.uint8), colors, np.zeros(2, bool))
    >>> image[0, :, 0].tolist()
    [100, 250]
    """
    page = np.broadcast_to(colors[0].astype(np.int32), image.shape)
    for level in range(2):
        alpha = _cross(columns[level], rows[level], bool(dots[level]))[:, :, None]
        page = (page * (255 - alpha) + colors[level + 1].astype(np.int32) * alpha + 127) // 255
    image[:] = page.astype(np.uint8)
