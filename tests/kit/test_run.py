"""Whole runs of both scripts: files, names, copies, and what the kit itself cannot do."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastecg
from fastecg.cli import main
from fastecg.cli.kit import run
from fastecg.dataset.place import STATE
from fastecg.errors import FastECGError, OutputError, RecordError
from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.record import Record

SMALL = "-r 50 --workers 0"


def kit(folder: Path, flags: str, *, source: Path | None = None, out: str = "out") -> dict[str, bytes]:
    """Run the batch script and return the files it wrote."""
    words = ["-i", str(source or folder / "in"), "-o", str(folder / out), *f"{SMALL} {flags}".split()]
    assert run(words) == 0
    return files_of(folder / out)


def files_of(folder: Path) -> dict[str, bytes]:
    ours = {"run.json", "SHA256SUMS.txt"}
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in ours)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(found)
        if path.relative_to(folder).parts[0] != STATE
    }


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Return a folder whose ``in`` holds a record of 25 s, and one of 10 s in a folder of its own."""
    (tmp_path / "in" / "sub").mkdir(parents=True)
    write_wfdb(tmp_path / "in", "long", fastecg.builtin_record(0, duration_s=25.0).record)
    write_wfdb(tmp_path / "in" / "sub", "short", fastecg.builtin_record(1, duration_s=10.0).record)
    return tmp_path


def test_files_have_the_kits_names(records: Path) -> None:
    found = kit(records, "")
    assert sorted(found) == [
        "long-0.png",
        "long-1.png",
        "long.dat",
        "long.hea",
        "sub/short-0.png",
        "sub/short.dat",
        "sub/short.hea",
    ]
    found = kit(records, "--store_config")
    assert {"long-0.json", "long-1.json", "sub/short-0.json"} < set(found)
    starts = [json.loads(found[f"long-{k}.json"])["leads"][-1]["start_sample"] for k in (0, 1)]
    assert starts == [0, 5000]


def test_the_copy_is_the_whole_record(records: Path, wfdb: Any) -> None:
    kit(records, "")
    before = wfdb.rdrecord(str(records / "in" / "long"))
    after = wfdb.rdrecord(str(records / "out" / "long"))
    assert (after.sig_name, after.fs, after.comments) == (before.sig_name, before.fs, before.comments)
    np.testing.assert_array_equal(after.p_signal, before.p_signal)


def test_masked_copies_hold_what_is_plotted_only(records: Path, wfdb: Any) -> None:
    found = kit(records, "--mask_unplotted_samples --store_config --lead_bbox")
    after = wfdb.rdrecord(str(records / "out" / "long"))
    shown = np.zeros(after.p_signal.shape, bool)
    for window in (0, 1):
        for lead in json.loads(found[f"long-{window}.json"])["leads"]:
            shown[lead["start_sample"] : lead["end_sample"], after.sig_name.index(lead["lead_name"])] = True
    np.testing.assert_array_equal(~np.isnan(after.p_signal), shown)


def test_date_and_time_stand_in_the_copys_first_line(tmp_path: Path, wfdb: Any) -> None:
    (tmp_path / "in").mkdir()
    record = fastecg.builtin_record(0).record
    wfdb.wrsamp(
        "dated",
        fs=record.sampling_rate_hz,
        units=["mV"] * 12,
        sig_name=list(record.leads),
        p_signal=record.signals_mv.T.astype(float),
        fmt=["16"] * 12,
        comments=["Age: 56", "no colon here", "Sex: Male"],
        base_date=dt.date(1990, 12, 3),
        base_time=dt.time(10, 11, 12),
        write_dir=str(tmp_path / "in"),
    )
    kit(tmp_path, "-ph")
    header = wfdb.rdheader(str(tmp_path / "out" / "dated"))
    assert (header.base_date, header.base_time) == (dt.date(1990, 12, 3), dt.time(10, 11, 12))
    assert "Age: 56" in header.comments
    assert not any("Date" in comment for comment in header.comments)


def test_the_same_command_gives_the_same_bytes_with_any_number_of_workers(records: Path) -> None:
    flags = "-se 4 --random_grid_color --augment -rot 5 --hw_text --store_config 2 --lead_bbox"
    alone = kit(records, flags)
    words = ["-i", str(records / "in"), "-o", str(records / "two"), "-r", "50", *flags.split()]
    assert run([*words, "--workers", "2"]) == 0
    assert files_of(records / "two") == alone
    other = kit(records, flags.replace("-se 4", "-se 5"), out="three")
    assert other["long-0.png"] != alone["long-0.png"]


def test_all_distortions_together(records: Path) -> None:
    flags = "--augment -rot 5 --hw_text --wrinkles -ph --add_qr_code --store_config 2 --max_num_images 1"
    said = json.loads(kit(records, flags)["long-0.json"])
    for key in ("handwritten_text", "wrinkles", "augment", "printed_text"):
        assert said[key]


def test_another_command_overwrites_the_pages_of_the_last_one(records: Path) -> None:
    first = kit(records, "--standard_grid_color 1")
    second = kit(records, "--standard_grid_color 3")
    assert first.keys() == second.keys()
    assert first["long-0.png"] != second["long-0.png"]
    shutil.rmtree(records / "in" / "sub")
    assert kit(records, "--standard_grid_color 3")["long-0.png"] == second["long-0.png"]


