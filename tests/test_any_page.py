"""Any valid draw of a recipe, with any layout and record: a page, the same each time, with whole truth."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import fastecg
from fastecg.errors import FastECGError
from fastecg.leads import STANDARD_12
from fastecg.presets import preset_names
from fastecg.recipe import Recipe, load_recipe

pytestmark = pytest.mark.pages

RECIPES = tuple(name for name in preset_names("recipes") if not load_recipe(name).series)
DPI = 60

leads = st.lists(
    st.sampled_from([*STANDARD_12, "V7", "X", "MLII", "-aVR"]), min_size=1, max_size=12, unique=True
)


@cache
def recipe_of(name: str, layout: str) -> Recipe:
    return load_recipe(name, {"page.dpi": DPI, **({"layout": layout} if layout else {})})


@cache
def generator() -> fastecg.Generator:
    """Return one for all: what it keeps from page to page may change none of them."""
    return fastecg.Generator("clean")


@st.composite
def records(draw: Any) -> fastecg.Record:
    """Records of any leads, rate and length, with gaps, flat stretches and spikes."""
    names = draw(st.one_of(st.just(list(STANDARD_12)), leads))
    rate = draw(st.sampled_from([100.0, 257.3, 500.0]))
    samples = draw(st.integers(2, round(11 * rate)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    signals = rng.normal(0, draw(st.sampled_from([0.0, 0.1, 1.0, 40.0])), (len(names), samples))
    if draw(st.booleans()):
        start = draw(st.integers(0, samples - 1))
        signals[draw(st.integers(0, len(names) - 1)), start : start + draw(st.integers(1, samples))] = np.nan
    return fastecg.Record.from_array(signals.astype(np.float32), names, rate)


@settings(max_examples=25)
@given(
    st.sampled_from(RECIPES),
    st.sampled_from(["", *preset_names("layouts")]),
    records(),
    st.integers(0, 2**31),
    st.integers(0, 3),
)
def test_any_draw(name: str, layout: str, record: fastecg.Record, seed: int, copy: int) -> None:
    recipe = recipe_of(name, layout)
    spec = recipe.draw("a/record", seed=seed, copy=copy)
    try:
        page = generator().render_spec(record, spec)
    except FastECGError as error:  # more leads than cells, no lead that the layout names, a page too small
        event("refused")
        with pytest.raises(type(error)):
            fastecg.Generator("clean").render_spec(record, spec)
        return
    again = fastecg.Generator("clean").render_spec(record, spec)
    assert np.array_equal(page.image, again.image)
    assert page.image.dtype == np.uint8
    text = page.truth.to_json("page.png")
    assert text == again.truth.to_json("page.png")
    assert b"NaN" not in text
    assert b"Infinity" not in text
    check(page, record, layout)


def check(page: fastecg.Page, record: fastecg.Record, layout: str) -> None:
    """Every lead of the page is in the truth, finite where it was recorded, and lies on the paper."""
    truth, spec = page.truth.to_dict(), page.spec
    height, width = page.image.shape[:2]
    assert (truth["image"]["height"], truth["image"]["width"]) == (height, width)
    drawn = {lead["name"].removeprefix("-") for lead in truth["leads"]}
    assert drawn
    assert drawn <= set(record.leads)
    if layout in ("3x4", "12x1", "6x2") and set(STANDARD_12) == set(record.leads):
        assert drawn == set(STANDARD_12)
    camera = generator().camera(spec)
    gaps = not np.isfinite(record.signals_mv).all()
    for lead in truth["leads"]:
        trace = np.asarray(lead["trace"], np.float64).reshape(-1, 2)
        whole = np.isfinite(trace).all(axis=1)
        assert gaps or whole.all()
        seen = whole & (trace > 0).all(axis=1) & (trace < (width, height)).all(axis=1)
        x = camera.to_page(trace[seen])[:, 0]  # far beyond the image, a bent page has no exact way back
        assert (x > -1).all()
        assert (x < spec.page.shape_px[1] + 1).all()
        for name in ("baseline", "name_quad", "box", "quad"):
            assert lead.get(name) is None or np.isfinite(np.asarray(lead[name], np.float64)).all()
