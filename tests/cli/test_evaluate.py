"""The command evaluate: tables, files, exit codes, and plain words for what is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest

from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.synthesis import builtin_records
from tests.cli.conftest import Command


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Return a folder with two records, and one with noisy copies."""
    folders = tmp_path / "true", tmp_path / "read"
    for folder in folders:
        folder.mkdir()
    for record in builtin_records(2):
        write_wfdb(folders[0], record.name, record)
        noise = np.random.default_rng(2).normal(0, 0.01, record.signals_mv.shape)
        copy = replace(record, signals_mv=(record.signals_mv + noise).astype(np.float32), adc=None)
        write_wfdb(folders[1], record.name, copy)
    return folders


def test_tables_and_files(pair: tuple[Path, Path], tmp_path: Path, here: Command) -> None:
    files = [tmp_path / f"report.{kind}" for kind in ("json", "csv", "html")]
    options = [word for path in files for word in (f"--{path.suffix[1:]}", path)]
    done = here("evaluate", *pair, *options)
    assert done.code == 0
    assert "2 records, 24 leads: 0 without an estimate, 0 failed" in done.out
    for word in ("SNR raw", "SNR 2024", "SNR 2025", "PSNR", "correlation", "PR", "QT", "QRS"):
        assert word in done.out
    told = orjson.loads(files[0].read_bytes())
    assert f"Challenge 2024: {told['summary']['snr_2024_db']:.2f} dB" in done.out
    assert len(files[1].read_text(encoding="utf-8").splitlines()) == 25
    assert files[2].read_text(encoding="utf-8").startswith("<!doctype html>")


def test_intervals_can_be_left_out(pair: tuple[Path, Path], here: Command) -> None:
    done = here("evaluate", *pair, "--no-intervals")
    assert done.code == 0
    assert "limits of agreement" not in done.out


def test_what_is_missing_ends_in_1_and_is_named(pair: tuple[Path, Path], here: Command) -> None:
    gone = sorted(pair[1].glob("*.hea"))[0]
    gone.rename(gone.with_name("stranger.hea"))
    done = here("evaluate", *pair)
    assert done.code == 1
    assert f"not compared: {gone.stem}: there is no estimate" in done.err
    assert "1 estimates belong to no reference: stranger" in done.err


def test_other_rates_want_an_option(pair: tuple[Path, Path], here: Command) -> None:
    for header in pair[1].glob("*.hea"):
        text = header.read_text(encoding="utf-8")
        header.write_text(text.replace(" 12 500 ", " 12 512 ", 1), encoding="utf-8")
    done = here("evaluate", *pair, "--no-intervals")
    assert done.code == 1
    assert "the estimate has 512 Hz and the reference 500 Hz (allowed: the same rate)" in done.err
    assert here("evaluate", *pair, "--no-intervals", "--resample").code == 0


@pytest.mark.parametrize("which", [0, 1])
def test_a_folder_without_records_is_refused(pair: tuple[Path, Path], here: Command, which: int) -> None:
    empty = pair[0].with_name("empty")
    empty.mkdir()
    done = here("evaluate", *(empty if place == which else folder for place, folder in enumerate(pair)))
    assert done.code == 1
    assert "holds no records" in done.err
    assert "Traceback" not in done.err


def test_a_report_that_cannot_be_written_is_an_error(pair: tuple[Path, Path], here: Command) -> None:
    done = here("evaluate", *pair, "--no-intervals", "--json", pair[0] / "none" / "r.json")
    assert done.code == 1
    assert "make it first" in done.err
