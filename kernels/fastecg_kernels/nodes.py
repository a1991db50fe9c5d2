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
    columns = _between(nodes.swapaxes(0, 1), width).swapaxes(0, 1)
    return _between(np.ascontiguousarray(columns), height)


def _between(nodes: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Return the values between nodes along the first axis, at the pixels' centres."""
    spread = np.empty((NODE_STEP * (len(nodes) - 1), *nodes.shape[1:]), np.float32)
    slope = np.diff(nodes, axis=0)
    for k in range(NODE_STEP):
        share = (np.float32(k) + np.float32(0.5)) / np.float32(NODE_STEP)
        spread[k::NODE_STEP] = nodes[:-1] + slope * share
    return spread[:length]
