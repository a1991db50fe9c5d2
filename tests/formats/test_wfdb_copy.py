"""WFDB copies, compared with what the wfdb library reads back from them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg.errors import OutputError
from fastecg.formats.wfdb_copy import encode_wfdb, write_wfdb
from fastecg.leads import STANDARD_12
from fastecg.record import Adc, Record

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")  # wfdb 4.3, pandas 3
LEADS = (*STANDARD_12, "V7", "Vx", "a lead")
rates = st.one_of(st.integers(50, 10_000).map(float), st.floats(50, 10_000))
adcs = st.builds(
    Adc,
    st.one_of(st.sampled_from([200.0, 1000.0, 204.8, 4.88e3, 1e5, 0.5]), st.floats(0.01, 1e6)),
    st.one_of(st.just(0), st.integers(-40_000, 40_000)),
)


def record_of(
    signals_mv: Any,
    adc: tuple[Adc, ...] | None = None,
    rate: float = 500.0,
    header: Mapping[str, str] = MappingProxyType({}),
) -> Record:
    signals = np.atleast_2d(np.asarray(signals_mv, np.float32))
    return Record("source", signals, LEADS[: len(signals)], rate, header, adc)


def read_back(record: Record, *, physical: bool = True, with_header: bool = True) -> Any:
    wfdb = importlib.import_module("wfdb")
    with TemporaryDirectory() as folder:
        write_wfdb(Path(folder), "copy_1-a", record, with_header=with_header)
        assert sorted(path.name for path in Path(folder).iterdir()) == ["copy_1-a.dat", "copy_1-a.hea"]
        return wfdb.rdrecord(str(Path(folder) / "copy_1-a"), physical=physical)


@st.composite
def digital_records(draw: st.DrawFn) -> tuple[NDArray[np.int64], tuple[Adc, ...], float]:
    """Draw digital values (leads, samples) with runs of the invalid one, how they came about, and a rate."""
    leads, samples = draw(st.integers(1, 15)), draw(st.integers(2, 60))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.Generator(np.random.Philox(seed))
    values = rng.integers(-32_767, 32_768, (leads, samples))
    for _ in range(draw(st.integers(0, 3))):
        lead, start = rng.integers(leads), rng.integers(samples)
        values[lead, start : start + rng.integers(1, samples + 1)] = -32_768
    return values, tuple(draw(adcs) for _ in range(leads)), draw(rates)


@settings(deadline=None)
@given(drawn=digital_records())
@example(drawn=(np.array([[-32_768, -32_768], [32_767, -32_767]]), (Adc(1000.0, 0), Adc(200.0, 1024)), 128.5))
def test_digital_values_survive(drawn: tuple[NDArray[np.int64], tuple[Adc, ...], float]) -> None:
    values, adc, rate = drawn
    gain = np.array([lead.gain_per_mv for lead in adc])[:, None]
    baseline = np.array([lead.baseline for lead in adc])[:, None]
    signals = np.where(values == -32_768, np.nan, (values - baseline) / gain)
    record = record_of(signals, adc, rate)
    stored = read_back(record, physical=False)
    np.testing.assert_array_equal(stored.d_signal.T, values)
    assert stored.fs == pytest.approx(rate, abs=1e-8)  # wfdb takes what is nearer to a whole number for it
    assert stored.sig_name == list(record.leads)
    assert stored.units == ["mV"] * len(adc)
    assert stored.adc_gain == [lead.gain_per_mv for lead in adc]
    assert stored.baseline == [lead.baseline for lead in adc]
    assert stored.init_value == values[:, 0].tolist()
    assert stored.sig_len == values.shape[1]
    assert [one % 65_536 for one in stored.checksum] == [one % 65_536 for one in values.sum(axis=1).tolist()]
    assert all(-32_768 <= one <= 32_767 for one in stored.checksum)
    physical = read_back(record).p_signal.T.astype(np.float32)
    np.testing.assert_array_equal(physical, record.signals_mv)


@st.composite
def float_records(draw: st.DrawFn) -> NDArray[np.float32]:
    """Draw leads in mV of very different size, with gaps."""
    rng = np.random.Generator(np.random.Philox(draw(st.integers(0, 2**32 - 1))))
    leads, samples = draw(st.integers(1, 15)), draw(st.integers(2, 60))
    peaks = draw(st.lists(st.floats(1e-6, 1e6), min_size=leads, max_size=leads))
    signals = rng.uniform(-1, 1, (leads, samples)) * np.array(peaks)[:, None]
    signals[rng.random(signals.shape) < draw(st.sampled_from([0.0, 0.3, 0.95]))] = np.nan
    return np.asarray(signals, np.float32)


@settings(deadline=None)
@given(signals=float_records())
@example(signals=np.full((2, 3), np.nan, np.float32))
@example(signals=np.array([[-0.01138905, -0.00567733]], np.float32))
@example(signals=np.array([[50, -50], [32.767, 0], [0, 0], [np.nan, 1e-30]], np.float32))
def test_millivolts_survive_to_half_a_step(signals: NDArray[np.float32]) -> None:
    copy = read_back(record_of(signals))
    np.testing.assert_array_equal(np.isnan(copy.p_signal.T), np.isnan(signals))
    gain = np.array(copy.adc_gain)[:, None]
    error = np.abs(copy.p_signal.T - signals)
    assert np.nanmax(error * gain, initial=0) <= 0.5 + 1e-6
    peak = np.nanmax(np.abs(signals), axis=1, initial=0)
    used = np.abs(copy.p_signal.T * gain)
    for lead in range(len(signals)):  # as fine as 16 bits and the steps 1, 2, 5 allow; 1 nV is the finest
        assert peak[lead] < 0.0132 or np.nanmax(used[lead]) >= 32_767 / 2.5 - 1


@pytest.mark.parametrize(("peak", "step"), [(3.0, 1e-4), (32.767, 1e-3), (50.0, 2e-3), (500.0, 2e-2)])
def test_steps_are_fine(peak: float, step: float) -> None:
    assert read_back(record_of([peak, -peak, 0.0])).adc_gain == pytest.approx([1 / step])


@pytest.mark.parametrize(
    ("signal", "adc"),
    [
        ([0.0, 0.0014], Adc(1000.0, 0)),  # between two steps: was filtered since
        ([0.0, 40.0], Adc(1000.0, 0)),  # above 16 bits
        ([0.0, -32.768], Adc(1000.0, 0)),  # would be read as invalid
        ([0.0, 1.0], Adc(1000.0, 8_388_608)),  # of a 24-bit file
        ([0.0, 1.0], Adc(0.0, 0)),
        ([0.0, 1.0], Adc(float("nan"), 0)),
        ([0.0, 3e38], Adc(1e300, 0)),
    ],
)
def test_what_the_adc_cannot_hold_gets_a_gain_of_its_own(signal: list[float], adc: Adc) -> None:
    copy = read_back(record_of([signal, [0.25, 0.5]], (adc, Adc(4.0, 7))))
    assert copy.baseline == [0, 7]
    assert copy.adc_gain[1] == 4.0
    assert copy.p_signal[:, 0] == pytest.approx(signal, rel=1e-4)
    assert copy.p_signal[:, 1].tolist() == [0.25, 0.5]


@pytest.mark.parametrize(("rate", "text"), [(500.0, "500"), (257.0, "257"), (128.5, "128.5"), (1e4, "10000")])
def test_sampling_rate_is_exact(rate: float, text: str) -> None:
    header, _ = encode_wfdb("copy", record_of([0.0, 1.0, 0.5], rate=rate))
    assert header.splitlines()[0].decode() == f"copy 1 {text} 3"
    assert read_back(record_of([0.0, 1.0], rate=rate)).fs == rate


def test_header_becomes_comments() -> None:
    header = {"Age": "56", "Dx": "a\nb\r\nc\u2028d 9.dat", "two\nlines": "1", "empty": ""}
    record = record_of([0.0, 1.0], header=header)
    assert read_back(record).comments == ["Age: 56", "Dx: a b c d 9.dat", "two lines: 1", "empty:"]
    assert read_back(record, with_header=False).comments == []


@pytest.mark.parametrize("name", ["", "a b", "a.b", "../a", "a/b", "ä", "a\n"])
def test_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="letters, digits, _ and -"):
        write_wfdb(tmp_path, name, record_of([0.0, 1.0]))
    assert not list(tmp_path.iterdir())


def test_no_header_without_samples(tmp_path: Path) -> None:
    (tmp_path / "copy.dat").mkdir()
    with pytest.raises(OutputError, match="a folder or a device"):
        write_wfdb(tmp_path, "copy", record_of([0.0, 1.0]))
    assert [path.name for path in tmp_path.iterdir()] == ["copy.dat"]


def test_same_bytes_every_time() -> None:
    record = record_of(np.random.default_rng(5).normal(0, 1, (12, 500)), header={"Age": "56"})
    assert encode_wfdb("copy", record) == encode_wfdb("copy", record)
