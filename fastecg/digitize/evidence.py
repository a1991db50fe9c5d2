"""What speaks for an image being a page of an ECG: names where they belong, and leads that agree.

Lines on squared paper are no ECG yet: charts, tables and ruled text have rows too. Names that stand where a
layout has them tell, and so does Einthoven's law, which other curves do not keep. What has neither is
refused: whatever was read from it would be made up.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.flat import Flat
from fastecg.digitize.layout_match import Match, match_layout
from fastecg.digitize.page_reading import Understood
from fastecg.digitize.rows import find_rows, lines_of_ink
from fastecg.digitize.words import read_words
from fastecg.errors import DigitizeError
from fastecg.record import Record

Floats = NDArray[np.floating[Any]]

ENOUGH: Final = {"names": 0.55}
ENOUGH_IN_LAYOUT: Final = 0.3
"""What names have to say per lead, from 0 to 1; more where they stand in no layout: any words do that."""
STROKES: Final = {"I", "II", "III"}
AGAINST: Final = -0.08
"""Names that say so little contradict the layout."""
TOGETHER: Final = 0.75
"""What names and limb leads have to say together where names say less than enough."""
TRACES: Final = 0.4
"""Rows of traces are at least so full of ink; text is looked at in no mirror."""
LEAST_CONFIDENCE: Final = 0.25
TRIPLES: Final = (("I", "II", "III", (1.0, -1.0, 1.0)), ("aVR", "aVL", "aVF", (1.0, 1.0, 1.0)))
"""Leads whose sum, so signed, is nothing: Einthoven's and Goldberger's."""


def names_say(match: Match) -> float:
    """Return how far the names of a page speak for its layout, per lead: at most 1, below 0 against it."""
    return match.score / max(len(match.slots), 1)


def enough(match: Match) -> bool:
    """Return whether the names of a page need no other witness.

    Where they stand in no layout they have to be different ones, and more than strokes, which are read
    everywhere and in mirrors too.
    """
    if match.name == "names":
        leads = [slot.lead for slot in match.slots if slot.kind == "lead"]
        if len(set(leads)) < len(leads) or set(leads) <= STROKES:
            return False
    return names_say(match) >= ENOUGH.get(match.name, ENOUGH_IN_LAYOUT)


def limb_leads_say(record: Record) -> float:
    """Return how far limb leads that are read at the same time agree, 0 to 1; 0 where none are.

    Parameters
    ----------
    record
        Leads in mV, NaN where not read.

    Examples
    --------
    >>> a, b = np.random.default_rng(0).standard_normal((2, 500))
    >>> round(limb_leads_say(Record.from_array([a, a + b, b], ["I", "II", "III"], 500)), 3)
    1.0
    >>> limb_leads_say(Record.from_array([a, b, a * b], ["I", "II", "III"], 500))
    0.0
    """
    left_over = of = 0.0
    for *names, signs in TRIPLES:
        if not set(names) <= set(record.leads):
            continue
        signals = np.stack([record.lead(str(name)).astype(np.float64) for name in names])
        known = np.isfinite(signals).all(axis=0)
        if np.count_nonzero(known) < 0.5 * record.sampling_rate_hz:
            continue
        left_over += float((np.array(signs) @ signals[:, known]).var())
        of += float(signals[:, known].var(axis=1).mean())
    return max(1 - left_over / of, 0.0) if of > 1e-6 else 0.0


def check_before(found: Understood | None, *, has_grid: bool) -> Understood:
    """Refuse what cannot be a page of an ECG, before its traces are read.

    Parameters
    ----------
    found
        What :func:`fastecg.digitize.page_reading.understand` found.
    has_grid
        Whether there is a grid.

    Raises
    ------
    DigitizeError
        If there are no rows of traces, nothing like names, or names only in the mirror.
    """
    if found is None or not _has_rows(found, has_grid=has_grid):
        raise DigitizeError("no ECG traces are found on the image", "a page with traces", "check the picture")
    full = float(np.mean([row.strength for row in found.rows]))
    if not enough(found.match) and full > TRACES and is_mirrored(found.page):
        raise DigitizeError("the image is mirrored", "a page as it is read", "mirror the picture")
    if names_say(found.match) < AGAINST:
        raise _no_names(found.match)
    return found


def check_after(found: Understood, record: Record, confidence: Floats) -> None:
    """Refuse what was read where neither names nor limb leads say that it is an ECG.

    Raises
    ------
    DigitizeError
        If that is so, or hardly anything could be read.
    """
    read = confidence[confidence > 0]
    if not read.size or float(read.mean()) < LEAST_CONFIDENCE:
        raise DigitizeError("what is on the image cannot be read as traces", "traces of ink on paper")
    if not enough(found.match) and names_say(found.match) + limb_leads_say(record) < TOGETHER:
        raise _no_names(found.match)


def _no_names(match: Match) -> DigitizeError:
    return DigitizeError(
        f"lines are found, but too few lead names that fit them ({match.read} of {len(match.slots)})",
        "a page of an ECG with its lead names",
        "check the picture, or take a sharper one",
    )


def _has_rows(found: Understood, *, has_grid: bool) -> bool:
    """Return whether rows are as full of ink as traces make them."""
    full = float(np.mean([row.strength for row in found.rows]))
    if has_grid:
        return full > 0.12 and (found.match.read > 0 or full > 0.3)
    return full > 0.12 and found.match.read > 1


def is_mirrored(flat: Flat) -> bool:
    """Return whether a page's names can be read in the mirror, either way up.

    Parameters
    ----------
    flat
        The page, its rows lying.
    """
    for ink in (flat.ink[:, ::-1], flat.ink[::-1]):
        page = np.ascontiguousarray(ink)
        rows = find_rows(lines_of_ink(page))
        match = match_layout(rows, read_words(page))
        if match is not None and enough(match):
            return True
    return False
