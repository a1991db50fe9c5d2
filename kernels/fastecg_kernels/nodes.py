"""Smooth maps known at nodes every 8 pixels: what light and other slow changes are made of."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

NODE_STEP: Final = 8
"""Distance of two nodes in pixels; node (i, j) lies at the pixel corner (8 j, 8 i)."""


def nodes_shape(height: int, width: int) -> tuple[int, int]:
    """Return the rows and columns of nodes that an image needs.

    Examples
    --------
    >>> nodes_shape(17, 30)
    (4, 5)
    """
    return -(-height // NODE_STEP) + 1, -(-width // NODE_STEP) + 1


def spread_nodes(nodes: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Return the values at the centres of all pixels, bilinear between the nodes.

    Kernels interpolate in the same order, along x first, so that they come to the same bits.

    Parameters
    ----------
    nodes
        Shape (ceil(H / 8) + 1, ceil(W / 8) + 1, C), float32.
    height, width
        Size of the image, H and W.

    Returns
    -------
    ndarray
        Shape (H, W, C), float32.

    Examples
    --------
    >>> spread_nodes(np.array([[[0], [8]], [[0], [8]]], np.float32), 1, 3)[0, :, 0].tolist()
    [0.5, 1.5, 2.5]
    """
    across, left = _places(width)
    down, top = _places(height)
    rows = nodes[:, left] + (nodes[:, left + 1] - nodes[:, left]) * across[:, None]
    return np.asarray(rows[top] + (rows[top + 1] - rows[top]) * down[:, None, None], dtype=np.float32)


def _places(length: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """How far each pixel's centre lies between its two nodes (0 to 1), and the number of the first."""
    pixels = np.arange(length)
    share = (pixels % NODE_STEP).astype(np.float32) + np.float32(0.5)
    return share / np.float32(NODE_STEP), pixels // NODE_STEP
