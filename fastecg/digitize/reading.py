"""Reading: the height of a trace in each column of a strip, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.strips import HEIGHT, Y_PX_MM

BIN_PX: Final = 2
"""Height of a bin of the network's answer, in pixels of the strip."""

HALVES: Final = 2
"""Columns of the read-out per pixel of the strip."""

WINDOW: Final = 5
"""Bins up and down from the likeliest that a mean is taken over: 1.25 mm."""

EDGE_MM: Final = 1.5
EDGE_COLUMNS: Final = 4
"""A trace leaves its strip where so many columns lie so near its edge."""

SURE: Final = 0.7
"""A column whose likeliest millimetre holds less than this is read with its neighbours' help."""

PER_BIN: Final = 0.15
"""What a step of one bin from column to column costs the path, in nats."""


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """What was read from a strip, two columns per pixel.

    Parameters
    ----------
    y_px
        Shape (2 W,), float32: height of the middle of the line in pixels of the strip, from its top
        edge down; NaN where nothing can be said.
    confidence
        The same shape, 0 to 1.
    middle_px
        Height of the row's baseline: the middle of the strip.
    """

    y_px: NDArray[np.float32]
    confidence: NDArray[np.float32]
    middle_px: float = HEIGHT / 2

    @property
    def leaves_strip(self) -> bool:
        """Whether the trace comes to an edge of the strip, so that a taller one would show more of it."""
        from_edge = np.minimum(self.y_px, 2 * self.middle_px - self.y_px)
        return int(np.count_nonzero(from_edge < EDGE_MM * Y_PX_MM)) >= EDGE_COLUMNS


def decode(place: NDArray[np.float32], there: NDArray[np.float32]) -> Reading:
    """Turn a network's answer into heights: the mean place near the likeliest one.

    Where no place is likely in a column, the path through the neighbours decides which one is meant.

    Parameters
    ----------
    place
        Shape (bins, columns), float32: logits of the trace's bin in each column.
    there
        Shape (columns,), float32: logits that there is a trace.

    Returns
    -------
    Reading
        Heights to a part of a pixel.

    Examples
    --------
    >>> place = np.zeros((20, 3), np.float32)
    >>> place[4] = place[5] = 20.0
    >>> [round(float(y), 3) for y in decode(place, np.full(3, 9.0, np.float32)).y_px]
    [10.0, 10.0, 10.0]
    """
    bins, columns = place.shape
    best = np.argmax(place, 0)
    share, mean = _window(place, best)
    present = 1 / (1 + np.exp(-np.clip(there, -30, 30)))
    doubtful = (share < SURE) & (present > 0.2)
    if doubtful.any():
        log_p = place - place.max(0)
        log_p = log_p - np.log(np.exp(log_p).sum(0))
        for start, end in _runs(doubtful, columns):
            best[start:end] = cheapest_path(-log_p[:, start:end], PER_BIN)
        share, mean = _window(place, best)
    confidence = (share * present).astype(np.float32)
    y_px = ((mean + 0.5) * BIN_PX).astype(np.float32)
    y_px[present < 0.2] = np.nan
    return Reading(y_px, confidence, bins * BIN_PX / 2)


def cheapest_path(cost: NDArray[np.floating], per_bin: float) -> NDArray[np.intp]:
    """Return the path from left to right that costs least: its places, and its steps up and down.

    Source: A. Viterbi, IEEE Trans. Inf. Theory 13 (1967); the least over all steps of a column is a
    lower envelope of cones, taken in two sweeps (Felzenszwalb & Huttenlocher, Theory of Computing 8, 2012).

    Parameters
    ----------
    cost
        Shape (bins, columns): what each place costs.
    per_bin
        What a step of one bin costs, at least 0.

    Examples
    --------
    >>> cost = np.ones((5, 4))
    >>> cost[2] = 0.0
    >>> cost[4, 1] = -0.5
    >>> cheapest_path(cost, 1.0).tolist()
    [2, 2, 2, 2]
    """
    bins, columns = cost.shape
    ramp = per_bin * np.arange(bins)
    reached = np.empty((columns, bins))
    reached[0] = cost[:, 0]
    for k in range(1, columns):
        before = reached[k - 1]
        falling = np.minimum.accumulate(before - ramp) + ramp
        rising = np.minimum.accumulate((before + ramp)[::-1])[::-1] - ramp
        reached[k] = cost[:, k] + np.minimum(falling, rising)
    path = np.empty(columns, np.intp)
    path[-1] = np.argmin(reached[-1])
    steps = per_bin * np.abs(np.arange(-bins + 1, bins))
    for k in range(columns - 2, -1, -1):
        there = bins - 1 - path[k + 1]
        path[k] = np.argmin(reached[k] + steps[there : there + bins])
    return path


def _window(
    place: NDArray[np.float32], best: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how much of a column's probability lies near a bin, and the mean place there, in bins."""
    bins, columns = place.shape
    offsets = np.arange(-WINDOW, WINDOW + 1)[:, None]
    rows = best[None] + offsets
    inside = (rows >= 0) & (rows < bins)
    top = place.max(0)
    near = np.where(inside, np.exp(place[np.clip(rows, 0, bins - 1), np.arange(columns)] - top), 0.0)
    total = np.exp(place - top).sum(0)
    mass = near.sum(0)
    mean = (near * offsets).sum(0) / np.maximum(mass, 1e-12) + best
    return (mass / total).astype(np.float32), mean.astype(np.float32)


def _runs(doubtful: NDArray[np.bool_], columns: int) -> list[tuple[int, int]]:
    """Return the stretches of doubtful columns with some sure ones on both sides, joined where they meet."""
    margin = 12
    grown = np.convolve(doubtful, np.ones(2 * margin + 1), "same")[:columns] > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], grown, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
