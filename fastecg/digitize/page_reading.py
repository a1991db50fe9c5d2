"""A flat page understood: which way up it is, its rows, names and scales, and so its segments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.columns import column_edges, snapped
from fastecg.digitize.flat import PX, Flat, lay_flat
from fastecg.digitize.layout_match import Match, Segment, match_layout
from fastecg.digitize.paper import Paper
from fastecg.digitize.rectify import Rectifier, turned
from fastecg.digitize.rows import Row, find_pulses, find_rows, lines_of_ink
from fastecg.digitize.scales import WINDOW_S, scales
from fastecg.digitize.words import Word, read_words

Floats = NDArray[np.floating[Any]]

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
    speed, gain, notes = scales(rows, words)
    edges = column_edges(page, rows, match, speed, on_grid=paper.grid is not None)
    drawn = _drawn_scale(edges, speed) if paper.grid is None else 1.0
    notes["drawn_scale"] = drawn
    speed, gain = speed * drawn, gain * drawn
    segments = []
    for slot in match.slots:
        row = rows[slot.row]
        baseline = _baseline(page, row, on_grid=paper.grid is not None)
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


def _baseline(page: Flat, row: Row, *, on_grid: bool) -> float:
    """Return where a row's 0 mV lies: at its pulse's feet if it has one, else where most of its ink is."""
    place = row.baseline
    if row.pulse is not None:
        middle = round(row.pulse.baseline * PX - 0.5)
        feet = [row.pulse.x - 1.2, row.pulse.x + row.pulse.width + 0.4]
        low = max(middle - 3, 0)
        parts = [page.ink[low : middle + 4, max(round(x * PX), 0) : round((x + 0.8) * PX)] for x in feet]
        weights = np.concatenate(parts, axis=1).mean(axis=1)
        place = row.pulse.baseline
        if weights.size and weights.max() > 0.4:
            weights = weights**2
            place = (low + float((np.arange(len(weights)) * weights).sum() / weights.sum()) + 0.5) / PX
    return snapped(place) if on_grid else place
