"""Upper and lower envelope of a stroked polyline, at cuts (Numba); polyline.py says how they are used."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel

Flags = NDArray[np.bool_]
Table = NDArray[np.int64]
Cuts = NDArray[np.int32]
Floats = NDArray[np.float64]
Heights = NDArray[np.float32]

CUTS = 16
"""Cuts per pixel where the envelope is smooth."""
FINE = 64
"""Cuts per pixel where it is roughest or jumps."""
LANES = 16
"""Cuts that are worked on at once."""
PIECES = FINE // LANES
"""Parts of a pixel column in which the envelope jumps."""
ROUGH = 3.0
"""Roughness of a column from which on it is cut 32 times; from 4 times that on, 64 times."""
UPRIGHT = 1e-6
"""Width of a segment, in pixels, up to which it counts as upright."""
EMPTY = np.float32(1e30)
"""Height of an envelope where there is no stroke."""

ZERO, ONE = np.float32(0.0), np.float32(1.0)
STEP = np.float32(1 / CUTS)
STRIDE = np.float32(LANES / CUTS)
WAYS = np.arange(LANES, dtype=np.float32)
NEXT = np.uintp(1)

START, STOP, FIRST, END, PLACE, COLUMN = range(6)
"""Columns of the table of runs: its points, its pixel columns, where its cuts and its columns are kept."""
TOP, INNER_TOP, BOTTOM, INNER_BOTTOM = range(4)
"""Columns of the table of pixel columns: the extremes of their curves."""
ALONG, HEIGHT, SLOPE, WIDTH, SHIFT, LOW, HIGH = range(7)
"""Rows of the table of segments: the arguments of _lay."""


@kernel
def _is_finite(points: Heights, i: int) -> bool:
    return math.isfinite(points[i, 0]) & math.isfinite(points[i, 1])


@kernel
def _runs_right(points: Heights) -> bool:
    """Say whether every point is finite and further right than the one before, as with an ECG."""
    amiss = points.shape[0] < 2 or not _is_finite(points, 0)
    for i in range(1, points.shape[0]):
        amiss |= (points[i, 0] <= points[i - 1, 0]) | (not _is_finite(points, i))
    return not amiss


@kernel
def _split(points: Heights, line: Floats, runs: Table) -> int:
    """Copy the points into ``line`` (x, y) as runs from left to right; return how many there are.

    A run ends where x turns back (the turning point belongs to both) or a coordinate is NaN.
    Repeated points are dropped, but a lone one is made two. A place is left free between two runs.
    """
    n = points.shape[0]
    if _runs_right(points):
        line[0, :n] = points[:, 0]
        line[1, :n] = points[:, 1]
        runs[0, START], runs[0, STOP] = 0, n
        return 1
    count = 0
    place = 0
    i = 0
    while i < n:
        if not _is_finite(points, i):
            i += 1
            continue
        start = place
        way = 0
        line[0, place] = points[i, 0]
        line[1, place] = points[i, 1]
        place += 1
        j = i
        while j + 1 < n and _is_finite(points, j + 1):
            forward = points[j + 1, 0] - points[j, 0]
            if forward * way < 0:
                break
            if forward != 0:
                way = 1 if forward > 0 else -1
            j += 1
            if forward != 0 or points[j, 1] != line[1, place - 1]:
                line[0, place] = points[j, 0]
                line[1, place] = points[j, 1]
                place += 1
        if way < 0:
            line[:, start:place] = line[:, start:place][:, ::-1].copy()
        if place == start + 1:
            line[:, place] = line[:, start]
            place += 1
        runs[count, START], runs[count, STOP] = start, place
        place += 1
        count += 1
        turned = j + 1 < n and _is_finite(points, j + 1)
        i = j if turned else j + 1
    return count


@kernel
def _find_columns(line: Floats, radius: float, width: int, runs: Table) -> int:
    """Find the pixel columns of each run, drop those outside the mask, return how many are left."""
    kept = 0
    total = 0
    for r in range(runs.shape[0]):
        left = math.floor(line[0, runs[r, START]] - radius)
        right = math.ceil(line[0, runs[r, STOP] - 1] + radius)
        first = int(min(max(left, 0.0), float(width)))
        end = int(min(max(right, 0.0), float(width)))
        if end > first:
            runs[kept, START], runs[kept, STOP] = runs[r, START], runs[r, STOP]
            runs[kept, FIRST], runs[kept, END] = first, end
            runs[kept, COLUMN] = total
            runs[kept, PLACE] = (total + 2 * kept + 1) * CUTS  # an empty column at either end
            total += end - first
            kept += 1
    return kept


@kernel(fastmath=True)
def _find_shifts(x: Floats, y: Floats, radius: float, shifts: Floats) -> None:
    """How far each segment's upper edge lies to its right, from shifts[1] on; the ends are for the caps."""
    for i in range(x.shape[0] - 1):
        dx = x[i + 1] - x[i]
        dy = y[i + 1] - y[i]
        shifts[i + 1] = radius * dy / max(math.sqrt(dx * dx + dy * dy), 1e-30)


