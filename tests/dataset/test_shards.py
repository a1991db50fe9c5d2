"""Formats that put several pages in a file: shards are whole, and lists are in the order of the plan."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.dataset.verify import verify
from fastecg.errors import OutputError
from fastecg.recipe import Recipe

pytestmark = pytest.mark.pages
HERE = Work(workers=0)


@pytest.fixture
def shards(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the writer of shards."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setenv("FASTECG_TEST", str(os.getpid()))
    return importlib.import_module("shards").Shards


@pytest.fixture
def faulty(shards: Any) -> Any:
    """Return the class of records that bring down workers."""
    return importlib.import_module("faulty").Faulty


def lines(folder: Path) -> list[list[str]]:
    found = sorted((folder / "shards").iterdir())
    return [[line.split()[0] for line in path.read_text("utf-8").splitlines()] for path in found]


def contents(snapshot: Callable[..., Any], folder: Path) -> dict[str, str]:
    return {name: digest for name, (digest, _) in snapshot(folder).items()}


def test_shards_are_the_same_however_they_are_made(
    tmp_path: Path, recipe: Recipe, shards: Any, snapshot: Any
) -> None:
    run = {"limit": 5, "copies": 2, "files": shards(4)}
    generate(None, Run(tmp_path / "here", recipe, **run), HERE)
    generate(None, Run(tmp_path / "two", recipe, **run), Work(workers=2))
    for part in (3, 1, 2):
        summary = generate(None, Run(tmp_path / "parts", recipe, **run), Work(workers=0, shard=(part, 3)))
        assert summary.left == {3: 2, 1: 1, 2: 0}[part]
    whole = contents(snapshot, tmp_path / "here")
    assert contents(snapshot, tmp_path / "two") == whole
    assert contents(snapshot, tmp_path / "parts") == whole
    keys = [f"synthetic-000{k // 2}" for k in range(10)]
    assert lines(tmp_path / "here") == [keys[:4], keys[4:8], keys[8:]]
    index = (tmp_path / "here" / "index.txt").read_text("utf-8")
    assert index == "".join(f"{number} {key}\n" for number, key in enumerate(keys))
    assert verify(tmp_path / "here").ok


def test_a_bad_record_is_left_out_and_put_in_when_it_is_mended(
    tmp_path: Path, recipe: Recipe, shards: Any, faulty: Any, snapshot: Any
) -> None:
    bad = [faulty(f"r{k}", "exit" if k == 2 else "") for k in range(6)]
    good = [faulty(f"r{k}") for k in range(6)]
    run = Run(tmp_path / "bad", recipe, files=shards(4))
    summary = generate(bad, run, Work(workers=2))
    assert (summary.written, summary.failed, summary.stopped) == (5, 1, "")
    assert lines(tmp_path / "bad") == [["r0", "r1", "r3"], ["r4", "r5"]]
    assert verify(tmp_path / "bad").ok
    before = contents(snapshot, tmp_path / "bad")
    again = generate(bad, run, Work(workers=1))
    assert (again.written, again.skipped, again.failed) == (0, 5, 1)
    assert contents(snapshot, tmp_path / "bad") == before
    mended = generate(good, run, Work(workers=1))
    assert (mended.written, mended.skipped, mended.failed) == (4, 5, 0)
    generate(good, Run(tmp_path / "good", recipe, files=shards(4)), HERE)
    assert contents(snapshot, tmp_path / "bad") == contents(snapshot, tmp_path / "good")


def test_shards_cannot_grow(tmp_path: Path, recipe: Recipe, shards: Any, snapshot: Any) -> None:
    generate(None, Run(tmp_path, recipe, limit=3, files=shards()), HERE)
    before = snapshot(tmp_path)
    grown: tuple[dict[str, Any], ...] = ({"limit": 4}, {"limit": 3, "copies": 2})
    for more in grown:
        with pytest.raises(OutputError, match="holds the pages of another run"):
            generate(None, Run(tmp_path, recipe, files=shards(), **more), HERE)
    assert generate(None, Run(tmp_path, recipe, limit=3, files=shards()), HERE).skipped == 3
    assert snapshot(tmp_path) == before


def test_a_shard_that_is_gone_is_made_again(
    tmp_path: Path, recipe: Recipe, shards: Any, snapshot: Any
) -> None:
    run = Run(tmp_path, recipe, limit=6, files=shards(2))
    generate(None, run, HERE)
    before = contents(snapshot, tmp_path)
    (tmp_path / "shards" / "0001.txt").unlink()
    summary = generate(None, run, HERE)
    assert (summary.written, summary.skipped) == (2, 4)
    assert contents(snapshot, tmp_path) == before
