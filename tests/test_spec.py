"""PageSpec: what is accepted, what is refused and in which words, and that a spec survives JSON."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fastecg import PageSpec
from fastecg.errors import RecipeError
from fastecg.presets import preset_names
from fastecg.spec import SIZES_MM, make_spec


@pytest.mark.parametrize(
    ("size", "orientation", "shape"),
    [
        ("letter", "landscape", (850, 1100)),
        ("letter", "portrait", (1100, 850)),
        ("legal", "landscape", (850, 1400)),
        ("A4", "landscape", (827, 1169)),
        ("A4", "portrait", (1169, 827)),
        ("A3", "landscape", (1169, 1654)),
        ("A3", "portrait", (1654, 1169)),
    ],
)
def test_sheets(size: str, orientation: str, shape: tuple[int, int]) -> None:
    page = make_spec({"page": {"size": size, "orientation": orientation, "dpi": 100}}).page
    assert page.shape_px == shape
    assert {page.width_mm, page.height_mm} == set(SIZES_MM[size])


def test_custom_sheet_keeps_its_sides() -> None:
    page = make_spec({"page": {"size": "custom", "width_mm": 254, "height_mm": 508, "dpi": 50}}).page
    assert page.shape_px == (1000, 500)
    assert page.px_per_mm == pytest.approx(50 / 25.4)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"page": {"dpi": 0}}, "page.dpi is 0 (allowed: 50 to 600)"),
    ({"page": {"dpi": 100_000}}, "page.dpi is 100000 (allowed: 50 to 600)"),
    ({"page": {"dpi": "fine"}}, "page.dpi is 'fine' (allowed: a valid integer"),
    ({"page": {"dpi": {"low": 1}}}, "page.dpi is a mapping (allowed: a valid integer"),
    ({"page": {"size": "A5"}}, "page.size is 'A5' (allowed: 'letter', 'A4', 'A3', 'legal' or 'custom')"),
    ({"page": {"size": ["A4"]}}, "page.size is ['A4'] (allowed: 'letter'"),
    ({"page": {"size": "custom"}}, "page: a custom page needs width_mm and height_mm of at least 40"),
    ({"page": {"width_mm": 100}}, "page: width_mm and height_mm go with size: custom"),
    (
        {"page": {"size": "custom", "width_mm": 2000, "height_mm": 2000, "dpi": 600}},
        "page: 47244 x 47244 pixels are more than 200 million; choose a smaller page or a lower dpi",
    ),
    ({"page": {"margin_mm": -1}}, "page.margin_mm is -1 (allowed: 0 to 100)"),
    ({"page": {"margin_mm": math.nan}}, "page.margin_mm is nan (allowed: 0 to 100)"),
    ({"page": 3}, "page is 3 (allowed: a mapping)"),
    ({"page": None}, "page is None (allowed: a mapping)"),
    ({"plot": {"speed_mm_s": math.inf}}, "plot.speed_mm_s is inf (allowed: 5 to 200)"),
    ({"plot": {"gains": {"limb_mm_mv": 0}}}, "plot.gains.limb_mm_mv is 0 (allowed: 1 to 80)"),
    ({"plot": {"pulse": "middle"}}, "plot.pulse is 'middle' (allowed: 'left', 'right' or 'none')"),
    ({"plot": {"ink": [0, 0]}}, "plot.ink.2 is missing"),
    ({"plot": {"ink": [0, 0, 256]}}, "plot.ink.2 is 256 (allowed: less than or equal to 255)"),
    ({"window": {"duration_s": 0}}, "window.duration_s is 0 (allowed: more than 0, at most 120)"),
    ({"layout": {"rows": 3}}, "layout.columns is missing"),
    ({"layout": {"rows": 16, "columns": 1}}, "layout.rows is 16 (allowed: 1 to 15)"),
    ({"layout": {"preset": "3x4", "rhythm": list("ABCDEFG")}}, "(allowed: at most 6)"),
    ({"layout": 12}, "layout is 12 (allowed: a mapping, or the name of a preset)"),
    ({"layout": "3x4+2"}, "there is no layout '3x4+2' (allowed: 12x1, "),
    ({"paper": {"minor": {"width_mm": 0}}}, "paper.minor.width_mm is 0 (allowed: more than 0, at most 1)"),
]


@pytest.mark.parametrize(("values", "message"), REFUSED, ids=[message[:30] for _, message in REFUSED])
def test_refused_in_plain_words(values: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)):
        make_spec(values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pgae": {}}, r"^pgae is not a known key .*did you mean 'page'\?"),
        ({"page": {"dip": 300}}, r"^page\.dip is not a known key .*did you mean 'dpi'\?"),
        ({"plot": {"gains": {"limb": 5}}}, r"^plot\.gains\.limb is .*did you mean 'limb_mm_mv'\?"),
        ({"paper": {"major": {"colour": 5}}}, r"^paper\.major\.colour is .*did you mean 'color'\?"),
        ({"layout": {"preset": "6x2", "rowz": 5}}, r"^layout\.rowz is .*did you mean 'rows'\?"),
        ({"layout": "3x4+l"}, r"did you mean '3x4\+.'\?"),
        ({"page": {7: 1}}, r"^page\.7 is not a known key \(allowed: size, "),
        ({"page": {"qqqq": 1}}, r"^page\.qqqq is not a known key \(allowed: size, [^;]*\)$"),
    ],
)
def test_unknown_keys_name_the_nearest(values: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        make_spec(values)


def test_presets_by_name_or_with_changes() -> None:
    spec = make_spec({"layout": "6x2", "paper": {"preset": "green", "major": {"width_mm": 0.5}}})
    assert (spec.layout.rows, spec.layout.columns, spec.layout.name) == (6, 2, "6x2")
    assert (spec.paper.tint, spec.paper.major.color, spec.paper.major.width_mm) == (
        (241, 250, 241),
        (124, 184, 134),
        0.5,
    )


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        make_spec({}).page.dpi = 100


specs = st.fixed_dictionaries(
    {
        "page": st.fixed_dictionaries(
            {
                "size": st.sampled_from(sorted(SIZES_MM)),
                "orientation": st.sampled_from(["landscape", "portrait"]),
                "dpi": st.integers(50, 600),
                "margin_mm": st.floats(0, 100),
            }
        ),
        "layout": st.sampled_from(preset_names("layouts")),
        "paper": st.sampled_from(preset_names("papers")),
        "plot": st.fixed_dictionaries(
            {
                "speed_mm_s": st.floats(5, 200),
                "trace_width_mm": st.floats(0.05, 2),
                "ink": st.tuples(*[st.integers(0, 255)] * 3),
            }
        ),
        "window": st.fixed_dictionaries({"duration_s": st.floats(0, 120, exclude_min=True)}),
        "seed": st.integers(0, 2**64),
    }
)


@given(values=specs)
def test_a_spec_survives_json(values: dict[str, Any]) -> None:
    spec = make_spec(values)
    text = spec.model_dump_json()
    assert PageSpec.model_validate_json(text) == spec
    assert make_spec(json.loads(text)).model_dump_json() == text
