"""The kit's page, compared with formulas that are written anew here, in inches, seconds and millivolts."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pytest

import fastecg
from fastecg.errors import RecipeError
from fastecg.kit.flags import parse_flags
from fastecg.kit.geometry import kit_slots
from fastecg.kit.recipe import kit_recipe
from fastecg.kit.truth import kit_truth
from fastecg.leads import STANDARD_12
from fastecg.page import Page
from fastecg.pipeline import Generator
from fastecg.record import Record
from fastecg.spec import make_spec

BOTTOM_UP: Final = (
    ("III", "aVF", "V3", "V6"),
    ("II", "aVL", "V2", "V5"),
    ("I", "aVR", "V1", "V4"),
)


def kit_page(record: Record, flags: str = "") -> Page:
    recipe = kit_recipe(parse_flags(["-i", "in", "-o", "out", *flags.split()]))
    generator = Generator(recipe)
    return generator.render_spec(record, generator.draw(record, seed=7))


class Formulas:
    """Where the kit puts a sample, of a page of 11 x 8.5 inches with four columns and one strip."""

    def __init__(self, dpi: int, *, pulse: bool) -> None:
        self.dpi = dpi
        self.second_px = dpi * 5 / 25.4 / 0.2
        self.millivolt_px = dpi * 5 / 25.4 / 0.5
        self.row_mv = 8.5 * 0.5 / (5 / 25.4) / (4 + 2)
        x_max_s = 11 * 0.2 / (5 / 25.4)
        self.gap_s = math.floor((x_max_s - 10.0) / 2 / 0.2) * 0.2
        self.pulse_s = 0.2 if pulse else 0.0

    def x(self, column: int, sample: Any, rate: float) -> Any:
        return (self.gap_s + self.pulse_s + 2.5 * column + sample / rate) * self.second_px

    def y(self, row_from_bottom: int, mv: Any) -> Any:
        """Return y of a lead row; -1 is the rhythm strip."""
        baseline = (1.5 + row_from_bottom) * self.row_mv if row_from_bottom >= 0 else self.row_mv / 2 + 0.3
        return 8.5 * self.dpi - (baseline + mv) * self.millivolt_px


@pytest.mark.parametrize("dpi", [100, 200, 300])
@pytest.mark.parametrize("pulse", [True, False])
def test_boxes_and_pixels_stand_where_the_formulas_say(dpi: int, pulse: bool) -> None:
    record = fastecg.builtin_record(0, duration_s=10.0).record
    flags = f"-r {dpi} --calibration_pulse {int(pulse)}"
    said = kit_truth(kit_page(record, flags).truth, 1, lead_boxes=True)
    formulas, rate = Formulas(dpi, pulse=pulse), record.sampling_rate_hz
    assert (said["height"], said["width"]) == (int(8.5 * dpi), 11 * dpi)
    assert said["x_grid"] == round(dpi * 5 / 25.4, 3)
    cells = [(lead, row, column) for row, leads in enumerate(BOTTOM_UP) for column, lead in enumerate(leads)]
    cells.append(("II", -1, 0))
    assert [lead["lead_name"] for lead in said["leads"]] == [name for name, _, _ in cells]
    for lead, (name, row, column) in zip(said["leads"], cells, strict=True):
        start = 0 if row < 0 else round(2.5 * column * rate)
        end = round(10 * rate) if row < 0 else start + round(2.5 * rate)
        assert (lead["start_sample"], lead["end_sample"]) == (start, end)
        mv = record.lead(name)[start:end].astype(float)
        x, y = formulas.x(column, np.arange(end - start), rate), formulas.y(row, mv)
        np.testing.assert_allclose(lead["plotted_pixels"], np.column_stack([y, x]), atol=0.02)
        xs, ys = [*x], [*y]
        if column == 0 and pulse:  # the box of a row's first lead holds the pulse before it
            xs.append(formulas.gap_s * formulas.second_px)
            ys += [formulas.y(row, 0.0), formulas.y(row, 1.0)]
        box = np.array([lead["lead_bounding_box"][str(corner)] for corner in range(4)])
        left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
        assert np.abs(box - [[top, left], [top, right], [bottom, right], [bottom, left]]).max() <= 1


def test_ink_lies_where_the_truth_says() -> None:
    page = kit_page(fastecg.builtin_record(1).record, "--calibration_pulse 0")
    grey = page.image.max(axis=2)
    ink = max(page.spec.plot.ink)
    for lead in kit_truth(page.truth, 1)["leads"]:
        y, x = np.floor(lead["plotted_pixels"]).astype(int).T
        assert (grey[y, x] < ink + 160).mean() > 0.99  # half covered pixels of lines two pixels wide


def test_names_and_print_stand_where_the_kit_puts_them() -> None:
    record = fastecg.builtin_record(0).record
    page = kit_page(record, "-ph")
    formulas = Formulas(200, pulse=True)
    place = {trace.lead: trace.name for trace in page.truth.drawing.traces if trace.kind == "lead"}
    for row, leads in enumerate(BOTTOM_UP):
        for column, lead in enumerate(leads):
            name = place[lead]
            assert name is not None
            assert name.x == pytest.approx(formulas.x(column, 0, 1))
            assert name.y == pytest.approx(formulas.y(row, -0.7))
            assert name.size == pytest.approx(11 / 72 * 200)
    strip = next(trace.name for trace in page.truth.drawing.traces if trace.kind == "rhythm")
    assert strip is not None
    assert strip.y == pytest.approx(1700 - (formulas.row_mv / 2 - 0.5) * formulas.millivolt_px)
    texts = {text.kind: text for text in page.truth.drawing.texts}
    foot = 1700 - 0.5 * formulas.millivolt_px
    assert (texts["speed"].x, texts["speed"].y) == pytest.approx((2 * formulas.second_px, foot))
    assert (texts["gain"].x, texts["gain"].y) == pytest.approx((4 * formulas.second_px, foot))
    assert (texts["speed"].text, texts["gain"].text) == ("25mm/s", "10mm/mV")
    top = 1700 - 21 * formulas.millivolt_px
    assert (texts["id"].x, texts["id"].y) == pytest.approx((0.05 * formulas.second_px, top))
    assert texts["name"].x == pytest.approx(3.05 * formulas.second_px)


def test_grid_begins_in_the_lower_left_corner() -> None:
    page = kit_page(fastecg.builtin_record(0).record, "--pad_inches 1")
    grid = page.masks.grid().astype(int)
    assert not grid[:, :199].any()
    assert not grid[:199].any()
    period, left, bottom = 200 / 25.4, 200, 1900
    for k in range(1, 200):
        x, y = left + k * period, bottom - k * period
        assert grid[int(bottom - 1.5 * period), int(x) - 1 : int(x) + 2].sum() > 200
        assert grid[int(y) - 1 : int(y) + 2, int(left + 1.5 * period)].sum() > 200
        assert (
            grid[int(bottom - 1.5 * period), int(x + period / 2)] == 0
        )  # and no lines half way between them
    assert page.truth.to_dict()["grid"]["origin"] == pytest.approx([200, 1900 - 43 * 5 * period])


@pytest.mark.parametrize(
    ("leads", "flags", "rows"),
    [
        (("I", "II"), "", [["I"], ["II"]]),
        (("I", "II"), "--full_mode II", [["I"], ["II"], ["II"]]),
        (("I", "II", "V1", "V2", "V3"), "", [["I", "II", "V1", "V2"], ["V3"]]),
        (("MLII",), "", [["MLII"]]),
    ],
)
def test_other_numbers_of_leads(leads: tuple[str, ...], flags: str, rows: list[list[str]]) -> None:
    record = Record.from_array(np.zeros((len(leads), 2500)), leads, 250)
    drawing = kit_page(record, flags).truth.drawing
    found: dict[int, list[str]] = {}
    for trace in drawing.traces:
        found.setdefault(trace.row, []).append(trace.lead)
    assert [found[row] for row in sorted(found)] == rows


@pytest.mark.parametrize("columns", [1, 2, 3, 6])
def test_columns_hold_the_leads_in_their_order(columns: int) -> None:
    page = kit_page(fastecg.builtin_record(0).record, f"--num_columns {columns}")
    said = kit_truth(page.truth, 2, lead_boxes=True)
    assert said["number_of_columns_in_image"] == columns
    leads = [trace for trace in page.truth.drawing.traces if trace.kind == "lead"]
    by_column = sorted(leads, key=lambda trace: (trace.column, trace.row))
    assert tuple(trace.lead for trace in by_column) == STANDARD_12
    for lead in said["leads"]:  # no box reaches into another column, as the kit's do
        width = lead["lead_bounding_box"]["1"][1] - lead["lead_bounding_box"]["0"][1]
        assert width <= (10 if lead is said["leads"][-1] else 10 / columns) * 196.85 + 5 * 7.874 + 1
        assert lead["start_sample"] == 0


def test_several_strips_stand_below_each_other() -> None:
    record = fastecg.builtin_record(0).record
    page = kit_page(record, "--full_mode V1 II V5")
    strips = [trace for trace in page.truth.drawing.traces if trace.kind == "rhythm"]
    assert [trace.lead for trace in strips] == ["V1", "II", "V5"]
    heights = [trace.origin[1] for trace in page.truth.drawing.traces if trace.column == 0]
    assert (np.diff(sorted(heights)) > 150).all()
    assert kit_truth(page.truth, 2)["full_mode_lead"] == ["V1", "II", "V5"]
    none = kit_page(record, "--full_mode None")
    assert kit_truth(none.truth, 2)["full_mode_lead"] == "None"
    assert len(none.truth.drawing.traces) == 12
    gone = kit_page(record, "--full_mode V9")
    assert kit_truth(gone.truth, 2)["full_mode_lead"] == "I"


def test_a_window_longer_than_the_sheet_is_refused() -> None:
    record = fastecg.builtin_record(0).record
    spec = make_spec({"kit": {"enabled": True}, "window": {"duration_s": 11.0}})
    with pytest.raises(RecipeError, match="shorter window"):
        Generator().render_spec(record, spec)


def test_slots_of_twelve_leads_do_not_depend_on_the_records_order() -> None:
    leads = ("V6", "V5", "V4", "V3", "V2", "V1", "aVF", "aVL", "aVR", "III", "II", "I")
    slots = kit_slots(make_spec({}), leads)
    rows = [[slot.lead for slot in slots if slot.row == 2 - row and slot.kind == "lead"] for row in range(3)]
    assert rows == [list(row) for row in BOTTOM_UP]
