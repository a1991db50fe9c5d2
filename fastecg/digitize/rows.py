"""Rows of traces on a flat page: their baselines, where they begin and end, their calibration pulses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.flat import PX

Floats = NDArray[np.floating[Any]]

LETTER_MM: Final = 7.0
"""Ink that is no larger than this is print."""
CLOSEST_MM: Final = 7.0
INK: Final = 0.4


@dataclass(frozen=True, slots=True)
class Pulse:
    """A calibration pulse: its left edge, its baseline, its width and height in mm, and 0 to 1 how surely."""

    x: float
    baseline: float
    width: float
    height: float
    sureness: float


@dataclass(frozen=True, slots=True)
class Row:
    """A row of traces in mm from the flat page's corner, and its calibration pulse."""

    baseline: float
    left: float
    right: float
    strength: float
    pulse: Pulse | None = None


def lines_of_ink(ink: Floats) -> Floats:
    """Return the ink without print: what does not belong to anything long fades."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    mask = (ink > INK).astype(np.uint8)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    width, height = stats[:, cv2.CC_STAT_WIDTH] / PX, stats[:, cv2.CC_STAT_HEIGHT] / PX
    share = np.clip((np.maximum(width, height * 0.7) - 0.5 * LETTER_MM) / LETTER_MM, 0, 1)
    # frames, tables' edges and scribbles outside paper are long and straight: they fill whole columns
    share[(height > 100) & (width < 15)] = 0
    share[(width > 5) & (height < 0.25)] *= 0.3
    share[0] = 0
    if count == 1:
        return np.zeros_like(ink)
    result: Floats = share.astype(np.float32)[labels] * mask
    return result


def find_rows(lines: Floats) -> list[Row]:
    """Return the rows of traces, from top to bottom.

    Parameters
    ----------
    lines
        As :func:`lines_of_ink` returns it.
    """
    from scipy import ndimage, signal  # noqa: PLC0415 - 0.2 s to import

    near = ndimage.maximum_filter1d(lines, 3 * PX + 1, axis=0)
    profile = near.mean(axis=1)
    # columns with ink near a height, more if just there: waves count for all heights, a baseline for one
    sharp = ndimage.gaussian_filter1d(lines.mean(axis=1), 1.5 * PX)
    combined = ndimage.gaussian_filter1d(profile, 0.8 * PX) * np.sqrt(sharp / (sharp.max() + 1e-9))
    peaks, _ = signal.find_peaks(combined, distance=int(CLOSEST_MM * PX), prominence=0.1 * combined.max())
    if not len(peaks):
        return []
    strength = combined[peaks]
    keep = strength > 0.2 * np.sort(strength)[-max(len(strength) // 3, 1)]
    rows = [_row(lines, near, int(p), float(s)) for p, s in zip(peaks[keep], strength[keep], strict=True)]
    return _even([row for row in rows if row.right - row.left > 20])


def _row(lines: Floats, near: Floats, peak: int, strength: float) -> Row:
    """Return a row with its baseline at the commonest height of ink, and its ends."""
    from scipy import ndimage  # noqa: PLC0415 - 0.1 s to import

    low, high = max(peak - 2 * PX, 0), min(peak + 2 * PX + 1, len(lines))
    weights = ndimage.gaussian_filter1d(lines[low:high].sum(axis=1), 0.25 * PX)
    best = int(weights.argmax())
    around = np.s_[max(best - PX // 2, 0) : best + PX // 2 + 1]
    centre = float((np.arange(len(weights))[around] * weights[around]).sum() / (weights[around].sum() + 1e-9))
    baseline = (low + centre + 0.5) / PX
    reach = 6 * PX
    band = near[max(peak - reach, 0) : peak + reach].max(axis=0) > 0.3
    dense = ndimage.uniform_filter1d(band.astype(np.float32), 8 * PX, mode="constant") > 0.5
    inside = np.flatnonzero(dense)
    if not len(inside):
        return Row(baseline, 0.0, 0.0, strength)
    parts = np.split(inside, np.flatnonzero(np.diff(inside) > 30 * PX) + 1)
    longest = max(parts, key=len)
    on = np.flatnonzero(band[longest[0] : longest[-1] + 1]) + longest[0]
    if not len(on):  # half of it may be ink on either side, and none there
        return Row(baseline, 0.0, 0.0, strength)
    # the ends proper: ink goes a little beyond where half of it is
    left, right = on[0], on[-1]
    while left > 0 and band[max(left - 2, 0) : left].any():
        left -= 1
    while right < len(band) - 1 and band[right + 1 : right + 3].any():
        right += 1
    return Row(baseline, left / PX, (right + 1) / PX, strength)


def _even(rows: list[Row]) -> list[Row]:
    """Drop rows that are much shorter than the others: print, or what lies beside the page."""
    if len(rows) < 2:
        return rows
    lengths = np.array([row.right - row.left for row in rows])
    usual = float(np.percentile(lengths, 75))
    return [row for row, length in zip(rows, lengths, strict=True) if length > 0.45 * usual]


HEIGHTS_MM: Final = {10.0: 1.0, 5.0: 0.75, 20.0: 0.9, 2.5: 0.45, 40.0: 0.6}
"""Heights of 1 mV, and how usual they are."""
NARROWEST_MM: Final = 2.2
LEAST_SURE: Final = 0.15
"""What looks less like a pulse is none."""


def find_pulses(ink: Floats, rows: list[Row]) -> list[Row]:
    """Return the rows with their calibration pulses; the pulses of a page stand one above the other.

    Parameters
    ----------
    ink
        The ink of the flat page.
    rows
        The rows of traces.
    """
    if not rows:
        return rows
    wide, tall = _spread(ink)
    candidates = [pulse for row in rows for pulse in _pulses_near(ink, wide, tall, row)]
    best: list[Pulse] = []
    best_score = 0.45
    for leader in candidates:
        alike = [
            p
            for p in candidates
            if abs(p.x - leader.x) < 2.5
            and abs(p.height - leader.height) < 0.2
            and abs(p.width - leader.width) < 1.2
        ]
        per_row: dict[int, Pulse] = {}
        for p in alike:
            k = _nearest(rows, p)
            if k not in per_row or p.sureness > per_row[k].sureness:
                per_row[k] = p
        score = sum(p.sureness for p in per_row.values()) / np.sqrt(len(rows))
        if score > best_score:
            best, best_score = list(per_row.values()), score
    mine = {_nearest(rows, pulse): pulse for pulse in best}
    return [_without_pulse(ink, row, mine[k]) if k in mine else row for k, row in enumerate(rows)]


def _nearest(rows: list[Row], pulse: Pulse) -> int:
    """Return the number of the row whose baseline a pulse stands on."""
    return min(range(len(rows)), key=lambda k: abs(rows[k].baseline - pulse.baseline))


def _without_pulse(ink: Floats, row: Row, pulse: Pulse) -> Row:
    """Return a row with its pulse, and its ends where the trace proper begins and ends."""
    top, bottom = max(int((row.baseline - 6) * PX), 0), int((row.baseline + 6) * PX)
    band = ink[top:bottom].max(axis=0) > INK
    left, right = row.left, row.right
    if pulse.x < (left + right) / 2:
        foot = round((pulse.x + pulse.width) * PX)
        after = _gap(band[foot : foot + 6 * PX])
        left = max(left, (foot + after) / PX) if after else max(left, pulse.x + pulse.width + 0.5)
    else:
        foot = round(pulse.x * PX)
        after = _gap(band[max(foot - 6 * PX, 0) : foot][::-1])
        right = min(right, (foot - after) / PX) if after else min(right, pulse.x - 0.5)
    return Row(row.baseline, left, right, row.strength, pulse)


def _gap(band: NDArray[np.bool_]) -> int:
    """Return where ink goes on after the first gap; 0 where there is none."""
    blank = np.flatnonzero(~band[2:]) + 2
    if not len(blank):
        return 0
    ink = np.flatnonzero(band[blank[0] :])
    return int(blank[0] + ink[0]) if len(ink) else 0


def _spread(ink: Floats) -> tuple[Floats, Floats]:
    """Return the ink made three pixels wide, and three pixels tall."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    wide, tall = (np.ones(shape, np.uint8) for shape in ((1, 3), (3, 1)))
    return np.asarray(cv2.dilate(ink, wide), np.float32), np.asarray(cv2.dilate(ink, tall), np.float32)