@kernel(fastmath=True)
def _find_cuts(x: Floats, side: float, shifts: Floats, first: int, count: int, cuts: Cuts) -> None:
    """Find the cuts [cuts[0], cuts[1]) of each segment: those between its edge and its neighbours' edges."""
    begin, stop = cuts[0], cuts[1]
    for i in range(x.shape[0] - 1):
        left = x[i] + min(side * shifts[i], side * shifts[i + 1])
        right = x[i + 1] + max(side * shifts[i + 1], side * shifts[i + 2])
        begin[i] = np.int32(min(max((left - first) * CUTS + 0.5, 0.0), count))
        stop[i] = np.int32(min(max((right - first) * CUTS + 0.5, 0.0), count))


@kernel(fastmath=True)
def _tabulate(
    x: Floats, y: Floats, side: float, shifts: Floats, first: int, begin: Cuts, table: Heights
) -> None:
    """Work out the arguments of _lay for each segment at its first cut."""
    along, height, slope = table[ALONG], table[HEIGHT], table[SLOPE]
    width, shift, low, high = table[WIDTH], table[SHIFT], table[LOW], table[HIGH]
    for i in range(x.shape[0] - 1):
        dx = x[i + 1] - x[i]
        ay = side * y[i]
        by = side * y[i + 1]
        way = first + (begin[i] + 0.5) / CUTS - x[i] - side * shifts[i + 1]
        inclined = dx > UPRIGHT
        rise = (by - ay) / dx if inclined else 0.0
        along[i] = np.float32(way)
        height[i] = np.float32(ay + rise * way if inclined else min(ay, by))
        slope[i] = np.float32(rise)
        width[i] = np.float32(dx)
        shift[i] = np.float32(side * shifts[i + 1])
        low[i] = np.float32(min(ay, by))
        high[i] = np.float32(max(ay, by))


@kernel(fastmath=True)
def _lay(
    curve: Heights,
    place: np.uintp,
    lanes: np.uintp,
    step: np.float32,
    along: np.float32,
    height: np.float32,
    table: Heights,
    i: int,
    square: np.float32,
) -> None:
    """Lay the top of a segment's stroke onto cuts that are ``step`` apart.

    ``along`` is the way from the segment's left end to the centre of the disc that touches the
    edge at the first cut, ``height`` the centre's. Beyond an end the disc stays, and the cut
    moves across it.
    """
    slope, width, shift = table[SLOPE, i], table[WIDTH, i], table[SHIFT, i]
    low, high = table[LOW, i], table[HIGH, i]
    miss = np.float32(-1e-6) * square  # less is rounding: beside a steep segment nothing is left
    for k in range(lanes):
        way = WAYS[k] * step
        centre = min(max(along + way, ZERO), width)
        across = along + way - centre + shift
        left = square - across * across
        top = min(max(height + slope * way, low), high) - math.sqrt(max(left, ZERO))
        curve[place + k] = min(top if left > miss else EMPTY, curve[place + k])


@kernel
def _lay_all(
    cuts: Cuts, table: Heights, square: np.float32, curve: Heights, place: int, lanes: np.uintp
) -> None:
    """Lay a run's segments onto a curve, whose cuts begin at ``place``."""
    for i in range(cuts.shape[1]):
        cut = cuts[0, i]
        along = table[ALONG, i]
        height = table[HEIGHT, i]
        while cut < cuts[1, i]:
            _lay(curve, np.uintp(place + cut), lanes, STEP, along, height, table, i, square)
            cut += LANES
            along += STRIDE
            height += STRIDE * table[SLOPE, i]


@kernel
def _lay_again(
    near: tuple[int, int],
    cuts: Cuts,
    table: Heights,
    square: np.float32,
    start: float,
    step: float,
    count: int,
    curve: Heights,
    place: int,
    lanes: np.uintp,
) -> None:
    """Lay segments onto ``count`` other cuts, ``start`` px right of the run's first and ``step`` apart."""
    curve[place : place + count] = EMPTY
    stride = np.float32(LANES * step)
    for i in range(near[0], near[1]):
        begin = float(cuts[0, i]) / CUTS
        cut = int(min(max((begin - 1 / CUTS - start) / step, 0.0), float(count)))
        stop = int(min(max((float(cuts[1, i]) / CUTS - start) / step + 1.0, 0.0), float(count)))
        way = np.float32(start + cut * step - begin)
        along = table[ALONG, i] + way
        height = table[HEIGHT, i] + way * table[SLOPE, i]
        while cut < stop:
            _lay(curve, np.uintp(place + cut), lanes, np.float32(step), along, height, table, i, square)
            cut += LANES
            along += stride
            height += stride * table[SLOPE, i]


