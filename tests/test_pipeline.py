"""Generator: the same page alone, in company and in any order; its memory, windows and backends."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fastecg
from fastecg import Generator, Page, PageSpec, Record, builtin_record, render
from fastecg.errors import RecipeError
from fastecg.leads import STANDARD_12
from fastecg.presets import preset_names
from fastecg.spec import make_spec
from fastecg.truth import read_back

SMALL = {"size": "custom", "width_mm": 60, "height_mm": 50, "dpi": 50, "margin_mm": 2}
SMALL |= {"header_mm": 4, "footer_mm": 4}
FIFTEEN = (*STANDARD_12, "Vx", "Vy", "Vz")
RECORD = builtin_record(0, sampling_rate_hz=100, leads=FIFTEEN).record


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator("clean")


def spec_of(**values: Any) -> PageSpec:
    return make_spec({"page": SMALL, **values})


def same(one: Page, other: Page) -> bool:
    truths = one.truth.to_json("x"), other.truth.to_json("x")
    return one.image.tobytes() == other.image.tobytes() and truths[0] == truths[1]


def test_a_page_has_its_shape_and_type(generator: Generator) -> None:
    page = generator.render_spec(RECORD, spec_of())
    assert page.image.shape == (98, 118, 3)
    assert page.image.dtype == np.uint8
    assert page.image.flags.c_contiguous
    assert page.spec is page.truth.spec


def test_render_spec_is_pure(generator: Generator) -> None:
    spec = spec_of(layout="6x2", paper="green", window={"start_sample": 100})
    before = RECORD.signals_mv.tobytes()
    page = generator.render_spec(RECORD, spec)
    assert same(page, generator.render_spec(RECORD, spec))
    assert same(page, Generator("varied").render_spec(RECORD, spec))
    assert same(page, generator.render_spec(RECORD, PageSpec.model_validate_json(spec.model_dump_json())))
    assert RECORD.signals_mv.tobytes() == before


def test_pages_do_not_share_memory(generator: Generator) -> None:
    spec = spec_of()
    first = generator.render_spec(RECORD, spec)
    kept = first.image.copy()
    first.image[:] = 7
    assert (generator.render_spec(RECORD, spec).image == kept).all()


@pytest.mark.pages
def test_alone_or_in_a_batch_in_any_order() -> None:
    small = {"page": {**SMALL, "height_mm": 90, "dpi": {"choice": [50, 60]}}}
    records = [builtin_record(k, sampling_rate_hz=100, duration_s=20).record for k in range(3)]
    pages = list(Generator("varied", overrides=small).render(records, seed=9, copies=2))
    assert len(pages) == 3 * 2 * 2
    which = [(r, w, c) for r in range(3) for w in range(2) for c in range(2)]
    order = list(zip(which, pages, strict=True))
    random.Random(0).shuffle(order)
    other = Generator("varied", overrides=small)
    for (r, window, copy), page in order:
        assert (page.truth.record.name, page.spec.window.index, page.spec.copy_index) == (
            records[r].name,
            window,
            copy,
        )
        spec = other.draw(records[r], seed=9, copy=copy, window=window)
        assert spec == page.spec
        assert same(other.render_spec(records[r], spec), page)
        alone = render(records[r], "varied", seed=9, copy=copy, window=window, **small)
        assert same(alone, page)
    assert len({page.image.tobytes() for page in pages}) == len(pages)


def test_key_stands_in_for_the_name(generator: Generator) -> None:
    varied = Generator("varied")
    by_name = varied.draw(RECORD, seed=1)
    assert varied.draw(RECORD, key=RECORD.name, seed=1) == by_name
    assert varied.draw(RECORD, key="else/where", seed=1) != by_name


small_specs = st.builds(
    lambda paper, layout, **rest: make_spec(
        {
            "paper": {"preset": paper, "tint": rest["tint"]},
            "layout": layout,
            "page": {**SMALL, "height_mm": 80, "grid_extent": rest["extent"], "dpi": rest["dpi"]},
        }
    ),
    paper=st.sampled_from(preset_names("papers")),
    layout=st.sampled_from(preset_names("layouts")),
    tint=st.sampled_from([(255, 255, 255), (254, 255, 255)]),
    extent=st.sampled_from(["page", "frame"]),
    dpi=st.sampled_from([50, 60]),
)


@pytest.mark.pages
@given(specs=st.lists(small_specs, min_size=2, max_size=9))
@settings(max_examples=15, deadline=None)
def test_nothing_is_left_of_the_pages_before(specs: list[PageSpec]) -> None:
    """Papers, glyphs and the ink layer are kept between pages, and none shows on the next."""
    generator = Generator("clean")
    for spec in specs:
        alone = Generator("clean").render_spec(RECORD, spec)
        assert same(generator.render_spec(RECORD, spec), alone)


def test_an_interrupted_page_leaves_no_ink(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = generator.render_spec(RECORD, spec_of())

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fastecg.press.print_onto", interrupt)
    with pytest.raises(KeyboardInterrupt):
        generator.render_spec(RECORD, spec_of(layout="6x2"))
    monkeypatch.undo()
    assert same(generator.render_spec(RECORD, spec_of()), expected)


@pytest.mark.parametrize(
    ("seconds", "pages"), [(1, 1), (4, 1), (14.9, 1), (15, 2), (20, 2), (24.9, 2), (25, 3), (60, 6)]
)
def test_windows(seconds: float, pages: int) -> None:
    record = Record.from_array(np.zeros((1, round(seconds * 257))), ["II"], 257)
    assert Generator("clean").windows(record) == pages
    assert Generator("clean", overrides={"windows": "first"}).windows(record) == 1
    generator = Generator("clean", overrides={"page": SMALL, "layout": "12x1"})
    truths = [page.truth.to_dict()["record"] for page in generator.render([record])]
    starts = [truth["start_sample"] for truth in truths]
    assert starts == [2570 * k for k in range(pages)]
    assert [truth["window"] for truth in truths] == list(range(pages))


def test_windows_of_another_length() -> None:
    record = builtin_record(0, duration_s=10, sampling_rate_hz=100).record
    generator = Generator("clean", overrides={"window_s": 2.5, "page": SMALL, "layout": "12x1"})
    generator = Generator(generator.recipe, overrides={"page.height_mm": 80, "plot.lead_names": "above"})
    pages = list(generator.render([record]))
    assert [page.spec.window.start_sample for page in pages] == [0, 250, 500, 750]
    shown = [read_back(json.loads(page.truth.to_json()))["V3", "lead"] for page in pages]
    for k, values in enumerate(shown):
        expected = record.lead("V3")[250 * k : 250 * k + len(values)]
        np.testing.assert_allclose(values, expected, atol=1e-3)
        assert len(values) >= 150


@pytest.mark.parametrize("window", [1, 7])
def test_a_window_after_the_end(generator: Generator, window: int) -> None:
    with pytest.raises(RecipeError, match=f"window {window} begins after the end of .*allowed: 0 to 0"):
        generator.draw(RECORD, window=window)


@pytest.mark.parametrize("number", [-1, 2.5])
def test_impossible_numbers_of_windows(generator: Generator, number: Any) -> None:
    with pytest.raises(RecipeError, match=r"window\.index is"):
        generator.draw(RECORD, window=number)


def test_unknown_backend() -> None:
    with pytest.raises(
        RecipeError, match=r"backend 'gpu' is not known \(allowed: auto, cpu, cuda, reference\)"
    ):
        Generator("clean", backend="gpu")


@pytest.mark.parametrize(("rows", "paper"), [(2, "red-dots"), (1, "gray")])
def test_reference_backend_draws_the_same(rows: int, paper: str) -> None:
    tiny = {**SMALL, "width_mm": 40, "height_mm": 40}
    layout = {"rows": rows, "columns": 1}
    spec = make_spec({"page": tiny, "paper": paper, "layout": layout, "window": {"duration_s": 0.6}})
    leads = STANDARD_12[:rows]
    record = builtin_record(0, sampling_rate_hz=50, leads=leads).record
    record.signals_mv[0, 10:12] = np.nan
    ours, reference = (
        Generator("clean", backend=name).render_spec(record, spec).image.astype(int)
        for name in ("cpu", "reference")
    )
    off = abs(ours - reference)
    assert (off <= 1).mean() > 0.98
    assert off.max() <= 8


ODD_RECORDS = {
    "257 Hz": builtin_record(0, sampling_rate_hz=257).record,
    "2 leads": builtin_record(0, sampling_rate_hz=100, leads=("II", "V5")).record,
    "1 lead": builtin_record(0, sampling_rate_hz=100, leads=("V2",)).record,
    "15 leads": RECORD,
    "4 s": builtin_record(0, sampling_rate_hz=100, duration_s=4).record,
    "2 samples": Record.from_array(np.zeros((12, 2)), STANDARD_12, 500),
    "constant": Record.from_array(np.full((12, 1000), 0.7), STANDARD_12, 100),
    "huge": Record.from_array(np.tile([0, 3e38, -3e38, 50, -50], (12, 200)), STANDARD_12, 100),
    "a lead without values": Record.from_array(
        np.vstack([np.full((1, 500), np.nan), np.zeros((11, 500))]), STANDARD_12, 100
    ),
}


@pytest.mark.pages
@pytest.mark.parametrize("layout", preset_names("layouts"))
@pytest.mark.parametrize("name", ODD_RECORDS)
def test_odd_records_in_every_layout(generator: Generator, name: str, layout: str) -> None:
    record = ODD_RECORDS[name]
    page = generator.render_spec(record, spec_of(layout=layout, page={**SMALL, "height_mm": 90}))
    truth = page.truth.to_dict()
    for key, values in read_back(json.loads(page.truth.to_json())).items():
        lead = next(lead for lead in truth["leads"] if (lead["name"], lead["kind"]) == key)
        expected = record.lead(key[0])[lead["start_sample"] : lead["end_sample"]]
        np.testing.assert_allclose(values, expected, atol=1e-3, rtol=1e-6)


any_page = st.fixed_dictionaries(
    {
        "size": st.just("custom"),
        "width_mm": st.floats(40, 130),
        "height_mm": st.floats(40, 130),
        "dpi": st.integers(50, 600),
        "margin_mm": st.floats(0, 10),
        "header_mm": st.floats(0, 30),
        "footer_mm": st.floats(0, 30),
        "grid_extent": st.sampled_from(["page", "frame"]),
    }
) | st.fixed_dictionaries(
    {
        "size": st.sampled_from(["A4", "A3", "letter", "legal"]),
        "orientation": st.sampled_from(["landscape", "portrait"]),
        "dpi": st.integers(50, 70),
    }
)
any_plot = st.fixed_dictionaries(
    {
        "speed_mm_s": st.floats(5, 200),
        "gains": st.fixed_dictionaries({"limb_mm_mv": st.floats(1, 80), "chest_mm_mv": st.floats(1, 80)}),
        "trace_width_mm": st.floats(0.05, 2),
        "pulse_width_mm": st.floats(0.05, 2),
        "separator": st.sampled_from(["tick", "gap", "none"]),
        "pulse": st.sampled_from(["left", "right", "none"]),
        "lead_names": st.sampled_from(["auto", "above", "below", "left", "none"]),
        "text_mm": st.floats(1, 10),
    }
)


@pytest.mark.pages
@given(
    leads=st.lists(st.sampled_from(FIFTEEN), min_size=1, max_size=15, unique=True),
    page=any_page,
    layout=st.sampled_from(preset_names("layouts")),
    paper=st.sampled_from(preset_names("papers")),
    plot=any_plot,
)
@settings(max_examples=80, deadline=None)
def test_any_page_is_rendered_or_refused(
    leads: list[str], page: dict[str, Any], layout: str, paper: str, plot: dict[str, Any]
) -> None:
    rows = [FIFTEEN.index(lead) for lead in leads]
    record = Record.from_array(RECORD.signals_mv[rows], leads, 100)
    try:
        spec = make_spec({"page": page, "layout": layout, "paper": paper, "plot": plot})
        made = Generator("clean").render_spec(record, spec)
    except RecipeError as error:
        problem = error
    else:
        check_page(made, leads)
        return
    assert problem.allowed or problem.action


def check_page(made: Page, leads: list[str]) -> None:
    assert made.image.shape[:2] == made.spec.page.shape_px
    truth = json.loads(made.truth.to_json())
    cells = [lead["name"].removeprefix("-") for lead in truth["leads"] if lead["kind"] == "lead"]
    assert len(set(cells)) == len(cells)
    assert set(leads) & set(STANDARD_12) <= set(cells) <= set(leads)
    assert {text["kind"] for text in truth["texts"]} <= {"lead_name", "speed", "gain"}


@pytest.mark.pages
@pytest.mark.parametrize(
    "record",
    [
        "chapman-shaoxing/JS00001",
        "cpsc2018/A0001",
        "cpsc2018-extra/Q0001",
        "g12ec/E00001",
        "ludb/1",
        "mitdb/100",
        "ningbo/JS11438",
        "ptb/s0010_re",
        "ptbxl/HR00001",
        "ptbxl_lr/00001_lr",
    ],
)
def test_real_records(records_dir: Path, generator: Generator, record: str) -> None:
    real = fastecg.read_record(records_dir / record)
    page = generator.render_spec(real, make_spec({"page": {"dpi": 100}, "layout": "3x4+1"}))
    truth = json.loads(page.truth.to_json())
    assert (page.image.min(axis=2) < 60).mean() > 0.003, "hardly any ink"
    for (name, kind), values in read_back(truth).items():
        lead = next(lead for lead in truth["leads"] if (lead["name"], lead["kind"]) == (name, kind))
        expected = real.lead(name)[lead["start_sample"] : lead["end_sample"]]
        np.testing.assert_allclose(values, expected, atol=1e-3)
        assert len(values) > 2 * real.sampling_rate_hz
