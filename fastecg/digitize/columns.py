"""Where the columns of a page begin: from the ends of its traces, and from the strokes between columns."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.flat import PX, Flat
from fastecg.digitize.layout_match import Match, extent_of
from fastecg.digitize.rows import Row
from fastecg.digitize.scales import WINDOW_S

Floats = NDArray[np.floating[Any]]

STEP_S: Final = 2.5
"""Traces last a multiple of this."""
WINDOW_OFF_MM: Final = 7.0
"""Traces this much longer or shorter still last so long: one of their ends is taken wrongly."""
SNAP_MM: Final = 0.3
"""Printers begin traces on a line of their grid; what is near one lies on it."""
WHOLE_MM: Final = 1.5
"""Traces whose length is so near a whole number of seconds show both their ends."""
STROKE_MM: Final = 1.6
"""A stroke between columns goes at least so far up and down from the baseline."""
SEARCH_MM: Final = 24.0
"""How far from the traces' left end the first column may begin: a photo may cut it off."""
OFF_PER_MM: Final = 0.02
SURE_STROKES: Final = 0.55
"""Share of the strokes that have to be seen for columns to be placed by them."""


def snapped(place: float) -> float:
    """Return the millimetre line next to a place if it is near enough to be meant."""
    line = round(place)
    return float(line) if abs(line - place) < SNAP_MM else place


def column_edges(page: Flat, rows: list[Row], match: Match, speed: float, *, on_grid: bool) -> list[float]:
    """Return where columns begin, and the end, in mm on the flat page, to a part of a pixel.

    Parameters
    ----------
    page
        The flat page.
    rows, match
        Its rows of traces, and the arrangement of leads in them.
    speed
        Paper speed in mm/s.
    on_grid
        Whether millimetres are those of a grid.
    """
    left, right, sure_left, sure_right = _ends(page, rows)
    window = _window(right - left, speed)
    columns = len(match.columns_mm) - 1
    whole = abs(right - left - window) < WHOLE_MM
    by_strokes = None
    if on_grid and columns > 1 and not whole:
        by_strokes = _by_strokes(page, rows, (left, right), columns, window)
    if by_strokes is not None:
        left, right = by_strokes, by_strokes + window
    elif on_grid and abs(right - left - window) < WINDOW_OFF_MM:
        if whole:
            left = (left + right - window) / 2
        elif right - left < window:  # one end is not seen: there is some ink where it is
            missing = window - (right - left)
            before, beyond = (
                _fill(page, rows, left - missing, left),
                _fill(page, rows, right, right + missing),
            )
            if before > beyond + 0.1 or (before > beyond - 0.1 and sure_right > sure_left):
                left = right - window
        elif sure_right > sure_left:  # something stands before the traces, such as a pulse
            left = right - window
        left = snapped(left)
        right = left + window
    edges = np.linspace(left, right, columns + 1)
    if match.name == "names" and columns > 1:
        given = np.array(match.columns_mm)
        return [left, *given[1:-1].tolist(), right]
    return [float(x) for x in edges]


def _window(width: float, speed: float) -> float:
    """Return how wide traces of a whole number of 2.5 s are, those of 10 s if they may be meant."""
    if abs(width - WINDOW_S * speed) < SEARCH_MM:
        return WINDOW_S * speed
    return max(round(width / (STEP_S * speed)), 1) * STEP_S * speed


