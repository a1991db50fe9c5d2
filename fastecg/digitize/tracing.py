"""A plain read-out of a strip: the darkest path from column to column, then the middle of the ink on it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

X_PX_MM: Final = 10
Y_PX_MM: Final = 8
HALF_MM: Final = 22.0


def read_path(ink: Floats, slope: float = 0.012) -> tuple[Floats, Floats]:
    """Return the height of the trace in every column, pixels from the top, and how surely.

    Parameters
    ----------
    ink
        Shape (H, W), 0 paper to 1 ink; the baseline is at half the height.
    slope
        What a step of one pixel up or down costs, in units of black pixels.

    Returns
    -------
    y, confidence
        Shape (W,), float32; NaN where there is no ink near.

    References
    ----------
    R. Bellman, Dynamic Programming (1957): the path of least cost.
    """
    height, width = ink.shape
    index = np.arange(height, dtype=np.float32)
    away = np.abs(index - height / 2) / height
    gain = np.ascontiguousarray(ink.T) - 0.12 * away**2
    total = np.empty((width, height), np.float32)
    total[0] = gain[0]
    for x in range(1, width):
        before = total[x - 1]
        up = np.maximum.accumulate(before + slope * index) - slope * index
        down = (np.maximum.accumulate((before - slope * index)[::-1]))[::-1] + slope * index
        total[x] = np.maximum(up, down) + gain[x]
    y = np.empty(width, np.int64)
    y[-1] = int(total[-1].argmax())
    for x in range(width - 1, 0, -1):
        y[x - 1] = int((total[x - 1] - slope * np.abs(index - y[x])).argmax())
    return _centred(ink, y)


def _centred(ink: Floats, path: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the middle of the run of ink that the path passes, column by column."""
    height, width = ink.shape
    y = np.full(width, np.nan, np.float32)
    sure = np.zeros(width, np.float32)
    for x in range(width):
        column = ink[:, x]
        at = int(path[x])
        low = high = at
        floor = max(0.35 * float(column[at]), 0.12)
        while low > 0 and column[low - 1] > floor and at - low < 120:
            low -= 1
        while high < height - 1 and column[high + 1] > floor and high - at < 120:
            high += 1
        low, high = max(low - 1, 0), min(high + 1, height - 1)
        weights = column[low : high + 1]
        mass = float(weights.sum())
        if mass > 0.15:
            y[x] = float((np.arange(low, high + 1) * weights).sum() / mass) + 0.5
            sure[x] = min(float(column[max(at - 1, 0) : at + 2].max()) * 1.2, 1.0)
    return y, sure
