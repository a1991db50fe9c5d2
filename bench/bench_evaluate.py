"""The Challenge's ratio beside the straightforward one, whole records, and delineation beside cardiologists.

The plain one is written like the Challenge's own code, with two pictures and two correlations by FFT. The
comparison with cardiologists needs LUDB; what is printed wants ``-s``.
"""

from __future__ import annotations

import importlib
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.conftest import Measure
from bench.ratios import ratios
from bench.reference.ludb import FIELDS, compare_with_ludb
from bench.reference.plain_ratios import plain_2024_db
from fastecg.evaluate import compare_records, delineate, snr_2024_db
from fastecg.record import Record
from fastecg.synthesis import builtin_record

RATE: Final = 500.0
Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def leads(seconds: float) -> Pair:
    """Return a lead of ten seconds, drawn for so long, and a reading with 20 µV of noise."""
    truth = builtin_record(3, sampling_rate_hz=RATE).record.lead("II").astype(np.float64)
    reading = truth + 0.02 * np.random.default_rng(1).standard_normal(truth.size)
    for lead in (truth, reading):
        lead[round(seconds * RATE) :] = np.nan
    return truth, reading


@pytest.mark.benchmark(group="snr 2024")
@pytest.mark.parametrize("seconds", [2.5, 10.0])
def test_snr_2024(measure: Measure, seconds: float) -> None:
    """Time one lead."""
    assert measure(snr_2024_db, *leads(seconds), RATE) > 5


@pytest.mark.benchmark(group="snr 2024")
@pytest.mark.parametrize("seconds", [2.5, 10.0])
def test_plain_snr_2024(measure: Measure, seconds: float) -> None:
    """Time one lead the straightforward way."""
    assert measure(plain_2024_db, *leads(seconds), RATE) > 5


def test_ratio() -> None:
    """Print how much longer the straightforward way takes, by turns on the same leads."""
    for seconds in (2.5, 10.0):
        pair = leads(seconds)
        plain = {f"plain, lead of {seconds} s": partial(plain_2024_db, *pair, RATE)}
        for found in ratios(plain, partial(snr_2024_db, *pair, RATE), 5):
            print(found)  # noqa: T201 - what the benchmark is for


@pytest.mark.benchmark(group="record")
@pytest.mark.parametrize("intervals", [False, True], ids=["ratios", "with intervals"])
def test_record(measure: Measure, intervals: bool) -> None:
    """Time all measures of a page with 12 leads of 2.5 s and a rhythm strip."""
    record = builtin_record(3, sampling_rate_hz=RATE).record
    drawn = record.signals_mv.copy()
    for row, lead in enumerate(record.leads):
        if lead != "II":
            drawn[row, : 1250 * (row // 3)] = drawn[row, 1250 * (row // 3 + 1) :] = np.nan
    read = drawn + np.float32(0.02) * np.random.default_rng(1).standard_normal(drawn.shape, np.float32)
    pages = [Record.from_array(signals, record.leads, RATE) for signals in (drawn, read)]
    result = measure(compare_records, *pages, intervals=intervals)
    assert len(result.leads) == 12
    measure.per_second("pages", 1)


@pytest.mark.benchmark(group="delineate")
def test_delineate(measure: Measure) -> None:
    """Time ten seconds of one lead."""
    assert len(measure(delineate, leads(10.0)[0], RATE)) > 5


@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")
def test_delineation_beside_cardiologists() -> None:
    """Print sensitivity, precision and errors on the even records of LUDB, which no rule was set on."""
    root = Path(__file__).resolve().parents[1]
    folders = [top / "shared" / "data" / "records" / "ludb" for top in (root, root.parent)]
    folder = next((path for path in folders if path.is_dir()), None)
    if folder is None:
        pytest.skip("no LUDB: shared/data/records/ludb is neither in nor beside the checkout")
    found = compare_with_ludb(folder, importlib.import_module("wfdb"), 0)
    for kind in FIELDS:
        one = found[kind]
        errors = ", ".join(f"{one.bias_ms(mark):.1f} ± {one.sd_ms(mark):.1f}" for mark in range(3))
        print(  # noqa: T201 - as above
            f"  {kind:4} {one.right + one.missed} waves, sensitivity {one.sensitivity:.2%}, "
            f"precision {one.precision:.2%}, onset, peak, offset: {errors} ms"
        )
