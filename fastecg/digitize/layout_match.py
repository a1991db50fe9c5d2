"""Which lead stands where: rows and read names matched with the layout library, or taken by themselves."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.rows import Row
from fastecg.digitize.words import LEADS, Word
from fastecg.layout import Layout, Slot, arrange
from fastecg.leads import STANDARD_12
from fastecg.presets import load_preset, preset_names

Floats = NDArray[np.floating[Any]]

ABOVE_MM: Final = 15.0
BELOW_MM: Final = 11.0
LEVEL_MM: Final = 2.2
"""How far names may stand from where the others stand relative to their rows."""
STROKE: Final = "I"
"""A name that any upright stroke may be taken for."""
SURE_STRIP: Final = 0.7
FREE_SHARE: Final = 0.6
USUAL: Final = {"3x4+1": 0.4, "3x4": 0.3, "6x2": 0.2, "6x2+1": 0.15, "12x1": 0.2, "3x4+3": 0.15}
"""What pages look like where nothing on them says it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A lead's part of a row, in mm on paper.

    Parameters
    ----------
    lead
        Its name; ``-aVR`` is aVR inverted.
    kind
        ``lead``, or ``rhythm`` for a strip of the whole width below them.
    row
        Counted from the top.
    x0_mm, x1_mm
        Where it begins and ends.
    baseline_mm
        Where 0 mV is.
    gain_mm_mv, speed_mm_s
        Its scales.
    start_s
        Time on the page where it begins.
    sureness
        0 to 1: how surely it is this lead.
    """

    lead: str
    kind: Literal["lead", "rhythm"]
    row: int
    x0_mm: float
    x1_mm: float
    baseline_mm: float
    gain_mm_mv: float
    speed_mm_s: float
    start_s: float = 0.0
    sureness: float = 1.0


@dataclass(frozen=True, slots=True)
class Match:
    """A layout that fits: slots with the rows' numbers, columns' places, and how well names agree.

    Parameters
    ----------
    name
        The layout's name; ``names`` where none of the library fits and the names alone speak.
    simultaneous
        Whether all columns begin together.
    slots
        Row numbers are those of the rows found.
    columns_mm
        Shape (columns + 1,): where columns begin, and the end.
    score
        Sum of what speaks for it less what speaks against it.
    read
        How many slots have their name read.
    level_mm
        How far names stand below their baselines.
    """

    name: str
    simultaneous: bool
    slots: tuple[Slot, ...]
    columns_mm: tuple[float, ...]
    score: float
    read: int
    level_mm: float


@lru_cache(maxsize=1)
def library() -> tuple[tuple[str, Layout, tuple[Slot, ...]], ...]:
    """Return the layouts of the library with the slots that 12 leads take in them."""
    found = []
    for name in preset_names("layouts"):
        layout = Layout(**{"name": name, **load_preset("layouts", name)})
        leads: tuple[str, ...] = STANDARD_12
        if layout.order == "all":
            leads = (*STANDARD_12, "V3R", "V4R", "V7")
        found.append((name, layout, arrange(layout, leads)))
    return tuple(found)


def extent_of(rows: list[Row]) -> tuple[float, float]:
    """Return where traces begin and end: calibration pulses left out."""
    lefts, rights = [row.left for row in rows], [row.right for row in rows]
    return float(np.percentile(lefts, 30)), float(np.percentile(rights, 70))


def match_layout(rows: list[Row], words: list[Word]) -> Match | None:
    """Return the arrangement of leads that names and rows speak for; None where there are no rows.

    Parameters
    ----------
    rows
        Rows of traces, from top to bottom.
    words
        Words read on the same page.
    """
    if not rows:
        return None
    names = [word for word in words if word.text in LEADS]
    left, right = extent_of(rows)
    best: Match | None = None
    for name, layout, slots in library():
        found = _best_fit(name, layout.timing == "simultaneous", slots, rows, names, (left, right))
        if found is not None and (best is None or found.score > best.score):
            best = found
    free = _free_order(rows, names, (left, right))
    if free is not None and (best is None or free.score > best.score + 1.0):
        best = free
    alone = _names_alone(rows, names, (left, right))
    if alone is not None and (best is None or alone.score > best.score + 0.5):
        return alone
    return None if best is None else _strips_as_named(best, rows, names)


def _strips_as_named(match: Match, rows: list[Row], names: list[Word]) -> Match:
    """Return a match whose rhythm strips show the leads that stand there: any lead may be one."""
    edges = np.array(match.columns_mm)
    slots = []
    for slot in match.slots:
        beside = _beside(rows[slot.row], names, match.level_mm)
        near = _names_of(slot, beside, edges) if slot.kind == "rhythm" else []
        word = max(near, key=lambda word: word.sureness, default=None)
        if word is not None and word.sureness > SURE_STRIP and word.text != STROKE:
            slots.append(replace(slot, lead=word.text))
        else:
            slots.append(slot)
    return replace(match, slots=tuple(slots))


def _free_order(rows: list[Row], names: list[Word], extent: tuple[float, float]) -> Match | None:
    """Return the 12 leads in whatever order their names say, each in one cell of a page of equal columns."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - 0.2 s to import

    best: Match | None = None
    for columns, strips in itertools.product((1, 2, 3, 4, 6), range(4)):
        if (len(rows) - strips) * columns != len(STANDARD_12):
            continue
        edges = np.linspace(*extent, columns + 1)
        cells = [Slot("", "lead", k, j) for j in range(columns) for k in range(len(rows) - strips)]
        for level in _levels(rows, names):
            beside = [_beside(row, names, level) for row in rows]
            near = [_names_of(cell, beside[cell.row], edges) for cell in cells]
            chances = np.array(
                [[max((w.chance(lead) for w in mine), default=0.0) for lead in STANDARD_12] for mine in near]
            )
            at, leads = linear_sum_assignment(-chances)
            won = chances[at, leads]
            read = int(np.count_nonzero(won > 0.3))
            if read < FREE_SHARE * len(cells) or (best is not None and won.sum() <= best.score):
                continue
            slots = [replace(cells[i], lead=STANDARD_12[k]) for i, k in zip(at, leads, strict=True)]
            slots += [Slot("II", "rhythm", len(rows) - strips + k, 0) for k in range(strips)]
            best = Match("free", False, tuple(slots), tuple(edges), float(won.sum()), read, level)
    return best


