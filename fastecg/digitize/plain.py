"""Plain read-out: heights of a trace without a network, where ONNX Runtime is not installed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.reading import BIN_PX, HALVES, Reading, cheapest_path
from fastecg.digitize.strips import Y_PX_MM

PER_BIN: Final = 0.08
"""What a step of one bin costs the path; a column without ink costs 1."""

HOMESICK: Final = 0.012
"""What a mm from the row's baseline costs: it tells the row's trace from its neighbours'."""

FAINTEST: Final = 0.12
"""Darkness below which nothing is ink."""

STEEP: Final = 1.8
"""A column is steep where its ink is so many times as high as the line is wide."""


def ink_of(dark: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how surely each pixel is ink, 0 to 1, from the darkness of a strip.

    Ink is dark in all three channels, which a coloured grid is not; what is left of a grey one is less
    dark than ink, of which there is little: half of what the darkest pixels have is the middle.

    Parameters
    ----------
    dark
        Shape (H, W, 3), float32, as :func:`fastecg.digitize.strips.darkness` gives it.

    Examples
    --------
    >>> dark = np.zeros((40, 50, 3), np.float32)
    >>> dark[:, :, 1] = 0.4
    >>> dark[20] = 0.8
    >>> ink_of(dark)[[0, 20], 0].tolist()
    [0.0, 1.0]
    """
    least = dark.min(2)
    full = max(float(np.quantile(least, 0.995)), FAINTEST)
    usual = float(np.median(least))
    low = usual + 0.35 * (full - usual)
    return np.asarray(np.clip((least - low) / max(full - low, 1e-3), 0, 1), np.float32)


def read_plain(dark: NDArray[np.float32]) -> Reading:
    """Read a strip's trace as the path with most ink, then the middle of its ink in each column.

    Parameters
    ----------
    dark
        Shape (H, W, 3), float32, as :func:`fastecg.digitize.strips.darkness` gives it.

    Returns
    -------
    Reading
        Two columns per pixel.
    """
    ink = ink_of(dark)
    height, width = ink.shape
    binned = ink[: height // BIN_PX * BIN_PX].reshape(-1, BIN_PX, width).max(1)
    far = np.abs(np.arange(len(binned)) + 0.5 - len(binned) / 2) * BIN_PX / Y_PX_MM
    path = cheapest_path((1 - binned) + HOMESICK * far[:, None], PER_BIN) * BIN_PX
    top, bottom, mass = _extent(ink, path)
    found = mass > 0.25
    tall = np.where(found, bottom - top, np.nan)
    stroke = float(np.nanquantile(tall, 0.3)) if found.any() else 1.0
    y = _centre(top, bottom, np.where(found, tall, 0.0), stroke)
    y[~found] = np.nan
    columns = (np.arange(HALVES * width) + 0.5) / HALVES - 0.5
    spread = np.interp(columns, np.arange(width), y).astype(np.float32)
    sure = np.repeat(np.where(found, 0.8 * mass, 0), HALVES).astype(np.float32)
    return Reading(spread, sure, height / 2)


def _extent(
    ink: NDArray[np.float32], path: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return top and bottom, to a part of a pixel, of the ink that the path runs through, and its darkest."""
    height, width = ink.shape
    columns = np.arange(width)
    near = np.clip(path[None] + np.arange(-1, BIN_PX + 1)[:, None], 0, height - 1)
    start = near[np.argmax(ink[near, columns], 0), columns]
    full = ink[start, columns]
    ends = []
    for step in (-1, 1):
        place, end, moving = start.copy(), start + 0.5, np.ones(width, bool)
        while moving.any():
            place = np.clip(place + step, 0, height - 1)
            value = np.where((place == 0) | (place == height - 1), 0.0, ink[place, columns])
            moving &= value > 0.5 * full
            end = np.where(moving, place + 0.5, end)
        beyond = np.clip(np.rint(end - 0.5 + step).astype(int), 0, height - 1)
        last = np.clip(np.rint(end - 0.5).astype(int), 0, height - 1)
        share = np.clip(ink[beyond, columns] + 0.5 * (ink[last, columns] - full), 0, 1)
        ends.append(end + step * (0.5 + np.clip(share, -0.5, 0.5)))
    return ends[0], ends[1], full.astype(np.float64)


def _centre(
    top: NDArray[np.float64], bottom: NDArray[np.float64], tall: NDArray[np.float64], stroke: float
) -> NDArray[np.float64]:
    """Return the middle of the ink; at a peak its end, half a line's width in.

    Where a line goes up and down again within a column the middle of its ink is far from the peak. A
    steep column that lies higher than both neighbours is a peak up, one that lies lower a peak down.
    """
    y = (top + bottom) / 2
    left, right = np.roll(y, 2), np.roll(y, -2)
    left[:2], right[-2:] = y[:2], y[-2:]
    steep = tall > STEEP * stroke
    up, down = steep & (left > y) & (right > y), steep & (left < y) & (right < y)
    y[up] = top[up] + stroke / 2
    y[down] = bottom[down] - stroke / 2
    return y
