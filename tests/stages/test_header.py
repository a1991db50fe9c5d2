"""Header templates: what is accepted, what is refused and in which words; presets in specs and recipes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from fastecg.errors import RecipeError
from fastecg.presets import load_preset, preset_names
from fastecg.recipe import load_recipe
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.fonts import FONTS
from fastecg.stages.header_template import PLACEHOLDERS, parse_line
from fastecg.texts import TextKind


def with_blocks(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"header": {"enabled": True, "template": {"blocks": list(blocks)}}}


def test_kinds_of_placeholders_are_kinds_of_texts() -> None:
    assert set(PLACEHOLDERS.values()) <= set(get_args(TextKind))


def test_what_the_issue_asks_for_can_be_printed() -> None:
    asked = (
        "name id date age sex height weight physician device rate pr qrsd qt qtc statements speed gain filter"
    )
    assert set(asked.split()) <= set(PLACEHOLDERS)
    printed = {
        name
        for template in preset_names("headers")
        for block in make_spec({"header": {"enabled": True, "template": template}}).header.template.blocks
        for line in block.lines
        for cell in parse_line(line)
        for piece in cell.pieces
        for name in piece.names
    }
    assert printed == set(PLACEHOLDERS)


def test_templates_look_different() -> None:
    templates = [
        make_spec({"header": {"template": name}}).header.template for name in preset_names("headers")
    ]
    assert len(templates) >= 5
    assert len({template.font for template in templates}) == len(FONTS)
    assert len({template.blocks for template in templates}) == len(templates)
    for template in templates:
        lines = [line for block in template.blocks for line in block.lines]
        pieces = [piece for line in lines for cell in parse_line(line) for piece in cell.pieces]
        names = [name for piece in pieces for name in piece.names]
        assert {"speed", "gain", "rate", "id", "name", "date"} <= set(names), template.name
        assert any(block.in_footer for block in template.blocks)


def test_lines_are_cut_into_cells_and_pieces() -> None:
    label, value, unit = parse_line("  PR interval |> {pr}/{qt} | ms   {{x}} ")
    (piece,) = label.pieces
    assert (piece.spaces, piece.parts, piece.kind) == (2, (("PR interval", ""),), "header")
    (piece,) = value.pieces
    assert (piece.names, piece.kind, value.to_stop) == (("pr", "qt"), "header", True)
    assert piece.parts == (("", "pr"), ("/", "qt"))
    assert [("".join(text for text, _ in one.parts), one.spaces) for one in unit.pieces] == [
        ("ms", 0),
        ("{x}", 3),
    ]
    kinds = [
        one.kind
        for cell in parse_line("{height_in} in|{p_axis} {qrs_axis}  {age} y|x")
        for one in cell.pieces
    ]
    assert kinds == ["height", "axes", "age", "header"]
    assert parse_line("") == parse_line("  ")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"place": "left", "lines": ["", "{idd}"]}, r"0\.lines\.1 is '\{idd\}' .*name, id,.*did you mean 'id'"),
    ({"place": "left", "lines": ["{id:>4}"]}, r"\{id\} is none"),
    ({"place": "left", "lines": ["{}"]}, r"\{\} is none"),
    ({"place": "left", "lines": ["{id"]}, "placeholders in pairs of braces"),
    ({"place": "left", "lines": ["a | b"]}, "the line 'a | b' has more cells than stops_em"),
    ({"place": "left", "lnes": ["a"]}, "lnes is not a known key .*did you mean 'lines'"),
    ({"place": "middle"}, r"blocks\.0\.place is 'middle' .*'centre'"),
    ({"place": "left", "start": 0.6, "end": 0.5}, "begins at 0.6 of the width and ends at 0.5"),
    ({"place": "left", "scale": 9}, r"blocks\.0\.scale is 9 \(allowed: 0\.5 to 3\)"),
    ({"place": "left", "lines": ["x" * 301]}, "at most 300"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "problem"), REFUSED)
def test_blocks_that_are_refused(block: dict[str, Any], problem: str) -> None:
    with pytest.raises(RecipeError, match=problem):
        make_spec(with_blocks(block))


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"template": "colums"}, "there is no header 'colums' .*did you mean 'columns'"),
        ({"template": "none.yaml"}, "none.yaml cannot be read"),
        ({"template": 7}, "header.template is 7 .*the name of a preset"),
        ({"qr_text": "{nam}"}, "header.qr_text .*did you mean 'name'"),
        ({"qr_text": "a | b"}, r"text and placeholders without \|"),
        ({"statements": 11}, r"header.statements is 11 \(allowed: 0 to 10\)"),
        ({"date_format": "d.m.y"}, "header.date_format .*'dd.mm.yyyy'"),
        ({"tempalte": "plain"}, "did you mean 'template'"),
        ({"text_mm": 0.5}, "header.text_mm is 0.5 .*1 to 10"),
    ],
)
def test_headers_that_are_refused(header: dict[str, Any], problem: str) -> None:
    with pytest.raises(RecipeError, match=problem):
        make_spec({"header": header})


def test_columns_must_not_overlap() -> None:
    left, right = {"place": "left", "end": 0.5}, {"place": "centre"}
    with pytest.raises(
        RecipeError, match=r"left takes 0 to 0\.5 of the width, centre 0\.34 to 0\.65: they overlap"
    ):
        make_spec(with_blocks(left, right))
    make_spec(with_blocks(left, {"place": "centre", "start": 0.5}, {"place": "footer-centre"}))
    make_spec(with_blocks(left, {"place": "left"}))  # below one another


def test_a_header_that_names_no_template_has_the_usual_one() -> None:
    columns = make_spec({"header": {"template": "columns"}}).header.template
    assert make_spec({"header": {"enabled": True}}).header.template == columns
    assert not make_spec({}).header.template.blocks
    assert not make_spec({}).header.enabled


def test_a_spec_survives_json() -> None:
    for name in preset_names("headers"):
        spec = make_spec({"header": {"enabled": True, "template": name}})
        assert make_spec(json.loads(spec.model_dump_json())) == spec
        assert PageSpec.model_validate(spec.model_dump()) == spec


def test_templates_in_recipes(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("blocks: [{place: left, lines: ['Patient {name}']}]\n", encoding="utf-8")
    file = tmp_path / "recipe.yaml"
    file.write_text(
        f"extends: clean\nheader:\n  enabled: true\n  template: {{choice: [plain, {mine.as_posix()}]}}\n",
        encoding="utf-8",
    )
    recipe = load_recipe(str(file))
    mine.unlink()  # drawing reads no file
    drawn = {recipe.draw(f"{k}").header.template.name for k in range(30)}
    assert drawn == {"plain", mine.as_posix()}
    changed = load_recipe(
        "clean", {"header.enabled": True, "header.template": "plain", "header.template.capitals": True}
    )
    template = changed.draw("a").header.template
    assert (template.name, template.capitals) == ("plain", True)
    assert template.blocks == make_spec({"header": {"template": "plain"}}).header.template.blocks
    choice = {"choice": [{"enabled": True, "template": "matrix"}, {"enabled": False}]}
    whole = load_recipe("clean", {"header": choice})
    assert {whole.draw(f"{k}").header.enabled for k in range(30)} == {True, False}
    for wrong in ({"header.template": "plan"}, {"header.template": {"choice": ["plain", "plan"]}}):
        with pytest.raises(RecipeError, match="did you mean 'plain'"):
            load_recipe("clean", wrong)


def test_templates_are_described() -> None:
    for name in preset_names("headers"):
        assert load_preset("headers", name)["description"][0].isupper()
