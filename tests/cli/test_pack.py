"""The command pack: what it says, and that pages from a store are the bytes of those from its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import fastecg
from fastecg.formats.wfdb_copy import write_wfdb
from tests.cli.conftest import QUICK, Command, Digests


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Return a folder with four records, two of them in a sub-folder."""
    folder = tmp_path / "records"
    (folder / "b").mkdir(parents=True)
    for number, record in enumerate(fastecg.builtin_records(4)):
        write_wfdb(folder / "b" if number % 2 else folder, record.name, record)
    return folder


@pytest.mark.pages
def test_pages_from_a_store_are_the_same_bytes(
    records: Path, here: Command, digests: Callable[[Path], Digests]
) -> None:
    store = records.with_name("packed.fecg")
    packed = here("pack", records, store)
    assert packed.code == 0
    assert "4 records packed" in packed.err
    pages = [records.with_name(name) for name in ("plain", "packed")]
    options = ("--recipe", "varied", "--annotations", "json,wfdb", *QUICK)
    for source, output in zip((records, store), pages, strict=True):
        assert here("generate", source, output, *options).code == 0
    plain, from_store = map(digests, pages)
    apart = {name for name in plain if plain[name] != from_store.get(name)}
    assert apart == {".fastecg/plan.json"}  # it says where the records are
    assert plain.keys() == from_store.keys()
    assert len(plain) >= 4 * 4


def test_the_command_says_what_was_left_out(records: Path, here: Command) -> None:
    (records / "bad.hea").write_text("bad", encoding="utf-8")
    (records / "worse.hea").write_text("bad", encoding="utf-8")
    packed = here("pack", records, records / "s.fecg")
    assert packed.code == 1
    assert "4 records packed" in packed.err
    assert "2 left out" in packed.err
    assert "left out: bad: the first line of header" in packed.err


@pytest.mark.parametrize(("source", "store"), [("none", "s.fecg"), ("records", "s.txt")])
def test_the_command_explains_what_it_refuses(records: Path, here: Command, source: str, store: str) -> None:
    left = here("pack", records.with_name(source), records.with_name(store))
    assert left.code == 1
    assert left.err.startswith("error:")
    assert "Traceback" not in left.err
