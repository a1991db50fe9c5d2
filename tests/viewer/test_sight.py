"""What the viewer draws, compared with the record and with the ink in the image."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pytest

import fastecg
from fastecg.errors import OutputError
from fastecg.page import Page
from fastecg.viewer.sight import sight

pytestmark = pytest.mark.pages
KINDS: dict[str, tuple[dict[str, Any], int]] = {
    "clean": ({}, 0),
    "second window": ({"window_s": 4, "windows": "all"}, 1),
    "unequal gains": (
        {"plot.gains": {"limb_mm_mv": 10, "chest_mm_mv": 5}, "layout": "3x4+1-cabrera"},
        0,
    ),
}


def page_of(recipe: str, window: int = 0, **values: Any) -> Page:
    record = fastecg.builtin_record(4).record
    generator = fastecg.Generator(recipe, overrides={"page.dpi": 100, "plot.trace_width_mm": 0.6, **values})
    return generator.render_spec(record, generator.draw(record, seed=5, window=window))


def seen_of(page: Page) -> dict[str, Any]:
    desk = orjson.dumps(sight(page.truth.to_json(), "page"), option=orjson.OPT_SERIALIZE_NUMPY)
    seen: dict[str, Any] = orjson.loads(desk)
    return seen


def expected_mv(page: Page, lead: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Return the record's own samples for a lead as it is told: by its name, first sample and number."""
    samples = page.truth.record.lead(lead["name"].removeprefix("-"))[lead["first"] :][: len(lead["mv"])]
    return -samples if lead["name"].startswith("-") else samples


@pytest.mark.parametrize("kind", KINDS)
def test_voltage_and_time_under_a_pixel_are_those_of_the_record(kind: str) -> None:
    values, window = KINDS[kind]
    page = page_of("clean", window, **values)
    seen = seen_of(page)
    assert len(seen["leads"]) == 13
    speed_px_s = page.spec.plot.speed_mm_s * page.spec.page.px_per_mm
    for lead in seen["leads"]:
        xs, ys = (np.array(axis) for axis in lead["trace"])
        assert np.allclose(lead["mv"], expected_mv(page, lead), atol=1e-4)
        (left, zero), _ = lead["baseline"]
        own = lead["first"] - page.spec.window.start_sample
        told = {(one.lead, one.kind): one for one in page.truth.drawing.traces}[lead["name"], lead["kind"]]
        seconds = (own + np.arange(len(xs))) / lead["rate_hz"] - told.start_s
        assert np.allclose((xs - left) / speed_px_s, seconds, atol=1e-4)
        gain_px = told.gain_mm_mv * page.spec.page.px_per_mm
        assert np.allclose((zero - ys) / gain_px, lead["mv"], atol=1e-4)
        rows, columns = (np.floor(axis).astype(int) for axis in (ys, xs))
        assert page.image[rows, columns].max(axis=1).max() < 128  # there is ink at every sample


@pytest.mark.parametrize("recipe", ["photo", "scan-color", "damaged"])
def test_voltage_of_a_bent_page_is_that_of_the_record(recipe: str) -> None:
    page = page_of(recipe)
    for lead in seen_of(page)["leads"]:
        assert np.allclose(lead["mv"], expected_mv(page, lead), atol=2e-3)


@pytest.mark.parametrize("recipe", ["clean", "photo"])
def test_the_grid_is_where_its_ink_is(recipe: str) -> None:
    page = page_of(recipe, paper="red")
    seen, mask = seen_of(page), page.masks.grid()
    height, width = mask.shape
    hits = []
    for line in seen["grid"]["major"]:
        for (xa, ya), (xb, yb) in pairwise(line):
            share = np.linspace(0.0, 1.0, 25)
            x, y = xa + share * (xb - xa), ya + share * (yb - ya)
            inside = (x > 2) & (x < width - 2) & (y > 2) & (y < height - 2)
            around = [
                mask[(y[inside] + dy).astype(int), (x[inside] + dx).astype(int)]
                for dx in (-1, 0, 1)
                for dy in (-1, 0, 1)
            ]
            hits.append(np.max(around, axis=0) > 60)
    assert np.concatenate(hits).mean() > 0.97
    wanted = round(abs(page.truth.drawing.geometry.frame[2] - page.truth.drawing.geometry.frame[0]) / 5)
    assert recipe != "clean" or len(seen["grid"]["major"]) > wanted


def test_gaps_stay_gaps() -> None:
    signals = fastecg.builtin_record(0).record.signals_mv.copy()
    signals[1, 100:200] = np.nan
    record = fastecg.Record.from_array(signals, fastecg.builtin_record(0).record.leads, 500)
    strip = sight(fastecg.render(record, page={"dpi": 50}).truth.to_json(), "page")["leads"][-1]
    told = orjson.loads(orjson.dumps(strip, option=orjson.OPT_SERIALIZE_NUMPY))
    assert told["mv"][100:200] == told["trace"][1][100:200] == [None] * 100
    assert None not in told["mv"][:100]


def test_a_bent_page_of_another_version_is_shown_without_voltage() -> None:
    truth = orjson.loads(page_of("photo").truth.to_json())
    truth["spec"]["perspective"]["unheard_of"] = 1
    seen = sight(orjson.dumps(truth), "page")
    assert not seen["exact"]
    assert seen["leads"][0]["mv"] is None
    assert seen["grid"] == {"major": [], "minor": []}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[1, 2]", "no truth of fastecg"),
        (b'{"images": []}', "no truth of fastecg"),
        (b'{"fastecg": "1"}', "is damaged .KeyError"),
    ],
)
def test_what_is_no_truth_is_an_error_of_ours(text: bytes, said: str) -> None:
    with pytest.raises(OutputError, match=said):
        sight(text, "page")


def test_a_truth_that_lacks_anything_is_an_error_of_ours() -> None:
    text = page_of("clean").truth.to_json()
    for key in orjson.loads(text):
        truth = orjson.loads(text)
        values: tuple[Any, ...] = (None, "text", [], [[1]], {})
        for value in values:
            truth[key] = value
            try:
                sight(orjson.dumps(truth), "page")
            except OutputError:
                continue
