"""Real records of nine databases, compared sample by sample with wfdb.rdrecord."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastecg
from fastecg.errors import RecordError, RecordWarning
from fastecg.leads import STANDARD_12, normalize_lead_name

SAMPLE = {
    "chapman-shaoxing": ("JS00001", "JS01560"),
    "cpsc2018": ("A0001", "A0009"),
    "cpsc2018-extra": ("Q0001", "Q0006"),
    "g12ec": ("E00001", "E00271"),
    "ludb": ("1", "10", "100"),
    "mitdb": ("100",),
    "ningbo": ("JS11438", "JS36330"),
    "ptb": ("S0001", "s0010_re"),
    "ptbxl": ("HR00001", "HR09739"),
    "ptbxl_lr": ("00001_lr", "00006_lr"),
}


@pytest.mark.parametrize("record", [f"{folder}/{name}" for folder, names in SAMPLE.items() for name in names])
def test_equals_wfdb(records_dir: Path, wfdb: Any, record: str) -> None:
    ours = fastecg.read_record(records_dir / record)
    theirs = wfdb.rdrecord(str(records_dir / record))
    np.testing.assert_allclose(ours.signals_mv, theirs.p_signal.T, rtol=1e-6, atol=1e-6)
    assert ours.leads == tuple(map(normalize_lead_name, theirs.sig_name))
    assert ours.sampling_rate_hz == theirs.fs
    assert ours.adc is not None
    assert [adc.gain_per_mv for adc in ours.adc] == theirs.adc_gain
    assert [adc.baseline for adc in ours.adc] == theirs.baseline
    assert ours.name == record.rsplit("/", maxsplit=1)[1]


def test_lead_names_become_standard(records_dir: Path) -> None:
    for record in ("ludb/1", "ptbxl_lr/00001_lr", "ptbxl/HR00001"):
        assert fastecg.read_record(records_dir / record).leads == STANDARD_12
    assert fastecg.read_record(records_dir / "ptb/s0010_re").leads == (*STANDARD_12, "Vx", "Vy", "Vz")


def test_comments_of_three_styles(records_dir: Path) -> None:
    challenge = fastecg.read_record(records_dir / "ptbxl/HR00001").header
    assert challenge["Age"] == "56"
    assert challenge["Dx"] == "251146004,426783006"
    assert (challenge["Date"], challenge["Time"]) == ("04-Jun-2020", "15:11:55")
    assert fastecg.read_record(records_dir / "ptb/s0010_re").header["age"] == "81"
    ludb = fastecg.read_record(records_dir / "ludb/1").header
    assert (ludb["age"], ludb["sex"]) == ("51", "F")
    assert "Left ventricular overload." in ludb["comment"]


def test_georgia_headers_as_published_are_read_with_a_warning(records_dir: Path, tmp_path: Path) -> None:
    good = records_dir / "g12ec"
    for header in sorted((records_dir / "malformed" / "g12ec_headers").glob("*.hea.txt")):
        name = header.name.removesuffix(".hea.txt")
        if not (good / f"{name}.mat").is_file():
            continue
        shutil.copy(good / f"{name}.mat", tmp_path)
        shutil.copy(header, tmp_path / f"{name}.hea")
        with pytest.warns(RecordWarning, match=rf"calls its record '{name}\.mat'"):
            mended = fastecg.read_record(tmp_path / name)
        np.testing.assert_array_equal(mended.signals_mv, fastecg.read_record(good / name).signals_mv)
        assert mended.name == name
    assert len(list(tmp_path.glob("*.hea"))) == 4


def test_missing_vector_file_matters_only_if_its_leads_are_wanted(records_dir: Path) -> None:
    path = records_dir / "ptb" / "s0015lre"
    with pytest.raises(RecordError, match=r"s0015lre\.xyz cannot be read"):
        fastecg.read_record(path)
    assert fastecg.read_record(path, leads=STANDARD_12).signals_mv.shape == (12, 115200)


def test_walk_finds_every_record_once_and_no_annotations(records_dir: Path) -> None:
    keys = [source.key for source in fastecg.walk_records(records_dir)]
    headers = {p.relative_to(records_dir).with_suffix("").as_posix() for p in records_dir.rglob("*.hea")}
    assert keys == sorted(headers)
