"""Datasets at addresses: the same files as in a folder, gone on with from any machine, one run at a time."""

from __future__ import annotations

import hashlib
import importlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import fastecg
from fastecg.dataset import away
from fastecg.dataset.remote import Remote, at_hand, located, opened
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import Summary, generate
from fastecg.errors import FastECGError, MissingExtraError, OutputError
from fastecg.formats.registry import make_writer
from fastecg.recipe import Recipe

pytestmark = pytest.mark.pages

HERE = Work(workers=0)


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return fsspec's store in memory, empty; what is noted of runs goes below the test's folder."""
    monkeypatch.setenv("FASTECG_CACHE_DIR", str(tmp_path / "cache"))
    store: Any = importlib.import_module("fsspec").filesystem("memory")
    store.store.clear()
    yield store
    store.store.clear()


@pytest.fixture
def run(tmp_path: Path, recipe: Recipe) -> Run:
    """Return a run into the store in memory."""
    return Run(tmp_path / "notes", recipe, limit=3, copies=2, remote="memory://bucket/pages")


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".fastecg" not in path.parts
    }


def stored(url: str) -> dict[str, str]:
    place = Remote(url)
    return {
        name: hashlib.sha256(place.read(name) or b"").hexdigest()
        for name in sorted(place.sizes())
        if not name.startswith(".fastecg/")
    }


def stopped_after(pages: int, run: Run, work: Work = HERE) -> Summary:
    stop = threading.Event()
    seen = 0

    def listen(event: dict[str, Any]) -> None:
        nonlocal seen
        seen += event["event"] == "unit"
        if seen >= pages:
            stop.set()

    return generate(None, run, work, on_event=listen, stop=stop)


@pytest.mark.parametrize("dataset", ["files", "webdataset", "kaggle2025"])
def test_the_same_files_as_in_a_folder(tmp_path: Path, run: Run, dataset: str) -> None:
    options = {"shard_size": 4} if dataset == "webdataset" else {}
    run = replace(run, files=make_writer(dataset, **options))
    summary = generate(None, run, HERE)
    assert (summary.written, summary.ok) == (6, True)
    generate(None, replace(run, output=tmp_path / "folder", remote=""), HERE)
    assert stored(run.remote) == hashes(tmp_path / "folder")
    left = [name for name in Remote(run.remote).sizes(".fastecg") if "records-" not in name]
    assert sorted(left) == [".fastecg/ledger.jsonl", ".fastecg/plan.json"]


def test_worker_processes_write_there_too(tmp_path: Path, run: Run) -> None:
    remote = f"local://{tmp_path}/there"
    summary = generate(None, replace(run, remote=remote), Work(workers=2))
    assert (summary.written, summary.ok) == (6, True)
    generate(None, replace(run, output=tmp_path / "folder", remote=""), HERE)
    assert hashes(tmp_path / "there") == hashes(tmp_path / "folder")


@pytest.mark.parametrize("machine", ["the same", "another"])
def test_a_stopped_run_goes_on_from_any_machine(tmp_path: Path, run: Run, machine: str) -> None:
    first = stopped_after(2, run)
    assert (first.written, first.stopped) == (2, "interrupted")
    assert not Remote(run.remote).has("SHA256SUMS.txt")
    there = run if machine == "the same" else replace(run, output=tmp_path / "other machine")
    second = generate(None, there, HERE)
    assert (second.skipped, second.written, second.ok) == (2, 4, True)
    again = generate(None, run, HERE)
    assert (again.skipped, again.written, again.ok) == (6, 0, True)
    generate(None, replace(run, output=tmp_path / "folder", remote=""), HERE)
    assert stored(run.remote) == hashes(tmp_path / "folder")


def test_a_run_that_is_lost_in_the_middle(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by SIGKILL: nothing is sent any more, the lease stays."""
    monkeypatch.setattr(away, "PUSH_S", 0.0)
    monkeypatch.setattr(away, "WATCH_S", 0.3)
    write = Remote.write
    sent = 0

    class GoneError(BaseException):
        """Not to be handled."""

    def fail(self: Remote, path: str, chunks: Any) -> Any:
        nonlocal sent
        sent += path.endswith(".png")
        if sent > 3:
            raise GoneError
        return write(self, path, chunks)

    with monkeypatch.context() as patch:
        patch.setattr(Remote, "write", fail)
        patch.setattr(Remote, "remove", lambda *_: None)
        with pytest.raises(GoneError):
            generate(None, run, HERE)
    assert [name for name in Remote(run.remote).sizes(".fastecg") if "lease-" in name]
    other = replace(run, output=tmp_path / "other machine")
    summary = generate(None, other, HERE)
    assert (summary.skipped, summary.written, summary.ok) == (3, 3, True)
    assert not [name for name in Remote(run.remote).sizes(".fastecg") if "lease-" in name]


def test_files_that_are_lost_there_are_made_again(memory: Any, run: Run) -> None:
    generate(None, run, HERE)
    whole = stored(run.remote)
    memory.rm_file("/bucket/pages/synthetic-0001-0.png")
    memory.pipe_file("/bucket/pages/synthetic-0002-0.png", b"half")
    summary = generate(None, run, HERE)
    # the dataset was complete: a changed file is found by its size, and its page made again
    assert (summary.skipped, summary.written) == (4, 2)
    assert stored(run.remote) == whole


