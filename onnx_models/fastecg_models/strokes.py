"""Written words as points of a pen, and small changes that make one word look written twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

WAVES: Final = 4  # of a tremor, each with a rate of its own
RATES: Final = (0.25, 1.2)  # radians a point: waves of 25 to 5 points, half a letter and more


@dataclass(frozen=True, slots=True)
class Strokes:
    """A written word."""

    xy: NDArray[np.float32]
    """Shape (n, 2): points in x-heights from the left end of the baseline, y down, at equal times."""
    pen_up: NDArray[np.bool_]
    """Shape (n,): the last point of each stroke; a stroke of one point is a dot."""
    finished: bool
    """Whether the pen ended the word by itself, not by the limit of steps."""


def vary(
    strokes: Strokes,
    rng: np.random.Generator,
    *,
    slant_deg: float = 4.0,
    stretch: float = 0.06,
    size: float = 0.05,
    tremor: float = 0.03,
) -> Strokes:
    """Write a word again, a little differently.

    Parameters
    ----------
    strokes : Strokes
        The word; it stays as it is.
    rng : numpy.random.Generator
        Draws by how much; it gives the same numbers whatever the word and the limits.
    slant_deg : float
        The word is slanted by at most so many degrees to either side, 0 to 45; its baseline stays.
    stretch : float
        It becomes wider or narrower by at most this share, 0 to 0.9.
    size : float
        It becomes larger or smaller by at most this share, 0 to 0.9.
    tremor : float
        Points leave their places, smoothly along the pen's way, by at most so many x-heights.

    Returns
    -------
    Strokes
        The same strokes at other places. With all limits 0 the places are equal too.

    Examples
    --------
    >>> line = Strokes(np.array([[0, 0], [1, -1]], np.float32), np.array([False, True]), True)
    >>> again = vary(line, np.random.default_rng(1), tremor=0)
    >>> again.xy[0].tolist(), bool(abs(again.xy[1] - line.xy[1]).max() < 0.2)
    ([0.0, 0.0], True)
    """
    slanting, stretching, sizing, *waves = rng.random(3 + 5 * WAVES) * 2 - 1
    scale = 1 + size * sizing
    slant = np.tan(np.radians(slant_deg * slanting))
    change = np.array([[scale * (1 + stretch * stretching), 0], [-scale * slant, scale]], np.float32)
    xy = strokes.xy @ change
    if tremor > 0:
        rates, phases, shares = np.split(np.array(waves), [WAVES, 3 * WAVES])
        rates = RATES[0] + (RATES[1] - RATES[0]) * (rates + 1) / 2
        angles = np.arange(len(xy))[:, None, None] * rates[:, None] + np.pi * phases.reshape(WAVES, 2)
        xy += np.float32(tremor / WAVES) * (np.sin(angles) * shares.reshape(WAVES, 2)).sum(axis=1)
    return Strokes(xy.astype(np.float32, copy=False), strokes.pen_up, strokes.finished)
