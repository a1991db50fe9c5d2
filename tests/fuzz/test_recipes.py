"""Recipes and layouts that nobody meant to write: a RecipeError, or a recipe that can be drawn from."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from fastecg.errors import RecipeError
from fastecg.presets import DEEPEST, preset_names, read_yaml
from fastecg.recipe import load_recipe, with_privacy
from fastecg.spec import SECTIONS, PageSpec

WORDS = st.sampled_from(
    [*preset_names("layouts"), *preset_names("papers"), "auto", "A4", "", "..", "x.yaml", "clean"]
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, -(10**400), 0, 1, 200]),
    st.floats(),
    WORDS,
    st.text(max_size=8),
    st.dates(),
)
KEYS = st.sampled_from(
    ["choice", "uniform", "integers", "weights", "preset", "rows", "enabled", "dpi", "order"]
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(KEYS, st.integers(), st.none()), inner, max_size=3),
        st.fixed_dictionaries({"choice": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"uniform": st.lists(inner, min_size=2, max_size=2)}),
        st.fixed_dictionaries({"integers": st.lists(inner, min_size=2, max_size=2)}),
    ),
    max_leaves=8,
)


@st.composite
def trees(draw: Any) -> dict[str, Any]:
    """Known sections with known keys, mostly, and values of any kind."""
    tree: dict[str, Any] = {}
    heads = st.sampled_from(
        [*SECTIONS, "window_s", "windows", "copies", "series", "extends", "description", "odd"]
    )
    for section in draw(st.lists(heads, max_size=3, unique=True)):
        field = PageSpec.model_fields.get(section)
        kind = field.annotation if field is not None else None
        if isinstance(kind, type) and issubclass(kind, BaseModel) and draw(st.booleans()):
            keys = st.sampled_from([*kind.model_fields, "odd"])
            tree[section] = draw(st.dictionaries(keys, VALUES, max_size=3))
        else:
            tree[section] = draw(VALUES)
    return tree


def loads_or_says_why(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fuzzed.yaml")
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        before = sorted(Path(folder).iterdir())
        try:
            recipe = load_recipe(path)
            for drawn in (recipe, with_privacy(recipe)):
                drawn.draw("record", seed=3, copy=1, window=2)
        except RecipeError:
            pass
        assert sorted(Path(folder).iterdir()) == before


@given(trees())
def test_trees(tree: dict[str, Any]) -> None:
    loads_or_says_why(yaml.safe_dump(tree, allow_unicode=True))


@given(trees(), st.data())
def test_damaged_text(tree: dict[str, Any], data: st.DataObject) -> None:
    """YAML's own signs in wrong places: anchors, aliases, tags, brackets, tabs, documents."""
    text = yaml.safe_dump(tree)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text)))
        signs = [
            "&a ",
            "*a",
            "!!python/name:os.system ",
            "!!set ",
            "[",
            "{",
            "]",
            "}",
            "\t",
            "---\n",
            "<<: ",
            "? ",
            "|",
            ":",
            "\0",
        ]
        text = text[:place] + data.draw(st.sampled_from(signs)) + text[place + data.draw(st.integers(0, 3)) :]
    loads_or_says_why(text)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    loads_or_says_why(text)


@pytest.mark.parametrize(
    "text",
    [
        "page: " + "[" * 3000,
        "page: " + "{a: " * 900 + "1" + "}" * 900,
        "page: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        "page: &x {dpi: *x}",
        "page: &x [*x]",
        "page:\n  k: &k0 {x: 1}\n" + "".join(f"  k{i}: &k{i + 1} {{p: *k{i}}}\n" for i in range(60)),
    ],
    ids=["open", "mappings", "lists", "itself", "list of itself", "aliases"],
)
def test_deep_recipes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=rf"more than {DEEPEST} levels deep"):
        read_yaml(text)
    with pytest.raises(RecipeError):
        loads_or_raises(text)


def loads_or_raises(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fuzzed.yaml")
        path.write_text(text, encoding="utf-8")
        load_recipe(path)


def test_few_lines_that_stand_for_billions_of_values_are_refused() -> None:
    lines = [f"  k{i}: &k{i + 1} {{p: *k{i}, q: *k{i}, r: *k{i}, s: *k{i}}}\n" for i in range(20)]
    text = "page:\n  k: &k0 {x: 1}\n" + "".join(lines)
    with pytest.raises(RecipeError, match="stands for more than"):
        loads_or_raises(text)


def test_what_is_said_twice_may_be_an_alias() -> None:
    assert read_yaml("{a: &x [1, 2], b: *x}") == {"a": [1, 2], "b": [1, 2]}


def test_weights_beyond_all_numbers_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"numbers from 0 to 1e\+12"):
        load_recipe("clean", {"page.dpi": {"choice": [100, 200], "weights": [1, 10**400]}})


def test_keys_that_are_no_words_are_named() -> None:
    with pytest.raises(RecipeError, match="mixes choice with None"):
        load_recipe("clean", {"page.dpi": {"choice": [100], None: 3}})
