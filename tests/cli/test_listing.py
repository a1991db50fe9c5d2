"""help, version, recipes, bench and preview: what they print and write."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np
import pytest
import yaml
from PIL import Image

import fastecg
from fastecg import benchmark, presets
from fastecg.contact_sheet import CELL_PX, GAP_PX
from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.presets import Kind, preset_names

COMMANDS = ("generate", "preview", "recipes", "models", "phrases", "bench")


def test_help_lists_the_commands(apart: Any) -> None:
    done = apart("--help")
    assert done.code == 0
    assert all(command in done.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(here: Any, command: str) -> None:
    done = here(command, "--help")
    assert done.code == 0
    assert f"fastecg {command}" in done.out


def test_version(here: Any) -> None:
    assert here("--version").out.strip() == fastecg.__version__


def test_without_words_there_is_help(here: Any) -> None:
    assert "generate" in "".join((here().out, here().err))


def test_recipes_lists_every_preset(here: Any) -> None:
    done = here("recipes")
    assert done.code == 0
    cells = done.out.split()
    for kind in get_args(Kind):
        names = preset_names(kind)
        assert names
        assert set(names) <= set(cells)


@pytest.mark.parametrize(("kind", "name"), [("recipes", "varied"), ("layouts", "3x4+1"), ("papers", "pink")])
def test_show_prints_a_file_to_start_from(here: Any, kind: str, name: str) -> None:
    done = here("recipes", "show", name)
    assert done.out == resources.files(presets).joinpath(kind, f"{name}.yaml").read_text(encoding="utf-8")
    assert isinstance(yaml.safe_load(done.out), dict)


@pytest.mark.pages
def test_a_shown_recipe_can_be_used(here: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(here("recipes", "show", "clean").out.replace("dpi: 200", "dpi: 60"), encoding="utf-8")
    done = here("generate", tmp_path / "out", "--recipe", own, "--limit", "1")
    assert done.code == 0, done.err
    with Image.open(tmp_path / "out" / "synthetic-0000-0.png") as image:
        assert image.size == (660, 510)


@pytest.mark.pages
def test_bench_prints_our_seconds_beside_the_published(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "PAGES", 2)
    monkeypatch.setattr(benchmark, "FRESH_PAGES", 2)
    monkeypatch.setenv("COLUMNS", "200")
    done = here("bench")
    assert done.code == 0
    assert "distortionless" in done.out
    published = [seconds for pair in benchmark.PUBLISHED_S.values() for seconds in pair]
    assert all(str(seconds) in done.out for seconds in published)
    assert "2307.01946" in done.out


@pytest.mark.pages
def test_bench_writes_the_table(here: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(benchmark, "PAGES", 2)
    monkeypatch.setattr(benchmark, "FRESH_PAGES", 2)
    done = here("bench", "-o", tmp_path / "new")
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "new" / "bench.json").read_text(encoding="utf-8"))
    assert {row["stage"] for row in found["rows"]} >= {
        *benchmark.PUBLISHED_S,
        benchmark.TOTAL,
        benchmark.ENCODED,
    }
    assert "| perspective | 0.065 | 2.03 |" in (tmp_path / "new" / "bench.md").read_text(encoding="utf-8")
    assert (tmp_path / "new" / "bench.svg").read_text(encoding="utf-8").startswith("<svg")


def _sheet(path: Path) -> np.ndarray[Any, Any]:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    other = cv2.imread(str(path))
    assert other is not None
    np.testing.assert_array_equal(other[:, :, ::-1], pixels)
    return pixels


@pytest.mark.pages
def test_preview_writes_a_sheet(here: Any, tmp_path: Path) -> None:
    words = ("preview", "--count", "4", "--set", "page.dpi=60", "-o")
    done = here(*words, tmp_path / "new" / "sheet.png")
    assert done.code == 0, done.err
    pixels = _sheet(tmp_path / "new" / "sheet.png")
    assert pixels.shape == (2 * (CELL_PX[0] + GAP_PX) + GAP_PX, 3 * (CELL_PX[1] + GAP_PX) + GAP_PX, 3)
    here(*words, tmp_path / "again.png")
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "new" / "sheet.png").read_bytes()


@pytest.mark.pages
def test_preview_passes_over_a_bad_record(here: Any, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "bad.hea").touch()
    write_wfdb(archive, "good", fastecg.builtin_record(0).record)
    done = here("preview", archive, "--count", "3", "--set", "page.dpi=60", "-o", tmp_path / "sheet.png")
    assert done.code == 1
    assert done.err.count("failed: bad: ") == 1
    assert "3 pages on" in done.err
    assert len(_sheet(tmp_path / "sheet.png"))
    (archive / "good.dat").unlink()
    done = here("preview", archive, "-o", tmp_path / "none.png")
    assert done.code == 1
    assert "error: none of the records can be drawn" in done.err
    assert not (tmp_path / "none.png").exists()


@pytest.mark.pages
def test_preview_cannot_write(here: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = here("preview", "--count", "1", "--set", "page.dpi=60", "-o", tmp_path / "file" / "sheet.png")
    assert done.code == 1
    assert done.err.startswith("error: ")
    assert "is a file (allowed: a folder)" in done.err