@kernel
def _find_jumps(x: Floats, y: Floats, shifts: Floats, jumps: Flags, borders: Floats) -> None:
    """Divide the columns in which an edge is too steep to be cut into pieces that meet at the edge."""
    for i in range(x.shape[0] - 1):
        dx = x[i + 1] - x[i]
        if dx * CUTS < 0.5 and abs(y[i + 1] - y[i]) > 2 * dx:
            for shift in (-shifts[i + 1], shifts[i + 1]):
                at = (x[i] + x[i + 1]) / 2 + shift
                if 0 <= at < jumps.shape[0]:
                    column = int(at)
                    if not jumps[column]:
                        jumps[column] = True
                        for piece in range(PIECES + 1):
                            borders[column, piece] = column + piece / PIECES
                    piece = int(min(max((at - column) * PIECES + 0.5, 1.0), PIECES - 1.0))
                    borders[column, piece] = at


@kernel(fastmath=True)
def _bends(upper: Heights, lower: Heights, place: np.uintp, cuts: np.uintp) -> np.float32:
    """Sum of how far each cut is from the line through its neighbours, twice, for both curves."""
    total = ZERO
    for k in range(cuts):
        here, there = upper[place + k], lower[place + k]
        total += abs(upper[place + k + NEXT] + upper[place + k - NEXT] - here - here)
        total += abs(lower[place + k + NEXT] + lower[place + k - NEXT] - there - there)
    return total


@kernel(fastmath=True)
def _measure(
    upper: Heights, lower: Heights, place: np.uintp, cuts: np.uintp, extents: Heights, nth: int
) -> None:
    """Fill in the extremes of both curves in a column."""
    top = inner_top = upper[place]
    bottom = inner_bottom = lower[place]
    for k in range(cuts):
        here, there = upper[place + k], lower[place + k]
        top, inner_top = min(top, here), max(inner_top, here)
        bottom, inner_bottom = min(bottom, there), max(inner_bottom, there)
    extents[nth, TOP], extents[nth, INNER_TOP] = top, inner_top
    extents[nth, BOTTOM], extents[nth, INNER_BOTTOM] = bottom, inner_bottom


@kernel
def _grade(
    upper: Heights,
    lower: Heights,
    run: Table,
    jumps: Flags,
    grades: Table,
    extents: Heights,
    finest: int,
    lanes: np.uintp,
) -> int:
    """Set how many cuts each column of a run needs, and, from ``finest`` on, where more than 16 will be."""
    all_cuts = lanes * np.uintp(CUTS // LANES)
    for column in range(run[END] - run[FIRST]):
        nth = run[COLUMN] + column
        cut = np.uintp(run[PLACE] + column * CUTS)
        _measure(upper, lower, cut, all_cuts, extents, nth)
        steps = (
            extents[nth, INNER_TOP] - extents[nth, TOP] + extents[nth, INNER_BOTTOM] - extents[nth, BOTTOM]
        )
        rough = _bends(upper, lower, cut, all_cuts) + steps * STEP
        cuts = CUTS
        if jumps[run[FIRST] + column] or rough > 4 * ROUGH:
            cuts = FINE
        elif rough > ROUGH:
            cuts = FINE // 2
        grades[nth, 0] = cuts
        grades[nth, 1] = finest
        if cuts > CUTS:
            finest += cuts
    return finest


@kernel
def _refine(
    x: Floats,
    radius: float,
    run: Table,
    cuts: Cuts,
    table: Heights,
    jumps: Flags,
    borders: Floats,
    grades: Table,
    curve: Heights,
    lanes: np.uintp,
) -> None:
    """Find a run's envelope again at more cuts where they are needed, columns of one kind at a time."""
    square = np.float32(radius * radius)
    nth = run[COLUMN] - run[FIRST]
    i = 0
    end = run[FIRST]
    while end < run[END]:
        column = end
        end += 1
        density = grades[nth + column, 0]
        if density == CUTS:
            continue
        while end < run[END] and grades[nth + end, 0] == density and not (jumps[column] or jumps[end]):
            end += 1
        while i < x.shape[0] - 2 and x[i + 1] + radius <= column:
            i += 1
        j = i + 1
        while j < x.shape[0] - 1 and x[j] - radius < end:
            j += 1
        pieces = PIECES if jumps[column] else 1
        count = density * (end - column) // pieces
        for piece in range(pieces):
            left, right = float(column), float(end)
            if jumps[column]:
                left, right = borders[column, piece], borders[column, piece + 1]
            step = max((right - left) / count, 1e-6)
            start = left + step / 2 - run[FIRST] - 0.5 / CUTS
            place = grades[nth + column, 1] + piece * count
            _lay_again((i, j), cuts, table, square, start, step, count, curve, place, lanes)
