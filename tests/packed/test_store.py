"""A store read back, by number and by key, here and in other processes; and every kind of damage."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import fastecg
from fastecg.errors import FastECGError, RecordError
from fastecg.packed.layout import HEADER_BYTES, digest
from fastecg.packed.pack import pack_records
from fastecg.packed.store import PackedSource, RecordStore, is_safe_key
from fastecg.record import Record
from fastecg.sourcing import HeldRecord, list_sources
from fastecg.synthesis import builtin_record


def same(one: Record, other: Record) -> bool:
    facts = [(r.name, r.leads, r.sampling_rate_hz, r.header, r.adc) for r in (one, other)]
    return facts[0] == facts[1] and one.signals_mv.tobytes() == other.signals_mv.tobytes()


def test_records_are_bit_for_bit_those_of_the_folder(folder: Path, store_path: Path) -> None:
    sources, store = list(fastecg.walk_records(folder)), RecordStore(store_path)
    assert [source.key for source in store] == [source.key for source in sources]
    assert len(store) == 4
    for packed, source in zip(store, sources, strict=True):
        assert same(packed.read(), source.read()), source.key
        assert same(store.find(source.key).read(), source.read())


def test_real_records_too(records_dir: Path, tmp_path: Path) -> None:
    done = pack_records(records_dir, tmp_path / "all.fecg")
    store = RecordStore(tmp_path / "all.fecg")
    assert [key for key, _ in done.failures] == ["ptb/s0015lre"]
    assert done.records == len(store) > 100
    for source in fastecg.walk_records(records_dir):
        if source.key != "ptb/s0015lre":
            assert same(store.find(source.key).read(), source.read()), source.key


def test_numbers_and_slices_are_those_of_a_sequence(store_path: Path) -> None:
    store = RecordStore(store_path)
    assert store[-1].key == store[3].key == "c"
    assert [source.key for source in store[::2]] == ["a", store[2].key]
    with pytest.raises(IndexError):
        store[4]
    with pytest.raises(RecordError, match="has no record 'x'"):
        store.find("x")


def test_leads_are_chosen_as_from_a_file(store_path: Path, folder: Path) -> None:
    source = RecordStore(store_path)[1]
    plain = fastecg.read_record(folder / source.key, leads=["v1", "AVR"])
    assert same(source.read(leads=["v1", "AVR"]), plain)
    with pytest.raises(RecordError, match="no lead 'V9'"):
        source.read(leads=["V9"])


def test_keys_of_equal_hash_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([7, 7 + (1 << 63), 7])
    monkeypatch.setattr("fastecg.packed.pack._refuse_twins", lambda _: None)
    monkeypatch.setattr("fastecg.packed.pack.digest", lambda _: next(numbers))
    pack_records(fastecg.builtin_records(3), tmp_path / "s.fecg")
    monkeypatch.setattr("fastecg.packed.store.digest", lambda _: 7)
    store = RecordStore(tmp_path / "s.fecg")
    assert [store.find(f"synthetic-000{k}").number for k in (0, 2)] == [0, 2]
    with pytest.raises(RecordError, match="no record 'synthetic-0001'"):
        store.find("synthetic-0001")


def read_name(source: PackedSource) -> tuple[str, float]:
    return source.key, float(np.nansum(source.read().signals_mv))


def test_other_processes_read_what_they_are_sent(store_path: Path) -> None:
    store = RecordStore(store_path)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(read_name, store)) == [read_name(source) for source in store]


def test_a_pickled_source_is_small(store_path: Path) -> None:
    assert len(pickle.dumps(RecordStore(store_path)[2])) < 1000


def test_a_source_of_a_store_that_was_replaced_is_refused(folder: Path, store_path: Path) -> None:
    sent = pickle.dumps(RecordStore(store_path)[2])
    data = (folder / "a.dat").read_bytes()
    (folder / "a.dat").write_bytes(bytes([data[0] ^ 1]) + data[1:])  # one bit, and nothing changes its size
    pack_records(folder, store_path)
    with pytest.raises(RecordError, match="not the one that was there before"):
        pickle.loads(sent)


def flip(data: bytearray, place: int) -> None:
    data[place] ^= 0x10


def spoiled(path: Path, change: Callable[[bytearray], object]) -> Path:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.__delitem__(slice(None)), "is no packed store"),
        (lambda data: data.__delitem__(slice(20, None)), "has 20 bytes .allowed: at least 64"),
        (lambda data: data.__delitem__(slice(-1, None)), r"bytes \(allowed: \d+ as it was written\)"),
        (lambda data: data.extend(b"x"), r"bytes \(allowed: \d+ as it was written\)"),
        (lambda data: data.__setitem__(0, 0), "is no packed store .allowed: a file made by fastecg pack"),
        (lambda data: data.__setitem__(8, 2), r"has version 2 \(allowed: version 1\); update fastecg"),
        (lambda data: flip(data, 17), "header of packed store .* is damaged"),
        (lambda data: flip(data, HEADER_BYTES - 1), "header of packed store .* is damaged"),
    ],
)
def test_a_damaged_header_or_a_wrong_length_is_found_on_opening(
    store_path: Path, change: Callable[[bytearray], object], message: str
) -> None:
    with pytest.raises(RecordError, match=message):
        RecordStore(spoiled(store_path, change))


def test_any_flipped_byte_is_found_on_reading(tmp_path: Path) -> None:
    """One flip at a time, in steps that hit facts, samples, entries and keys; not the gaps between blocks."""
    record = builtin_record(0).record
    short = Record("r", record.signals_mv[:2, :9], record.leads[:2], 500.0, {"Age": "5"}, record.adc)
    path = tmp_path / "s.fecg"
    pack_records([Record("r", short.signals_mv, short.leads, 500.0, short.header)], path)
    whole = path.read_bytes()
    store = RecordStore(path)
    entry, _ = store._entry(0)
    lookup = range(store._header.digests, store._header.keys)
    unused = range(entry.end, store._header.entries)
    store.close()
    for place in range(len(whole)):
        data = bytearray(whole)
        flip(data, place)
        path.write_bytes(data)
        if place in lookup:
            with pytest.raises(RecordError, match="no record 'r'"):
                RecordStore(path).find("r")
        elif place not in unused:
            with pytest.raises(FastECGError):
                RecordStore(path)[0].read()


@pytest.mark.parametrize("path", ["none.fecg", "folder.fecg"])
def test_what_is_no_file_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder.fecg").mkdir()
    with pytest.raises(RecordError):
        RecordStore(tmp_path / path)


@pytest.mark.parametrize("key", ["../a", "/a", "a//b", "a/..", "", "a\\b", "C:a", "a\nb", "a. ", "a/./b"])
def test_a_key_that_leads_out_of_a_folder_is_refused(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_safe_key(key)
    record = builtin_record(0).record
    wrong = Record(key, record.signals_mv, record.leads, record.sampling_rate_hz)
    with pytest.raises(RecordError, match="no record could be packed: the record has the key"):
        pack_records([wrong], tmp_path / "s.fecg")
    monkeypatch.setattr("fastecg.packed.pack.is_safe_key", lambda _: True)
    pack_records([wrong], tmp_path / "s.fecg")  # as one who means harm would
    with pytest.raises(RecordError, match="a relative name"):
        RecordStore(tmp_path / "s.fecg")[0]


def test_opening_costs_the_same_whatever_the_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening reads 64 bytes, and a record its own bytes: nothing in between may be touched."""
    record = builtin_record(0).record
    short = record.signals_mv[:, :2]
    many = [Record(f"r{k}", short, record.leads, 500.0) for k in range(300)]
    pack_records(many, tmp_path / "s.fecg")
    checked: list[int] = []

    def counted(*parts: bytes | bytearray | memoryview) -> int:
        checked.append(sum(len(part) for part in parts))
        return checksum(*parts)

    from fastecg.packed.layout import checksum

    monkeypatch.setattr("fastecg.packed.store.checksum", counted)
    monkeypatch.setattr("fastecg.packed.layout.checksum", counted)
    store = RecordStore(tmp_path / "s.fecg")
    assert sum(checked) < 200
    assert store.find("r250").read().name == "r250"
    assert sum(checked) < 3000


def test_a_store_is_a_list_of_sources_already(store_path: Path) -> None:
    assert isinstance(list_sources(store_path), RecordStore)
    record = builtin_record(0).record
    (held,) = list_sources(record)
    assert isinstance(held, HeldRecord)
    assert (held.key, held.read()) == (record.name, record)
    assert len(list_sources(None, seed=3)) == 10


def test_digests_do_not_change_between_versions() -> None:
    assert digest(b"ptbxl/HR00001") == int.from_bytes(bytes.fromhex("ebd5191bb583a68d"), "little")


def test_stores_are_the_same_bytes_every_time(folder: Path, store_path: Path) -> None:
    copy = shutil.copytree(folder, folder.with_name("copy"))
    again = folder.with_name("again.fecg")
    pack_records(copy, again)
    assert again.read_bytes() == store_path.read_bytes()
    pack_records(store_path, folder.with_name("third.fecg"))
    assert folder.with_name("third.fecg").read_bytes() == store_path.read_bytes()