def test_two_runs_at_one_address(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(away, "BEAT_S", 0.05)
    monkeypatch.setattr(away, "WATCH_S", 0.5)
    other = replace(run, output=tmp_path / "other machine")
    refused: list[str] = []

    def intrude(event: dict[str, Any]) -> None:
        if event["event"] == "unit" and not refused:
            with pytest.raises(
                OutputError, match="another run is at work in memory://bucket/pages"
            ) as caught:
                generate(None, other, HERE)
            refused.append(str(caught.value))

    assert generate(None, run, HERE, on_event=intrude).ok
    assert refused


def test_shards_of_several_machines_complete_it_together(tmp_path: Path, run: Run) -> None:
    for part in (2, 1, 3):
        machine = replace(run, output=tmp_path / f"machine {part}")
        summary = generate(None, machine, Work(workers=0, shard=(part, 3)))
        assert (summary.written, summary.ok) == (2, True)
        assert Remote(run.remote).has("SHA256SUMS.txt") == (part == 3)
    generate(None, replace(run, output=tmp_path / "folder", remote=""), HERE)
    assert stored(run.remote) == hashes(tmp_path / "folder")


def test_another_dataset_there_is_left_alone(tmp_path: Path, run: Run) -> None:
    generate(None, run, HERE)
    before = stored(run.remote)
    with pytest.raises(OutputError, match="another run"):
        generate(None, replace(run, output=tmp_path / "other machine", seed=5), HERE)
    assert stored(run.remote) == before


def test_a_store_that_fails_now_and_then(run: Run, monkeypatch: pytest.MonkeyPatch, memory: Any) -> None:
    monkeypatch.setattr("fastecg.dataset.remote._WAITS_S", (0.0, 0.0))
    put = type(memory).pipe_file
    calls = 0

    def flaky(self: Any, path: str, value: bytes, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls % 3:
            raise ConnectionResetError("try again")
        return put(self, path, value, **options)

    monkeypatch.setattr(type(memory), "pipe_file", flaky)
    assert generate(None, run, HERE).ok


def test_a_store_that_refuses(run: Run, monkeypatch: pytest.MonkeyPatch, memory: Any) -> None:
    def refuse(self: Any, path: str, value: bytes, **options: Any) -> Any:
        raise PermissionError("no such key")

    monkeypatch.setattr(type(memory), "pipe_file", refuse)
    with pytest.raises(
        OutputError, match=r"memory://bucket/pages/.*cannot be written \(no such key\); check"
    ):
        generate(None, run, HERE)


def test_a_store_that_is_full_in_the_middle(run: Run, monkeypatch: pytest.MonkeyPatch, memory: Any) -> None:
    monkeypatch.setattr("fastecg.dataset.remote._WAITS_S", ())
    put = type(memory).pipe_file

    def full(self: Any, path: str, value: bytes, **options: Any) -> Any:
        if path.endswith(".png") and len(self.find("/bucket/pages")) > 8:
            raise OSError(28, "no space left")
        return put(self, path, value, **options)

    with monkeypatch.context() as patch:
        patch.setattr(type(memory), "pipe_file", full)
        summary = generate(None, run, HERE)
    assert "could not be written" in summary.stopped
    assert not Remote(run.remote).has("SHA256SUMS.txt")
    assert generate(None, run, HERE).ok


def test_paths_that_lead_out_of_it() -> None:
    place = Remote("memory://bucket/pages")
    for path in ("../x", "/x", "a//b", "a/../../x"):
        with pytest.raises(OutputError, match="leads out"):
            place.write(path, [b""])


def test_long_files_come_in_pieces(memory: Any) -> None:
    place = Remote("memory://bucket/pages")
    pieces = [bytes([k]) * 1000 for k in range(50)]
    entry = place.write("a/long", iter(pieces))
    assert (entry.size, entry.sha256) == (50_000, hashlib.sha256(b"".join(pieces)).hexdigest())
    assert memory.cat_file("/bucket/pages/a/long") == b"".join(pieces)


@pytest.mark.parametrize("kind", ["folder", "store"])
def test_records_at_an_address(tmp_path: Path, run: Run, archive: Any, memory: Any, kind: str) -> None:
    source = archive("a", "b/c")
    if kind == "store":
        fastecg.pack_records(source, tmp_path / "two.fecg")
        source = tmp_path / "two.fecg"
    address = f"memory://records/{source.name}"
    memory.put(str(source), f"/records/{source.name}", recursive=kind == "folder")
    summary = generate(address, run, HERE)
    assert (summary.written, summary.ok) == (4, True)
    generate(source, replace(run, output=tmp_path / "folder", remote=""), HERE)
    assert stored(run.remote) == hashes(tmp_path / "folder")
    memory.rm("/records", recursive=True)
    assert at_hand(address).exists()
    with pytest.raises(OutputError, match="cannot be copied"):
        at_hand("memory://records/none")


def test_addresses_that_need_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec("s3fs") is None:
        with pytest.raises(MissingExtraError, match=r"s3://bucket/x needs s3fs; python -m pip install s3fs"):
            opened("s3://bucket/x")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'fastecg\[cloud\]'"):
        opened("gs://bucket/x")


def test_a_folder_may_be_given_as_an_address(tmp_path: Path) -> None:
    assert located(f"file://{tmp_path}/a%20b") == (tmp_path / "a b", "")
    folder, remote = located("s3://bucket/pages/")
    assert remote == "s3://bucket/pages"
    assert folder.parent.parent == tmp_path / "cache"


def test_memory_is_of_one_process(run: Run) -> None:
    with pytest.raises(FastECGError, match="in the memory of this process"):
        generate(None, run, Work(workers=2))