def test_the_records_own_folder_is_not_written_to(records: Path) -> None:
    with pytest.raises(OutputError):
        kit(records, "", out="in")


@pytest.mark.parametrize(("most", "pages"), [(1, 1), (2, 2), (3, 3), (9, 3)])
def test_no_more_images_than_asked_for(records: Path, most: int, pages: int) -> None:
    found = kit(records, f"--max_num_images {most}")
    assert sum(name.endswith(".png") for name in found) == pages


def test_records_shorter_than_a_page_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    write_wfdb(tmp_path / "in", "brief", fastecg.builtin_record(0, duration_s=8.0).record)
    write_wfdb(tmp_path / "in", "whole", fastecg.builtin_record(1, duration_s=10.0).record)
    assert run(["-i", str(tmp_path / "in"), "-o", str(tmp_path / "out"), *SMALL.split()]) == 1
    assert "brief lasts 8 s, which fills no page of 10 s" in capsys.readouterr().err
    assert "whole-0.png" in files_of(tmp_path / "out")


def test_two_leads_a_mat_file_one_word_and_a_code(records_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for suffix in ("hea", "mat"):
        shutil.copy(records_dir / "chapman-shaoxing" / f"JS00001.{suffix}", source)
    two = np.random.default_rng(0).normal(0, 0.2, (2, 2500))
    write_wfdb(source, "two", Record.from_array(two, ["II", "V5"], 250))
    found = kit(tmp_path, "--hw_text -n 1 --add_qr_code --store_config 2")
    said = json.loads(found["JS00001-0.json"])
    assert (said["num_words"], len(said["leads"])) == (1, 13)
    heights = np.array(said["leads"][-1]["plotted_pixels"])[:, 0]
    assert 3 < np.ptp(heights) < 60  # mV, not what the file counts in
    said = json.loads(found["two-0.json"])
    assert [lead["lead_name"] for lead in said["leads"]] == ["V5", "II"]  # the lowest row first
    assert said["number_of_columns_in_image"] == 1


def single(folder: Path, flags: str) -> dict[str, bytes]:
    record = folder / "in" / "long"
    words = ["gen_ecg_image_from_data.py", "-i", f"{record}.dat", "-hea", f"{record}.hea"]
    assert run([*words, "-o", str(folder / "one"), "-r", "100", *flags.split()]) == 0
    return files_of(folder / "one")


def test_one_record_from_a_sample_on(records: Path, wfdb: Any) -> None:
    import cv2

    found = single(records, "-st 4000 --store_config 2 --add_qr_code -se 3")
    assert sorted(found) == ["long-0.json", "long-0.png", "long.dat", "long.hea"]
    whole = wfdb.rdrecord(str(records / "in" / "long")).p_signal
    copy = wfdb.rdrecord(str(records / "one" / "long")).p_signal
    np.testing.assert_array_equal(copy, whole[4000:9000])
    image = cv2.imdecode(np.frombuffer(found["long-0.png"], np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    corner = cv2.resize(image[:110, -110:], None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    assert cv2.QRCodeDetector().detectAndDecode(corner)[0] == "long"
    assert single(records, "-st 4000 --random_grid_color -se 4") != single(
        records, "-st 4000 --random_grid_color -se 5"
    )


def test_one_record_without_ten_seconds_left(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = records / "in" / "long"
    words = ["-i", f"{record}.dat", "-hea", f"{record}.hea", "-o", str(records / "one")]
    assert run([*words, "-st", "9000"]) == 1
    assert "fills no page" in capsys.readouterr().err
    assert not list((records / "one").glob("*.png"))
    assert run([*words, "-st", "99999"]) == 1
    assert "--start_index is 99999" in capsys.readouterr().err
    with pytest.raises(RecordError, match="--header_file"):
        run(["-i", f"{record}.dat", "-hea", "gone.hea", "-o", "one", "-st", "0"])


@pytest.mark.parametrize("flags", ["-i gone -o out", "-i . -o out --max_num_images 0"])
def test_runs_that_cannot_be(flags: str) -> None:
    with pytest.raises(FastECGError):
        run(flags.split())


def test_the_command_and_the_script(records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(records)
    line = "gen_ecg_images_from_data_batch.py -i in -o out -se 10 -r 50 -ph --max_num_images 1 --workers 0"
    monkeypatch.setattr(sys, "argv", ["fastecg", "kit", *line.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert (records / "out" / "long-0.png").is_file()

    from fastecg.cli.kit import main as script

    monkeypatch.setattr(sys, "argv", ["fastecg-kit", *line.replace("out", "other").split()])
    with pytest.raises(SystemExit) as ended:
        script()
    assert not ended.value.code
    assert files_of(records / "other") == files_of(records / "out")
    monkeypatch.setattr(sys, "argv", ["fastecg-kit", "-i", "in"])
    with pytest.raises(SystemExit) as ended:
        script()
    assert ended.value.code == 1


def test_help_lists_the_flags(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for flag in ("--input_directory", "--store_config", "--num_creases_vertically", "--workers"):
        assert flag in said
