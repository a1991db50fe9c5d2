"""Layouts: every one of the library is known again by its rows and names."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg.digitize.layout_match import library, match_layout
from fastecg.digitize.rows import Row
from fastecg.digitize.words import Word, read_scales

NAMES = [name for name, _, _ in library()]


def page_of(name: str, miss: float = 0.0, seed: int = 0) -> tuple[list[Row], list[Word]]:
    """Rows and words as a page of a layout would show them; some of the names are not read."""
    slots = next(slots for key, _, slots in library() if key == name)
    rows = max(s.row for s in slots) + 1
    columns = max(s.column for s in slots) + 1
    rng = np.random.default_rng(seed)
    pitch = 180 / rows
    found = [Row(40 + pitch * k, 20, 270, 0.6) for k in range(rows)]
    words = []
    for slot in slots:
        if rng.random() < miss:
            continue
        x, y = 21 + slot.column * 250 / columns + rng.normal(0, 0.3), 40 + pitch * slot.row - 7
        words.append(Word(slot.lead, x, y - 1.2, x + 5, y + 1.2, 0.9))
    return found, words


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("miss", [0.0, 0.3])
def test_every_layout_is_known_again(name: str, miss: float) -> None:
    rows, words = page_of(name, miss)
    found = match_layout(rows, words)
    assert found is not None
    truth = next(slots for key, _, slots in library() if key == name)
    assert {(s.lead, s.row, s.column) for s in found.slots} == {(s.lead, s.row, s.column) for s in truth}


def test_names_alone_speak_for_an_unknown_layout() -> None:
    rows = [Row(40, 20, 270, 0.6), Row(80, 20, 270, 0.6)]
    leads = (("V1", "V3"), ("V2", "aVF"))
    words = [
        Word(lead, 21 + 125 * j, 31 + 40 * k, 26 + 125 * j, 33 + 40 * k, 0.9)
        for k, row in enumerate(leads)
        for j, lead in enumerate(row)
    ]
    found = match_layout(rows, words)
    assert found is not None
    assert found.name == "names"
    assert [s.lead for s in found.slots] == ["V1", "V3", "V2", "aVF"]


def test_any_order_of_twelve_leads_is_told_by_their_names() -> None:
    order = ("V4", "V1", "aVR", "I", "V5", "V2", "aVL", "II", "V6", "V3", "aVF", "III")
    rows = [Row(30 + 14 * k, 20, 270, 0.6) for k in range(13)]
    words = [
        Word(lead, 20, 34 + 14 * k, 25, 37 + 14 * k, 0.9)
        for k, lead in enumerate((*order, "V1"))
        if lead not in {"II", "aVF"}
    ]
    found = match_layout(rows, words)
    assert found is not None
    leads = {slot.row: slot.lead for slot in found.slots}
    assert [leads[k] for k in range(13) if k not in {7, 10}] == [
        *(lead for lead in order if lead not in {"II", "aVF"}),
        "V1",
    ]
    assert {leads[7], leads[10]} == {"II", "aVF"}


def test_a_strip_shows_the_lead_that_is_named_there() -> None:
    rows, words = page_of("3x4+1")
    words = [w for w in words if w.y0 < 150 or w.text != "II"]
    words.append(Word("V1", 21, 166.8, 26, 169.2, 0.9))
    found = match_layout(rows, words)
    assert found is not None
    assert [slot.lead for slot in found.slots if slot.kind == "rhythm"] == ["V1"]


def test_no_rows_no_layout() -> None:
    assert match_layout([], []) is None


def test_numbers_count_only_before_their_units() -> None:
    words = [
        Word("50", 0, 0, 4, 3, 0.9),
        Word("mm/s", 5, 0, 12, 3, 0.9),
        Word("10", 40, 0, 44, 3, 0.9),
        Word("5", 20, 0, 22, 3, 0.8),
        Word("mm/mV", 23, 0, 31, 3, 0.7),
    ]
    assert read_scales(words) == {"speed_mm_s": (50.0, 0.9), "gain_mm_mv": (5.0, 0.7)}
