"""Record: what is accepted, what is refused and in which words, and the unit arithmetic."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg import Record
from fastecg.errors import RecordError
from fastecg.record import millivolts_per_unit


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("V", 1e3),
        ("mV", 1.0),
        ("MV", 1.0),
        (" uv ", 1e-3),
        ("µV", 1e-3),
        ("μv", 1e-3),
        ("nV", 1e-6),
        ("mmHg", None),
        ("", None),
    ],
)
def test_millivolts_per_unit(unit: str, expected: float | None) -> None:
    assert millivolts_per_unit(unit) == expected


def test_from_array_scales_and_names() -> None:
    record = Record.from_array([[1000, 2000], [0, -500]], ["AVR", "mdc_ecg_lead_v1"], 128.5, unit="uV")
    np.testing.assert_allclose(record.signals_mv, [[1.0, 2.0], [0.0, -0.5]])
    assert record.signals_mv.dtype == np.float32
    assert record.leads == ("aVR", "V1")
    assert (record.name, record.samples, record.adc, dict(record.header)) == ("record", 2, None, {})
    assert record.duration_s == pytest.approx(2 / 128.5)


def test_the_given_array_is_not_changed() -> None:
    values = np.array([[0, np.inf, 1]], dtype=np.float32)
    record = Record.from_array(values, ["I"], 500)
    record.signals_mv[0, 0] = 9
    assert values[0, 0] == 0
    assert np.isinf(values[0, 1])


def test_infinite_samples_become_gaps() -> None:
    record = Record.from_array(np.array([[np.inf, 1, -np.inf, 1e300]]), ["I"], 500)
    np.testing.assert_array_equal(record.signals_mv, np.array([[np.nan, 1, np.nan, np.nan]]))


def test_lead_and_its_inverse() -> None:
    record = Record.from_array([[1, 2], [3, 4]], ["I", "aVR"], 500)
    np.testing.assert_array_equal(record.lead("aVR"), [3, 4])
    np.testing.assert_array_equal(record.lead("-aVR"), [-3, -4])
    with pytest.raises(RecordError, match=r"no lead 'V1' \(allowed: I, aVR\)"):
        record.lead("V1")


@pytest.mark.parametrize(
    ("signals", "leads", "rate", "message"),
    [
        (np.zeros(5), ["I"], 500, "1 dimensions"),
        (np.zeros((0, 5)), [], 500, "0 leads"),
        (np.zeros((16, 5)), [f"E{i}" for i in range(16)], 500, r"16 leads \(allowed: 1 to 15\)"),
        (np.zeros((2, 5)), ["I"], 500, "2 rows but 1 lead names"),
        (np.zeros((2, 5)), ["i", "Lead I"], 500, "'I' more than once"),
        (np.zeros((1, 1)), ["I"], 500, "1 samples"),
        (np.zeros((1, 0)), ["I"], 500, "0 samples"),
        (np.full((2, 5), np.nan), ["I", "II"], 500, "every lead is NaN"),
        (np.zeros((1, 5)), ["I"], 0, "rate of 0 Hz"),
        (np.zeros((1, 5)), ["I"], 49.9, "rate of 49.9 Hz"),
        (np.zeros((1, 5)), ["I"], 10_001, "rate of 10001 Hz"),
        (np.zeros((1, 5)), ["I"], math.nan, "rate of nan Hz"),
        (np.zeros((1, 5)), ["I"], math.inf, "rate of inf Hz"),
        ([["a", "b"]], ["I"], 500, "not numbers"),
        ([[1, 2], [3]], ["I", "II"], 500, "not numbers"),
    ],
)
def test_refused(signals: Any, leads: list[str], rate: float, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        Record.from_array(signals, leads, rate)


def test_unit_that_is_no_voltage() -> None:
    with pytest.raises(RecordError, match=r"unit 'mmHg' is not a voltage \(allowed: V, mV, uV, nV\)"):
        Record.from_array(np.zeros((1, 5)), ["I"], 500, unit="mmHg")


def test_one_lead_of_gaps_is_fine() -> None:
    record = Record.from_array(np.array([[np.nan, np.nan], [0, 50]]), ["I", "II"], 500)
    assert np.isnan(record.lead("I")).all()


@given(st.integers(1, 15), st.integers(2, 30), st.floats(50, 10_000))
def test_any_shape_in_range_survives_pickling(leads: int, samples: int, rate: float) -> None:
    values = np.arange(leads * samples).reshape(leads, samples)
    record = Record.from_array(values, [f"E{i}" for i in range(leads)], rate)
    copy = pickle.loads(pickle.dumps(record))
    np.testing.assert_array_equal(copy.signals_mv, values)
    assert copy.sampling_rate_hz == rate
