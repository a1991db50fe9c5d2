"""One run over a folder with everything that can be wrong with a record: the good ones are drawn.

Images are read back by Pillow and OpenCV, the truth by Python's own strict JSON parser.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import fastecg
from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.leads import STANDARD_12

pytestmark = pytest.mark.pages

POSIX = os.name == "posix"
LEADS_16 = (*STANDARD_12, "V7", "V8", "V9", "V3R")

DRAWN = ("good", "all-nan-lead", "climbing-name", "constant-lead", "nan-runs", "spikes", "two-leads")
FAILED = {
    "all-nan": r"no valid sample",
    "binary": r"header .*binary\.hea is binary",
    "climbing": r"'\.\./outside\.dat'.*allowed: a file beside the header",
    "duplicate-leads": r"names lead 'V1' more than once.*allowed: unique",
    "empty": r"header .*empty\.hea is empty",
    "endless": r"holds 0 samples per lead",
    "listed/%2E%2E/good": r"'\.\./good', which leads out",
    "listed/%2F/etc/passwd": r"'/etc/passwd', which leads out",
    "no-data": r"no-data\.dat cannot be read \(no such file",
    "no-rate": r"sampling rate of 0 Hz \(allowed: 50 to 10000 Hz\)",
    "sixteen-leads": r"16 leads \(allowed: 1 to 15\)",
    "truncated": r"holds 4999 samples per lead \(allowed: 5000 as the header says",
    "zero-gain": r"gain of 0",
}
"""Key of each bad record, and what its line in failures.jsonl must say."""


def _signals() -> NDArray[np.float32]:
    return fastecg.builtin_record(0).record.signals_mv.copy()


def _write(folder: Path, name: str, signals: NDArray[Any], leads: tuple[str, ...] = STANDARD_12) -> Path:
    record = fastecg.Record(name, np.asarray(signals, np.float32), leads, 500.0)
    write_wfdb(folder, name, record)
    return folder / f"{name}.hea"


def _replace(header: Path, old: str, new: str) -> None:
    text = header.read_text(encoding="utf-8")
    assert old in text
    header.write_text(text.replace(old, new), encoding="utf-8")


def _odd_records(folder: Path) -> None:
    """Write records that are strange, but can be drawn."""
    signals = _signals()
    signals[5] = np.nan
    _write(folder, "all-nan-lead", signals)
    signals = _signals()
    signals[3] = 0.25
    _write(folder, "constant-lead", signals)
    signals = _signals()
    signals[:, 100:103] = np.nan
    signals[1, 2000:4000] = np.nan
    signals[2, ::2] = np.nan
    _write(folder, "nan-runs", signals)
    signals = _signals()
    signals[:, 700:5000:700] = 50.0
    signals[:, 900:5000:700] = -50.0
    _write(folder, "spikes", signals)
    _write(folder, "two-leads", _signals()[:2], STANDARD_12[:2])
    _replace(_write(folder, "climbing-name", _signals()), "climbing-name 12 ", "../../climbing-name 12 ")


def _bad_records(folder: Path) -> None:
    """Write the records of FAILED."""
    twelve = _signals()
    _write(folder, "all-nan", np.full((12, 5000), np.nan))
    (folder / "binary.hea").write_bytes(b"binary 1 500\0\x01\xff\xfe" * 40)
    (folder / "outside.dat").write_bytes(bytes(24))
    _replace(_write(folder, "climbing", twelve), "climbing.dat", "../outside.dat")
    _replace(_write(folder, "duplicate-leads", twelve), " V2\n", " V1\n")
    (folder / "empty.hea").touch()
    (folder / "endless.hea").write_text("endless 1 500 999999999999\nendless.dat 16 200 16 0 0 0 0 I\n")
    (folder / "endless.dat").touch()
    _write(folder, "no-data", twelve).with_suffix(".dat").unlink()
    _replace(_write(folder, "no-rate", twelve), "no-rate 12 500 ", "no-rate 12 0 ")
    _write(folder, "sixteen-leads", np.zeros((16, 600)), LEADS_16)
    data = _write(folder, "truncated", twelve).with_suffix(".dat")
    data.write_bytes(data.read_bytes()[:-1])
    header = _write(folder, "zero-gain", twelve)
    header.write_text(re.sub(r" 16 \d+\(\d+\)/mV", " 16 0(0)/mV", header.read_text()), encoding="utf-8")
    (folder / "listed").mkdir()
    (folder / "listed" / "RECORDS").write_text("../good\n/etc/passwd\nfine\n")
    _write(folder / "listed", "fine", twelve)


def _snapshot(folder: Path, but: Path) -> Mapping[str, tuple[int, int]]:
    """Return size and time of change of everything below a folder but one folder."""
    found = {}
    for root, _, names in os.walk(folder):
        if not Path(root).is_relative_to(but):
            for path in (Path(root), *(Path(root, name) for name in names)):
                status = path.lstat()
                found[os.fsdecode(path)] = (status.st_size, status.st_mtime_ns)
    return found


def _strict(text: str) -> Any:
    def refuse(literal: str) -> None:
        raise ValueError(f"{literal} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _check_whole(output: Path) -> None:
    """Check that every file is of a known kind and can be read to its end."""
    for path in output.rglob("*"):
        if path.suffix == ".png":
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"))
            other = cv2.imread(str(path))
            assert other is not None
            np.testing.assert_array_equal(other[:, :, ::-1], pixels)
            assert pixels.shape == (510, 660, 3)
        elif path.suffix == ".json":
            assert isinstance(_strict(path.read_text(encoding="utf-8")), dict)
        else:
            kept = path.relative_to(output).parts[0] == ".fastecg"
            assert kept or path.is_dir() or path.name in {"failures.jsonl", "SHA256SUMS.txt"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a folder with good, odd and bad records."""
    folder = tmp_path / "place" / "archive"
    folder.mkdir(parents=True)
    _write(folder, "good", _signals())
    _odd_records(folder)
    _bad_records(folder)
    return folder


