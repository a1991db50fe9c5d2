"""Facts and samples: the same bits back, and half the bytes where the source had 16 bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastecg.packed.encoding import decode, encode
from fastecg.record import Adc, Record
from fastecg.synthesis import builtin_record

GAINS = st.one_of(
    st.sampled_from([1000.0, 200.0, 204.8, 1e-3, 4880.0, -1000.0, 1e6 / 3]),
    st.floats(1e-3, 1e7, allow_subnormal=False),
)


def as_read(digital: np.ndarray, gain: float, baseline: int) -> np.ndarray:
    """Return millivolts as a reader makes them, sample by sample in float64."""
    exact = [(float(value) - baseline) / gain if value != -32768 else np.nan for value in digital.tolist()]
    return np.array([exact], np.float64).astype(np.float32)


@given(
    st.lists(st.integers(-32768, 32767), min_size=1, max_size=50),
    GAINS,
    st.one_of(st.integers(-40000, 40000), st.integers(-(2**31), 2**31 - 1)),
)
@example([-32768, 0, 1, 32767], 200.0, 0)
@example([12345, -777], 204.8, 1 << 23)
def test_numbers_of_16_bits_give_the_same_bits_back(values: list[int], gain: float, baseline: int) -> None:
    signals = as_read(np.array(values), gain, baseline)
    record = Record("r", signals, ("I",), 500.0, {}, (Adc(gain, baseline),))
    facts, samples = encode(record)
    assert decode(facts, samples.tobytes()).signals_mv.tobytes() == signals.tobytes()


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=20), st.booleans())
def test_any_other_numbers_do_too(values: list[float], with_adc: bool) -> None:
    signals = np.array([values], np.float32)
    adc = (Adc(1000.0, 0),) if with_adc else None
    back = decode(*(bytes(part) for part in encode(Record("r", signals, ("I",), 500.0, {}, adc))))
    assert back.signals_mv.tobytes() == signals.tobytes()


@pytest.mark.parametrize(("gain", "baseline"), [(1000.0, 0), (200.0, 1024), (333.3, -3), (1000.0, 9_000_001)])
def test_what_had_16_bits_keeps_16(gain: float, baseline: int) -> None:
    digital = np.arange(-32768, 32768)
    record = Record("r", as_read(digital, gain, baseline), ("I",), 500.0, {}, (Adc(gain, baseline),))
    _, samples = encode(record)
    assert samples.dtype == np.int16
    np.testing.assert_array_equal(samples[0], digital)


def test_what_had_not_stays_float32() -> None:
    record = Record("r", np.array([[0.1, 0.25]], np.float32), ("I",), 500.0, {}, (Adc(1000.0, 0),))
    assert encode(record)[1].dtype == np.int16
    record.signals_mv[0, 1] = 0.00025
    assert encode(record)[1].dtype == np.float32
    assert encode(Record("r", record.signals_mv, ("I",), 500.0))[1].dtype == np.float32


def test_facts_come_back() -> None:
    given = builtin_record(1).record
    odd = Record(
        "na\udcffme", given.signals_mv, given.leads, 360.123456789, {"Dx": "é\n1", "": "x"}, given.adc
    )
    back = decode(*(bytes(part) for part in encode(odd)))
    assert (back.name, back.leads, back.sampling_rate_hz) == (odd.name, odd.leads, odd.sampling_rate_hz)
    assert (back.header, back.adc) == (odd.header, odd.adc)


def test_a_decoded_record_is_the_callers_to_change() -> None:
    facts, samples = encode(builtin_record(0).record)
    decode(facts, samples.tobytes()).signals_mv[0, 0] = 7.0
