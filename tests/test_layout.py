"""Layouts: where each lead stands, compared with pages written by hand and, by Hypothesis, with counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.errors import RecipeError
from fastecg.layout import CABRERA_12, Layout, Slot, arrange
from fastecg.leads import STANDARD_12
from fastecg.presets import load_preset, preset_names

FIFTEEN = (*STANDARD_12, "Vx", "Vy", "Vz")
LAYOUTS = preset_names("layouts")

THREE_BY_FOUR = ["I aVR V1 V4", "II aVL V2 V5", "III aVF V3 V6"]
CABRERA_3X4 = ["aVL II V1 V4", "I aVF V2 V5", "-aVR III V3 V6"]
SIX_BY_TWO = ["I V1", "II V2", "III V3", "aVR V4", "aVL V5", "aVF V6"]
PAGES = {
    "3x4": THREE_BY_FOUR,
    "3x4+1": [*THREE_BY_FOUR, "rhythm II"],
    "3x4+3": [*THREE_BY_FOUR, "rhythm V1", "rhythm II", "rhythm V5"],
    "3x4+1-simultaneous": [*THREE_BY_FOUR, "rhythm II"],
    "3x4+1-cabrera": [*CABRERA_3X4, "rhythm II"],
    "3x5": THREE_BY_FOUR,  # twelve leads leave its fifth column out
    "4x3": ["I aVL V3", "II aVF V4", "III V1 V5", "aVR V2 V6"],
    "6x2": SIX_BY_TWO,
    "6x2-simultaneous": SIX_BY_TWO,
    "6x2+1": [*SIX_BY_TWO, "rhythm II"],
    "6x2-cabrera": ["aVL V1", "I V2", "-aVR V3", "II V4", "aVF V5", "III V6"],
    "12x1": list(STANDARD_12),
    "12x1-cabrera": list(CABRERA_12),
    "2x6": ["I II III aVR aVL aVF", "V1 V2 V3 V4 V5 V6"],
}


def preset(name: str) -> Layout:
    return Layout.model_validate(load_preset("layouts", name))


def as_lines(slots: tuple[Slot, ...]) -> list[str]:
    """Write slots down as rows of lead names, as one reads them off the page."""
    rows: dict[int, list[Slot]] = {}
    for slot in slots:
        rows.setdefault(slot.row, []).append(slot)
    lines = []
    for _, row in sorted(rows.items()):
        names = [slot.lead for slot in sorted(row, key=lambda slot: slot.column)]
        lines.append(" ".join(["rhythm", *names] if row[0].kind == "rhythm" else names))
    return lines


@pytest.mark.parametrize("name", LAYOUTS)
def test_twelve_leads_stand_as_on_paper(name: str) -> None:
    assert as_lines(arrange(preset(name), STANDARD_12)) == PAGES[name]


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_order_in_the_record_does_not_matter(name: str) -> None:
    assert arrange(preset(name), STANDARD_12[::-1]) == arrange(preset(name), STANDARD_12)


def test_fifteen_leads() -> None:
    assert as_lines(arrange(preset("3x5"), FIFTEEN)) == [
        "I aVR V1 V4 Vx",
        "II aVL V2 V5 Vy",
        "III aVF V3 V6 Vz",
    ]
    assert as_lines(arrange(preset("3x4"), FIFTEEN)) == THREE_BY_FOUR  # no cell for three more


def test_two_leads_make_one_column_and_need_no_strip() -> None:
    assert as_lines(arrange(preset("3x4+1"), ("V5", "MLII"))) == ["V5", "MLII"]


def test_rhythm_lead_that_the_record_lacks() -> None:
    without_ii = tuple(lead for lead in STANDARD_12 if lead != "II")
    assert as_lines(arrange(preset("3x4+1"), without_ii))[-1] == "rhythm I"
    assert as_lines(arrange(preset("3x4+3"), without_ii))[3:] == ["rhythm V1", "rhythm V5"]


def test_other_leads_take_the_place_of_missing_ones_only() -> None:
    eleven = (*STANDARD_12[:11], "Vx", "Vy")
    leads = [slot.lead for slot in arrange(preset("3x4"), eleven)]
    assert leads == [*STANDARD_12[:11], "Vx"]


def test_a_list_of_leads_in_any_spelling() -> None:
    layout = Layout(rows=2, columns=2, order=("-avr", "v2", "Lead I", "V9"), rhythm=("avf",))
    assert as_lines(arrange(layout, STANDARD_12)) == ["-aVR I", "V2", "rhythm aVF"]


@pytest.mark.parametrize("leads", [STANDARD_12, STANDARD_12[:11]])
def test_more_leads_than_cells(leads: tuple[str, ...]) -> None:
    with pytest.raises(RecipeError, match=r"2 x 3 cells for 1[12] leads \(allowed: at most 6 leads\)"):
        arrange(Layout(rows=2, columns=3), leads)


@pytest.mark.parametrize(("order", "asked"), [(("V7", "V8"), "V7, V8"), ((), "no lead")])
def test_none_of_the_leads_named(order: tuple[str, ...], asked: str) -> None:
    with pytest.raises(RecipeError, match=f"asks for {asked} .*leads of the record: I, II"):
        arrange(Layout(rows=2, columns=1, order=order), ("I", "II"))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"order": ["I", "i"]}, "each lead once"),
        ({"rhythm": ["II", "Lead II"]}, "each lead once"),
        ({"order": "cabreras"}, "standard, cabrera, all or a list of lead names"),
        ({"rhythm": "II"}, "a list of lead names"),
        ({"order": [1, 2]}, "a list of lead names"),
        ({"rhythm": list(STANDARD_12)}, "at most 6"),
    ],
)
def test_impossible_lead_lists(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Layout.model_validate({"rows": 3, "columns": 4, **values})


subsets = st.lists(st.sampled_from(FIFTEEN), min_size=1, max_size=15, unique=True).map(tuple)


@given(leads=subsets, name=st.sampled_from(LAYOUTS))
def test_any_subset_of_fifteen_leads(leads: tuple[str, ...], name: str) -> None:
    layout = preset(name)
    slots = arrange(layout, leads)
    cells = [slot for slot in slots if slot.kind == "lead"]
    strips = [slot for slot in slots if slot.kind == "rhythm"]

    shown = [slot.lead.removeprefix("-") for slot in cells]
    assert len(set(shown)) == len(shown), "a lead stands twice"
    assert set(shown) <= set(leads)
    standard = set(leads) & set(STANDARD_12)
    assert standard <= set(shown), "a standard lead is missing"
    if len(leads) <= layout.rows * layout.columns:
        assert len(standard) == 12 or set(shown) == set(leads)

    assert len({(slot.row, slot.column) for slot in slots}) == len(slots), "two leads in one cell"
    rows = max(slot.row for slot in cells) + 1
    assert rows <= layout.rows
    assert max(slot.column for slot in cells) < layout.columns
    assert {slot.row for slot in cells} == set(range(rows)), "an empty row"
    assert [slot.row for slot in strips] == list(range(rows, rows + len(strips)))
    assert {slot.lead for slot in strips} <= {*leads, *shown, "-aVR"}
    assert bool(strips) == bool(layout.rhythm and max(slot.column for slot in cells) > 0)