def test_good_records_are_drawn_and_bad_ones_reported(
    archive: Path, tmp_path: Path, apart: Any, without_root_rights: tuple[str, ...]
) -> None:
    failed = dict(FAILED)
    if POSIX:
        (archive / "locked").mkdir(mode=0)
        failed["locked/(unreadable)"] = r"folder .*locked cannot be opened \(permission denied\)"
    if sys.platform.startswith("linux"):  # elsewhere a file name must be Unicode
        (archive / os.fsdecode(b"caf\xe9.hea")).touch()
        failed["caf%DCE9"] = r"caf\\udce9\.hea is empty"
    output = tmp_path / "place" / "pages"
    before = _snapshot(tmp_path, but=output)
    done = apart("generate", archive, output, "--set", "page.dpi=60", prefix=without_root_rights)
    after = _snapshot(tmp_path, but=output)
    parent = str(output.parent)
    assert {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)} <= {parent}
    assert done.code == 1
    assert "Traceback" not in done.err + done.out
    assert "RuntimeWarning" not in done.err
    lines = [_strict(line) for line in (output / "failures.jsonl").read_text("utf-8").splitlines()]
    messages = {line["record"]: line["message"] for line in lines}
    assert messages.keys() == failed.keys()
    assert len(lines) == len(messages)
    for key, pattern in failed.items():
        assert re.search(pattern, messages[key]), messages[key]
    assert {line["error"] for line in lines} == {"RecordError"}
    drawn = {f"{key}-0.{suffix}" for key in (*DRAWN, "listed/fine") for suffix in ("png", "json")}
    files = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    visible = {name for name in files if not name.startswith(".fastecg/")}
    assert visible == drawn | {"failures.jsonl", "run.json", "SHA256SUMS.txt"}
    counts = re.search(r"(\d+) pages written .* (\d+) skipped .* (\d+) failed", done.err)
    assert counts is not None
    assert [int(count) for count in counts.groups()] == [len(DRAWN) + 1, 0, len(failed)]
    assert re.match(rf"pages \S+ (\d+)/\1 [\d.]+ pages/s 0:00:00 {len(failed)} failed\n", done.err)
    _check_whole(output)
    _check_gaps(output)


def _check_gaps(output: Path) -> None:
    """Check that the truth of the odd records says what is odd."""
    truth = {name: json.loads((output / f"{name}-0.json").read_bytes()) for name in DRAWN}
    empty = [lead["name"] for lead in truth["all-nan-lead"]["leads"] if lead["box"] is None]
    assert empty == [STANDARD_12[5]]
    assert [lead["name"] for lead in truth["two-leads"]["leads"] if lead["kind"] == "lead"] == ["I", "II"]
    trace = next(lead["trace"] for lead in truth["nan-runs"]["leads"] if lead["name"] == "I")
    missing = [k for k, (_, y) in enumerate(trace) if y is None]
    assert missing == [100, 101, 102]
    spike = min(y for lead in truth["spikes"]["leads"] for _, y in lead["trace"])
    assert spike < -500  # 50 mV is half a metre up


def test_a_page_is_the_same_alone_and_among_bad_ones(
    archive: Path, tmp_path: Path, here: Any, digests: Any
) -> None:
    here("generate", archive, tmp_path / "all", "--set", "page.dpi=60", "--seed", "7", "-r", "varied")
    done = here(
        "generate",
        archive / "spikes",
        tmp_path / "one",
        "--set",
        "page.dpi=60",
        "--seed",
        "7",
        "-r",
        "varied",
    )
    assert done.code == 0, done.err
    everything, alone = digests(tmp_path / "all"), digests(tmp_path / "one")
    pages = {"spikes-0.json", "spikes-0.png"}
    assert {name for name in alone if name.startswith("spikes")} == pages
    assert {name: everything[name] for name in pages} == {name: alone[name] for name in pages}
