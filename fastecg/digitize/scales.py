"""Speed and gain of a page: what is printed, its pulses, its width and its beats, weighed together."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from fastecg.digitize.layout_match import extent_of
from fastecg.digitize.rows import Row
from fastecg.digitize.words import Word, read_scales

SPEED_PRIOR: Final = {25.0: 0.0, 50.0: -2.0, 12.5: -3.5, 100.0: -6.0, 10.0: -5.0}
"""How much rarer than 25 mm/s a speed is, as natural logarithms."""
GAIN_PRIOR: Final = {10.0: 0.0, 5.0: -3.0, 20.0: -3.0, 2.5: -5.0, 40.0: -6.0}
PULSES: Final = 20.0
"""What pulses that are surely seen in all rows say for their height."""
WINDOW_S: Final = 10.0
"""What a page shows, as a rule."""
PULSE_S: Final = 0.2
"""How long a calibration pulse lasts, as a rule."""
SURE_WORD: Final = 0.4
PRINTED: Final = 5.0
"""What a surely printed speed says for itself, in logarithms."""
USUAL_HR: Final = 75.0
HR_SPREAD: Final = 0.38
"""Spread of the logarithm of heart rates."""


def scales(rows: list[Row], words: list[Word]) -> tuple[float, float, dict[str, Any]]:
    """Return speed in mm/s, gain in mm/mV, and notes on where they are from.

    Parameters
    ----------
    rows, words
        What was found on the flat page.

    Examples
    --------
    >>> speed, gain, notes = scales([Row(50.0, 10.0, 260.0, 1.0)], [])
    >>> speed, notes["speed_from"], gain, notes["gain_from"]
    (25.0, 'width', 10.0, 'usual')
    """
    printed = {key: value for key, value in read_scales(words).items() if value[1] > SURE_WORD}
    notes: dict[str, Any] = {"printed": {key: value[0] for key, value in printed.items()}}
    gain = _gain(rows, printed.get("gain_mm_mv"), notes)
    left, right = extent_of(rows)
    odds = speed_odds(right - left, notes.get("pulse_width_mm"), printed.get("speed_mm_s"))
    speed = max(odds, key=lambda value: odds[value])
    notes["speed_odds"] = odds
    notes["speed_from"] = "usual"
    if printed.get("speed_mm_s", (0.0, 0.0))[0] == speed:
        notes["speed_from"] = "print"
    elif _wide_as(right - left, WINDOW_S * speed):
        notes["speed_from"] = "width"
    return speed, gain, notes


def speed_odds(
    width_mm: float, pulse_mm: float | None, printed: tuple[float, float] | None
) -> dict[float, float]:
    """Return what speaks for each speed, as natural logarithms.

    Parameters
    ----------
    width_mm
        Width of the traces.
    pulse_mm
        Width of the calibration pulses, if there are any.
    printed
        A printed speed and how surely it is read.

    Examples
    --------
    >>> odds = speed_odds(250.0, 10.0, (50.0, 0.6))
    >>> max(odds, key=odds.get)
    50.0
    """
    odds = dict(SPEED_PRIOR)
    for speed in odds:
        if _wide_as(width_mm, WINDOW_S * speed):
            odds[speed] += 2.0
        if pulse_mm is not None and abs(pulse_mm / (PULSE_S * speed) - 1) < 0.15:
            odds[speed] += 1.5
        if printed is not None and printed[0] == speed:
            odds[speed] += PRINTED * printed[1]
    return odds


def heart_rate_odds(beat_mm: float, speeds: dict[float, float]) -> dict[float, float]:
    """Return what the distance of beats says for each speed.

    Parameters
    ----------
    beat_mm
        Median distance of beats along the paper.
    speeds
        The speeds to weigh, as keys.

    Examples
    --------
    >>> odds = heart_rate_odds(50.0, {25.0: 0.0, 50.0: 0.0})
    >>> round(odds[50.0] - odds[25.0], 1)
    2.6
    """
    rates = {speed: 60 * speed / beat_mm for speed in speeds}
    return {
        speed: max(-0.5 * (math.log(rate / USUAL_HR) / HR_SPREAD) ** 2, -8.0) for speed, rate in rates.items()
    }


def _wide_as(width_mm: float, window_mm: float) -> bool:
    return abs(width_mm / window_mm - 1) < 0.02


def _gain(rows: list[Row], printed: tuple[float, float] | None, notes: dict[str, Any]) -> float:
    """Return the gain that pulses, print and use speak for."""
    odds = dict(GAIN_PRIOR)
    notes["gain_from"] = "usual"
    pulses = [row.pulse for row in rows if row.pulse is not None]
    for pulse in pulses:
        odds[pulse.height] = odds.get(pulse.height, -5.0) + PULSES * pulse.sureness / len(rows)
    if pulses:
        notes["pulse_width_mm"] = float(np.median([p.width for p in pulses]))
    if printed is not None and printed[0] in odds:
        odds[printed[0]] += PRINTED * printed[1]
    gain = max(odds, key=lambda value: odds[value])
    if any(pulse.height == gain for pulse in pulses):
        notes["gain_from"] = "pulse"
    elif printed is not None and printed[0] == gain:
        notes["gain_from"] = "print"
    return gain