def _best_fit(
    name: str,
    simultaneous: bool,
    slots: tuple[Slot, ...],
    rows: list[Row],
    names: list[Word],
    extent: tuple[float, float],
) -> Match | None:
    """Lay a layout over the rows, wherever it fits, and keep the best place."""
    wanted = max(slot.row for slot in slots) + 1
    columns = max(slot.column for slot in slots) + 1
    found = len(rows)
    best: Match | None = None
    levels = _levels(rows, names)
    for first in range(-max(wanted - found, 0), max(found - wanted, 0) + 1):
        placed = tuple(replace(slot, row=slot.row + first) for slot in slots if 0 <= slot.row + first < found)
        if not placed:
            continue
        missing = 1.1 * max(wanted - found, 0) + 0.5 * max(found - wanted, 0)
        edges = np.linspace(*extent, columns + 1)
        for level in levels:
            score, read = _evidence(placed, rows, names, edges, level)
            total = score - missing + USUAL.get(name, 0.0) - 0.05 * len(placed) * (read == 0)
            if best is None or total > best.score:
                best = Match(name, simultaneous, placed, tuple(edges), total, read, level)
    return best


def _levels(rows: list[Row], names: list[Word]) -> list[float]:
    """Return the commonest heights of names over their baselines, and one that is usual."""
    offsets, votes = [], []
    for word in names:
        for row in rows:
            off = word.middle[1] - row.baseline
            if -ABOVE_MM < off < BELOW_MM:
                offsets.append(off)
                votes.append(word.sureness * (0.1 if word.text == STROKE else 1.0))
    if not offsets:
        return [-8.0]
    at = np.arange(-ABOVE_MM, BELOW_MM, 0.5)
    heights = np.exp(-0.5 * ((at[:, None] - np.array(offsets)) / 1.2) ** 2) @ np.array(votes)
    peaks = [i for i in range(1, len(at) - 1) if heights[i] >= heights[i - 1] and heights[i] > heights[i + 1]]
    peaks.sort(key=lambda i: -heights[i])
    return [float(at[i]) for i in peaks[:6]] or [float(at[heights.argmax()])]


