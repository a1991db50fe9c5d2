"""Nib: how wide and dark a pen's line is where the hand is fast or slow, and its way between two points."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PenKind = Literal["ballpoint", "felt", "pencil"]

USUAL_SPEED: Final = 0.35
"""x-heights between two points at which a pen's line is about as wide as it says."""
NATURE: Final[dict[PenKind, tuple[float, float, float]]] = {
    "ballpoint": (0.9, 0.96, 0.30),
    "felt": (0.35, 1.0, 0.06),
    "pencil": (0.6, 0.80, 0.45),
}
"""How a pen's width answers to pressure, its darkness at rest, and what a fast hand takes off that."""
PIECE_PX: Final = 2.0
"""Length of the straight pieces of a curved line, about; longer in fast strokes, which bend little."""


def press(xy: Floats, kind: PenKind, pressure: float) -> tuple[Floats, Floats]:
    """Return how much wider than usual a line is at each point, as a factor, and how dark.

    A slow hand presses, a fast one glides.

    Parameters
    ----------
    xy
        Points in x-heights at equal times, shape (N, 2), rows of NaN between strokes.
    kind
        The pen.
    pressure
        How much the hand's speed shows, 0 to 1.

    Examples
    --------
    >>> slow_then_fast = np.array([[0.0, 0], [0.1, 0], [0.2, 0], [1.2, 0], [2.4, 0]])
    >>> width, dark = press(slow_then_fast, "ballpoint", 1.0)
    >>> bool(width[0] > width[-1]), bool(dark[0] > dark[-1])
    (True, True)
    """
    answer, rest, loss = NATURE[kind]
    steps = np.hypot(*np.diff(xy, axis=0).T) if len(xy) > 1 else np.zeros(0)
    around = np.stack([np.append(np.nan, steps), np.append(steps, np.nan)])
    speed = np.fmin(around[0], around[1])  # the ends of a stroke are as slow as their one step
    speed = np.where(np.isnan(speed), 0.0, speed)
    haste = _smoothed(speed / (speed + USUAL_SPEED), np.isnan(xy[:, 0]))
    widths = 1.0 + answer * pressure * (0.45 - haste)
    return np.maximum(widths, 0.35), np.clip(rest - loss * pressure * haste, 0.1, 1.0)


def _smoothed(values: Floats, gaps: NDArray[np.bool_]) -> Floats:
    """Return the values, each the mean of itself and its neighbours in the stroke, twice over."""
    for _ in range(2):
        before, after = np.append(values[:1], values[:-1]), np.append(values[1:], values[-1:])
        before = np.where(np.append(True, gaps[:-1]), values, before)
        after = np.where(np.append(gaps[1:], True), values, after)
        values = (before + 2 * values + after) / 4
    return values


def curve(points: Floats, *along: Floats) -> tuple[Floats, ...]:
    """Return a smooth line through points, and what goes with them along it.

    Parameters
    ----------
    points
        Shape (N, 2), px; a row of NaN between two strokes.
    *along
        Values at each point, shape (N,); they change evenly from point to point.

    Returns
    -------
    tuple
        Points of the line, shape (M, 2), close enough to be joined straight, NaN between strokes; and
        each of ``along``, shape (M,).

    Examples
    --------
    >>> line, width = curve(np.array([[0.0, 0], [3, 0], [6, 0]]), np.array([1.0, 2, 3]))
    >>> line[:, 0].tolist(), width.tolist()
    ([0.0, 1.5, 3.0, 4.5, 6.0], [1.0, 1.5, 2.0, 2.5, 3.0])
    """
    if len(points) < 2:
        return (points, *along)
    start, end = points[:-1], points[1:]
    # Beyond its ends a stroke goes on as it came (Catmull-Rom).
    before = np.concatenate([points[:1] * np.nan, points[:-2]])
    after = np.concatenate([points[2:], points[:1] * np.nan])
    before = np.where(np.isnan(before), 2 * start - end, before)
    after = np.where(np.isnan(after), 2 * end - start, after)
    steps = np.hypot(*(end - start).T)
    steps = steps[~np.isnan(steps)]
    usual = np.percentile(steps, 60) if len(steps) else 0.0  # dots alone have no steps
    pieces = int(np.clip(np.ceil(usual / PIECE_PX), 1, 32))
    t = (np.arange(pieces) / pieces)[None, :, None]
    a, b, c, d = (part[:, None] for part in (before, start, end, after))
    joined = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    joined[:, 0] = start  # a stroke's last point has no next one
    line = np.concatenate([joined.reshape(-1, 2), points[-1:]])
    share = t[:, :, 0]
    spread = [np.append(v[:-1, None] + share * (v[1:, None] - v[:-1, None]), v[-1]) for v in along]
    kept = ~np.isnan(line[:, 0])
    kept[np.arange(len(points)) * pieces] = True  # one row of NaN is enough between two strokes
    return tuple(part[kept] for part in (line, *spread))
