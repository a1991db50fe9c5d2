"""Presets: every file that comes along is valid and described, and files of one's own work the same."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import yaml

from fastecg import Generator, Record, simulate
from fastecg.errors import RecipeError
from fastecg.layout import CABRERA_12
from fastecg.presets import Kind, expand_preset, load_preset, merge, nearest, preset_names
from fastecg.recipe import load_recipe
from fastecg.spec import make_spec

KINDS: tuple[Kind, ...] = get_args(Kind)


def test_what_the_issue_asks_for_is_there() -> None:
    layouts = preset_names("layouts")
    assert {"3x4", "3x4+1", "3x4+3", "6x2", "6x2+1", "12x1", "4x3", "2x6", "3x4+1-cabrera"} <= set(layouts)
    papers = {name: make_spec({"paper": name}).paper for name in preset_names("papers")}
    styles = {(paper.minor.style, paper.major.style) for paper in papers.values()}
    assert styles == {("lines", "lines"), ("dots", "lines"), ("none", "none")}
    assert len({paper.tint for paper in papers.values()}) > 5
    gray = papers["gray"]
    assert all(len(set(color)) == 1 for color in (gray.tint, gray.minor.color, gray.major.color))


@pytest.mark.parametrize("kind", KINDS)
def test_every_preset_is_valid_and_described(kind: Kind) -> None:
    for name in preset_names(kind):
        assert load_preset(kind, name)["description"].endswith(".")
        if kind == "recipes":
            assert load_recipe(name).name == name
        elif kind == "headers":
            assert make_spec({"header": {"template": name}}).header.template.name == name
        else:
            made = make_spec({kind[:-1]: name})
            assert getattr(made, kind[:-1]).name == name


def test_papers_tell_their_lines_from_the_tint() -> None:
    for name in preset_names("papers"):
        paper = make_spec({"paper": name}).paper
        for lines in (paper.minor, paper.major):
            contrast = max(abs(a - b) for a, b in zip(lines.color, paper.tint, strict=True))
            assert (contrast >= 20) == (lines.style != "none"), name


def test_files_of_ones_own(tmp_path: Path) -> None:
    layout, paper, recipe = (tmp_path / f"{name}.yaml" for name in ("strips", "mint", "mine"))
    layout.write_text("rows: 2\ncolumns: 1\norder: [V1, -aVR]\n", encoding="utf-8")
    paper.write_text("tint: [200, 255, 220]\nminor: {style: none}\n", encoding="utf-8")
    recipe.write_text(
        yaml.safe_dump({"extends": "clean", "layout": str(layout), "paper": str(paper)}), encoding="utf-8"
    )
    page = {"size": "custom", "width_mm": 60, "height_mm": 60, "dpi": 50, "header_mm": 0}
    generator = Generator(str(recipe), overrides={"page": page})
    record: Record = simulate(duration_s=2, sampling_rate_hz=100).record
    (drawn,) = generator.render([record])
    assert [lead["name"] for lead in drawn.truth.to_dict()["leads"]] == ["V1", "-aVR"]
    assert drawn.image[0, 0].tolist() == [200, 255, 220]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1, 2", "is not valid YAML"),
        ("- 3x4\n", "holds list .*a mapping of keys to values"),
        ("", "holds NoneType"),
        ("born: 2001-99-99\n", "is not valid YAML: month must be in 1..12"),
        ("? [1, 2]\n: 3\n", "is not valid YAML"),
    ],
)
def test_files_that_hold_something_else(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "odd.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=problem):
        load_preset("layouts", str(path))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    for name in (str(tmp_path / "none.yaml"), str(folder), str(binary), "\0.yaml"):
        with pytest.raises(RecipeError, match="cannot be read"):
            load_preset("papers", name)


def test_unknown_names_are_answered_with_the_known() -> None:
    with pytest.raises(RecipeError, match=r"there is no paper 'pnik' .*blank, blue.*did you mean 'pink'"):
        load_preset("papers", "pnik")
    with pytest.raises(RecipeError, match=r"or give the path of a \.yaml file of your own"):
        load_preset("recipes", "qqqqqq")
    assert nearest("qqqq", ["page"]) == ""


def test_merge_and_expand_leave_their_arguments() -> None:
    base, own = {"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}
    assert merge(base, own) == {"a": {"b": 3, "c": 2}}
    assert (base, own) == ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}})
    assert expand_preset("layouts", {"rows": 1}) == {"rows": 1}
    assert expand_preset("layouts", 7) == 7


def test_cabrera_follows_the_angles() -> None:
    angles = {"aVL": -30, "I": 0, "-aVR": 30, "II": 60, "aVF": 90, "III": 120}
    assert list(CABRERA_12[:6]) == sorted(angles, key=lambda lead: angles[lead])
