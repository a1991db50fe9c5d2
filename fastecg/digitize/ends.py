"""The ends of a lead: separators, names and neighbours that a reading climbs there, left out."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

ZONE_MM: Final = 2.0
"""Print stands this near to where a lead begins or ends."""
JUMP_MM: Final = 1.2
LEVEL_MM: Final = 0.25
FEWEST: Final = 3
"""Print and separators are read as so many columns or more with steps no higher than this; waves are not."""
SLOPE: Final = 3.0
"""Heights this far apart, and so many mm more per mm between them, still belong to one line."""


def follow_ends(x_mm: Floats, height_mm: Floats, weight: Floats, ends_mm: tuple[float, float]) -> Floats:
    """Return the weights of columns with those near both ends at 0 that no line leads to from inside.

    Parameters
    ----------
    x_mm
        Shape (columns,), rising.
    height_mm
        Shape (columns,), NaN where unknown.
    weight
        Shape (columns,), 0 or more.
    ends_mm
        Where the lead begins and ends.

    Waves that begin or end a lead are kept: their columns rise and fall, those of print stay.

    Examples
    --------
    >>> x, height = np.arange(0.0, 10, 0.1), np.zeros(100)
    >>> height[3:7] = 4.0  # a separator
    >>> np.flatnonzero(follow_ends(x, height, np.ones(100), (0.0, 10.0)) == 0).tolist()
    [3, 4, 5, 6]
    """
    kept = weight.copy()
    first, last = ends_mm
    if last - first < 3 * ZONE_MM:
        return kept
    known = np.isfinite(height_mm) & (weight > 0)
    zones = (
        np.flatnonzero(known & (x_mm < first + ZONE_MM))[::-1],
        np.flatnonzero(known & (x_mm > last - ZONE_MM)),
    )
    inside = (
        np.flatnonzero(known & (x_mm >= first + ZONE_MM))[:1],
        np.flatnonzero(known & (x_mm <= last - ZONE_MM))[-1:],
    )
    for zone, start in zip(zones, inside, strict=True):
        if not len(start):
            continue
        for run in _left_runs(x_mm, height_mm, zone, int(start[0])):
            if len(run) >= FEWEST and np.median(np.abs(np.diff(height_mm[run]))) < LEVEL_MM:
                kept[run] = 0.0
    return kept


def _left_runs(x_mm: Floats, height_mm: Floats, zone: NDArray[np.intp], at: int) -> list[list[int]]:
    """Return the stretches of columns that no line leads to, walking from a column outwards."""
    runs: list[list[int]] = [[]]
    for k in zone.tolist():
        if abs(height_mm[k] - height_mm[at]) < JUMP_MM + SLOPE * abs(x_mm[k] - x_mm[at]):
            at = k
            runs.append([])
        else:
            runs[-1].append(k)
    return [run for run in runs if run]
