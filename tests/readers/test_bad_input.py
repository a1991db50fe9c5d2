"""Records that are wrong in one way each: a RecordError that names the fault, or a fair reading."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import fastecg
from fastecg.errors import RecordError, RecordWarning

from .conftest import WriteRecord

GOOD = "r.dat 16 1000/mV 16 0 0 0 0 II"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n# only a comment\n", "is empty"),
        ("r\n", "first line"),
        ("r 1 500 4\n", "promises 1 signals and describes 0"),
        ("r 0 500 4\n", "promises 0 signals"),
        ("r one 500 4\n", "number of signals.*'one'"),
        ("r -1 500 4\n", "number of signals.*'-1'"),
        (f"r {'9' * 5000} 500 4\n", "number of signals"),
        (f"r 1 fast 4\n{GOOD}\n", "sampling rate.*'fast'"),
        (f"r 1 0 4\n{GOOD}\n", "sampling rate of 0 Hz"),
        (f"r 1 -500 4\n{GOOD}\n", "sampling rate of -500 Hz"),
        (f"r 1 1e999 4\n{GOOD}\n", "sampling rate of inf Hz"),
        (f"r 1 500 many\n{GOOD}\n", "number of samples.*'many'"),
        ("r 1 500 4\nr.dat\n", "is described as 'r.dat'"),
        ("r 1 500 4\nr.dat x16 1000/mV\n", "format 'x16'"),
        ("r 1 500 4\nr.dat 16x0 1000/mV\n", "0 samples per frame"),
        ("r 1 500 4\nr.dat 17 1000/mV\n", "has format 17 .*212"),
        ("r 1 500 4\nr.dat 16 0/mV 16 0 0 0 0 II\n", "lead II of .* has a gain of 0"),
        ("r 1 500 4\nr.dat 16 0.0/mV 16 0 0 0 0 II\n", "gain of 0"),
        ("r 1 500 4\nr.dat 16 1e999/mV 16 0 0 0 0 II\n", "gain of '1e999'"),
        ("r 1 500 4\nr.dat 16 10(1.5)/mV 16 0 0 0 0 II\n", "baseline of '1.5'"),
        ("r 1 500 4\nr.dat 16 10/mmHg 16 0 0 0 0 ABP\n", r"no lead measured in volts, only ABP \(mmHg\)"),
        ("r 1 500 4\n../r.dat 16 10/mV 16 0 0 0 0 II\n", "beside the header"),
        ("r 1 500 4\n/etc/passwd 16 10/mV 16 0 0 0 0 II\n", "beside the header"),
        ("r 1 500 4\nsub\\r.dat 16 10/mV 16 0 0 0 0 II\n", "beside the header"),
        ("r 1 500 4\nC:r.dat 16 10/mV 16 0 0 0 0 II\n", "beside the header"),
        ("r 1 500 4\n.. 16 10/mV 16 0 0 0 0 II\n", "beside the header"),
        ("r 1 500 4\nnone.dat 16 10/mV 16 0 0 0 0 II\n", r"none\.dat cannot be read \(no such file"),
        ("r 2 500 2\nr.dat 16 9/mV 16 0 0 0 0 I\nr.dat 212 9/mV 12 0 0 0 0 II\n", r"formats \[16, 212\]"),
        ("r 2 500 2\nr.dat 16 9/mV 16 0 0 0 0 I\nr.dat 16 9/mV 16 0 0 0 0 i\n", "lead 'I' more than once"),
        ("r/2 1 500 4\ns1 2\n", "promises 2 segments and describes 1"),
        ("r/1 1 500 4\ns1\n", "segment as 's1'"),
        ("r/1 1 500 4\n~ 4\n", "every segment of .* is a gap"),
        ("r\0 1 500 4\n\0\n", "is binary"),
    ],
)
def test_bad_headers(write_record: WriteRecord, text: str, message: str) -> None:
    path = write_record()
    path.with_suffix(".hea").write_text(text)
    with pytest.raises(RecordError, match=message):
        fastecg.read_record(path)


def test_header_without_data(write_record: WriteRecord) -> None:
    path = write_record()
    path.with_suffix(".dat").unlink()
    with pytest.raises(RecordError, match=r"r\.dat cannot be read"):
        fastecg.read_record(path)


def test_data_without_header(write_record: WriteRecord) -> None:
    path = write_record()
    path.with_suffix(".hea").unlink()
    with pytest.raises(RecordError, match=r"r\.hea cannot be read"):
        fastecg.read_record(path.with_suffix(".dat"))


@pytest.mark.parametrize(
    ("fmt", "held"), [("16", 5), ("212", 6), ("24", 3), ("310", 7), ("61", 5), ("32", 2)]
)
def test_truncated_data_names_both_numbers(write_record: WriteRecord, fmt: str, held: int) -> None:
    path = write_record(signals=[f"r.dat {fmt} 1000/mV 12 0 0 0 0 II"], line="r 1 500 20")
    path.with_suffix(".dat").write_bytes(bytes(10))
    with pytest.raises(
        RecordError, match=rf"r\.dat holds {held} samples per lead \(allowed: 20 as the header"
    ):
        fastecg.read_record(path)


def test_empty_data_of_unknown_length(write_record: WriteRecord) -> None:
    path = write_record(signals=[GOOD], line="r 1 500")
    path.with_suffix(".dat").write_bytes(b"")
    with pytest.raises(RecordError, match="has 0 samples"):
        fastecg.read_record(path)


def test_damaged_flac(write_record: WriteRecord) -> None:
    path = write_record(signals=["r.dat 516 1000/mV 16 0 0 0 0 II"], line="r 1 500 4")
    with pytest.raises(RecordError, match="cannot be decoded"):
        fastecg.read_record(path)


def test_all_nan_lead_is_fine_but_not_an_all_nan_record(write_record: WriteRecord) -> None:
    gap = [-32768] * 4
    record = fastecg.read_record(write_record([gap, [1, 2, 3, 4]]))
    assert np.isnan(record.lead("V1")).all()
    assert np.isfinite(record.lead("V2")).all()
    with pytest.raises(RecordError, match="every lead is NaN"):
        fastecg.read_record(write_record([gap, gap], name="s"))


def test_constant_lead_and_huge_spikes_are_fine(write_record: WriteRecord) -> None:
    lines = ["r.dat 16 100/mV 16 0 0 0 0 I", "r.dat 16 600/mV 16 0 0 0 0 II"]
    record = fastecg.read_record(write_record([[77] * 4, [30000, -30000, 0, 1]], lines))
    np.testing.assert_allclose(record.lead("I"), 0.77, rtol=1e-6)
    np.testing.assert_allclose(record.lead("II")[:2], [50, -50], rtol=1e-6)


def test_sixteen_leads_need_a_choice(write_record: WriteRecord) -> None:
    digital = np.arange(16 * 5).reshape(16, 5)
    lines = [f"r.dat 16 1000/mV 16 0 0 0 0 E{i}" for i in range(16)]
    path = write_record(digital, lines)
    with pytest.raises(RecordError, match=r"16 leads \(allowed: 1 to 15\); choose some with read_record"):
        fastecg.read_record(path)
    record = fastecg.read_record(path, leads=["E15", "E0"])
    np.testing.assert_allclose(record.signals_mv, digital[[15, 0]] / 1000, rtol=1e-6)


def test_choices_that_cannot_be_met(write_record: WriteRecord) -> None:
    path = write_record([[1, 2], [3, 4], [5, 6]], [GOOD, GOOD, "r.dat 16 9/NU 16 0 0 0 0 RESP"])
    for leads, message in (
        (["V1"], "no lead 'V1' .*II, II, RESP"),
        (["ii"], "'II' more than once"),
        (["RESP"], "no voltage"),
        ([], "0 leads"),
    ):
        with pytest.raises(RecordError, match=message):
            fastecg.read_record(path, leads=leads)


def test_record_names_never_lead_outside(write_record: WriteRecord) -> None:
    for line in ("../../evil 1 500 4", "/etc/r 1 500 4", "other 1 500 4"):
        with pytest.warns(RecordWarning, match="the name of the file is used"):
            assert fastecg.read_record(write_record(line=line)).name == "r"


def test_too_many_lines_warn(write_record: WriteRecord) -> None:
    path = write_record([[1, 2, 3, 4]], [GOOD, GOOD], line="r 1 500 4")
    with pytest.warns(RecordWarning, match="1 lines more"):
        assert fastecg.read_record(path).leads == ("II",)


def test_paths_that_are_no_record(tmp_path: Path) -> None:
    (tmp_path / "folder.hea").mkdir()
    for given, message in (
        (tmp_path, "use walk_records"),
        (tmp_path / "folder", "is a folder"),
        (tmp_path / "none", r"none\.hea cannot be read \(no such file"),
        (tmp_path / "a\0b", "cannot be read"),
        ("", "is a folder"),
    ):
        with pytest.raises(RecordError, match=message):
            fastecg.read_record(given)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_instead_of_waited_for(write_record: WriteRecord) -> None:
    path = write_record()
    path.with_suffix(".dat").unlink()
    os.mkfifo(path.with_suffix(".dat"))
    with pytest.raises(RecordError, match="no regular file"):
        fastecg.read_record(path)


def test_no_permission(write_record: WriteRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write_record()
    monkeypatch.setattr(np, "fromfile", refuse)
    with pytest.raises(RecordError, match=r"r\.dat cannot be read \(permission denied\)"):
        fastecg.read_record(path)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(RecordError, match=r"r\.hea cannot be read \(permission denied\)"):
        fastecg.read_record(path)


def test_huge_header_is_not_loaded(write_record: WriteRecord) -> None:
    path = write_record()
    with path.with_suffix(".hea").open("r+b") as file:
        file.truncate(1 << 33)
    with pytest.raises(RecordError, match="at most"):
        fastecg.read_record(path)
