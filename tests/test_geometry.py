"""Geometry: rows, columns and baselines on every usual sheet, compared with what a ruler asks of them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from fastecg.errors import RecipeError
from fastecg.geometry import Geometry, place, pulse_width_mm
from fastecg.layout import arrange
from fastecg.leads import STANDARD_12
from fastecg.presets import preset_names
from fastecg.spec import PageSpec, make_spec

LAYOUTS = preset_names("layouts")
SHEETS = [*itertools.product(("letter", "legal", "A4", "A3"), ("landscape", "portrait"))]


def placed(layout: str, page: dict[str, Any], **plot: Any) -> tuple[PageSpec, Geometry]:
    spec = make_spec({"layout": layout, "page": page, "plot": plot})
    return spec, place(spec, arrange(spec.layout, STANDARD_12))


def is_multiple(value: float, step: float) -> bool:
    return abs(value / step - round(value / step)) < 1e-9


def check(spec: PageSpec, geometry: Geometry) -> None:
    left, top, right, bottom = geometry.frame
    page, plot = spec.page, spec.plot
    assert is_multiple(right - left, 5)
    assert is_multiple(bottom - top, 5)
    assert left >= page.margin_mm - 1e-9
    assert right <= page.width_mm - page.margin_mm + 1e-9
    assert top >= page.margin_mm + page.header_mm - 1e-9
    assert bottom <= page.height_mm - page.margin_mm - page.footer_mm + 1e-9

    # Baselines on grid lines: of big squares where rows are whole big squares, else of small ones.
    pitch, rows = geometry.row_pitch, len(geometry.baselines)
    step = 5 if is_multiple(pitch, 5) and pitch >= 10 else 1
    assert all(is_multiple(baseline - top, step) for baseline in geometry.baselines)
    gaps = [b - a for a, b in itertools.pairwise(geometry.baselines)]
    assert gaps == pytest.approx([pitch] * (rows - 1))
    # No row leaves the frame, and each has more room above its baseline than a third of a row.
    assert geometry.baselines[0] - top >= 0.45 * pitch
    assert bottom - geometry.baselines[-1] >= 0.2 * pitch
    # Rows fill the frame as far as the largest pitch and whole squares allow.
    room = min((bottom - top) / rows, plot.max_row_pitch_mm)
    assert pitch <= room + 1e-9
    assert pitch > room - (5 if room >= 15 else 1)
    above, below = geometry.baselines[0] - top, bottom - geometry.baselines[-1]
    assert abs(above - below) <= 0.25 * pitch + 5, "the block of rows is off centre"

    # Columns: the whole window where the paper is wide enough, on grid lines, inside the frame.
    block = geometry.column_width * geometry.columns
    whole = plot.speed_mm_s * spec.window.duration_s
    assert block <= whole + 1e-9
    if block < whole - 1e-9:
        spare = (right - left) - block - (10 if plot.lead_names == "left" else 0)
        assert spare < 2.5 * geometry.columns + pulse_width_mm(spec) + 4 + 5
    assert geometry.column_s == pytest.approx(geometry.column_width / plot.speed_mm_s)
    assert geometry.strip_s == pytest.approx(block / plot.speed_mm_s)
    assert is_multiple(geometry.traces_left - left, 5)
    assert left - 1e-9 <= min(geometry.names_left, geometry.pulse_left, geometry.traces_left)
    assert geometry.traces_left + block <= right + 1e-9
    if plot.pulse == "left":
        assert geometry.pulse_left + 3 + pulse_width_mm(spec) <= geometry.traces_left + 1e-9
    if plot.pulse == "right":
        assert geometry.pulse_left == pytest.approx(geometry.traces_left + block)
        assert geometry.pulse_left + 4 + pulse_width_mm(spec) <= right + 1e-9


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_on_every_sheet(layout: str) -> None:
    speeds, pulses, names = (12.5, 25, 50), ("left", "right", "none"), ("above", "left")
    for (size, orientation), speed, pulse, name in itertools.product(SHEETS, speeds, pulses, names):
        page = {"size": size, "orientation": orientation}
        check(*placed(layout, page, speed_mm_s=speed, pulse=pulse, lead_names=name))


@pytest.mark.parametrize("speed", [5, 10, 30, 35, 60, 100, 200])
@pytest.mark.parametrize("pulse", ["left", "right"])
def test_pulses_have_room_at_odd_speeds(speed: float, pulse: str) -> None:
    check(*placed("12x1", {"size": "A3"}, speed_mm_s=speed, pulse=pulse))


@pytest.mark.parametrize("height", range(56, 300, 7))
@pytest.mark.parametrize("layout", ["3x4", "12x1", "6x2+1"])
def test_pages_of_any_height(layout: str, height: int) -> None:
    page = {"size": "custom", "width_mm": 280, "height_mm": height, "header_mm": 10, "margin_mm": 3.3}
    rows = {"3x4": 3, "12x1": 12, "6x2+1": 7}[layout]
    room = (height - 2 * 3.3 - 10 - 8) // 5 * 5
    if room < 5 * rows:
        with pytest.raises(RecipeError, match=r"mm a row \(allowed: at least 5 mm\)"):
            placed(layout, page)
    else:
        check(*placed(layout, page))


def test_the_usual_page() -> None:
    """Ten seconds of four columns on letter paper: 250 mm of trace, and rows 40 mm apart."""
    _, geometry = placed("3x4+1", {"size": "letter"})
    assert (geometry.column_s, geometry.strip_s, geometry.row_pitch) == (2.5, 10, 40)
    assert geometry.column_width == 62.5


def test_margins_header_and_footer_are_kept_free() -> None:
    page = {"size": "A4", "margin_mm": 20, "header_mm": 40, "footer_mm": 30}
    spec, geometry = placed("3x4", page)
    check(spec, geometry)
    assert geometry.frame[0] >= 20
    assert geometry.frame[1] >= 60
    assert geometry.frame[3] <= 210 - 50


@pytest.mark.parametrize(
    ("layout", "values", "message"),
    [
        (
            "3x4",
            {"page": {"margin_mm": 100}},
            "leave 75 x -20 mm for traces .* choose a larger page, or smaller margins",
        ),
        (
            "12x1",
            {"page": {"header_mm": 140}},
            r"12 rows in 55 mm leave 4.6 mm a row \(allowed: at least 5 mm\)",
        ),
        (
            "2x6",
            {"page": {"size": "custom", "width_mm": 50, "height_mm": 100}},
            "6 columns in 25 mm leave 4.2 mm a column",
        ),
        (
            "12x1",
            {"window": {"duration_s": 0.5}, "plot": {"speed_mm_s": 5}},
            "1 columns of 0.5 s at 5 mm/s are 2.5 mm wide .* choose a longer window",
        ),
    ],
)
def test_pages_that_are_too_small(layout: str, values: dict[str, Any], message: str) -> None:
    spec = make_spec({"layout": layout, **values})
    with pytest.raises(RecipeError, match=message):
        place(spec, arrange(spec.layout, STANDARD_12))
