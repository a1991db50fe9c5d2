"""Speed and gain: print, pulses, width and beats weighed together."""

import pytest

from fastecg.digitize.rows import Pulse, Row
from fastecg.digitize.scales import heart_rate_odds, scales, speed_odds
from fastecg.digitize.words import Word


def rows(
    width_mm: float = 250.0, pulse_mm: float | None = None, height_mm: float = 10.0, sureness: float = 0.5
) -> list[Row]:
    pulse = None if pulse_mm is None else Pulse(12.0, 50.0, pulse_mm, height_mm, sureness)
    return [Row(50.0 + 40 * k, 20.0, 20.0 + width_mm, 1.0, pulse) for k in range(4)]


def printed(number: str, unit: str, sureness: float) -> list[Word]:
    return [Word(number, 0, 0, 4, 3, sureness), Word(unit, 5, 0, 11, 3, sureness)]


@pytest.mark.parametrize(
    ("width_mm", "pulse_mm", "words", "speed", "source"),
    [
        (250.0, 5.0, [], 25.0, "width"),
        (250.0, None, printed("50", "mm/s", 0.95), 50.0, "print"),
        (250.0, 10.0, printed("50", "mm/s", 0.6), 50.0, "print"),
        (250.0, 5.0, printed("50", "mm/s", 0.5), 25.0, "width"),
        (125.0, 2.5, printed("12.5", "mm/s", 0.6), 12.5, "print"),
        (125.0, None, [], 25.0, "usual"),
        (233.0, 5.0, printed("100", "mm/s", 0.5), 25.0, "usual"),
    ],
)
def test_speed_weighs_print_pulses_and_width(
    width_mm: float, pulse_mm: float | None, words: list[Word], speed: float, source: str
) -> None:
    found, _, notes = scales(rows(width_mm, pulse_mm), words)
    assert (found, notes["speed_from"]) == (speed, source)


def test_a_printed_gain_outweighs_a_pulse_that_is_hardly_one() -> None:
    wrong = rows(pulse_mm=4.7, height_mm=2.5, sureness=0.25)
    assert scales(wrong, printed("10", "mm/mV", 0.9))[1] == 10.0


def test_pulses_tell_the_gain_and_print_does_where_there_are_none() -> None:
    five = printed("5", "mm/mV", 0.9)
    assert scales(rows(pulse_mm=5.0, height_mm=5.0, sureness=0.4), printed("10", "mm/mV", 0.7))[1] == 5.0
    assert scales(rows(pulse_mm=5.0, height_mm=20.0), five)[1] == 20.0
    assert scales(rows(), five)[1:2] == (5.0,)
    assert scales(rows(), printed("5", "mm/mV", 0.5))[1:2] == (10.0,)


def test_a_printed_speed_can_be_outweighed() -> None:
    odds = speed_odds(250.0, 5.0, (12.5, 0.5))
    assert max(odds, key=lambda speed: odds[speed]) == 25.0


def test_slow_beats_on_the_paper_speak_for_a_fast_paper() -> None:
    for beat_mm, likely in ((55.0, 50.0), (21.0, 25.0), (9.0, 12.5)):
        odds = heart_rate_odds(beat_mm, dict.fromkeys((25.0, 50.0, 12.5), 0.0))
        assert max(odds, key=lambda speed: odds[speed]) == likely