def _pulses_near(ink: Floats, wide: Floats, tall: Floats, row: Row) -> list[Pulse]:
    """Return what looks like a rectangle standing on a row's baseline, at either end of it."""
    found = []
    height, width = ink.shape
    spans = ((row.left - 14, row.left + 16), (row.right - 16, row.right + 14))
    for low, high in spans:
        x0, x1 = int(max(low, 0) * PX), min(int(high * PX), width - 3)
        if x1 <= x0:
            continue
        part = np.s_[:, x0:x1]
        for offset in np.arange(-2.0, 2.01, 0.4):
            base = round((row.baseline + offset) * PX)
            for tallness, usual in HEIGHTS_MM.items():
                top = base - round(tallness * PX)
                if top >= 7 and base < height - 2:
                    found += [
                        Pulse((x0 + x) / PX + 0.1, (base + 0.5) / PX, wide_px / PX, tallness, usual * sure)
                        for x, wide_px, sure in _rectangles(ink[part], wide[part], tall[part], (top, base))
                        if usual * sure > LEAST_SURE
                    ]
    found.sort(key=lambda p: -p.sureness)
    return found[:12]


def _rectangles(
    ink: Floats, wide: Floats, tall: Floats, span: tuple[int, int]
) -> Iterator[tuple[int, int, float]]:
    """Yield the rectangles between two heights: left edge and width in pixels, and how surely one is."""
    top, base = span
    legs = np.clip((wide[top + 2 : base - 1].mean(axis=0) - 0.55) / 0.4, 0, 1)
    xs = np.flatnonzero(legs > 0.2)
    if not len(xs):
        return
    over = wide[max(top - 6, 0) : top - 2].mean(axis=0)
    roof = np.cumsum(np.append(0.0, tall[top - 1 : top + 2].max(axis=0)))
    floor = np.cumsum(np.append(0.0, tall[base - 1 : base + 2].max(axis=0)))
    body = ink[top + 3 : base - 2]
    for x, other in _pairs(xs):
        left, right = x + 2, other - 1
        hollow = 1 - (floor[right] - floor[left]) / (right - left)
        covered = (roof[right] - roof[left]) / (right - left)
        clear = 1 - min(float(max(over[x], over[other])), 1.0)
        sure = min(legs[x], legs[other]) * covered * hollow * clear
        if sure > LEAST_SURE:
            blank = 1 - float(body[:, x + 3 : other - 2].mean())
            yield x, other - x, float(sure * blank**4)


def _pairs(xs: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return those pairs of columns that are as far apart as a pulse's edges."""
    near, far = round(NARROWEST_MM * PX), round(11 * PX)
    return [(int(x), int(other)) for x in xs for other in xs[(xs - x >= near) & (xs - x <= far)]]
