"""A folder of odd records, and the store that it is packed into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.packed.pack import pack_records
from fastecg.synthesis import builtin_records


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of records: with gaps, a baseline, a gain that is no float32, in sub-folders."""
    root = tmp_path / "records"
    (root / "b").mkdir(parents=True)
    for record in builtin_records(2):
        write_wfdb(root / "b", record.name, record)
    values = np.array([[0, 1000, -32768, 32767, -7], [5, -5, 17, 3, 1]], "<i2")
    for name, first, second in (("a", "1000/mV", "204.8(-12)/mV"), ("c", "4880(1024)/mV", "0.0123/uV")):
        lines = [f"{name} 2 500 5", f"{name}.dat 16 {first} 16 0 0 0 0 avr", f"{name}.dat 16 {second} 16 0"]
        (root / f"{name}.hea").write_text("\n".join([*lines, "# Age: 56", "#Réduit"]), encoding="utf-8")
        values.T.tofile(root / f"{name}.dat")
    return root


@pytest.fixture
def store_path(folder: Path) -> Path:
    """Return the store of the folder."""
    path = folder.with_name("records.fecg")
    assert pack_records(folder, path).failed == 0
    return path
