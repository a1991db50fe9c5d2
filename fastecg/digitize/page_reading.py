"""A flat page understood: which way up it is, its rows, names and scales, and so its segments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.flat import PX, Flat, lay_flat
from fastecg.digitize.layout_match import Match, Segment, extent_of, match_layout
from fastecg.digitize.paper import Paper
from fastecg.digitize.rectify import Rectifier, turned
from fastecg.digitize.rows import Row, find_pulses, find_rows, lines_of_ink
from fastecg.digitize.words import Word, read_scales, read_words

Floats = NDArray[np.floating[Any]]

SPEEDS: Final = (25.0, 50.0, 12.5, 100.0, 10.0)
GAINS: Final = (10.0, 5.0, 20.0, 2.5, 40.0)
WINDOW_S: Final = 10.0
"""What a page shows, as a rule."""
WINDOW_OFF_MM: Final = 7.0
"""Traces this much longer or shorter than 10 s still last 10 s: one of their ends is taken wrongly."""
SNAP_MM: Final = 0.3
"""Printers begin traces on a line of their grid; what is this near one lies on it."""
SURE_WORD: Final = 0.4
GOOD_SHARE: Final = 0.34
"""Share of names that have to be read for a page to count as the right way up."""

EVIDENT: Final = 1.6
EVIDENT_LEAST: Final = 0.4
"""Rows that are so full, and so much fuller than those of the page turned by a quarter, lie."""


@dataclass(frozen=True, eq=False, slots=True)
class Understood:
    """What a page shows and where, in mm of its rectifier."""

    rectifier: Rectifier
    quarters: int
    rows: list[Row]
    words: list[Word]
    match: Match
    segments: tuple[Segment, ...]
    speed_mm_s: float
    gain_mm_mv: float
    notes: dict[str, Any]
    page: Flat


def understand(image: NDArray[np.uint8], paper: Paper) -> Understood | None:
    """Read a page's arrangement; None where there is no trace on it.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB.
    paper
        As :func:`fastecg.digitize.paper.find_paper` returns it.
    """
    flat = lay_flat(image, paper.rectifier)
    mask = _grid_mask(paper, flat.ink.shape)
    lines = lines_of_ink(flat.ink * mask)
    best: Understood | None = None
    best_score = -np.inf
    for quarters in _ways_up(lines):
        page = flat.turned(quarters)
        rows = find_rows(np.ascontiguousarray(np.rot90(lines, quarters)))
        if not rows:
            continue
        words = read_words(page.ink)
        rows = find_pulses(page.ink, rows)
        match = match_layout(rows, words)
        if match is None:
            continue
        pulses = sum(row.pulse is not None for row in rows) / len(rows)
        share = match.read / max(len(match.slots), 1)
        full = min(float(np.mean([row.strength for row in rows])), 0.7)
        score = share + 0.3 * pulses + full - 0.15 * (quarters > 0)
        if score > best_score:
            best_score = score
            best = _understood(paper, flat, page, quarters, (rows, words, match))
        if share > GOOD_SHARE:
            break
    return best


def _ways_up(lines: Floats) -> tuple[int, ...]:
    """Return the quarter turns to try, the likeliest first: traces lie, and where that is plain no others."""
    lying, standing = (_fullness(lines), _fullness(np.ascontiguousarray(np.rot90(lines))))
    evident = max(lying, standing) > max(EVIDENT * min(lying, standing), EVIDENT_LEAST)
    first, others = ((0, 2), (1, 3)) if lying >= standing else ((1, 3), (0, 2))
    return first if evident else first + others


def _fullness(lines: Floats) -> float:
    """Return how full of ink rows are; 0 where there are none."""
    rows = find_rows(lines)
    return float(np.mean([row.strength for row in rows])) if rows else 0.0


def _grid_mask(paper: Paper, shape: tuple[int, ...]) -> Floats:
    """Return 1 on and near the grid, 0 on a table or on paper beyond the grid's frame."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    if paper.grid is None:
        return np.ones(shape, np.float32)
    seen: Any = (cv2.GaussianBlur(paper.grid.astype(np.float32), (0, 0), 3) > 0.15).astype(np.uint8)
    seen = cv2.morphologyEx(seen, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    seen = cv2.morphologyEx(
        cv2.copyMakeBorder(seen, 30, 30, 30, 30, cv2.BORDER_REPLICATE),
        cv2.MORPH_CLOSE,
        np.ones((41, 41), np.uint8),
    )
    # paper's edge is as dark as ink; the image's edge is not
    seen = cv2.erode(seen, np.ones((11, 11), np.uint8))[30:-30, 30:-30]
    large = np.kron(seen, np.ones((PX, PX), np.uint8)).astype(np.float32)
    mask = np.zeros(shape, np.float32)
    rows, columns = min(shape[0], large.shape[0]), min(shape[1], large.shape[1])
    mask[:rows, :columns] = large[:rows, :columns]
    return mask


def _understood(
    paper: Paper, flat: Flat, page: Flat, quarters: int, found: tuple[list[Row], list[Word], Match]
) -> Understood:
    """Turn what was found into segments, in mm of a rectifier that is the right way up."""
    rows, words, match = found
    rectifier = paper.rectifier
    if quarters:
        x0, y0, x1, y1 = rectifier.extent_mm
        del x1, y1
        width, height = flat.size_mm
        rectifier = turned(replace(rectifier, extent_mm=(x0, y0, x0 + width, y0 + height)), (-quarters) % 4)
    origin = page.origin_mm
    speed, gain, notes = _scales(rows, words)
    edges = _edges(page, rows, match, speed, on_grid=paper.grid is not None)
    drawn = _drawn_scale(edges, speed) if paper.grid is None else 1.0
    notes["drawn_scale"] = drawn
    speed, gain = speed * drawn, gain * drawn
    segments = []
    for slot in match.slots:
        row = rows[slot.row]
        baseline = _snapped(row.baseline) if paper.grid is not None else row.baseline
        if slot.kind == "rhythm":
            x0, x1, start = edges[0], edges[-1], 0.0
        else:
            x0, x1 = edges[slot.column], edges[slot.column + 1]
            start = 0.0 if match.simultaneous else (x0 - edges[0]) / speed
        segments.append(
            Segment(
                slot.lead,
                slot.kind,
                slot.row,
                x0 + origin[0],
                x1 + origin[0],
                baseline + origin[1],
                gain,
                speed,
                start,
            )
        )
    return Understood(
        rectifier, quarters, rows, words, match, tuple(segments), speed / drawn, gain / drawn, notes, page
    )


def _drawn_scale(edges: list[float], speed: float) -> float:
    """Return how many guessed millimetres a true one has: traces last 10 s, where that is not far off."""
    share = (edges[-1] - edges[0]) / (WINDOW_S * speed)
    return share if abs(share - 1) < 0.1 else 1.0


def _snapped(place: float) -> float:
    """Return the millimetre line next to a place if it is near enough to be meant."""
    line = round(place)
    return float(line) if abs(line - place) < SNAP_MM else place


def _scales(rows: list[Row], words: list[Word]) -> tuple[float, float, dict[str, Any]]:
    """Return speed and gain: what is printed, the pulses, what is usual."""
    printed = {key: value for key, value in read_scales(words).items() if value[1] > SURE_WORD}
    pulses = [row.pulse for row in rows if row.pulse is not None]
    notes: dict[str, Any] = {"printed": {key: value[0] for key, value in printed.items()}}
    gain, speed = 10.0, 25.0
    notes["gain_from"] = notes["speed_from"] = "usual"
    if pulses:
        heights = [p.height for p in pulses]
        votes = {h: sum(p.sureness for p in pulses if p.height == h) for h in set(heights)}
        gain = max(votes, key=lambda h: votes[h])
        notes["gain_from"] = "pulse"
        notes["pulse_width_mm"] = float(np.median([p.width for p in pulses]))
    if "gain_mm_mv" in printed and printed["gain_mm_mv"][0] in GAINS:
        said, sure = printed["gain_mm_mv"]
        least = SURE_WORD if said == 10.0 else 0.8
        if (notes["gain_from"] != "pulse" and sure > least) or (
            said != gain and sure > 0.8 and len(pulses) < 0.5 * len(rows)
        ):
            gain, notes["gain_from"] = said, "print"
    left, right = extent_of(rows)
    guess = _speed_from(right - left, notes.get("pulse_width_mm"))
    said, sure = printed.get("speed_mm_s", (0.0, 0.0))
    if said in SPEEDS and sure > (SURE_WORD if said in {25.0, guess} else 0.75 if guess is None else 0.9):
        speed, notes["speed_from"] = said, "print"
    elif guess is not None:
        speed, notes["speed_from"] = guess, "width"
    return speed, gain, notes


def _speed_from(width_mm: float, pulse_mm: float | None) -> float | None:
    """Return the speed at which traces of 10 s, and pulses of 0.2 s, are as wide as they are."""
    for speed in SPEEDS[:3]:
        fits = abs(width_mm - WINDOW_S * speed) < 0.02 * WINDOW_S * speed
        if fits and (pulse_mm is None or speed == 25.0 or abs(pulse_mm - 0.2 * speed) < 0.8):
            return speed
    return None


def _edges(page: Flat, rows: list[Row], match: Match, speed: float, *, on_grid: bool) -> list[float]:
    """Return where columns begin, and the end, to a part of a pixel."""
    left, right, sure_left, sure_right = _ends(page, rows)
    window = WINDOW_S * speed
    if on_grid and abs(right - left - window) < WINDOW_OFF_MM:
        if abs(right - left - window) < 1.5:
            left = (left + right - window) / 2
        elif sure_right > sure_left:  # something stands before the traces, such as a pulse
            left = right - window
        left = _snapped(left)
        right = left + window
    edges = np.linspace(left, right, len(match.columns_mm))
    if match.name == "names" and len(edges) > 2:
        given = np.array(match.columns_mm)
        return [left, *given[1:-1].tolist(), right]
    return [float(x) for x in edges]


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
