"""fastecg phrases: what it prints and writes, and what it says of sources that are none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from fastecg.phrases import find_phrases
from fastecg.phrases.cache import VARIABLE


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))


def test_the_dictionary_is_printed_the_heaviest_first(here: Any) -> None:
    done = here("phrases")
    assert done.code == 0
    heading, *lines = done.out.splitlines()
    assert heading == "# fastecg phrases 1"
    assert len(lines) == len(find_phrases())
    weights = [float(line.split("\t")[1]) for line in lines]
    assert weights == sorted(weights, reverse=True)
    assert here("phrases", "dictionary", "--limit", "3").out.splitlines() == [heading, *lines[:3]]


def test_a_printed_file_can_be_used(here: Any, tmp_path: Path) -> None:
    mine = tmp_path / "new" / "mine.tsv"
    done = here("phrases", "--limit", "20", "-o", mine)
    assert done.code == 0, done.err
    assert done.out == ""
    assert f"20 phrases in {mine}" in done.err
    assert here("phrases", mine).out == mine.read_text(encoding="utf-8")
    assert set(find_phrases(str(mine)).texts) <= set(find_phrases().texts)


def test_a_text_is_searched(here: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Known AF and LBBB, AF since 2019.", encoding="utf-8")
    assert here("phrases", tmp_path / "notes.txt").out == "# fastecg phrases 1\nAF\t2\nLBBB\t1\n"


def test_in_a_process_of_its_own(apart: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("1\N{DEGREE SIGN} AVB, AF", encoding="utf-8")
    done = apart("phrases", tmp_path / "notes.txt")
    assert done.code == 0, done.err
    assert done.out.splitlines()[1:] == ["1st AVB\t1", "AF\t1"]
    assert len(list((tmp_path / "cache" / "phrases").iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.txt"], "there is no nowhere.txt (allowed: dictionary, a text file"),
        (["empty.txt"], "empty.txt holds no words"),
        (["other.txt"], "finds no terms of cardiology in other.txt"),
        (["scan.pdf"], "scan.pdf is not text (allowed: plain text or HTML)"),
        (["folder"], "the folder folder holds no texts"),
        (["pipe"], "pipe is neither a file nor a folder"),
        (["mine.tsv"], "mine.tsv, line 2: 'x' is no weight"),
        (["ftp://example.org/a"], "allowed: http:// or https://"),
        (["http://127.0.0.1:1/a"], "check the address and the network"),
        (["--limit", "0"], "limit is 0 (allowed: 1 or more)"),
        (["--label", "X"], "--label X without a pipeline"),
        (["good.txt", "--pipeline", "no_such"], "there is no spaCy pipeline 'no_such'"),
        (["--pipeline", "no_such"], "the dictionary is no text for the pipeline"),
        (["-o", "good.txt/mine.tsv"], "good.txt is a file (allowed: a folder)"),
    ],
)
def test_mistakes_are_one_line(
    here: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.txt").write_text("AF")
    Path("empty.txt").touch()
    Path("other.txt").write_text("two eggs")
    Path("scan.pdf").write_bytes(b"%PDF-1.7\0\1")
    Path("mine.tsv").write_text("# fastecg phrases 1\nAF\tx\n")
    Path("folder").mkdir()
    os.mkfifo("pipe")
    done = here("phrases", *words)
    assert done.code == 1
    (line,) = done.err.strip().splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert done.out == ""
