"""Signal formats, skew, frames and segments, written by wfdb or by hand, compared with wfdb.rdrecord."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastecg
from fastecg.errors import RecordError, RecordWarning

from .conftest import WriteRecord

RANGE = {"16": 30_000, "212": 2_000, "80": 120, "24": 8_000_000, "32": 1 << 30, "516": 30_000}


def _write(wfdb: Any, folder: Path, fmt: str, **changes: Any) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(7)
    digital = rng.integers(-RANGE[fmt], RANGE[fmt], (601, 3))
    fields = {"fs": 257, "units": ["mV"] * 3, "sig_name": ["I", "avf", "V6"], "fmt": [fmt] * 3}
    gains = {"adc_gain": [RANGE[fmt] / 5.0] * 3, "baseline": [0, 7, -9]}
    wfdb.wrsamp("r", d_signal=digital, write_dir=str(folder), **(fields | gains | changes))
    return digital


@pytest.mark.parametrize("fmt", ["16", "212", "80", "24", "32"])
def test_written_formats(wfdb: Any, tmp_path: Path, fmt: str) -> None:
    digital = _write(wfdb, tmp_path, fmt)
    record = fastecg.read_record(tmp_path / "r")
    np.testing.assert_allclose(
        record.signals_mv, wfdb.rdrecord(str(tmp_path / "r")).p_signal.T, rtol=1e-6, atol=1e-6
    )
    expected = (digital - [0, 7, -9]) / (RANGE[fmt] / 5.0)
    np.testing.assert_allclose(record.signals_mv, expected.T, rtol=1e-6, atol=1e-6)
    assert record.leads == ("I", "aVF", "V6")
    assert record.sampling_rate_hz == 257


@pytest.mark.parametrize("fmt", ["16", "212", "80", "24", "32"])
def test_invalid_samples_become_nan(wfdb: Any, tmp_path: Path, fmt: str) -> None:
    rng = np.random.default_rng(3)
    physical = rng.uniform(-1, 1, (90, 2))
    physical[20:40, 1] = np.nan
    wfdb.wrsamp(
        "r",
        fs=500,
        units=["mV"] * 2,
        sig_name=["I", "II"],
        p_signal=physical,
        fmt=[fmt] * 2,
        write_dir=str(tmp_path),
    )
    record = fastecg.read_record(tmp_path / "r")
    np.testing.assert_array_equal(np.isnan(record.signals_mv), np.isnan(physical.T))


@pytest.mark.parametrize("fmt", ["310", "311", "160", "61", "8"])
def test_formats_wfdb_reads_only(wfdb: Any, write_record: WriteRecord, fmt: str) -> None:
    rng = np.random.default_rng(5)
    path = write_record(
        [[0, 0]],
        [f"r.dat {fmt} 100(3)/mV 10 0 5 0 0 {lead}" for lead in ("I", "II", "III")],
        line="r 3 500 64",
    )
    path.with_suffix(".dat").write_bytes(rng.integers(0, 63, 384, dtype=np.uint8).tobytes())
    theirs = wfdb.rdrecord(str(path)).p_signal.T
    np.testing.assert_allclose(fastecg.read_record(path).signals_mv, theirs, rtol=1e-6, atol=1e-6)


def test_flac(wfdb: Any, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    digital = np.random.default_rng(1).integers(-9000, 9000, (600, 2)).astype(np.int16)
    soundfile.write(tmp_path / "r.flac", digital, 96000, format="FLAC", subtype="PCM_16")
    signals = "".join(f"r.flac 516 1000/mV 16 0 0 0 0 {lead}\n" for lead in ("I", "II"))
    (tmp_path / "r.hea").write_text(f"r 2 500 600\n{signals}")
    np.testing.assert_allclose(fastecg.read_record(tmp_path / "r").signals_mv, digital.T / 1000, rtol=1e-6)


def test_several_files_of_several_formats(wfdb: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    a, b = rng.integers(-900, 900, (2, 40)), rng.integers(-900, 900, 40)
    wfdb.wrsamp(
        "b",
        fs=500,
        units=["mV"],
        sig_name=["V1"],
        d_signal=b[:, None],
        fmt=["212"],
        adc_gain=[200.0],
        baseline=[0],
        write_dir=str(tmp_path),
    )
    a.T.astype("<i2").tofile(tmp_path / "a.dat")
    lines = [
        "r 3 500 40",
        "a.dat 16 200/mV 12 0 0 0 0 I",
        "b.dat 212 200/mV 12 0 0 0 0 V1",
        "a.dat 16 200/mV 12 0 0 0 0 II",
    ]
    (tmp_path / "r.hea").write_text("\n".join(lines))
    record = fastecg.read_record(tmp_path / "r", leads=["V1", "II", "I"])
    np.testing.assert_allclose(record.signals_mv, np.stack([b, a[1], a[0]]) / 200, rtol=1e-6)


def test_byte_offset_and_skew(wfdb: Any, write_record: WriteRecord) -> None:
    digital = np.arange(40).reshape(2, 20) * 10
    offset = write_record(
        digital, [f"r.dat 16+4 1000/mV 16 0 0 0 0 {lead}" for lead in ("I", "II")], line="r 2 500 19"
    )
    np.testing.assert_allclose(fastecg.read_record(offset).signals_mv, digital[:, 1:] / 1000, rtol=1e-6)
    skewed = write_record(
        digital, ["s.dat 16 1000/mV 16 0 0 0 0 I", "s.dat 16:3 1000/mV 16 0 0 0 0 II"], name="s"
    )
    theirs = wfdb.rdrecord(str(skewed)).p_signal.T
    np.testing.assert_allclose(fastecg.read_record(skewed).signals_mv, theirs, rtol=1e-6)
    assert np.isnan(theirs[1, -3:]).all()


def test_all_samples_of_a_frame_are_kept_if_leads_agree(wfdb: Any, write_record: WriteRecord) -> None:
    digital = np.arange(24) * 10
    path = write_record(
        [digital], ["r.dat 16x2 1000/mV 16 0 0 0 0 I", "r.dat 16x2 1000/mV 16 0 0 0 0 II"], line="r 2 250 6"
    )
    record = fastecg.read_record(path)
    assert record.sampling_rate_hz == 500
    expanded = wfdb.rdrecord(str(path), smooth_frames=False).e_p_signal
    np.testing.assert_allclose(record.signals_mv, np.stack(expanded), rtol=1e-6)


def test_frames_are_averaged_if_leads_differ(wfdb: Any, write_record: WriteRecord) -> None:
    digital = np.arange(24) * 10
    path = write_record(
        [digital], ["r.dat 16x3 1000/mV 16 0 0 0 0 I", "r.dat 16 1000/mV 16 0 0 0 0 II"], line="r 2 250 6"
    )
    with pytest.warns(RecordWarning, match="averaged to 250 Hz"):
        record = fastecg.read_record(path)
    np.testing.assert_allclose(record.signals_mv, wfdb.rdrecord(str(path)).p_signal.T, rtol=1e-6)


def _segments(write_record: WriteRecord, *, layout: bool) -> Path:
    rng = np.random.default_rng(4)
    for name, leads, count in (("s1", ("I", "II"), 30), ("s2", ("II", "I") if layout else ("I", "II"), 20)):
        lines = [f"{name}.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in leads]
        path = write_record(rng.integers(-999, 999, (2, count)), lines, name=name)
    first = ["s_layout 0"] if layout else []
    if layout:
        lines = [f"~ 0 1000/mV 16 0 0 0 0 {lead}" for lead in ("I", "II")]
        (path.parent / "s_layout.hea").write_text("\n".join(["s_layout 2 500 0", *lines]))
    body = [*first, "s1 30", "~ 7", "s2 20"] if layout else ["s1 30", "s2 20"]
    (path.parent / "m.hea").write_text("\n".join([f"m/{len(body)} 2 500 {57 if layout else 50}", *body]))
    return path.parent / "m"


@pytest.mark.parametrize("layout", [False, True])
def test_segments(wfdb: Any, write_record: WriteRecord, layout: bool) -> None:
    path = _segments(write_record, layout=layout)
    record = fastecg.read_record(path)
    np.testing.assert_allclose(record.signals_mv, wfdb.rdrecord(str(path)).p_signal.T, rtol=1e-6)
    assert record.adc is not None
    assert [source.key for source in fastecg.walk_records(path.parent)] == ["m"]
    one = fastecg.read_record(path, leads=["ii"])
    np.testing.assert_array_equal(one.signals_mv[0], record.lead("II"))


def test_segments_of_bad_sort(write_record: WriteRecord) -> None:
    path = _segments(write_record, layout=False)
    header = path.with_suffix(".hea")
    for line, message in (
        ("s2 99", "s2 of .* holds 20 samples .*99"),
        ("../s2 20", "beside the header"),
        ("m 20", "has segments itself"),
        ("gone 20", r"gone\.hea cannot be read"),
        ("~ 99999999999", "promises 100000000029"),
    ):
        header.write_text(f"m/2 2 500 50\ns1 30\n{line}\n")
        with pytest.raises(RecordError, match=message):
            fastecg.read_record(path)


def test_wfdb_is_imported_only_when_needed() -> None:
    import subprocess
    import sys

    code = "import sys, fastecg; sys.exit('wfdb' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
