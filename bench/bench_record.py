"""Reading a 10 s, 12-lead, 500 Hz record of format 16: fastecg beside wfdb.rdrecord."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import fastecg
from fastecg.leads import STANDARD_12


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Return a record such as most collections hold: one .dat file, comments, 12 leads."""
    digital = np.random.default_rng(1).integers(-900, 900, (5000, 12)).astype("<i2")
    digital.tofile(tmp_path / "r.dat")
    lines = ["r 12 500 5000", *(f"r.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in STANDARD_12)]
    (tmp_path / "r.hea").write_text("\n".join([*lines, "# Age: 56", "# Sex: F", "# Dx: 426783006"]))
    return tmp_path / "r"


@pytest.mark.benchmark(group="read_record")
def test_fastecg(benchmark: BenchmarkFixture, record: Path) -> None:
    """Time fastecg.read_record, header and all."""
    assert benchmark(fastecg.read_record, record).signals_mv.shape == (12, 5000)


@pytest.mark.benchmark(group="read_record")
@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")
def test_wfdb(benchmark: BenchmarkFixture, record: Path) -> None:
    """Time wfdb.rdrecord on the same files."""
    wfdb = importlib.import_module("wfdb")
    assert benchmark(wfdb.rdrecord, str(record)).p_signal.shape == (5000, 12)
