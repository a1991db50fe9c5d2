"""Every mistake on the command line: one line that says what is allowed and what to do, no traceback."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastecg.cli.app import _parse_overrides
from fastecg.dataset.request import Run
from fastecg.dataset.sources import find_sources
from fastecg.errors import FastECGError

OUT = "OUT"
"""Stands for a folder below the test's own."""

MISTAKES = [
    (["--set", "page.dpi=0"], "page.dpi is 0", "50"),
    (["--set", "page.dpi=100000"], "page.dpi is 100000", "600"),
    (["--set", "page.dpi=many"], "page.dpi is 'many'", "integer"),
    (["--set", "page.dip=100"], "page.dip is not a known key", "did you mean 'dpi'?"),
    (["--set", "pgae.dpi=100"], "the key 'pgae'", "did you mean 'page'?"),
    (["--set", "page.dpi"], "--set page.dpi", "KEY=VALUE"),
    (["--set", "=100"], "--set =100", "KEY=VALUE"),
    (["--set", "page.dpi={"], "--set page.dpi={", "YAML"),
    (["--set", "paper=[/]x"], "--set paper=[/]x", "YAML"),
    (["--set", "page.dpi=2020-99-99"], "--set page.dpi=2020-99-99", "YAML"),
    (["--set", "paper=['[/]']"], "paper is ['[/]']", "name of a preset"),
    (["--set", "layout=3x5+9"], "no layout '3x5+9'", "3x4+1"),
    (["--set", "paper=pnik"], "no paper 'pnik'", "did you mean 'pink'?"),
    (["--set", "page.dpi={choice: []}"], "page.dpi.choice", "at least one"),
    (["--set", "plot.text_mm={uniform: [3, 2]}"], "plot.text_mm.uniform", "low <= high"),
    (["--recipe", "clena"], "no recipe 'clena'", "did you mean 'clean'?"),
    (["--recipe", "nowhere.yaml"], "nowhere.yaml cannot be read", "YAML file"),
    (["--format", "bmp"], "image format 'bmp'", "png, jpeg"),
    (["--format", "jpeg", "--quality", "0"], "JPEG quality is 0", "1 to 100"),
    (["--annotations", "foo"], "annotation 'foo'", "json, wfdb"),
    (["--annotations", "json,foo"], "annotation 'foo'", "json, wfdb"),
    (["--copies", "0"], "0 copies", "1 or more"),
    (["--limit", "-1"], "limit is -1", "1 or more"),
    (["--seed", "-1"], "seed is -1", "0 to 18446744073709551615"),
    (["--seed", "18446744073709551616"], "seed is 18446744073709551616", "0 to 18446744073709551615"),
    (["--dataset", "tape"], "format 'tape'", "files"),
    (["--shard", "0/4"], "the shard is 0/4", "1/N to N/N"),
    (["--shard", "4"], "the shard is '4'", "I/N"),
    (["--workers", "-1"], "-1 workers", "0 to 1024"),
    (["--timeout", "0"], "the timeout is 0 s", "more than 0"),
    (["--memory-limit", "1"], "the memory limit is 1 MB", "256"),
    (["--engine", "steam"], "engine 'steam'", "local"),
    (["--backend", "abacus"], "backend 'abacus'", "auto, cpu, cuda, reference"),
]


def _one_line(err: str) -> str:
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    return lines[0]


@pytest.mark.parametrize(("words", "given_", "allowed"), MISTAKES)
def test_options(here: Any, tmp_path: Path, words: list[str], given_: str, allowed: str) -> None:
    done = here("generate", tmp_path / "out", *words)
    assert done.code == 1
    line = _one_line(done.err)
    assert given_ in line
    assert allowed in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [["--seed", "x"], ["--nonsense"], ["--copies", "1.5"]])
def test_options_that_are_none(here: Any, tmp_path: Path, words: list[str]) -> None:
    done = here("generate", tmp_path / "out", *words)
    assert done.code == 2
    assert "Try 'fastecg generate --help'" in done.err
    assert words[0] in done.err
    assert not (tmp_path / "out").exists()


def test_paths(here: Any, tmp_path: Path) -> None:
    line = _one_line(here("generate", "a", "b", "c").err)
    assert "3 paths are given: a, b, c" in line
    assert "SOURCE OUTPUT" in line
    assert here("generate").code == 2
    done = here("generate", tmp_path / "nowhere", tmp_path / "out")
    assert done.code == 1
    assert "there is no record or folder" in _one_line(done.err)
    assert "check the path" in done.err
    (tmp_path / "empty").mkdir()
    done = here("generate", tmp_path / "empty", tmp_path / "out")
    assert done.code == 1
    assert "holds no records" in _one_line(done.err)
    assert not (tmp_path / "out").exists()


def test_output_is_a_file_or_below_one(here: Any, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"mine")
    for output in (file, file / "pages", file / "deeper" / "pages"):
        done = here("generate", output)
        assert done.code == 1
        line = _one_line(done.err)
        assert f"{file} is a file (allowed: a folder); choose another output folder" in line
    assert file.read_bytes() == b"mine"


def test_output_is_the_source(here: Any, tmp_path: Path) -> None:
    (tmp_path / "r.hea").write_text("r 1 500 0\nr.dat 16 200 16 0 0 0 0 I\n")
    done = here("generate", tmp_path, tmp_path / "." / "")
    assert done.code == 1
    assert "is the folder of the records" in _one_line(done.err)
    assert [path.name for path in tmp_path.iterdir()] == ["r.hea"]


@pytest.mark.parametrize(
    ("words", "given_", "allowed"),
    [
        (["preview", "--count", "0"], "0 pages", "1 to 100"),
        (["preview", "--count", "101"], "101 pages", "1 to 100"),
        (["preview", "--recipe", "vareid"], "no recipe 'vareid'", "did you mean 'varied'?"),
        (["preview", "nowhere"], "no record or folder nowhere", "RECORDS"),
        (["preview", "--seed", "-3"], "seed is -3", "0 to 18446744073709551615"),
        (["recipes", "show", "vareid"], "'vareid'", "did you mean 'varied'?"),
    ],
)
def test_other_commands(here: Any, words: list[str], given_: str, allowed: str) -> None:
    done = here(*words)
    assert done.code == 1
    line = _one_line(done.err)
    assert given_ in line
    assert allowed in line


@given(st.text("ab.= ", max_size=6), st.text("0123-:T.=[]{},'&*!%@`#\n", max_size=12))
@example("a=", "2020-99-99")
def test_any_override_is_a_value_or_an_error(key: str, value: str) -> None:
    try:
        values = _parse_overrides([key + value])
    except FastECGError as error:
        caught = error
    else:
        assert len(values) == 1
        assert "" not in values
        return
    assert "--set" in caught.given
    assert caught.allowed


@given(st.integers(), st.integers())
def test_numbers_are_checked_before_anything_is_done(seed: int, number: int) -> None:
    good = 0 <= seed < 2**64 and number >= 1
    for make in (
        lambda: Run(Path("unused"), "clean", seed, number),
        lambda: find_sources(None, seed=seed, limit=number),
    ):
        if good:
            make()
        else:
            with pytest.raises(FastECGError, match=re.compile("allowed: ")):
                make()
