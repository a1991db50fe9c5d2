"""The heart rate, compared with the beats that synthetic records were made of and with real records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fastecg
from fastecg import Record
from fastecg.heart_rate import heart_rate
from fastecg.synthesis import SyntheticEcg, builtin_record


def beats_per_minute(ecg: SyntheticEcg) -> float:
    """Return the rate by the median distance of R waves."""
    peaks = np.array([wave.peak_s for wave in ecg.waves if wave.kind == "QRS"])
    return float(60 / np.median(np.diff(peaks)))


@pytest.mark.parametrize("rate_hz", [100, 257, 500])
def test_synthetic_records(rate_hz: int) -> None:
    """Within three beats a minute; None, if anything, where the rhythm is irregular."""
    silent = 0
    for k in range(40):
        ecg = builtin_record(k, sampling_rate_hz=rate_hz)
        found = heart_rate(ecg.record, 0, 10.0)
        if found is None:
            silent += 1
            assert "164889003" in ecg.record.header["Dx"], k
        else:
            assert found == pytest.approx(beats_per_minute(ecg), rel=0.06), k
    assert silent <= 3


def test_a_part_of_a_record() -> None:
    slow, fast = (builtin_record(k).record for k in (0, 8))
    joined = Record.from_array(np.hstack([slow.signals_mv, fast.signals_mv]), slow.leads, 500)
    assert heart_rate(joined, 0, 10.0) == heart_rate(slow, 0, 10.0)
    assert heart_rate(joined, 5000, 10.0) == heart_rate(fast, 0, 10.0)
    assert heart_rate(slow, 0, 10.0) != heart_rate(fast, 0, 10.0)


def test_gaps_and_silence() -> None:
    record = builtin_record(0).record
    holed = record.signals_mv.copy()
    holed[:, 2000:2300] = np.nan
    found = heart_rate(Record.from_array(holed, record.leads, 500), 0, 10.0)
    assert found == pytest.approx(heart_rate(record, 0, 10.0), abs=2)
    for signal in (np.zeros(5000), np.random.default_rng(0).normal(size=5000)):
        assert heart_rate(Record.from_array(signal[None], ["X1"], 500), 0, 10.0) is None
    nothing = np.full((1, 5000), np.nan)
    nothing[0, 0] = 0
    assert heart_rate(Record.from_array(nothing, ["II"], 500), 0, 10.0) is None
    assert heart_rate(record, 0, 3.0) is None
    assert heart_rate(record, 4990, 10.0) is None


def test_real_records_of_regular_rhythms(records_dir: Path) -> None:
    """What databases call bradycardia is below 60, and tachycardia above 100 (within three beats)."""
    seen = 0
    for path in sorted(records_dir.rglob("*.hea")):
        text = path.read_text(encoding="utf-8", errors="replace")
        slow, fast = "426177001" in text, "427084000" in text
        if slow == fast:
            continue
        found = heart_rate(fastecg.read_record(path.with_suffix("")), 0, 10.0)
        if found is not None:
            assert found <= 63 if slow else found >= 97, path.name
            seen += 1
    assert seen >= 8
