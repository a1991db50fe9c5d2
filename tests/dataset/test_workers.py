"""Workers that crash, hang or eat memory cost their page and nothing else; bytes depend on none of it."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import Summary, generate
from fastecg.dataset.worker import ONE_THREAD
from fastecg.errors import OutputError
from fastecg.formats.single_files import SingleFiles
from fastecg.recipe import Recipe

pytestmark = pytest.mark.pages

LINUX = sys.platform.startswith("linux")
TWO = Work(workers=2)


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the class of records that bring down workers."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setenv("FASTECG_TEST", str(os.getpid()))
    return importlib.import_module("faulty").Faulty


def failed(summary: Summary) -> dict[str, tuple[str, str]]:
    return {failure.key: (failure.error, failure.message) for failure in summary.failures}


def pngs(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}


@pytest.mark.parametrize("fault", ["segfault", "exit"])
def test_a_record_that_brings_down_its_worker(
    tmp_path: Path, recipe: Recipe, faulty: Any, fault: str
) -> None:
    sources = [faulty("a"), faulty("b", fault), *(faulty(f"c{k}") for k in range(4))]
    events: list[dict[str, Any]] = []
    summary = generate(sources, Run(tmp_path, recipe), TWO, on_event=events.append)
    assert (summary.written, summary.failed, summary.stopped) == (5, 1, "")
    (error, message) = failed(summary)["b window 0 copy 0"]
    assert error == "WorkerDied"
    assert {"segfault": "SIGSEGV", "exit": "exit code 3"}[fault] in message
    assert len([event for event in events if event["event"] == "worker"]) == 2  # it was tried once more
    lines = [orjson.loads(line) for line in (tmp_path / "failures.jsonl").read_bytes().splitlines()]
    assert lines == [{"record": "b window 0 copy 0", "error": error, "message": message}]
    assert pngs(tmp_path) == {"a-0.png", *(f"c{k}-0.png" for k in range(4))}


def test_a_record_that_brings_down_worker_after_worker_is_given_up(
    tmp_path: Path, recipe: Recipe, faulty: Any
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    sources = [faulty("bad", "exit", marks), faulty("good")]
    run = Run(tmp_path / "pages", recipe, copies=50)
    summary = generate(sources, run, Work(workers=1))
    assert summary.written == 50
    assert len(list(marks.iterdir())) == 2 * 3
    assert "3 of its pages did so" in failed(summary)["bad"][1]
    assert len((tmp_path / "pages" / "failures.jsonl").read_bytes().splitlines()) == 3
    mended = [faulty("bad"), faulty("good")]
    again = generate(mended, run, TWO)
    assert (again.written, again.skipped, again.ok) == (50, 50, True)


def test_a_record_that_never_ends(tmp_path: Path, recipe: Recipe, faulty: Any) -> None:
    sources = [faulty("a", "loop"), faulty("b"), faulty("c")]
    summary = generate(sources, Run(tmp_path, recipe), replace(TWO, timeout_s=4))
    assert (summary.written, summary.failed) == (2, 1)
    assert failed(summary) == {"a window 0 copy 0": ("TimeoutError", "no page after 4 s")}


@pytest.mark.skipif(not LINUX, reason="the limit is Linux's")
def test_a_record_that_eats_memory(tmp_path: Path, recipe: Recipe, faulty: Any) -> None:
    sources = [faulty("a", "memory"), faulty("b"), faulty("c")]
    summary = generate(sources, Run(tmp_path, recipe), replace(TWO, memory_mb=2000))
    assert (summary.written, summary.failed) == (2, 1)
    assert failed(summary)["a"][0] == "MemoryError"


def test_what_workers_print_goes_nowhere(tmp_path: Path, recipe: Recipe, faulty: Any, capfd: Any) -> None:
    summary = generate([faulty("a", "chatter")], Run(tmp_path, recipe), Work(workers=1))
    assert (summary.written, summary.failed) == (1, 0)
    assert capfd.readouterr() == ("", "")


def test_workers_that_cannot_begin(tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken" / "numpy"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise SystemError('no numpy today')")
    monkeypatch.syspath_prepend(str(broken.parent))
    with pytest.raises(OutputError, match=r"workers end before they begin(.|\n)*no numpy today"):
        generate(None, Run(tmp_path / "pages", recipe, limit=2), TWO)


def test_crashes_change_no_byte(
    tmp_path: Path, recipe: Recipe, faulty: Any, snapshot: Callable[..., Any]
) -> None:
    def bytes_of(folder: Path) -> dict[str, str]:
        return {name: digest for name, (digest, _) in snapshot(folder).items()}

    sources = [faulty(f"folder{k % 2}/r{k}", "exit" if k == 2 else "") for k in range(6)]
    for workers in (1, 2, 4):
        generate(
            sources,
            Run(tmp_path / str(workers), recipe, copies=2, files=SingleFiles("jpeg")),
            Work(workers=workers),
        )
    assert len(list((tmp_path / "1").rglob("*.jpg"))) == 10
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "2") == bytes_of(tmp_path / "4")


def test_stopping_ends_the_pages_under_way(tmp_path: Path, recipe: Recipe) -> None:
    import threading

    stop = threading.Event()

    def stop_at_five(event: dict[str, Any]) -> None:
        if event["event"] == "unit" and event["unit"] >= 5:
            stop.set()

    run = Run(tmp_path, recipe, limit=40)
    summary = generate(None, run, TWO, on_event=stop_at_five, stop=stop)
    assert 5 < summary.written <= 10
    assert (summary.failed, summary.stopped) == (0, "interrupted")
    assert len(pngs(tmp_path)) == summary.written
    again = generate(None, run, Work(workers=0))
    assert (again.written, again.skipped) == (40 - summary.written, summary.written)


def test_clocks_may_go_backwards(tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path, recipe, limit=3)
    generate(None, replace(run, limit=2), TWO)
    for path in tmp_path.rglob("*"):
        os.utime(path, (4e9, 4e9))  # the year 2096
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    summary = generate(None, run, TWO)
    assert (summary.written, summary.skipped) == (1, 2)
    assert summary.seconds >= 0


def test_each_worker_keeps_to_one_thread(tmp_path: Path, recipe: Recipe, faulty: Any) -> None:
    assert set(ONE_THREAD.values()) == {"1"}
    summary = generate([faulty("a", "threads", tmp_path)], Run(tmp_path / "out", recipe), Work(workers=1))
    assert summary.written == 1
    said = orjson.loads((tmp_path / "threads.json").read_bytes())
    assert said == {"opencv": 1, "environment": ["1"] * len(ONE_THREAD)}
