"""Reading a 10 s, 12-lead, 500 Hz record from a packed store beside its own files, and opening a store.

The ratios are timed by turns. The files are in the system's cache, as far as there is room for them: from
a slow disk a store gains more, for it is one file read in order.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import fastecg
from bench.conftest import Measure
from bench.ratios import Job, ratios
from fastecg.leads import STANDARD_12

RECORDS: Final = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of records such as most collections hold: one .dat file, comments, 12 leads."""
    root = tmp_path_factory.mktemp("records")
    rng = np.random.default_rng(1)
    for number in range(RECORDS):
        name = f"r{number:02d}"
        rng.integers(-900, 900, (5000, 12)).astype("<i2").tofile(root / f"{name}.dat")
        lines = [f"{name} 12 500 5000", *(f"{name}.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in STANDARD_12)]
        text = "\n".join([*lines, "# Age: 56", "# Sex: F", "# Dx: 426783006"])
        (root / f"{name}.hea").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def store(folder: Path) -> fastecg.RecordStore:
    """Return the same records, packed."""
    fastecg.pack_records(folder, folder.with_name("records.fecg"))
    return fastecg.RecordStore(folder.with_name("records.fecg"))


def in_turn(read: Callable[[Any], object], things: list[Any]) -> Job:
    """Return a job that reads the next of some records each time."""
    following = cycle(things)
    return lambda: read(next(following))


@pytest.mark.benchmark(group="packed store")
def test_read(measure: Measure, store: fastecg.RecordStore) -> None:
    """Read a record, checksum and all."""
    measure(in_turn(lambda source: source.read(), list(store)))


@pytest.mark.benchmark(group="packed store")
def test_open(measure: Measure, store: fastecg.RecordStore) -> None:
    """Open a store and close it."""
    measure(lambda: fastecg.RecordStore(store.path).close())


@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")
def test_ratios(folder: Path, store: fastecg.RecordStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Print the time of reading a record from its own files over that from the store."""
    wfdb = importlib.import_module("wfdb")

    def opened() -> object:
        return fastecg.RecordStore(store.path)[7].read()

    paths = [str(source.path) for source in fastecg.walk_records(folder)]
    found = ratios(
        {
            "fastecg.read_record": in_turn(fastecg.read_record, paths),
            "wfdb.rdrecord": in_turn(wfdb.rdrecord, paths),
            "opening the store, and a record": opened,
        },
        in_turn(lambda source: source.read(), list(store)),
        rounds=101,
    )
    assert all(ratio.low > 0 for ratio in found)
    with capsys.disabled():
        print("\n\nTimes of reading a packed record:", *found, sep="\n")  # noqa: T201 - the result of the run
