"""Packing: bad records are left out and reported, and a store is whole or absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import fastecg
from fastecg.dataset.sources import find_sources
from fastecg.errors import OutputError, RecordError
from fastecg.packed.pack import Packed, pack_records
from fastecg.packed.store import RecordStore
from fastecg.record import Record


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_bad_records_are_left_out_and_reported(folder: Path) -> None:
    (folder / "bad.hea").write_text("bad 1 500 5\nnone.dat 16 1000/mV 16 0 0 0 0 I\n", encoding="utf-8")
    (folder / "nameless.hea").write_text("n 1 500 5\na.dat 16 1000/mV 16 0 0 0 0 I\n", encoding="utf-8")
    calls: list[int] = []
    done = pack_records(
        folder, folder / "s.fecg", on_record=lambda so_far: calls.append(so_far.records + so_far.failed)
    )
    assert (done.records, done.failed) == (5, 1)
    ((key, message),) = done.failures
    assert (key, "none.dat cannot be read" in message) == ("bad", True)
    assert ["nameless: header" in note for note in done.notes] == [True]
    assert calls == [1, 2, 3, 4, 5, 6]
    assert "bad" not in [source.key for source in RecordStore(folder / "s.fecg")]


def test_a_source_without_a_good_record_makes_no_store(tmp_path: Path) -> None:
    (tmp_path / "bad.hea").write_text("bad", encoding="utf-8")
    with pytest.raises(RecordError, match=r"no record could be packed: the first line .* at least one"):
        pack_records(tmp_path, tmp_path / "s.fecg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.hea"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError("gone"), RuntimeError])
def test_a_store_is_whole_or_what_it_was(tmp_path: Path, stop: type[BaseException] | OSError) -> None:
    def broken() -> Iterator[Record]:
        yield from fastecg.builtin_records(2)
        raise stop

    path = tmp_path / "s.fecg"
    pack_records(fastecg.builtin_records(1), path)
    before = path.read_bytes()
    with pytest.raises((KeyboardInterrupt, OutputError, RuntimeError)):
        pack_records(broken(), path)
    assert path.read_bytes() == before
    assert not leftovers(tmp_path)


def test_a_full_disk_is_told(mount_disk: Callable[[int], Path]) -> None:
    disk = mount_disk(1 << 18)
    with pytest.raises(OutputError, match=r"no space left.*another disk"):
        pack_records(fastecg.builtin_records(5), disk / "s.fecg")
    assert not list(disk.iterdir())


@pytest.mark.parametrize("name", ["store", "store.dat", "folder.fecg"])
def test_a_path_that_cannot_be_a_store_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.fecg").mkdir()
    with pytest.raises(OutputError, match=r"ends in \.fecg"):
        pack_records(fastecg.builtin_records(1), tmp_path / name)


def test_a_key_that_comes_twice_is_refused(tmp_path: Path) -> None:
    record = fastecg.builtin_record(0).record
    with pytest.raises(RecordError, match="same key"):
        pack_records([record, record], tmp_path / "s.fecg")
    assert not list(tmp_path.iterdir())


def test_no_more_than_some_failures_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastecg.packed.pack._FAILURES_KEPT", 2)
    good = fastecg.builtin_record(0).record
    bad = [Record(f"../{k}", good.signals_mv, good.leads, 500.0) for k in range(5)]
    done = pack_records([good, *bad], tmp_path / "s.fecg")
    assert (done.records, done.failed, len(done.failures)) == (1, 5, 2)
    assert isinstance(done, Packed)


def test_a_store_is_a_source(store_path: Path, folder: Path) -> None:
    packed = list(find_sources(store_path, seed=0, limit=3))
    assert [source.key for source in packed] == [
        source.key for source in find_sources(folder, seed=0, limit=3)
    ]
    with pytest.raises(RecordError, match="cannot be read"):
        find_sources(folder / "none.fecg", seed=0, limit=None)
