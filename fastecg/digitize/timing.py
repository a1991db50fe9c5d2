"""Whether the columns of a page follow one another in time or all begin together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.layout_match import Segment
from fastecg.digitize.page_reading import Understood
from fastecg.digitize.reading import Reading
from fastecg.digitize.scales import heart_rate_odds
from fastecg.digitize.strips import COLUMNS_MM

Floats = NDArray[np.floating[Any]]

ALIKE: Final = 0.6
"""Correlation of slopes from which two stretches show the same beats."""
LAG_S: Final = 0.02
LEAST_BEATS: Final = 4
PAIR_S: Final = 0.04
PAIRED: Final = 0.8
"""Share of the beats that have to have one of the other column at the same place."""
EVEN_S: Final = 0.0008
"""A rhythm that strays less is too even to tell."""
IN_STEP: Final = 0.7
"""Beats that begin together stray less from one another than this share of how they stray from evenness."""


def told_timing(found: Understood, readings: dict[int, tuple[float, float, Reading]]) -> Understood:
    """Return what was understood, with columns that begin together if their beats say so.

    A rhythm strip decides where one of its lead's columns is elsewhere on the page: the column shows the
    strip's beats either from the start or from its own place. Else the first two columns are
    compared: the beats of columns that begin together stand one above the other.

    Parameters
    ----------
    found, readings
        A page, and what was read of its rows.
    """
    columns = sorted({s.x0_mm for s in found.segments if s.kind == "lead"})
    if len(columns) < 2:
        return found
    together = _strip_says(found, readings, columns)
    if together is None:
        together = _columns_say(found, readings, columns)
    if together is None:
        return found
    first = columns[0]
    segments = tuple(
        s if s.kind == "rhythm" else replace(s, start_s=0.0 if together else (s.x0_mm - first) / s.speed_mm_s)
        for s in found.segments
    )
    match = replace(found.match, simultaneous=together)
    return replace(found, segments=segments, match=match)


def told_speed(found: Understood, readings: dict[int, tuple[float, float, Reading]]) -> Understood:
    """Return what was understood, at another speed where the distance of beats makes that likelier.

    Parameters
    ----------
    found, readings
        A page, and what was read of its rows.
    """
    odds: dict[float, float] = found.notes["speed_odds"]
    beat_mm = beat_distance_mm(found, readings)
    if beat_mm is None:
        return found
    beats = heart_rate_odds(beat_mm, odds)
    speed = max(odds, key=lambda value: odds[value] + beats[value])
    if speed == found.speed_mm_s:
        return found
    factor = speed / found.speed_mm_s
    segments = tuple(
        replace(s, speed_mm_s=s.speed_mm_s * factor, start_s=s.start_s / factor) for s in found.segments
    )
    printed = found.notes["printed"].get("speed_mm_s") == speed
    notes = {**found.notes, "speed_from": "print" if printed else "beats"}
    return replace(found, segments=segments, speed_mm_s=speed, notes=notes)


def beat_distance_mm(found: Understood, readings: dict[int, tuple[float, float, Reading]]) -> float | None:
    """Return the median distance of neighbouring beats along the paper; None where few are seen.

    Parameters
    ----------
    found, readings
        A page, and what was read of its rows.
    """
    from scipy.signal import find_peaks  # noqa: PLC0415 - 0.8 s to import

    distances: list[float] = []
    for row in sorted({segment.row for segment in found.segments}):
        mine = [segment for segment in found.segments if segment.row == row]
        whole = replace(mine[0], x0_mm=min(s.x0_mm for s in mine), x1_mm=max(s.x1_mm for s in mine))
        slope = _slope(whole, readings)
        if len(slope) < 20 * COLUMNS_MM:
            continue
        high = float(np.percentile(slope, 99))
        peaks, _ = find_peaks(slope, height=0.45 * high, distance=int(4 * COLUMNS_MM))
        distances += np.diff(peaks).tolist()
    return float(np.median(distances)) / COLUMNS_MM if len(distances) > 2 else None


def activity(segments: list[Segment], readings: dict[int, tuple[float, float, Reading]]) -> Floats:
    """Return how steep the leads of one column are together, shape (columns of the read-out,)."""
    total: Floats | None = None
    for segment in segments:
        slope = _slope(segment, readings)
        size = slope.std() + 1e-9
        if total is None:
            total = slope / size
        else:
            length = min(len(total), len(slope))
            total = total[:length] + slope[:length] / size
    return np.zeros(0) if total is None else total


def _slope(segment: Segment, readings: dict[int, tuple[float, float, Reading]]) -> Floats:
    x0, _, reading = readings[segment.row]
    low = max(round((segment.x0_mm - x0) * COLUMNS_MM), 0)
    high = max(round((segment.x1_mm - x0) * COLUMNS_MM), low)
    y = reading.y_px[low:high].astype(np.float64)
    if not len(y) or not np.isfinite(y).any():
        return np.zeros(len(y))
    known = np.isfinite(y)
    y = np.interp(np.arange(len(y)), np.flatnonzero(known), y[known])
    steep = np.abs(np.gradient(y))
    width = max(round(0.02 * segment.speed_mm_s * COLUMNS_MM), 1)
    smooth: Floats = np.convolve(
        np.minimum(steep, np.percentile(steep, 99.5)), np.ones(width) / width, mode="same"
    )
    return smooth


def _likeness(a: Floats, b: Floats, lag: int) -> float:
    """Return the highest correlation of two stretches within a lag."""
    length = min(len(a), len(b)) - 2 * lag
    if length < 50:
        return 0.0
    middle = a[lag : lag + length]
    best = 0.0
    for shift in range(2 * lag + 1):
        other = b[shift : shift + length]
        if middle.std() > 0 and other.std() > 0:
            best = max(best, float(np.corrcoef(middle, other)[0, 1]))
    return best


def _strip_says(
    found: Understood, readings: dict[int, tuple[float, float, Reading]], columns: list[float]
) -> bool | None:
    """Compare the activity of later columns with the strip's at both places; None where neither fits."""
    strips = [s for s in found.segments if s.kind == "rhythm"]
    if not strips:
        return None
    strip = activity(strips[:1], readings)
    together, apart = [], []
    for x in columns[1:]:
        mine = activity([s for s in found.segments if s.kind == "lead" and s.x0_mm == x], readings)
        at = round((x - columns[0]) * COLUMNS_MM)
        lag = round(LAG_S * found.speed_mm_s * COLUMNS_MM)
        apart.append(_likeness(mine, strip[at : at + len(mine)], lag))
        together.append(_likeness(mine, strip[: len(mine)], lag))
    first, second = float(np.mean(together)), float(np.mean(apart))
    if max(first, second) < 0.4 or abs(first - second) < 0.1:
        return None
    return first > second


