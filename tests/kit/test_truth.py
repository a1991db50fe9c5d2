"""The kit's JSON: its keys, and places that stay right through padding, turning and cropping."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import orjson
import pytest

import fastecg
from fastecg.kit.flags import parse_flags
from fastecg.kit.recipe import kit_recipe
from fastecg.kit.truth import kit_truth, unplotted
from fastecg.page import Page
from fastecg.pipeline import Generator
from fastecg.record import Record

BASIC: Final = [
    "sampling_frequency",
    "width",
    "height",
    "leads",
    "x_grid",
    "y_grid",
    "resolution",
    "pad_inches",
]
FULL: Final = [
    "sampling_frequency",
    "width",
    "height",
    "grid_line_color_major",
    "grid_line_color_minor",
    "ecg_plot_color",
    "leads",
    "x_grid",
    "y_grid",
    "resolution",
    "pad_inches",
    "dc_pulse",
    "bw",
    "gridlines",
    "printed_text",
    "number_of_columns_in_image",
    "full_mode_lead",
    "handwritten_text",
    "num_words",
    "x_offset_for_handwritten_text",
    "y_offset_for_handwritten_text",
    "wrinkles",
    "crease_angle",
    "number_of_creases_horizontally",
    "number_of_creases_vertically",
    "augment",
    "crop",
    "temperature",
    "rotate",
    "noise",
]
LEAD: Final = [
    "text_bounding_box",
    "lead_name",
    "lead_bounding_box",
    "start_sample",
    "end_sample",
    "plotted_pixels",
]


def kit_page(flags: str, record: Record | None = None) -> Page:
    generator = Generator(kit_recipe(parse_flags(["-i", "in", "-o", "out", *flags.split()])))
    record = record or fastecg.builtin_record(0).record
    return generator.render_spec(record, generator.draw(record, seed=3))


def as_read(page: Page, level: int = 2) -> dict[str, Any]:
    said = kit_truth(page.truth, level, lead_boxes=True, name_boxes=True)
    read: dict[str, Any] = orjson.loads(orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY))
    return read


def test_keys_and_their_order_are_the_kits() -> None:
    page = kit_page("-r 60")
    full = as_read(page)
    assert list(full) == FULL
    assert list(as_read(page, 1)) == BASIC
    for lead in full["leads"]:
        assert list(lead) == LEAD
        for box in ("text_bounding_box", "lead_bounding_box"):
            assert list(lead[box]) == ["0", "1", "2", "3"]
            (top, left), (_, right), (bottom, _), _ = lead[box].values()
            assert top < bottom
            assert left < right
    bare = kit_truth(page.truth, 1)["leads"][0]
    assert list(bare) == ["lead_name", "start_sample", "end_sample", "plotted_pixels"]


def test_values_are_those_that_were_drawn() -> None:
    flags = "--augment -rot 9 -noise 20 -t 3000 -c 0.05 --wrinkles -ca 30 --hw_text -n 3 -r 60 -ph"
    page = kit_page(flags)
    said, spec = as_read(page), page.spec
    assert said["rotate"] == spec.perspective.roll_deg
    assert said["crop"] == pytest.approx((1 - 1 / spec.perspective.fill) / 2, abs=1e-6)
    assert said["noise"] == spec.imaging.noise.gaussian_sd
    assert said["temperature"] == spec.imaging.light.temperature_k
    assert said["num_words"] == len(page.truth.drawing.writing[0].text.splitlines()) <= 3
    assert said["crease_angle"] == spec.creases.angle_deg <= 30
    assert (said["wrinkles"], said["augment"], said["printed_text"]) == (True, True, True)
    assert isinstance(said["noise"], int)
    off = as_read(kit_page("-r 60"))
    for key in FULL[17:]:
        assert not off[key], key


def test_colours_are_left_out_where_there_is_no_grid() -> None:
    said = as_read(kit_page("-r 60 --random_grid_present 0 --random_bw 1"))
    assert set(FULL) - set(said) == {"grid_line_color_major", "grid_line_color_minor", "ecg_plot_color"}
    assert (said["gridlines"], said["bw"]) == (False, True)


def test_lead_names_are_there_though_they_are_not_printed() -> None:
    said = as_read(kit_page("-r 60 --remove_lead_names"))
    assert [lead["lead_name"] for lead in said["leads"]][-2:] == ["V4", "II"]
    assert "text_bounding_box" not in said["leads"][0]


def test_gaps_are_null() -> None:
    record = fastecg.builtin_record(0).record
    signals = record.signals_mv.copy()
    signals[0, 10:20] = np.nan
    signals[2] = np.nan
    gaps = Record.from_array(signals, record.leads, record.sampling_rate_hz)
    leads = {lead["lead_name"]: lead for lead in as_read(kit_page("-r 60", gaps))["leads"]}
    assert leads["I"]["plotted_pixels"][12][0] is None
    assert leads["I"]["plotted_pixels"][30][0] is not None
    assert leads["III"]["lead_bounding_box"]["0"][0] > 0  # the pulse is there still


PLACES: Final = "--augment -noise 0 --deterministic_temp -t 6500 --deterministic_rot --deterministic_crop"


@pytest.mark.parametrize(
    ("degrees", "crop", "pad"), [(0, 0.05, 0), (7, 0.0, 0), (-12, 0.08, 1), (0, 0.0, 2), (90, 0.0, 0)]
)
def test_places_follow_padding_turning_and_cropping(degrees: int, crop: float, pad: int) -> None:
    dpi = 100
    flat = as_read(kit_page(f"-r {dpi}"))
    page = kit_page(f"-r {dpi} {PLACES} -rot {degrees} -c {crop} --pad_inches {pad}")
    seen = as_read(page)
    height, width = page.image.shape[:2]
    assert (height, width) == (850 + 2 * pad * dpi, 1100 + 2 * pad * dpi)
    assert (seen["height"], seen["width"], seen["pad_inches"]) == (height, width, pad)
    angle, zoom = math.radians(degrees), 1 / (1 - 2 * crop)

    def expected(points: Any) -> Any:
        y, x = (np.asarray(points, float) + pad * dpi).T
        x, y = x - width / 2, y - height / 2
        turned_x = zoom * (x * math.cos(angle) - y * math.sin(angle)) + width / 2
        turned_y = zoom * (x * math.sin(angle) + y * math.cos(angle)) + height / 2
        return np.column_stack([turned_y, turned_x])

    for before, after in zip(flat["leads"], seen["leads"], strict=True):
        where = expected(before["plotted_pixels"])
        np.testing.assert_allclose(after["plotted_pixels"], where, atol=0.02)
        corners = expected(list(before["lead_bounding_box"].values()))
        # both are rounded to whole pixels
        assert np.abs(corners - list(after["lead_bounding_box"].values())).max() < 1 + zoom
        inside = ((where > 2) & (where < [height - 2, width - 2])).all(axis=1)
        y, x = np.floor(where[inside]).astype(int).T
        dark = page.image.max(axis=2)
        around = np.min([dark[y + dy, x + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)], axis=0)
        assert (around < 190).mean() > 0.98  # ink is where the truth says


def test_samples_that_no_page_shows() -> None:
    record = fastecg.builtin_record(0, duration_s=25.0).record
    hidden = unplotted(kit_page("-r 60", record).truth, 2)
    rate = round(record.sampling_rate_hz)
    shown = dict(zip(record.leads, ~hidden, strict=True))
    assert shown["II"][: 20 * rate].all()
    assert not shown["II"][20 * rate :].any()
    for lead, first in (("I", 0.0), ("aVL", 2.5), ("V3", 5.0), ("V6", 7.5)):
        expected = np.zeros(record.samples, bool)
        for window in (0, 10):
            start = round((window + first) * rate)
            expected[start : start + round(2.5 * rate)] = True
        assert (shown[lead] == expected).all()
