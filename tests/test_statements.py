"""Statements: their file compared with the lists it follows, and invented reports with common sense."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from fastecg import presets
from fastecg.patients import Dice
from fastecg.statements import (
    ABSENT,
    Interpretation,
    Measurements,
    catalogue,
    interpretation_of,
    invent_interpretation,
    invent_measurements,
)

FILE = Path(presets.__file__).parent / "statements" / "english.yaml"


def invented(count: int, rate: int | None = None) -> list[Interpretation]:
    return [invent_interpretation(Dice(f"{k}"), rate, 3) for k in range(count)]


def test_the_file_says_where_it_is_from() -> None:
    text = FILE.read_text(encoding="utf-8")
    for source in ("PTB-XL", "CC BY 4.0", "AHA/ACC/HRS", "MIT", "BSD-2-Clause"):
        assert source in text.partition("rhythms:")[0]


def test_codes_are_those_of_the_lists(records_dir: Path) -> None:
    folder = records_dir.parent / "text"
    with (folder / "ptbxl" / "scp_statements.csv").open(encoding="utf-8") as file:
        scp = {row[""] for row in csv.DictReader(file)}
    with (folder / "torch_ecg_aha" / "df_primary_statements.csv").open(encoding="utf-8") as file:
        aha = {row["Code"] for row in csv.DictReader(file)}
    with (folder / "torch_ecg_aha" / "df_secondary_statements.csv").open(encoding="utf-8") as file:
        aha |= {row["Code"] for row in csv.DictReader(file)}
    snomed = set()
    for name in ("scored", "unscored"):
        with (folder / "evaluation-2021" / f"dx_mapping_{name}.csv").open(encoding="utf-8") as file:
            snomed |= {row["SNOMEDCTCode"] for row in csv.DictReader(file)}
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    entries = data["rhythms"] + data["findings"]
    assert {entry["scp"] for entry in entries if "scp" in entry} <= scp
    assert {str(entry["aha"]) for entry in entries if "aha" in entry} <= aha
    codes = [str(code) for entry in entries for code in entry.get("snomed", ())]
    assert set(codes) <= snomed
    assert len(codes) == len(set(codes)), "a code has two wordings"


def test_every_statement_can_come_up_and_is_short() -> None:
    known = catalogue()
    reports = invented(6000) + [one for rate in range(30, 190, 4) for one in invented(150, rate)]
    seen = {one.text for report in reports for one in (report.rhythm, *report.findings) if one}
    assert seen == {one.text for one in (*known.rhythms, *known.findings)}
    assert max(map(len, seen)) <= 66


def test_reports_do_not_contradict_themselves() -> None:
    for report in invented(3000):
        rhythm = report.rhythm
        assert rhythm is not None
        groups = [one.group for one in report.findings]
        assert len(groups) == len(set(groups))
        assert all(one.needs in {"", rhythm.kind} for one in report.findings)
        lines = report.lines(6)
        assert not any(line.startswith("with ") for line in lines)
        assert not lines[0].startswith("Normal sinus rhythm with first")
        if report.ending == "Normal ECG":
            assert not report.findings
            assert "inus rhythm" in lines[0]
        if report.findings:
            assert report.ending in {"Abnormal ECG", "Borderline ECG"}


@pytest.mark.parametrize(
    ("rate", "rhythms"),
    [
        (45, "bradycardia|slow|Junc|pace"),
        (72, "inus|fib|flut|atrial|pace"),
        (130, "tachy|rapid|flutter|fibrillation"),
        (170, "Supra"),
    ],
)
def test_rhythms_fit_the_rate(rate: int, rhythms: str) -> None:
    for report in invented(200, rate):
        assert report.rhythm is not None
        assert re.search(rhythms, report.rhythm.text), report.rhythm.text


def test_numbers_fit_the_statements() -> None:
    checks: dict[str, Callable[[Measurements], bool]] = {
        "with first degree AV block": lambda m: int(m.pr) > 200,
        "Left axis deviation": lambda m: int(m.qrs_axis) < -30,
        "Right axis deviation": lambda m: int(m.qrs_axis) > 90,
        "Left bundle branch block": lambda m: int(m.qrsd) >= 120,
        "Prolonged QT interval": lambda m: int(m.qtc) > 470,
        "Short QT interval": lambda m: int(m.qtc) < 350 + 40,
        "Atrial fibrillation": lambda m: m.pr == m.p_axis == ABSENT,
    }
    done = set()
    for k, report in enumerate(invented(4000)):
        found = invent_measurements(Dice(f"m{k}"), report, None)
        rate, qt, qtc = int(found.rate), int(found.qt), int(found.qtc)
        assert 28 <= rate <= 205
        assert qtc == pytest.approx(qt / (60 / rate) ** 0.5, abs=2), "Bazett"
        assert 70 <= int(found.qrsd) < qt
        assert found.pr == ABSENT or int(found.pr) < 60_000 / rate
        for one in (report.rhythm, *report.findings):
            if one is not None and one.text in checks:
                assert checks[one.text](found), one.text
                done.add(one.text)
        if not report.findings and report.rhythm is catalogue().rhythms[0]:
            assert 60 <= rate <= 100
            assert 120 <= int(found.pr) <= 200
            assert int(found.qrsd) <= 110
    assert done == set(checks)


def test_a_measured_rate_is_printed() -> None:
    said = invent_interpretation(Dice("a"), 67, 2)
    assert invent_measurements(Dice("b"), said, 67).rate == "67"


def test_codes_become_words() -> None:
    report = interpretation_of(["1234567", "164889003", "164909002", "39732003", "164909002"])
    assert report.lines(9) == (
        "Atrial fibrillation",
        "Left bundle branch block",
        "Left axis deviation",
        "Abnormal ECG",
    )
    assert report.lines(2) == ("Atrial fibrillation", "Abnormal ECG")
    assert report.lines(1) == ("Atrial fibrillation",)
    assert report.lines(0) == ()
    assert interpretation_of(["270492004", "426783006"]).lines(3)[0].endswith("with first degree AV block")
    assert interpretation_of(["270492004"]).lines(3) == ("First degree AV block", "Abnormal ECG")
    assert interpretation_of(["999"]).lines(3) == ()
    assert interpretation_of(["426177001"]).ending == "Otherwise normal ECG"
