"""Measurement-like notes: they agree with what is known, vary, and name nobody."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import numpy as np
import pytest

from fastecg.patients import FIRST_DAY, LAST_DAY
from fastecg.phrases import ALPHABET, MeasurementFacts, draw_measurement

KNOWN = MeasurementFacts(
    heart_rate_bpm=72, pr_ms=158, qrs_ms=94, qt_ms=400, qtc_ms=438, axis_deg=15, age_years=61, sex="F",
    taken=dt.datetime(2019, 3, 4, 14, 7),
)  # fmt: skip


def notes(facts: MeasurementFacts | None, count: int = 3000, seed: int = 0) -> set[str]:
    rng = np.random.default_rng(seed)
    return {draw_measurement(rng, facts) for _ in range(count)}


def numbers(found: Iterable[str], pattern: str) -> set[int]:
    return {int(match[1]) for note in found if (match := re.search(pattern, note))}


@pytest.mark.parametrize("facts", [None, MeasurementFacts(), KNOWN, MeasurementFacts(heart_rate_bpm=210)])
def test_notes_are_short_and_writable(facts: MeasurementFacts | None) -> None:
    for note in notes(facts):
        assert 1 <= len(note) <= 40
        assert set(note) <= {*ALPHABET, " "}
        assert note == " ".join(note.split())


def test_notes_agree_with_the_facts() -> None:
    found = notes(KNOWN)
    assert numbers(found, r"^(?:HR|VR|rate)[ =:]+(\d+)$") == {72}
    assert numbers(found, r"^(?:HR )?~(\d+)") == {70}
    assert numbers(found, r"^(\d+)(?: bpm|/min)$") == {72}
    assert numbers(found, r"(?<!/)QTc[ =](\d+)") == {438}
    assert numbers(found, r"^QT (\d+)") == {400}
    assert numbers(found, r"^QT/QTc (\d+)/") == {400}
    assert numbers(found, r"^PR[ =](\d+)") == {158}
    assert numbers(found, r"^QRS[ =](\d+)") == {94}
    assert numbers(found, r"^axis (-?\d+)") == {15}
    assert {"QTc .44", "PR .16", "QRS .09"} <= found
    assert not {note for note in found if re.search(r"\?[LR]AD|[LR]AD\?|NW axis", note)}
    assert any("61" in note and "F" in note for note in found)


def test_dates_and_times_are_those_of_the_recording_in_several_hands() -> None:
    found = notes(KNOWN)
    dates = {"4/3/19", "3/4/19", "04.03.2019", "2019-03-04", "4 Mar 19", "Mar 4, 2019", "04MAR19"}
    times = {"14:07", "14.07", "1407", "1407h", "2:07 pm", "2:07PM", "@ 14:07"}
    assert dates | times <= found
    assert {note for note in found if re.fullmatch(r"\d\d:\d\d", note)} == {"14:07"}


@pytest.mark.parametrize(
    ("axis", "said", "unsaid"),
    [(-45, "?LAD", "?RAD"), (110, "?RAD", "?LAD"), (30, "axis nl", "?LAD"), (-120, "ext axis", "axis nl")],
)
def test_the_axis_is_doubted_where_it_deviates(axis: int, said: str, unsaid: str) -> None:
    found = notes(MeasurementFacts(axis_deg=axis))
    assert said in found
    assert unsaid not in found
    assert f"axis {axis}" in found


def test_qt_follows_bazett_where_one_is_invented() -> None:
    for facts in (MeasurementFacts(heart_rate_bpm=100), MeasurementFacts(heart_rate_bpm=100, qt_ms=340)):
        pairs = [match for note in notes(facts) if (match := re.search(r"QT/QTc (\d+)/(\d+)", note))]
        assert pairs
        for pair in pairs:
            assert int(pair[1]) == pytest.approx(int(pair[2]) * (60 / 100) ** 0.5, abs=1.5)
    assert numbers(notes(facts), r"^QT (\d+)") == {340}


def test_an_interval_that_is_known_is_noted_rather_than_one_invented() -> None:
    found = notes(MeasurementFacts(pr_ms=210))
    assert numbers(found, r"^PR[ =](\d+)") == {210}
    assert not numbers(found, r"^QRS[ =](\d+)")


def test_without_facts_values_are_plausible() -> None:
    found = notes(None, 6000)
    assert all(50 <= rate <= 110 for rate in numbers(found, r"^HR (\d+)$"))
    pressures = {tuple(map(int, pair)) for note in found for pair in re.findall(r"BP[ =](\d+)/(\d+)", note)}
    assert pressures
    assert all(90 <= upper <= 190 and 0.45 < lower / upper < 0.72 for upper, lower in pressures)
    potassium = [float(match[1]) for note in found if (match := re.match(r"K\+ ([\d.]+)$", note))]
    assert 2.7 < min(potassium) < max(potassium) < 6.3
    years = numbers(found, r"^(\d{4})-\d\d-\d\d$")
    assert FIRST_DAY.year <= min(years) <= max(years) <= LAST_DAY.year
    assert len(years) > 10


def test_there_is_every_kind_of_note() -> None:
    found = notes(None)
    for pattern in (
        r"^HR \d+$", r"^QTc \d+$", r"^\?LAD$", r"^BP \d+/\d+$", r"^K\+ \d\.\d$", r"^pre-op$",
        r"^seen, [A-Z]\.[A-Z]\.$", r"^[A-Z]{2}$", r"^SpO2 \d+%$", r"^\?STE V", r"^x2$", r"^adenosine 6 mg$",
    ):  # fmt: skip
        assert any(re.search(pattern, note) for note in found), pattern
    assert len(found) > 1200


def test_initials_are_letters_only_and_of_no_record() -> None:
    signed = {note.removeprefix("seen, ") for note in notes(None) if note.startswith("seen, ")}
    assert all(re.fullmatch(r"[A-Z]\.[A-Z]\.|[A-Z]{2}|Dr [A-Z]\.", name) for name in signed)
    assert len(signed) > 15


def test_the_patients_age_is_not_invented() -> None:
    assert not {note for note in notes(None) if re.search(r"\b(yo|yrs)\b|^\d\d [FM]$", note)}


def test_the_same_chance_gives_the_same_note() -> None:
    assert notes(KNOWN, 50, seed=5) == notes(KNOWN, 50, seed=5)
    assert notes(KNOWN, 50, seed=5) != notes(KNOWN, 50, seed=6)
