"""Places for lead names where no trace runs through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.stages.fonts import Fonts
from fastecg.texts import Text

Points = NDArray[np.float64]
Spans = NDArray[np.float64]

CLEARANCE_MM: Final = 0.3
STEP_MM: Final = 0.5
FARTHEST_DOWN_MM, FARTHEST_RIGHT_MM = 20.0, 14.0
ASIDE_COST: Final = 1.5
"""How much rather a name moves up or down than to the right."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What names have to keep clear of, and the area they have to stay in, page px.

    Parameters
    ----------
    lines
        Traces, pulses and ticks: shape (N, 2), x never falling, NaN at gaps.
    half_widths
        Half of each line's width.
    area
        (left, top, right, bottom).
    px_per_mm
        Scale of the page.
    """

    lines: Sequence[Points]
    half_widths: Sequence[float]
    area: tuple[float, float, float, float]
    px_per_mm: float


def clear_names(names: Sequence[Text | None], around: Surroundings, fonts: Fonts) -> list[Text | None]:
    """Return the names, those that meet a line moved to the nearest place where they do not.

    A name goes up or down, or further to the right; one for which there is no such place near the
    start of its trace stays where the least ink is.

    Parameters
    ----------
    names
        Lead names as they would stand; None where a trace has none.
    around
        The lines.
    fonts
        Measures the names.
    """
    placed: list[Text | None] = []
    taken: list[tuple[float, float, float, float]] = []
    for name in names:
        moved = name
        if name is not None:
            line = fonts.line(name.font, name.text, name.size)
            if line.mask.size:
                height, width = line.mask.shape
                left, top = round(name.x) + line.left, round(name.y) + line.top
                dx, dy = _nearest_place((left, top, left + width, top + height), around, taken)
                moved = replace(name, x=name.x + dx, y=name.y + dy)
                taken.append((left + dx, top + dy, left + width + dx, top + height + dy))
        placed.append(moved)
    return placed


def _nearest_place(
    box: tuple[float, float, float, float],
    around: Surroundings,
    taken: Sequence[tuple[float, float, float, float]],
) -> tuple[int, int]:
    """Return by how many pixels a box has to move to stand clear: right and down."""
    scale = around.px_per_mm
    gap = CLEARANCE_MM * scale + 1  # a pixel for what anti-aliasing spreads
    downs = np.unique(np.rint(np.arange(-FARTHEST_DOWN_MM, FARTHEST_DOWN_MM + 0.1, STEP_MM) * scale))
    rights = np.unique(np.rint(np.arange(0, FARTHEST_RIGHT_MM + 0.1, 4 * STEP_MM) * scale))
    _, top, right, bottom = around.area
    downs = downs[(box[1] + downs >= top) & (box[3] + downs <= bottom) | (downs == 0)]
    rights = rights[(box[2] + rights <= right) | (rights == 0)]
    best, place = (np.inf, np.inf), (0, 0)
    for dx in (0.0, *rights[1:]):
        if best[0] == 0 and ASIDE_COST * dx >= best[1]:
            break
        spans = _occupied(box[0] + dx - gap, box[2] + dx + gap, around, taken)
        if not dx and not ((spans[:, 1] > box[1] - gap) & (spans[:, 0] < box[3] + gap)).any():
            return place  # as most names do, it stands clear already
        lows, highs = box[1] + downs[:, None] - gap, box[3] + downs[:, None] + gap
        met = ((spans[:, 1] > lows) & (spans[:, 0] < highs)).sum(axis=1)
        costs = np.abs(downs) + ASIDE_COST * dx
        k = int(np.lexsort((costs, met))[0])
        if (met[k], costs[k]) < best:
            best, place = (float(met[k]), float(costs[k])), (int(dx), int(downs[k]))
    return place


def _occupied(
    left: float, right: float, around: Surroundings, taken: Sequence[tuple[float, float, float, float]]
) -> Spans:
    """Return the vertical extents (top, bottom) of everything between two x, shape (N, 2)."""
    found = [np.array([(y0, y1) for x0, y0, x1, y1 in taken if x1 > left and x0 < right]).reshape(-1, 2)]
    for points, half in zip(around.lines, around.half_widths, strict=True):
        x = points[:, 0]
        if not len(x) or x[-1] < left - half or x[0] > right + half:
            continue
        first = max(int(np.searchsorted(x, left - half)) - 1, 0)
        last = min(int(np.searchsorted(x, right + half, "right")) + 1, len(x))
        y = points[first:last, 1]
        if len(y) == 1:
            y = np.repeat(y, 2)
        if len(y) > 1:
            # A line between two samples lies between their heights.
            spans = np.column_stack([np.fmin(y[:-1], y[1:]) - half, np.fmax(y[:-1], y[1:]) + half])
            found.append(spans[~np.isnan(spans[:, 0])])
    return np.concatenate(found)
