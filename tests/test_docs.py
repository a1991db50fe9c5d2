"""The documentation, compared with the code: every example runs, every recipe loads, every picture is there.

Python blocks of a page run one after another in one namespace; shell lines that call fastecg run as they are
written, in an empty folder with two records in ``records``. Lines with pip or nox are for other tests.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import pytest
import yaml

import fastecg
from fastecg.cli import main
from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.layout import Layout
from fastecg.presets import Kind, preset_names
from fastecg.recipe import load_recipe
from fastecg.spec import SECTIONS, PageSpec, Paper
from fastecg.stages.header_template import Template

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
IMAGES: Final = ROOT / "docs" / "images"
FASTECG: Final = {
    ("fastecg",): (),
    ("python", "-m", "fastecg"): (),
    ("fastecg-kit",): ("kit",),
}
"""How a call begins, and the words of fastecg's that it stands for."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, the line it begins on, and its text."""

    page: Path
    line: int
    text: str

    @property
    def id(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path, language: str) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [Block(page, text.count("\n", 0, match.start(1)) + 1, match[1]) for match in found]


def calls(page: Path) -> list[list[str]]:
    """Return the arguments of every call of fastecg in the shell blocks of a page."""
    lines = [line for block in blocks(page, "sh") for line in block.text.splitlines()]
    commands = [shlex.split(command, comments=True) for line in lines for command in line.split("&&")]
    return [
        [*words, *command[len(start) :]]
        for command in commands
        for start, words in FASTECG.items()
        if tuple(command[: len(start)]) == start
    ]


WITH_PYTHON: Final = [page for page in PAGES if blocks(page, "python")]
WITH_SHELL: Final = [page for page in PAGES if calls(page)]
YAML: Final = [block for page in PAGES for block in blocks(page, "yaml")]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, the current one, with two records in ``records``."""
    folder = tmp_path / "records"
    folder.mkdir()
    for record in fastecg.builtin_records(2):
        write_wfdb(folder, record.name, record)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASTECG_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """Return docs/make_reference.py."""
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.pages
@pytest.mark.filterwarnings("ignore:unclosed file", "ignore:Exception ignored in. <_io")  # webdataset's
@pytest.mark.filterwarnings("ignore:__array__ implementation")  # pycocotools 2.0.11, numpy 2
@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_python_examples_run(page: Path, workplace: Path) -> None:
    namespace: dict[str, Any] = {}
    for block in blocks(page, "python"):
        exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), namespace)


@pytest.mark.pages
@pytest.mark.parametrize("page", WITH_SHELL, ids=lambda page: page.name)
def test_shell_examples_run(page: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in calls(page):
        monkeypatch.setattr(sys, "argv", ["fastecg", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code, arguments


@pytest.mark.parametrize("block", YAML, ids=lambda block: block.id)
def test_yaml_examples_load(block: Block, tmp_path: Path) -> None:
    data = yaml.safe_load(block.text)
    if "rows" in data:
        Layout.model_validate(data)
    elif "tint" in data:
        Paper.model_validate(data)
    elif "blocks" in data:
        Template.model_validate(data)
    else:
        path = tmp_path / "mine.yaml"
        path.write_text(block.text, encoding="utf-8")
        load_recipe(str(path)).draw("record")


def test_there_are_examples_of_every_kind() -> None:
    assert {"README.md", "quickstart.md", "recipes.md"} <= {page.name for page in WITH_PYTHON}
    assert {"README.md", "quickstart.md", "cli.md"} <= {page.name for page in WITH_SHELL}
    assert {block.page.name for block in YAML} >= {"recipes.md", "layouts.md", "papers.md", "headers.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pictures_and_pages_linked_to_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_pictures_are_small_and_used() -> None:
    pictures = sorted(path for path in IMAGES.iterdir() if path.is_file())
    sizes = {path.name: path.stat().st_size for path in pictures}
    assert max(sizes.values()) < 300_000
    assert sum(sizes.values()) < 2_500_000
    used = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert not [name for name in sizes if f"images/{name})" not in used]


def test_the_gallery_has_a_small_sheet_of_every_recipe_and_shows_it() -> None:
    sheets = {path.name: path.stat().st_size for path in (ROOT / "docs" / "gallery").iterdir()}
    assert set(sheets) == {f"{name}.jpg" for name in preset_names("recipes")}
    assert max(sheets.values()) < 200_000
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert all(f"(gallery/{name})" in text for name in sheets)


def test_pictures_show_every_preset() -> None:
    """Each cell of a sheet ends in a caption; that there are as many cells as presets is in their size."""
    from PIL import Image

    sheets: list[tuple[Kind, int, int]] = [
        ("layouts", 3, 340 + 34 + 14),
        ("papers", 4, 240 + 34 + 14),
        ("headers", 2, 262 + 34 + 14),
    ]
    for kind, columns, cell in sheets:
        rows = -(-len(preset_names(kind)) // columns)
        with Image.open(IMAGES / f"{kind}.png") as image:
            assert image.height == rows * cell + 14, f"run docs/make_images.py: {kind} have changed"


def test_tables_name_every_key(reference: ModuleType) -> None:
    def keys(path: str, value: Any) -> list[str]:
        if not isinstance(value, dict):
            return [path]
        own = value.items()
        return [key for name, inner in own for key in keys(f"{path}.{name}", inner)]

    dumped = PageSpec().model_dump()
    wanted = [key for section in SECTIONS for key in keys(section, dumped[section])]
    rows = re.findall(r"^\| `([\w.]+)` \| (.+?) \| (.+?) \| (.*?) \|$", reference.keys(), re.MULTILINE)
    presets_own = {
        f"{section}.{key}"
        for section in ("paper", "layout", "header.template")
        for key in ("name", "description")
    }
    assert [row[0] for row in rows] == [key for key in wanted if key not in presets_own]
    ranges = {row[0]: row[1] for row in rows}
    assert ranges["page.dpi"] == "50 to 600 pixels per inch"
    assert ranges["plot.pulse"] == "`left`, `right`, `none`"


def test_tables_name_every_option(reference: ModuleType) -> None:
    text = reference.options()
    for part in (
        "### fastecg generate",
        "| `--seed` | `0` |",
        "| `[SOURCE] OUTPUT` |",
        "### fastecg recipes show",
    ):
        assert part in text


def test_the_readme_says_how_many_presets_there_are() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{len(preset_names('layouts'))} layouts" in text
    assert f"{len(preset_names('papers'))} papers" in text


def test_the_readme_example_gives_the_same_page(workplace: Path) -> None:
    namespace: dict[str, Any] = {}
    (block,) = blocks(ROOT / "README.md", "python")
    exec(block.text, namespace)
    assert np.array_equal(namespace["image"], namespace["again"].image)
    assert len(block.text.strip().splitlines()) <= 6
