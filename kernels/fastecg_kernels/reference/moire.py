"""Bands of light and dark, as a camera sees on a screen (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.nodes import spread_nodes


def moire(image: NDArray[np.uint8], phase: NDArray[np.float32], depth: float) -> None:
    """Darken an image by waves of a phase, in place.

    A byte v becomes v · (1 - depth · (1 - wave) / 2), rounded, with wave = cos(2π · phase) but
    for its arches being parabolas (5.6 % off at most): brightest where the phase is a whole number.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8, contiguous.
    phase
        Shape (ceil(H / 8) + 1, ceil(W / 8) + 1, 3), float32, in turns at the nodes, for each
        channel; see ``fastecg_kernels.nodes``.
    depth
        Share of the light that is missing in the dark, 0 to 1.

    Examples
    --------
    >>> image = np.full((1, 1, 3), 200, np.uint8)
    >>> phase = np.broadcast_to(np.array([0, 0.25, 0.5], np.float32), (2, 2, 3))
    >>> moire(image, phase, 0.5)
    >>> image[0, 0].tolist()
    [200, 150, 100]
    """
    turns = spread_nodes(phase, *image.shape[:2])
    # The sine's arches: 8 x (1 - 2 |x|) for x in -0.5 to 0.5, a quarter turn on for the cosine.
    turns = turns + np.float32(0.25)
    place = turns - np.floor(turns) - np.float32(0.5)
    wave = np.float32(-8) * place * (np.float32(1) - np.float32(2) * np.abs(place))
    factor = np.float32(1) - np.float32(depth / 2) * (np.float32(1) - wave)
    image[:] = (image.astype(np.float32) * factor + np.float32(0.5)).astype(np.uint8)
