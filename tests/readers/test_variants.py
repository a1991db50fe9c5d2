"""What a header may say in many ways: units, names, gains, rates, comments; round trips by hypothesis."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fastecg
from fastecg.errors import RecordError, RecordWarning
from fastecg.leads import STANDARD_12
from fastecg.readers.header import parse_comments, parse_header

from .conftest import WriteRecord


@pytest.mark.parametrize(
    ("unit", "millivolts"),
    [
        ("V", 1e3),
        ("v", 1e3),
        ("mV", 1),
        ("mv", 1),
        ("MV", 1),
        ("uV", 1e-3),
        ("UV", 1e-3),
        ("µV", 1e-3),
        ("μV", 1e-3),
        ("nV", 1e-6),
    ],
)
@pytest.mark.parametrize("fmt", ["16", "160"])
def test_units(write_record: WriteRecord, unit: str, millivolts: float, fmt: str) -> None:
    """Format 160 goes through wfdb, which takes µV for V."""
    path = write_record([[3, 13, -7, 8]], [f"r.dat {fmt} 10(3)/{unit} 16 0 0 0 0 II"])
    stored = (
        np.array([3, 13, -7, 8])
        if fmt == "16"
        else np.array([3, 13, -7, 8], dtype="<i2").view("<u2") - 32768.0
    )
    record = fastecg.read_record(path)
    np.testing.assert_allclose(record.signals_mv[0], (stored - 3) / 10 * millivolts, rtol=1e-6)
    assert record.adc is not None
    assert record.adc[0].gain_per_mv == pytest.approx(10 / millivolts)


def test_latin1_micro_sign(write_record: WriteRecord) -> None:
    path = write_record()
    path.with_suffix(".hea").write_bytes(
        "r 1 500 4\r\nr.dat 16 10/µV 16 0 0 0 0 II\r\n# Ort: Köln\r\n".encode("latin-1")
    )
    record = fastecg.read_record(path)
    np.testing.assert_allclose(record.signals_mv[0, 1], 0.1, rtol=1e-6)
    assert record.header["Ort"] == "Köln"


def test_other_channels_are_dropped_with_a_warning(write_record: WriteRecord) -> None:
    lines = ["r.dat 16 10/mmHg 16 0 0 0 0 ABP", "r.dat 16 10/mV 16 0 0 0 0 II"]
    with pytest.warns(RecordWarning, match=r"left out: ABP \(mmHg\)"):
        record = fastecg.read_record(write_record([[1, 2], [30, 40]], lines))
    assert record.leads == ("II",)
    np.testing.assert_allclose(record.signals_mv, [[3, 4]], rtol=1e-6)


@pytest.mark.parametrize(
    ("rest", "gain", "baseline", "lead"),
    [
        ("1000(-5)/mV 16 9 0 0 0 MDC_ECG_LEAD_aVF", 1000, -5, "aVF"),
        ("1000/mV 16 9 0 0 0 Lead II", 1000, 9, "II"),
        ("1000 16 9 0 0 0 avr", 1000, 9, "aVR"),
        ("-1e3(2.0)/mV 16 9 0 0 0 v1", -1000, 2, "V1"),
        ("1000.0(0)/mV V6", 1000, 0, "V6"),
        ("1000/mV", 1000, 0, "signal 1"),
        ("1000/mV 12 0 0 0 0 3", 1000, 0, "3"),
    ],
)
def test_signal_lines(write_record: WriteRecord, rest: str, gain: float, baseline: int, lead: str) -> None:
    record = fastecg.read_record(write_record(signals=[f"r.dat 16 {rest}"]))
    np.testing.assert_allclose(
        record.signals_mv[0], (np.array([0, 1000, -500, 250]) - baseline) / gain, rtol=1e-6
    )
    assert record.leads == (lead,)


@pytest.mark.parametrize("rest", ["", "/mV 16 7 0 0 0 II", "(7)/mV"])
def test_missing_gain_is_200_with_a_warning(write_record: WriteRecord, rest: str) -> None:
    with pytest.warns(RecordWarning, match="gives no gain for .*; 200 per mV is taken"):
        record = fastecg.read_record(write_record(signals=[f"r.dat 16 {rest}"]))
    np.testing.assert_allclose(record.signals_mv[0, 1] - record.signals_mv[0, 0], 5, rtol=1e-6)


@pytest.mark.parametrize(
    ("line", "rate"),
    [
        ("r 1 257 4", 257),
        ("r 1 128.5 4", 128.5),
        ("r 1 1e3 4", 1000),
        ("r 1 360/1(0) 4", 360),
        ("r 1 100", 100),
        ("r 1 100 0", 100),
    ],
)
def test_rates_and_lengths(write_record: WriteRecord, line: str, rate: float) -> None:
    record = fastecg.read_record(write_record(line=line))
    assert record.sampling_rate_hz == rate
    assert record.samples == 4


def test_missing_rate_is_250_with_a_warning(write_record: WriteRecord) -> None:
    with pytest.warns(RecordWarning, match="no sampling rate; 250 Hz"):
        assert fastecg.read_record(write_record(line="r 1")).sampling_rate_hz == 250


def test_date_and_time_in_either_order(write_record: WriteRecord) -> None:
    for when in ("12:30:01 05/01/2020", "05/01/2020 12:30:01"):
        header = fastecg.read_record(write_record(line=f"r 1 500 4 {when}")).header
        assert (header["Date"], header["Time"]) == ("05/01/2020", "12:30:01")


@pytest.mark.parametrize("suffix", ["", ".hea", ".dat", ".mat"])
def test_path_with_and_without_suffix(write_record: WriteRecord, suffix: str) -> None:
    path = write_record(name="rec.v2")
    assert fastecg.read_record(f"{path}{suffix}").name == "rec.v2"


def test_capital_suffix(write_record: WriteRecord) -> None:
    path = write_record()
    path.with_suffix(".hea").rename(path.with_suffix(".HEA"))
    assert fastecg.read_record(path).samples == 4
    assert [source.read().name for source in fastecg.walk_records(path.parent)] == ["r"]


def test_leads_are_chosen_and_ordered(write_record: WriteRecord) -> None:
    path = write_record([[1, 2], [3, 4], [5, 6]])
    record = fastecg.read_record(path, leads=["v3", "V1"])
    assert record.leads == ("V3", "V1")
    np.testing.assert_allclose(record.signals_mv, [[0.005, 0.006], [0.001, 0.002]], rtol=1e-6)
    assert fastecg.read_record(path, leads="v2").leads == ("V2",)


def test_comment_styles() -> None:
    lines = [
        "#Age: 56",
        "# <sex>: M <age>: 7",
        "#at 12:30:00",
        "#https://a.b/c",
        "#",
        "# Date : 1-2",
        "#Age: 56",
        "#Age: 57",
        "#Diagnose:",
    ]
    assert parse_comments(lines) == {
        "Age": "56; 57",
        "sex": "M",
        "age": "7",
        "Date": "1-2",
        "Diagnose": "",
        "comment": "at 12:30:00\nhttps://a.b/c",
    }


GAINS = st.floats(1e-3, 1e6, allow_nan=False) | st.integers(1, 100_000)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_round_trip(data: st.DataObject) -> None:
    """Any gains, baselines, units, rates, offsets and spellings give back the values that were stored."""
    count = data.draw(st.integers(1, 15), "leads")
    samples = data.draw(st.integers(2, 40), "samples")
    offset = data.draw(st.sampled_from([0, 1, 24]), "offset")
    names = [
        data.draw(st.sampled_from([n, n.upper(), n.lower(), f"MDC_ECG_LEAD_{n}"]))
        for n in (*STANDARD_12, "Vx", "Vy", "Vz")
    ]
    gains = data.draw(st.lists(GAINS, min_size=count, max_size=count), "gains")
    baselines = data.draw(st.lists(st.integers(-40_000, 40_000), min_size=count, max_size=count), "baselines")
    unit, scale = data.draw(st.sampled_from([("mV", 1.0), ("V", 1e3), ("µv", 1e-3)]), "unit")
    rate = data.draw(st.sampled_from([100, 128.5, 257, 1000.0]), "rate")
    gap, newline = (
        data.draw(st.sampled_from([" ", "\t", "   "])),
        data.draw(st.sampled_from(["\n", "\r\n", "\n\n# x: 1\n"])),
    )
    length = data.draw(st.sampled_from([f"{samples}", "", "0"]), "length")
    seed = data.draw(st.integers(0, 99), "seed")
    digital = np.random.default_rng(seed).integers(-32768, 32768, (samples, count)).astype("<i2")
    fields = [f"{gain}({zero})/{unit}" for gain, zero in zip(gains, baselines, strict=True)]
    signals = zip(fields, names, strict=False)
    lines = [f"r {count} {rate} {length}"]
    lines += [gap.join(["r.dat", f"16+{offset}", field, "16 0 0 0 0", name]) for field, name in signals]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        (Path(folder) / "r.hea").write_bytes(newline.join(lines).encode())
        (Path(folder) / "r.dat").write_bytes(bytes(offset) + digital.tobytes())
        record = fastecg.read_record(Path(folder) / "r")
    expected = np.where(
        digital == -32768, np.nan, (digital - np.array(baselines)) / np.array(gains, dtype=float) * scale
    )
    np.testing.assert_allclose(record.signals_mv, expected.T, rtol=1e-6)
    assert record.leads == (*STANDARD_12, "Vx", "Vy", "Vz")[:count]
    assert record.sampling_rate_hz == rate


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="r0159 .:/+-()xmVe#~<>\n\t\0µ", max_size=80)
    | st.binary(max_size=60).map(lambda b: b.decode("latin-1"))
)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        header = parse_header(text, Path("r.hea"))
    except RecordError:
        return
    assert bool(header.signals) != bool(header.segments)
