"""Coverage of pixels along one axis by evenly spaced lines: what a grid is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def line_profile(length: int, first_px: float, period_px: float, width_px: float) -> NDArray[np.uint8]:
    """Return how much of each pixel is covered by lines at ``first_px + k * period_px``.

    The coverage is exact (box filter): the overlap of [j, j + 1] with all lines.

    Parameters
    ----------
    length
        Number of pixels.
    first_px
        Centre of any one line, in pixels from the edge of the first pixel; the lines go on
        without end in both directions.
    period_px
        Distance of the lines, > 0.
    width_px
        Width of a line, in pixels, at most ``period_px``.

    Returns
    -------
    ndarray
        Shape (length,), uint8, 255 where a pixel is covered wholly.

    Examples
    --------
    >>> line_profile(6, 1.5, 4.0, 1.0).tolist()
    [0, 255, 0, 0, 0, 255]
    >>> line_profile(4, 1.0, 8.0, 1.0).tolist()
    [128, 128, 0, 0]
    """
    edges = np.arange(length + 1, dtype=np.float64) - first_px + width_px / 2
    whole = np.floor(edges / period_px)
    inked = whole * width_px + np.minimum(edges - whole * period_px, width_px)
    return np.asarray(np.floor(np.diff(inked) * 255.0 + 0.5), dtype=np.uint8)
