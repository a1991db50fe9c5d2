"""Recipes: distributions compared with counts, draws compared with draws in another order or company."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fastecg.errors import RecipeError
from fastecg.presets import preset_names
from fastecg.recipe import Recipe, load_recipe


def recipe(**values: Any) -> Recipe:
    return load_recipe(Recipe("test", "", 10.0, "all", values))


def write(path: Path, values: dict[str, Any]) -> str:
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return str(path)


def test_constants_are_as_given() -> None:
    spec = load_recipe("clean").draw("any", seed=3, copy=2, window=1)
    assert (spec.page.size, spec.page.dpi, spec.layout.name, spec.paper.name) == (
        "letter",
        200,
        "3x4+1",
        "pink",
    )
    assert (spec.recipe, spec.seed, spec.copy_index, spec.window.index) == ("clean", 3, 2, 1)


def test_distributions_have_their_shares() -> None:
    made = recipe(
        page={"dpi": {"choice": [100, 200, 300], "weights": [1, 3, 0]}, "margin_mm": {"integers": [3, 5]}},
        plot={"text_mm": {"uniform": [2, 4]}},
    )
    specs = [made.draw(str(k)) for k in range(2000)]
    dpi = Counter(spec.page.dpi for spec in specs)
    assert set(dpi) == {100, 200}
    assert 0.22 < dpi[100] / 2000 < 0.28  # three standard deviations of a count are 0.029
    margins = Counter(spec.page.margin_mm for spec in specs)
    assert set(margins) == {3, 4, 5}
    assert min(margins.values()) > 580
    sizes = [spec.plot.text_mm for spec in specs]
    assert 2 <= min(sizes) < 2.02
    assert 3.98 < max(sizes) <= 4
    assert sum(sizes) / 2000 == pytest.approx(3, abs=0.04)
    # Independent of one another: the mean is the same for both resolutions.
    fine = [spec.plot.text_mm for spec in specs if spec.page.dpi == 100]
    assert sum(fine) / len(fine) == pytest.approx(3, abs=0.1)


@given(st.floats(1, 10), st.floats(1, 10), st.text(max_size=5))
def test_uniform_stays_between_its_ends(a: float, b: float, key: str) -> None:
    low, high = sorted((a, b))
    assert low <= recipe(plot={"text_mm": {"uniform": [low, high]}}).draw(key).plot.text_mm <= high


def test_a_choice_of_mappings_with_distributions_inside() -> None:
    gains = {
        "choice": [
            {"limb_mm_mv": {"uniform": [5, 6]}, "chest_mm_mv": 5},
            {"limb_mm_mv": {"choice": [20, 40]}, "chest_mm_mv": {"integers": [20, 22]}},
        ]
    }
    made = recipe(plot={"gains": gains})
    drawn = [made.draw(str(k)).plot.gains for k in range(200)]
    low = [pair for pair in drawn if pair.chest_mm_mv == 5]
    assert 60 < len(low) < 140
    assert all(5 <= pair.limb_mm_mv <= 6 for pair in low)
    high = {(pair.limb_mm_mv, pair.chest_mm_mv) for pair in drawn if pair.chest_mm_mv > 5}
    assert high == {(a, b) for a in (20, 40) for b in (20, 21, 22)}


def test_presets_are_drawn_too() -> None:
    made = recipe(layout={"choice": ["6x2", {"preset": "12x1", "timing": "simultaneous"}]})
    drawn = [made.draw(str(k)).layout for k in range(50)]
    assert {(layout.name, layout.timing) for layout in drawn} == {
        ("6x2", "sequential"),
        ("12x1", "simultaneous"),
    }


def test_a_page_is_the_same_alone_and_in_any_order() -> None:
    made = load_recipe("varied")
    pages = [(f"r{k}", s, c, w) for k in range(3) for s in range(3) for c in range(2) for w in range(2)]
    drawn = {page: made.draw(page[0], seed=page[1], copy=page[2], window=page[3]) for page in pages}
    random.Random(1).shuffle(pages)
    again = load_recipe("varied")
    for key, seed, copy, window in pages:
        spec = again.draw(key, seed=seed, copy=copy, window=window)
        assert spec == drawn[key, seed, copy, window]
    widths = {spec.plot.trace_width_mm for spec in drawn.values()}
    assert len(widths) == len(drawn), "two pages share a stream"


@pytest.mark.parametrize("extra", [{"page.header_mm": {"uniform": [20, 25]}}, {"plot.speed_mm_s": 50}])
def test_a_further_value_leaves_the_others(extra: dict[str, Any]) -> None:
    (name, _), *_ = extra.items()
    section, key = name.split(".")
    made, extended = load_recipe("varied"), load_recipe("varied", extra)
    for k in range(20):
        before, after = (each.draw(str(k)).model_dump() for each in (made, extended))
        before[section].pop(key)
        after[section].pop(key)
        assert after == before


@pytest.mark.parametrize("name", preset_names("recipes"))
def test_every_recipe_draws_valid_pages_for_any_key(name: str) -> None:
    made = load_recipe(name)

    @given(seed=st.integers(0, 2**32), key=st.text(max_size=20))
    @settings(max_examples=40, deadline=None)
    def check(seed: int, key: str) -> None:
        assert made.draw(key, seed=seed) == made.draw(key, seed=seed)

    check()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"page": {"dpi": {"choice": [100, 700]}}}, "page.dpi is 700 (allowed: 50 to 600)"),
    ({"page": {"dpi": {"uniform": [100, 200]}}}, "(allowed: a valid integer"),
    ({"page": {"dpi": {"integers": [0, 100]}}}, "page.dpi is 0 (allowed: 50 to 600)"),
    ({"page": {"dpi": {"integers": [1.5, 100]}}}, "page.dpi.integers is [1.5, 100] (allowed: [low, high]"),
    ({"page": {"dpi": {"integers": [300, 100]}}}, "[low, high] with low <= high"),
    ({"page": {"dpi": {"choice": []}}}, "page.dpi.choice is [] (allowed: a list of at least one value)"),
    ({"page": {"dpi": {"choice": "abc"}}}, "a list of at least one value"),
    ({"page": {"dpi": {"choice": [100], "uniform": [1, 2]}}}, "page.dpi mixes choice with uniform"),
    (
        {"page": {"dpi": {"choice": [100, 200], "weights": [1]}}},
        "2 numbers from 0 to 1e+12, not all 0",
    ),
    (
        {"page": {"dpi": {"choice": [100, 200], "weights": [0, 0]}}},
        "2 numbers from 0 to 1e+12, not all 0",
    ),
    (
        {"page": {"dpi": {"choice": [100, 200], "weights": [-1, 2]}}},
        "2 numbers from 0 to 1e+12, not all 0",
    ),
    (
        {"page": {"dpi": {"choice": [100, 200], "weights": [float("inf"), 1]}}},
        "2 numbers from 0 to 1e+12, not all 0",
    ),
    ({"plot": {"text_mm": {"uniform": [float("nan"), 2]}}}, "plot.text_mm is nan (allowed: 1 to 10)"),
    ({"plot": {"gains": {"choice": [{"limb": 5}]}}}, "did you mean 'limb_mm_mv'?"),
    ({"paper": {"choice": ["pink", "pinc"]}}, "there is no paper 'pinc'"),
    ({"paper": {"tint": [{"integers": [1, 2]}, 1, 1]}}, "paper.tint.0 is a mapping"),
    ({"pages": {}}, "has the key 'pages' (allowed: description, window_s, windows, copies, series, page, "),
    ({cast(str, 1): {}}, "has the key 1 (allowed: description,"),
]


@pytest.mark.parametrize(("values", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
def test_what_cannot_be_drawn_is_refused_at_once(
    values: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)):
        load_recipe(Recipe("test", "", 10.0, "all", values))
    with pytest.raises(RecipeError, match=re.escape(message)):
        load_recipe(write(tmp_path / "recipe.yaml", values))


def test_every_branch_of_a_choice_is_checked() -> None:
    """Both branches have a distribution of the same name; only the second reaches too far."""
    branches = [{"limb_mm_mv": {"uniform": [5, 10]}}, {"limb_mm_mv": {"uniform": [50, 100]}}]
    with pytest.raises(RecipeError, match=r"plot\.gains\.limb_mm_mv is 100 \(allowed: 1 to 80\)"):
        recipe(plot={"gains": {"choice": branches}})


def test_extends_changes_only_what_it_names(tmp_path: Path) -> None:
    base = write(
        tmp_path / "base.yaml",
        {
            "description": "Base.",
            "window_s": 5,
            "page": {"dpi": {"choice": [100, 150]}, "margin_mm": 4},
            "paper": "green",
            "layout": "6x2",
        },
    )
    child = {"extends": base, "page": {"dpi": {"integers": [70, 72]}}, "paper": {"tint": [1, 2, 3]}}
    made = load_recipe(write(tmp_path / "child.yaml", child))
    spec = made.draw("a")
    assert (made.window_s, made.description, spec.window.duration_s) == (5, "Base.", 5)
    assert spec.page.dpi in {70, 71, 72}
    assert (spec.page.margin_mm, spec.layout.name) == (4, "6x2")
    green = load_recipe("clean", {"paper": "green"}).draw("a").paper
    assert spec.paper == green.model_copy(update={"tint": (1, 2, 3)})


def test_recipes_that_extend_themselves(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    write(one, {"extends": str(one)})
    with pytest.raises(RecipeError, match=r"one\.yaml' extends itself"):
        load_recipe(str(one))
    write(one, {"extends": str(two)})
    write(two, {"extends": str(one)})
    with pytest.raises(RecipeError, match=r"extends itself: .*one\.yaml > .*two\.yaml > .*one\.yaml"):
        load_recipe(str(one))
    write(two, {"extends": "claen"})
    with pytest.raises(RecipeError, match="did you mean 'clean'"):
        load_recipe(str(one))


def test_overrides() -> None:
    spec = load_recipe(
        "clean",
        {
            "page.dpi": {"choice": [72]},
            "page": {"margin_mm": 3},
            "paper.tint": [9, 9, 9],
            "layout": {"timing": "simultaneous"},
            "window_s": 4,
        },
    ).draw("a")
    assert (spec.page.dpi, spec.page.margin_mm, spec.page.size) == (72, 3, "letter")
    assert (spec.paper.tint, spec.paper.name) == ((9, 9, 9), "pink")
    assert (spec.layout.timing, spec.layout.rows, spec.layout.rhythm) == ("simultaneous", 3, ("II",))
    assert spec.window.duration_s == 4


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"page.dip": 3}, "page.dip is not a known key"),
        ({"page.dpi.x": 3}, "page.dpi is a mapping (allowed: a valid integer"),
        ({"": 3}, "recipe 'clean' has the key ''"),
        ({"window_s": 0}, "window_s is 0 (allowed: more than 0, at most 120)"),
        ({"windows": "last"}, "windows is 'last' (allowed: 'all', 'first' or 'whole')"),
        ({"seed": 1}, "recipe 'clean' has the key 'seed'"),
        ({"extends": "varied"}, "extends is given as an override (allowed: only in a recipe file)"),
    ],
)
def test_overrides_that_cannot_be(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)):
        load_recipe("clean", overrides)


def test_loading_a_recipe_again_changes_nothing() -> None:
    made = load_recipe("varied")
    assert load_recipe(made) == made
    assert load_recipe(made, {"page.dpi": 72}).draw("a").page.dpi == 72
    assert made.draw("a").page.dpi != 72


def test_a_value_inside_a_choice_is_not_overridden_silently() -> None:
    with pytest.raises(RecipeError, match="set paper itself"):
        load_recipe("varied", {"paper.tint": [255, 255, 255]})
    assert load_recipe("clean", {"paper.tint": [9, 8, 7]}).draw("a").paper.tint == (9, 8, 7)


def test_a_recipe_by_path_is_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: clean\nlayout: 6x2\n", encoding="utf-8")
    assert load_recipe(path).draw("a") == load_recipe(str(path)).draw("a")
    assert load_recipe(path).draw("a").recipe == "mine"


def test_a_series_gives_the_copies_to_its_recipes_by_turns(tmp_path: Path) -> None:
    path = write(tmp_path / "both.yaml", {"series": ["clean", "varied"], "copies": 6, "page": {"dpi": 77}})
    made = load_recipe(path)
    assert (made.copies, [member.name for member in made.series]) == (6, ["both/clean", "both/varied"])
    specs = [made.draw("a", copy=copy) for copy in range(4)]
    assert [spec.recipe for spec in specs] == ["both/clean", "both/varied"] * 2
    assert [spec.copy_index for spec in specs] == [0, 1, 2, 3]
    assert {spec.page.dpi for spec in specs} == {77}
    changed = load_recipe(made, {"page.dpi": 88})
    assert changed.draw("a", copy=1).page.dpi == 88
    assert load_recipe(made) == made


def test_a_series_of_what_is_not_there_or_a_series_is_refused(tmp_path: Path) -> None:
    path = str(write(tmp_path / "bad.yaml", {"series": ["claen"]}))
    with pytest.raises(RecipeError, match="did you mean 'clean'"):
        load_recipe(path)
    one = str(write(tmp_path / "one.yaml", {"series": ["clean"]}))
    outer = str(write(tmp_path / "outer.yaml", {"series": [one]}))
    with pytest.raises(RecipeError, match="is a series"):
        load_recipe(outer)


def test_choices_of_one_name_are_drawn_together() -> None:
    both = recipe(
        perspective={"choice": [{}, {"enabled": True}], "weights": [1, 2], "together": "camera"},
        imaging={"choice": [{}, {"enabled": True}], "weights": [1, 2], "together": "camera"},
        creases={"choice": [{}, {"enabled": True}], "weights": [1, 2]},
    )
    specs = [both.draw(f"r{k}") for k in range(300)]
    assert all(spec.perspective.enabled == spec.imaging.enabled for spec in specs)
    assert sum(spec.imaging.enabled for spec in specs) == pytest.approx(200, abs=35)
    assert sum(spec.imaging.enabled and not spec.creases.enabled for spec in specs) > 30
    with pytest.raises(RecipeError, match="mixes uniform with together"):
        recipe(plot={"trace_width_mm": {"uniform": [0.2, 0.4], "together": "x"}})


@pytest.mark.parametrize(
    ("windows", "length_s", "pages"),
    [
        ("all", 4.0, 1),
        ("all", 16.0, 2),
        ("first", 99.0, 1),
        ("whole", 9.99, 0),
        ("whole", 10.0, 1),
        ("whole", 39.9, 3),
    ],
)
def test_how_many_pages_a_record_fills(windows: str, length_s: float, pages: int) -> None:
    assert load_recipe("clean", {"windows": windows}).windows_in(length_s) == pages
