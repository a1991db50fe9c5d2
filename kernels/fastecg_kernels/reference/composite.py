"""Compositing of one ink colour over or into an image, by its coverage (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def composite(
    image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], clear: bool
) -> None:
    """Blend ``color`` into ``image`` where ``coverage`` says so ("over", rounded to nearest).

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8; changed in place.
    coverage
        Shape (H, W), uint8: 0 leaves the image, 255 paints the colour.
    color
        Shape (3,), uint8.
    clear
        Set the coverage back to 0, so that its memory serves the next page.

    Examples
    --------
    >>> image = np.full((1, 2, 3), 200, np.uint8)
    >>> composite(image, np.array([[0, 255]], np.uint8), np.zeros(3, np.uint8), False)
    >>> image[0, :, 0].tolist()
    [200, 0]
    """
    alpha = coverage[:, :, None].astype(np.int32)
    mixed = (image.astype(np.int32) * (255 - alpha) + color.astype(np.int32) * alpha + 127) // 255
    image[:] = mixed.astype(np.uint8)
    if clear:
        coverage[:] = 0


def absorb(
    image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], clear: bool
) -> None:
    """Multiply ``image`` by ``color`` / 255 where ``coverage`` says so, as an ink that light passes through.

    Unlike ``composite`` it never lightens: what is black under blue ink stays black.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8; changed in place.
    coverage
        Shape (H, W), uint8: 0 leaves the image, 255 lets through what the colour does.
    color
        Shape (3,), uint8.
    clear
        Set the coverage back to 0, so that its memory serves the next page.

    Examples
    --------
    >>> image = np.array([[[255, 255, 255], [0, 0, 0]]], np.uint8)
    >>> absorb(image, np.full((1, 2), 255, np.uint8), np.array([30, 60, 150], np.uint8), False)
    >>> image[0].tolist()
    [[30, 60, 150], [0, 0, 0]]
    """
    passed = 255 * 255 - coverage[:, :, None].astype(np.int64) * (255 - color.astype(np.int64))
    image[:] = ((image.astype(np.int64) * passed + 255 * 255 // 2) // (255 * 255)).astype(np.uint8)
    if clear:
        coverage[:] = 0
