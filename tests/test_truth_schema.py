"""The schema of a truth, compared with the truths of every recipe, and with the page that tells of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

import fastecg
from fastecg.presets import preset_names
from fastecg.truth_schema import TruthFile

DOCS = Path(__file__).parents[1] / "docs"


def truth_of(recipe: str, seed: int) -> dict[str, Any]:
    record = fastecg.builtin_record(seed, sampling_rate_hz=100).record
    generator = fastecg.Generator(recipe, overrides={"page.dpi": 60})
    page = generator.render_spec(record, generator.draw(record, seed=seed, copy=seed))
    truth: dict[str, Any] = orjson.loads(page.truth.to_json("page.png"))
    return truth


@pytest.mark.pages
@pytest.mark.parametrize("recipe", preset_names("recipes"))
def test_every_recipe_keeps_to_the_schema(recipe: str) -> None:
    for seed in range(3):
        truth = truth_of(recipe, seed)
        text = orjson.dumps(truth)
        told = TruthFile.model_validate_json(text).model_dump(by_alias=True, exclude_none=False, mode="json")
        if "mesh" not in truth["camera"]:
            del told["camera"]["mesh"]
        assert told == truth
        assert list(told) == list(truth)
        assert list(told["leads"][0]) == list(truth["leads"][0])


@pytest.mark.pages
def test_the_schema_refuses_what_is_no_truth() -> None:
    truth = truth_of("clean", 0)
    TruthFile.model_validate(truth)
    for path, value in (
        (("extra",), 1),
        (("leads", 0, "trace", 0), [1.0]),
        (("leads", 0, "trace", 0), [1.0, None]),
        (("leads", 0, "kind"), "strip"),
        (("texts", 0, "quad"), None),
        (("image", "width"), 0),
        (("seed",), None),
    ):
        changed: Any = orjson.loads(orjson.dumps(truth))
        inner = changed
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        with pytest.raises(ValidationError):
            TruthFile.model_validate(changed)


def test_every_key_has_a_meaning_and_a_table() -> None:
    text = (DOCS / "truth.md").read_text(encoding="utf-8")
    included = re.findall(r"_generated/truth-(\w+)\.md", text)
    parts = [name for name, kind in TruthFile.model_fields.items() if "Keys" in str(kind.annotation)]
    assert included == ["all", *parts]
    schema = TruthFile.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        assert all(key["description"] and "unit" in key for key in part["properties"].values()), part["title"]