def _by_strokes(
    page: Flat, rows: list[Row], ends: tuple[float, float], columns: int, window: float
) -> float | None:
    """Return where the first column begins if strokes between columns show it; None where they do not.

    Strokes stand at the same places in all rows, one column's width apart. So may beats: they are asked
    only where an end of the traces is not seen, and the nearer they agree with the ends the better.
    """
    found = np.array([_strokes(page.ink, row) for row in rows])
    pitch = window / columns * PX
    starts = np.arange((ends[0] - SEARCH_MM) * PX, (ends[0] + SEARCH_MM) * PX)
    starts = starts[starts + window * PX < (ends[1] + SEARCH_MM) * PX]
    if not len(starts):
        return None
    seen = np.zeros(len(starts))
    for k in range(1, columns):
        at = np.round(starts + k * pitch).astype(int)
        inside = (at >= 0) & (at < page.ink.shape[1])
        # a strip along the bottom has no strokes: the best rows count
        votes = np.sort(found[:, np.clip(at, 0, page.ink.shape[1] - 1)], axis=0)[len(rows) // 4 :].mean(
            axis=0
        )
        seen += np.where(inside, votes, 0.0)
    seen /= columns - 1
    off = np.minimum(np.abs(starts / PX - ends[0]), np.abs(starts / PX + window - ends[1]))
    best = int((seen - OFF_PER_MM * off).argmax())
    if seen[best] < SURE_STROKES:
        return None
    near = np.s_[max(best - 2, 0) : best + 3]
    place = float((starts[near] * seen[near] ** 2).sum() / (seen[near] ** 2).sum() + 0.5) / PX
    return snapped(place)


def _strokes(ink: Floats, row: Row) -> Floats:
    """Return for each column of pixels how far a thin upright stroke stands there across a baseline."""
    from scipy import ndimage  # noqa: PLC0415 - 0.1 s to import

    reach, middle = round(STROKE_MM * PX), round(row.baseline * PX)
    low, high = max(middle - reach, 0), min(middle + reach, len(ink))
    if high - low < reach:
        return np.zeros(ink.shape[1])
    band = ndimage.maximum_filter1d(ink[low:high], 3, axis=1)
    upright = np.clip((np.percentile(band, 20, axis=0) - 0.25) / 0.3, 0, 1)
    wide = ndimage.uniform_filter1d(ink[low:high].mean(axis=0), 9) > 0.6  # a blot, or handwriting
    result: Floats = np.where(wide, 0.0, upright)
    return result


def _fill(page: Flat, rows: list[Row], x0: float, x1: float) -> float:
    """Return the share of a stretch that has ink near the baselines."""
    parts = []
    for row in rows:
        top, bottom = max(int((row.baseline - 5) * PX), 0), int((row.baseline + 5) * PX)
        part = page.ink[top:bottom, max(round(x0 * PX), 0) : max(round(x1 * PX), 0)]
        parts.append(float((part.max(axis=0) > 0.4).mean()) if part.size else 0.0)
    return float(np.mean(parts))


def _ends(page: Flat, rows: list[Row]) -> tuple[float, float, float, float]:
    """Return the ends of the traces, medians over the rows of where ink ends, and how many rows agree."""
    left, right = extent_of(rows)
    lefts: list[float] = []
    rights: list[float] = []
    for row in rows:
        top, bottom = max(int((row.baseline - 6) * PX), 0), int((row.baseline + 6) * PX)
        band = page.ink[top:bottom].max(axis=0)
        for expected, ends, sign in ((left, lefts, 1), (right, rights, -1)):
            edge = _edge(band, expected, sign)
            if edge is not None:
                ends.append(edge)
    half_line = 0.15
    sure_left, sure_right = (
        sum(abs(end - np.median(ends)) < 0.4 for end in ends) / len(rows) if ends else 0.0
        for ends in (lefts, rights)
    )
    if lefts:
        left = float(np.median(lefts)) + half_line
    if rights:
        right = float(np.median(rights)) - half_line
    return left, right, float(sure_left), float(sure_right)


def _edge(band: Floats, expected: float, sign: int) -> float | None:
    """Return where ink begins (sign 1) or ends (-1) near a place, at half its darkness."""
    reach = round(2.5 * PX)
    middle = round(expected * PX)
    low, high = max(middle - reach, 0), min(middle + reach, len(band))
    part = band[low:high] if sign > 0 else band[low:high][::-1]
    if len(part) < reach:
        return None
    for i in range(1, len(part) - 4):
        if part[i] >= 0.5 > part[i - 1] and part[i : i + 5].min() > 0.3:
            at = i - 1 + (0.5 - part[i - 1]) / (part[i] - part[i - 1]) + 0.5
            return float(low + at) / PX if sign > 0 else float(high - at) / PX
    return None
