"""Timing: how far apart beats are, and whether columns begin together."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.digitize.layout_match import Match, Segment
from fastecg.digitize.page_reading import Understood
from fastecg.digitize.reading import Reading
from fastecg.digitize.strips import COLUMNS_MM
from fastecg.digitize.timing import _in_step, beat_distance_mm, told_speed


def page(
    beat_mm: float, odds: dict[float, float]
) -> tuple[Understood, dict[int, tuple[float, float, Reading]]]:
    """One row of 240 mm with beats so far apart, understood at 25 mm/s."""
    x = np.arange(240 * COLUMNS_MM) / COLUMNS_MM
    from_beat = (x % beat_mm) - beat_mm / 2
    y = 176 - 80 * np.exp(-((from_beat / 0.6) ** 2)) + 20 * np.exp(-(((from_beat - 4) / 2) ** 2))
    reading = Reading(y.astype(np.float32), np.ones(len(x), np.float32), 176.0)
    segments = tuple(
        Segment("II", "lead", 0, 60.0 * k, 60.0 * (k + 1), 50.0, 10.0, 25.0, 2.4 * k, 1.0) for k in range(4)
    )
    notes: dict[str, Any] = {"speed_odds": odds, "speed_from": "usual", "printed": {}}
    nothing: Any = None
    match = Match("names", False, (), (), 0.0, 0, 0.0)
    found = Understood(nothing, 0, [], [], match, segments, 25.0, 10.0, notes, nothing)
    return found, {0: (0.0, 50.0, reading)}


@pytest.mark.parametrize("beat_mm", [12.0, 20.0, 41.0])
def test_beats_are_measured_on_the_paper(beat_mm: float) -> None:
    assert beat_distance_mm(*page(beat_mm, {})) == pytest.approx(beat_mm, abs=0.5)


def test_beats_change_a_doubtful_speed() -> None:
    found = told_speed(*page(55.0, {25.0: 0.5, 50.0: 0.0}))
    assert (found.speed_mm_s, found.notes["speed_from"]) == (50.0, "beats")
    assert [(s.speed_mm_s, s.start_s) for s in found.segments] == [(50.0, 1.2 * k) for k in range(4)]


def test_beats_leave_a_sure_speed_and_usual_beats_alone() -> None:
    assert told_speed(*page(55.0, {25.0: 5.0, 50.0: -2.0})).speed_mm_s == 25.0
    assert told_speed(*page(22.0, {25.0: 0.5, 50.0: 0.0})).speed_mm_s == 25.0


def activity(beats_s: list[float], length_s: float = 5.0) -> NDArray[np.float64]:
    """How steep a column is at 2 ms steps: a narrow hump at every beat."""
    t = np.arange(round(length_s * 500)) / 500
    return np.asarray(sum(np.exp(-(((t - beat) / 0.015) ** 2)) for beat in beats_s))


UNEVEN = [0.4, 1.19, 2.03, 2.78, 3.62, 4.41]


def test_columns_whose_beats_stray_together_begin_together() -> None:
    moved = [beat + 0.006 for beat in UNEVEN]
    assert _in_step(activity(UNEVEN), activity(moved), 1 / 500)


def test_beats_that_fall_together_by_chance_do_not_tell() -> None:
    even = [0.4 + 0.8 * k for k in range(6)]
    elsewhere = [beat + off for beat, off in zip(UNEVEN, (0.01, -0.02, 0.015, 0.02, -0.01, 0.0), strict=True)]
    assert not _in_step(activity(even), activity(even), 1 / 500)
    assert not _in_step(activity(UNEVEN), activity(elsewhere), 1 / 500)
    assert not _in_step(activity(UNEVEN), activity(UNEVEN[:3]), 1 / 500)
