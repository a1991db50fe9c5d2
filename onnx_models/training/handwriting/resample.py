"""Points at equal times along strokes that were stored at equal distances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FLATNESS = 0.7  # curvature of a line that counts as straight, in 1 per x-height
POINTS = 2.1  # points per x-height at curvature 1; about 11.6 a character
CORNER_RAD = 1.05  # a sharper turn ends a piece, so that corners stay


class Points(NamedTuple):
    """Points of many samples, end to end."""

    xy: NDArray[np.float32]
    """Shape (n, 2), in x-heights, y down."""
    pen_up: NDArray[np.bool_]
    """Shape (n,): the last point of a stroke."""
    offsets: NDArray[np.int64]
    """Shape (samples + 1,): sample i is ``offsets[i]:offsets[i + 1]``."""


def resample(points: Points) -> Points:
    """Space points as a hand moves: closer together where the line bends.

    The speed of a hand falls with the third root of curvature (two-thirds power law), so points at
    equal times are fewer on straight lines; a network has half as many steps to learn as at equal
    distances, and spacing tells speed.

    Parameters
    ----------
    points : Points
        Samples with nearly equal distances between the points of a stroke.

    Returns
    -------
    Points
        The same strokes with new points. First and last points of strokes and corners keep their place.

    Notes
    -----
    F. Lacquaniti, C. Terzuolo, P. Viviani, "The law relating the kinematic and figural aspects of
    drawing movements", Acta Psychologica 54 (1983).

    Examples
    --------
    >>> line = np.c_[np.linspace(0, 3, 19), np.zeros(19)].astype(np.float32)
    >>> up = np.arange(19) == 18
    >>> resample(Points(line, up, np.array([0, 19]))).xy[:, 0].round(2).tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    """
    xy, up = points.xy, points.pen_up
    count = len(xy)
    turn, mass = _turns_and_times(xy, up)
    time = np.concatenate([[0.0], np.cumsum(mass, dtype=np.float64)])
    ends = np.flatnonzero(up | (turn > CORNER_RAD))
    opens = np.concatenate([[True], up[ends[:-1]]])  # the piece begins a stroke
    starts = np.concatenate([[0], ends[:-1]]) + (opens & (np.arange(len(ends)) > 0))
    total = time[ends] - time[starts]
    parts = np.where(ends > starts, np.maximum(1, np.round(total)), 0).astype(np.int64)
    numbers = parts + opens  # a piece behind a corner has its first point already
    piece = np.repeat(np.arange(len(ends)), numbers)
    closing = np.cumsum(numbers) - 1
    place = np.arange(len(piece)) - (closing - numbers + 1)[piece] + ~opens[piece]
    wanted = time[starts[piece]] + total[piece] * place / np.maximum(parts[piece], 1)
    rising = time + np.arange(count) * 1e-9  # times stand still between strokes
    index = np.clip(np.interp(wanted, rising, np.arange(count)), starts[piece], ends[piece])
    low = np.minimum(index.astype(np.int64), count - 2)
    share = (index - low)[:, None]
    new_up = np.zeros(len(piece), np.bool_)
    new_up[closing] = up[ends]
    where = np.full(count, -1)
    where[ends] = closing
    offsets = np.concatenate([[0], where[points.offsets[1:] - 1] + 1])
    return Points((xy[low] * (1 - share) + xy[low + 1] * share).astype(np.float32), new_up, offsets)


def _turns_and_times(
    xy: NDArray[np.float32], up: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the turn at each point in rad, and the time from each point to the next."""
    step = np.diff(xy, axis=0)
    inside = ~up[:-1]
    length = np.hypot(step[:, 0], step[:, 1])
    direction = np.arctan2(step[:, 1], step[:, 0])
    change = np.abs((np.diff(direction) + np.pi) % (2 * np.pi) - np.pi)
    turn = np.zeros(len(xy))
    turn[1:-1] = np.where(inside[1:] & inside[:-1], change, 0)
    bend = np.zeros(len(xy))
    bend[1:-1] = turn[1:-1] / np.maximum((length[1:] + length[:-1]) / 2, 0.05)
    bend = np.minimum((bend[1:] + bend[:-1]) / 2, 12)
    return turn, np.where(inside, length * POINTS * np.cbrt(bend + FLATNESS), 0)
