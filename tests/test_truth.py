"""Truth: its numbers inverted and compared with the record, its keys compared with their schema."""

from __future__ import annotations

import json
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import BaseModel

import fastecg
from fastecg import Generator, Record, builtin_record
from fastecg.camera import Camera
from fastecg.leads import STANDARD_12
from fastecg.presets import preset_names
from fastecg.spec import make_spec
from fastecg.truth import Truth, read_back
from fastecg.truth_schema import TruthFile

SMALL = {"size": "custom", "width_mm": 90, "height_mm": 90, "dpi": 50, "header_mm": 4, "footer_mm": 5}
FIFTEEN = (*STANDARD_12, "Vx", "Vy", "Vz")


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator("clean")


def strict(text: bytes) -> dict[str, Any]:
    """Parse JSON as the standard has it: NaN and Infinity are errors."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in JSON")

    parsed: dict[str, Any] = json.loads(text.decode("utf-8"), parse_constant=refuse)
    return parsed


def truth_of(generator: Generator, record: Record, **values: Any) -> dict[str, Any]:
    page = generator.render_spec(record, make_spec(values))
    return strict(page.truth.to_json("page.png"))


def with_gaps(record: Record) -> Record:
    """Return the record with a lead missing, one constant, one with spikes of 50 mV, and some holes."""
    signals = record.signals_mv.copy()
    signals[1] = np.nan
    signals[2] = 0.25
    signals[3, [50, 60, 400]] = [50, -50, 50]
    signals[4, 100:160] = np.nan
    signals[5, ::2] = np.nan
    return Record.from_array(signals, record.leads, record.sampling_rate_hz, name="gaps")


def segment(record: Record, lead: dict[str, Any], start: int) -> NDArray[np.float32]:
    return record.lead(lead["name"])[start + lead["start_sample"] : start + lead["end_sample"]]


@pytest.mark.pages
@pytest.mark.parametrize("dpi", [75, 150, 300])
@pytest.mark.parametrize("layout", preset_names("layouts"))
def test_read_back_to_a_microvolt(generator: Generator, layout: str, dpi: int) -> None:
    record = with_gaps(builtin_record(0, sampling_rate_hz=257, leads=FIFTEEN, duration_s=17).record)
    window = {"start_sample": 800, "duration_s": 10}
    gains = {"limb_mm_mv": 5, "chest_mm_mv": 20}
    truth = truth_of(
        generator, record, layout=layout, page={"dpi": dpi}, window=window, plot={"gains": gains}
    )
    values = read_back(truth)
    assert len(values) == len(truth["leads"])
    for lead in truth["leads"]:
        expected = segment(record, lead, 800)
        assert len(lead["trace"]) == lead["end_sample"] - lead["start_sample"] == len(expected)
        np.testing.assert_allclose(values[lead["name"], lead["kind"]], expected, rtol=0, atol=1e-3)


def test_read_back_on_the_coarsest_page(generator: Generator) -> None:
    record = builtin_record(1, sampling_rate_hz=100).record
    gains = {"limb_mm_mv": 1, "chest_mm_mv": 1}
    truth = truth_of(generator, record, layout="3x4", page=SMALL, plot={"gains": gains})
    for lead in truth["leads"]:
        got = read_back(truth)[lead["name"], lead["kind"]]
        np.testing.assert_allclose(got, segment(record, lead, 0), rtol=0, atol=1e-3)


def test_read_back_sees_a_wrong_point(generator: Generator) -> None:
    record = builtin_record(1, sampling_rate_hz=100).record
    truth = truth_of(generator, record, layout="12x1", page=SMALL)
    truth["leads"][3]["trace"][7][1] += 0.05
    error = abs(read_back(truth)["aVR", "lead"] - segment(record, truth["leads"][3], 0)).max()
    assert error > 0.002


def test_times_read_back_too(generator: Generator) -> None:
    record = builtin_record(1, sampling_rate_hz=257).record
    truth = truth_of(generator, record, layout="6x2+1", page=SMALL)
    page, scale = truth["page"], truth["grid"]["px_per_mm"]
    for lead in truth["leads"]:
        x = np.array(lead["trace"])[:, 0]
        seconds = lead["start_s"] + (x - lead["baseline"][0][0]) / (scale * page["speed_mm_s"])
        samples = np.arange(lead["start_sample"], lead["end_sample"])
        np.testing.assert_allclose(seconds, samples / 257, atol=1e-4)


def test_gaps_are_null(generator: Generator) -> None:
    record = with_gaps(builtin_record(0, sampling_rate_hz=100).record)
    truth = truth_of(generator, record, layout="12x1", page=SMALL)
    leads = {lead["name"]: lead for lead in truth["leads"]}
    assert leads["II"]["trace"][:2] == [[None, None]] * 2
    assert (leads["II"]["box"], leads["II"]["quad"]) == (None, None)
    assert [point == [None, None] for point in leads["aVL"]["trace"]] == [
        100 <= k < 160 for k in range(len(leads["aVL"]["trace"]))
    ]
    assert leads["aVF"]["trace"][1] != [None, None]


def test_a_record_that_ends_early(generator: Generator) -> None:
    record = builtin_record(0, duration_s=4, sampling_rate_hz=100).record
    wide = {"size": "custom", "width_mm": 290, "height_mm": 120, "dpi": 50}
    truth = truth_of(generator, record, layout="3x4", page=wide)
    spans = [(lead["start_sample"], lead["end_sample"]) for lead in truth["leads"]]
    assert spans == [(0, 250)] * 3 + [(250, 400)] * 3 + [(400, 400)] * 6
    assert all((lead["box"] is None) == (lead["trace"] == []) for lead in truth["leads"])
    assert all(lead["name_box"] is not None for lead in truth["leads"])
    assert truth["record"]["samples"] == 400
    assert read_back(truth)["V6", "lead"].shape == (0,)


@pytest.mark.parametrize("layout", ["3x4+1", "6x2-cabrera", "3x4+1-simultaneous", "12x1"])
@pytest.mark.parametrize("mask", [True, False])
def test_drawn_record(generator: Generator, layout: str, mask: bool) -> None:
    record = with_gaps(builtin_record(0, sampling_rate_hz=100, duration_s=17).record)
    window = {"start_sample": 300, "duration_s": 10}
    page = generator.render_spec(record, make_spec({"layout": layout, "page": SMALL, "window": window}))
    copy = page.truth.drawn_record(mask_unplotted=mask)
    truth = page.truth.to_dict()
    length = max(lead["end_sample"] for lead in truth["leads"])
    assert truth["record"]["samples"] == length
    expected = record.signals_mv[:, 300 : 300 + length].copy()
    if mask:
        hidden = np.ones(expected.shape, bool)
        for lead in truth["leads"]:
            row = record.leads.index(lead["name"].removeprefix("-"))
            hidden[row, lead["start_sample"] : lead["end_sample"]] = False
        expected[hidden] = np.nan
        assert hidden.any() == (layout != "12x1")
    np.testing.assert_array_equal(copy.signals_mv, expected)
    assert (copy.leads, copy.name, copy.sampling_rate_hz) == (record.leads, "gaps", 100)


def documented() -> dict[str, list[str]]:
    """Return the keys that docs/truth.md tells, from the schema that its tables are made from."""
    tables = {"Keys": [field.alias or name for name, field in TruthFile.model_fields.items()]}
    for name, field in TruthFile.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                tables[name] = list(kind.model_fields)
    return tables


def test_documented_keys_are_the_real_ones(generator: Generator) -> None:
    bent = {"enabled": True, "curl": {"height_mm": 5}}  # a page that is not has no mesh
    record = builtin_record(0, sampling_rate_hz=100).record
    truth = truth_of(generator, record, layout="3x4+1", page=SMALL, perspective=bent)
    tables = documented()
    assert tables.pop("Keys") == list(truth)
    parts = {name: part for name, part in truth.items() if isinstance(part, dict | list)}
    assert set(tables) == {*parts} - {"separators", "spec"}
    for name, keys in tables.items():
        for entry in parts[name] if isinstance(parts[name], list) else [parts[name]]:
            assert list(entry) == keys, name


def test_values_of_the_other_keys(generator: Generator) -> None:
    record = builtin_record(0, sampling_rate_hz=100, duration_s=17).record
    spec = make_spec({"page": SMALL, "seed": 5, "copy_index": 2, "window": {"index": 1, "start_sample": 500}})
    page = generator.render_spec(record, spec)
    truth = strict(page.truth.to_json("a/b.png"))
    height, width, _ = page.image.shape
    assert truth["fastecg"] == fastecg.__version__
    assert truth["image"] == {"file": "a/b.png", "width": width, "height": height}
    assert (truth["seed"], truth["copy"]) == (5, 2)
    assert truth["record"]["name"] == "synthetic-0000"
    assert (truth["record"]["window"], truth["record"]["start_sample"]) == (1, 500)
    assert truth["record"]["leads"] == list(STANDARD_12)
    assert truth["page"] == {
        "width_mm": 90,
        "height_mm": 90,
        "dpi": 50,
        "speed_mm_s": 25,
        "gain_mm_mv": 10,
        "chest_gain_mm_mv": 10,
    }
    assert truth["camera"]["homography"] == np.eye(3).tolist()
    names = [lead["name"] for lead in truth["leads"]]
    assert [text["text"] for text in truth["texts"]] == [*names, "25 mm/s", "10 mm/mV"]
    assert page.spec == spec == make_spec(truth["spec"])
    again = generator.render_spec(record, make_spec(truth["spec"]))
    assert again.image.tobytes() == page.image.tobytes()
    assert again.truth.to_json("a/b.png") == page.truth.to_json("a/b.png")


def corners(box: list[float]) -> list[list[float]]:
    x0, y0, x1, y1 = box
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def test_boxes_and_quads_agree_and_lie_on_the_page(generator: Generator) -> None:
    record = with_gaps(builtin_record(0, sampling_rate_hz=100).record)
    plot = {"gains": {"limb_mm_mv": 80, "chest_mm_mv": 40}, "text_mm": 9}
    truth = truth_of(
        generator, record, layout="3x4+1", page={**SMALL, "width_mm": 70, "footer_mm": 16}, plot=plot
    )
    pairs = [(lead["box"], lead["quad"]) for lead in truth["leads"] if lead["box"]]
    pairs += [(lead["name_box"], lead["name_quad"]) for lead in truth["leads"]]
    pairs += [(pulse["box"], pulse["quad"]) for pulse in truth["calibration_pulses"]]
    width, height = truth["image"]["width"], truth["image"]["height"]
    for box, quad in pairs:
        assert quad == corners(box)
        assert 0 <= box[0] < box[2] <= width
        assert 0 <= box[1] < box[3] <= height
    assert truth["calibration_pulses"][0]["gain_mm_mv"] == [80, 40]
    texts = [text["quad"] for text in truth["texts"]]
    assert all(0 <= x <= width and 0 <= y <= height for quad in texts for x, y in quad)
    # At 9 mm the gain would stand wholly to the right of this page.
    assert [text["kind"] for text in truth["texts"]].count("gain") == 0


def test_lead_names_that_cannot_be_printed(generator: Generator) -> None:
    record = Record.from_array(np.zeros((2, 300)), ["", "X1"], 100)
    layout = {"rows": 2, "columns": 1, "order": "all"}
    blank, named = truth_of(generator, record, layout=layout, page=SMALL)["leads"]
    assert (blank["name"], blank["name_box"], blank["name_quad"]) == ("", None, None)
    assert named["name_box"] is not None


def test_a_camera_moves_everything_and_read_back_follows(generator: Generator) -> None:
    """A homography as of a photograph: the same truth, seen through it, gives back the same samples."""
    record = builtin_record(0, sampling_rate_hz=100).record
    flat = generator.render_spec(record, make_spec({"layout": "3x4+1", "page": SMALL})).truth
    angle = 0.2
    matrix = [[np.cos(angle), -np.sin(angle), 130], [np.sin(angle), np.cos(angle), 5], [1e-4, -2e-4, 1]]
    view = Camera((1500, 2000), np.array(matrix))
    seen = Truth(flat.record, flat.spec, flat.drawing, view, flat.prints)
    truth = strict(seen.to_json())
    for key, values in read_back(truth).items():
        expected = read_back(strict(flat.to_json()))[key]
        np.testing.assert_allclose(values, expected, atol=2e-3)
    lead = truth["leads"][0]
    assert lead["box"] != flat.to_dict()["leads"][0]["box"]
    assert lead["box"] == [f(p[k] for p in lead["quad"]) for f in (min, max) for k in (0, 1)]
    points = np.random.default_rng(0).uniform(0, 100, (50, 2))
    np.testing.assert_allclose(view.to_page(view.to_image(points)), points, atol=1e-9)
    assert Camera((1, 1)).is_identity
    assert not view.is_identity


def test_samples_come_back_through_a_bent_page(generator: Generator) -> None:
    """The camera is made again from the spec in the file, with its curl and its folds."""
    record = builtin_record(0, sampling_rate_hz=100).record
    view = {"enabled": True, "tilt_x_deg": 12, "fill": 0.9, "curl": {"height_mm": 6}, "lens": {"k1": 0.02}}
    folds = {"enabled": True, "n_horizontal": 3, "n_vertical": 2, "angle_deg": 30}
    spec = make_spec({"layout": "3x4+1", "perspective": view, "creases": folds})
    truth = strict(generator.render_spec(record, spec).truth.to_json())
    flat = strict(generator.render_spec(record, make_spec({"layout": "3x4+1"})).truth.to_json())
    for key, values in read_back(truth).items():
        np.testing.assert_allclose(values, read_back(flat)[key], atol=2e-3)