def _beside(row: Row, names: list[Word], level: float) -> list[Word]:
    """Return the names that stand at a height over a row's baseline."""
    return [word for word in names if abs(word.middle[1] - row.baseline - level) < LEVEL_MM]


def _evidence(
    slots: tuple[Slot, ...], rows: list[Row], names: list[Word], edges: Floats, level: float
) -> tuple[float, int]:
    """Return how far names agree with slots, and how many slots have their name."""
    total, read = 0.0, 0
    beside = {row: _beside(rows[row], names, level) for row in {slot.row for slot in slots}}
    for slot in slots:
        near = _names_of(slot, beside[slot.row], edges)
        right = max((w.chance(slot.lead) for w in near), default=0.0)
        wrong = max(
            (w.sureness * (0.3 if w.text == STROKE else 1.0) for w in near if w.text != slot.lead),
            default=0.0,
        )
        total += right - 0.5 * max(wrong - right, 0.0)
        read += right > 0.3
    return total, read


def _names_of(slot: Slot, beside: list[Word], edges: Floats) -> list[Word]:
    """Return the words where a slot's name should stand, of those at its row's height."""
    column = min(slot.column, len(edges) - 2)
    x0, width = edges[column], edges[column + 1] - edges[column]
    before = 22.0 if column == 0 else min(6.0, 0.12 * width)
    after = min(max(0.3 * width, 12.0), 24.0)
    return [word for word in beside if x0 - before < word.x0 < x0 + after]


def _names_alone(rows: list[Row], names: list[Word], extent: tuple[float, float]) -> Match | None:
    """Return what the names say by themselves, where every row has one that is sure."""
    best: Match | None = None
    sure = [word for word in names if word.sureness > 0.5]
    for level in _levels(rows, sure):
        slots: list[Slot] = []
        starts: list[list[float]] = []
        score = 0.0
        for k, row in enumerate(rows):
            mine = [w for w in sure if abs(w.middle[1] - row.baseline - level) < LEVEL_MM]
            mine = [w for w in mine if extent[0] - 22 < w.x0 < extent[1] - 12]
            mine.sort(key=lambda w: w.x0)
            mine = [a for a, b in itertools.zip_longest(mine, mine[1:]) if b is None or b.x0 - a.x0 > 15]
            starts.append([w.x0 for w in mine])
            for j, word in enumerate(mine):
                kind: Literal["lead", "rhythm"] = "lead"
                slots.append(Slot(word.text, kind, k, j))
                score += word.sureness - 0.15
        distinct = len({slot.lead for slot in slots})
        if (
            distinct < len(slots) - 2
            or distinct < min(3, len(rows))
            or sum(map(bool, starts)) < 0.7 * len(rows)
        ):
            continue
        columns = max(len(s) for s in starts)
        full = [s for s in starts if len(s) == columns]
        edges = np.linspace(*extent, columns + 1)
        if columns > 1 and full:
            begins = np.median(np.array(full), axis=0)
            edges[1:-1] = begins[1:] - 1.0
        # a row with one name has it for the whole width
        kinds = tuple(
            replace(s, kind="rhythm")
            if columns > 1 and len(starts[s.row]) == 1 and starts[s.row][0] < edges[1] - 5
            else s
            for s in slots
        )
        kinds = tuple(
            s if s.kind == "rhythm" else replace(s, column=_column(starts[s.row][s.column], edges))
            for s in kinds
        )
        if best is None or score > best.score:
            best = Match("names", False, kinds, tuple(edges), score, len(slots), level)
    return best


def _column(x: float, edges: Floats) -> int:
    return int(np.clip(np.searchsorted(edges - 6.0, x) - 1, 0, len(edges) - 2))