def _columns_say(
    found: Understood, readings: dict[int, tuple[float, float, Reading]], columns: list[float]
) -> bool | None:
    """Compare columns with the first: only together do all of them show the same beats."""
    leads = [[s for s in found.segments if s.kind == "lead" and s.x0_mm == x] for x in columns]
    if len(columns) > 3:  # pages of short columns that begin together have a strip
        return None
    first = activity(leads[0], readings)
    lag = round(LAG_S * found.speed_mm_s * COLUMNS_MM)
    others = [activity(column, readings) for column in leads[1:]]
    likeness = [_likeness(first, other, lag) for other in others]
    if min(likeness) <= ALIKE:
        return False
    # an even rhythm looks alike a beat later too: only beats that come unevenly tell
    seconds = 1 / (found.speed_mm_s * COLUMNS_MM)
    return all(_in_step(first, other, seconds) for other in others)


def _in_step(a: Floats, b: Floats, seconds: float) -> bool:
    """Return whether the beats of two stretches are early and late together.

    Parameters
    ----------
    a, b
        Activity of the columns.
    seconds
        Time from one value to the next.
    """
    first, second = (seconds * _beats(values, seconds) for values in (a, b))
    if min(len(first), len(second)) < LEAST_BEATS:
        return False
    apart = second[np.abs(second - first[:, None]).argmin(axis=1)] - first
    paired = np.abs(apart) < PAIR_S
    if paired.mean() < PAIRED or paired.sum() < LEAST_BEATS:
        return False
    number = np.arange(len(first))
    uneven = first - np.polyval(np.polyfit(number, first, 1), number)
    return bool(uneven.std() > EVEN_S and apart[paired].std() < IN_STEP * uneven.std())


def _beats(values: Floats, seconds: float) -> Floats:
    """Return where beats are, to a part of a column."""
    from scipy.ndimage import gaussian_filter1d  # noqa: PLC0415 - 0.1 s to import
    from scipy.signal import find_peaks  # noqa: PLC0415 - 0.8 s to import

    smooth = gaussian_filter1d(values, 0.02 / seconds)
    distance = max(int(0.25 / seconds), 1)
    peaks, _ = find_peaks(smooth, height=0.5 * np.percentile(smooth, 98.5), distance=distance)
    before, here, after = smooth[peaks - 1], smooth[peaks], smooth[peaks + 1]
    result: Floats = peaks + 0.5 * (before - after) / (before - 2 * here + after)
    return result
