"""Exact coverage of a stroked polyline, from its upper and lower envelope (Numba).

A stroke is the union of discs along a line. Where the line runs one way in x, a vertical
cut through its stroke is one interval: the discs that the cut meets belong to a connected
piece of line, and each disc's chord holds its own centre. So the stroke is described wholly
by two curves, top(x) and bottom(x), made of offset segments and, at joins that bulge, arcs.
They are evaluated at evenly spaced cuts, and each cut adds its exact interval to a column of
differences that is summed once: 8 cuts a pixel where the curves are gentle, 32 where they
are steep. Lines that turn back are split into runs, and the runs' intervals are united at
every cut, so crossings and loops are exact as well.

Tried and rejected: the distance to the nearest segment, clamped to [0, 1]: up to 20 levels off
on sloped edges, 120 in the crotch of a narrow QRS complex, where a pixel sees two edges;
16 × 16 bit masks: five times as slow; 16 cuts everywhere: 8 levels off on vertical edges.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel

CUTS = 8
"""Cuts per pixel where the envelope is gentle."""
FINE = 32
"""Cuts per pixel where it is steep or ends."""
STEEP = 0.75
"""Change of the envelope between two cuts, in pixels, from which on a column is cut finely."""


@kernel
def _is_finite(points: NDArray[np.float32], i: int) -> bool:
    return math.isfinite(points[i, 0]) and math.isfinite(points[i, 1])


@kernel
def _split(points: NDArray[np.float32], line: NDArray[np.float64], runs: NDArray[np.int64]) -> int:
    """Copy the line into ``line`` as runs from left to right; rows of ``runs`` are (start, stop).

    A run ends where x turns back (the turning point belongs to both) or a coordinate is NaN.
    Repeated points are dropped.
    """
    count = 0
    place = 0
    n = points.shape[0]
    i = 0
    while i < n:
        if not _is_finite(points, i):
            i += 1
            continue
        start = place
        step = 0
        line[place, 0] = points[i, 0]
        line[place, 1] = points[i, 1]
        place += 1
        j = i
        while j + 1 < n and _is_finite(points, j + 1):
            forward = points[j + 1, 0] - points[j, 0]
            if forward * step < 0:
                break
            if forward != 0:
                step = 1 if forward > 0 else -1
            j += 1
            if forward != 0 or points[j, 1] != line[place - 1, 1]:
                line[place, 0] = points[j, 0]
                line[place, 1] = points[j, 1]
                place += 1
        if step < 0:
            line[start:place] = line[start:place][::-1].copy()
        runs[count, 0] = start
        runs[count, 1] = place
        count += 1
        turned = j + 1 < n and _is_finite(points, j + 1)
        i = j if turned else j + 1
    return count


@kernel
def _arc(
    curve: NDArray[np.float64],
    cuts: int,
    first: int,
    x: float,
    y: float,
    radius: float,
    left: float,
    right: float,
) -> None:
    """Lay the arc of a disc between ``left`` and ``right`` onto a curve; radius < 0 is the upper arc."""
    start = max(int(math.ceil(left * cuts - 0.5)), first)
    stop = min(int(math.floor(right * cuts - 0.5)) + 1, first + curve.shape[0])
    for cut in range(start, stop):
        dx = (cut + 0.5) / cuts - x
        chord = math.sqrt(max(radius * radius - dx * dx, 0.0))
        if radius < 0:
            curve[cut - first] = min(curve[cut - first], y - chord)
        else:
            curve[cut - first] = max(curve[cut - first], y + chord)


@kernel
def _edges(
    top: NDArray[np.float64],
    bottom: NDArray[np.float64],
    cuts: int,
    first: int,
    ax: float,
    ay: float,
    dx: float,
    dy: float,
    shift: float,
    rise: float,
) -> None:
    """Lay a segment moved by (shift, -rise) onto the top and by (-shift, rise) onto the bottom."""
    slope = dy / dx
    end = first + top.shape[0]
    start = max(int(math.ceil((ax + shift) * cuts - 0.5)), first)
    stop = min(int(math.floor((ax + dx + shift) * cuts - 0.5)) + 1, end)
    for cut in range(start, stop):
        along = min(max((cut + 0.5) / cuts - shift - ax, 0.0), dx)
        top[cut - first] = min(top[cut - first], ay + along * slope - rise)
    start = max(int(math.ceil((ax - shift) * cuts - 0.5)), first)
    stop = min(int(math.floor((ax + dx - shift) * cuts - 0.5)) + 1, end)
    for cut in range(start, stop):
        along = min(max((cut + 0.5) / cuts + shift - ax, 0.0), dx)
        bottom[cut - first] = max(bottom[cut - first], ay + along * slope + rise)


@kernel
def _envelope(
    line: NDArray[np.float64],
    radius: float,
    cuts: int,
    first: int,
    top: NDArray[np.float64],
    bottom: NDArray[np.float64],
) -> None:
    """Fill top and bottom with the envelope of a run of points, from cut ``first`` on."""
    top[:] = np.inf
    bottom[:] = -np.inf
    ax = line[0, 0]
    ay = line[0, 1]
    turn_top = -1.0  # sine of the direction before; a cap is a turn from straight up or straight down
    turn_bottom = 1.0
    for i in range(1, line.shape[0]):
        dx = line[i, 0] - ax
        dy = line[i, 1] - ay
        scale = radius / math.sqrt(dx * dx + dy * dy)
        shift = dy * scale
        sine = shift / radius
        if sine > turn_top:
            _arc(top, cuts, first, ax, ay, -radius, ax + radius * turn_top, ax + shift)
        if sine < turn_bottom:
            _arc(bottom, cuts, first, ax, ay, radius, ax - radius * turn_bottom, ax - shift)
        if dx > 1e-9:
            _edges(top, bottom, cuts, first, ax, ay, dx, dy, shift, dx * scale)
        turn_top = sine
        turn_bottom = sine
        ax = line[i, 0]
        ay = line[i, 1]
    _arc(top, cuts, first, ax, ay, -radius, ax + radius * turn_top, ax + radius)
    _arc(bottom, cuts, first, ax, ay, radius, ax - radius * turn_bottom, ax + radius)


@kernel
def _mark_steep(steep: NDArray[np.bool_], top: NDArray[np.float64], bottom: NDArray[np.float64]) -> None:
    """Mark the pixel columns in which an envelope is steep, or begins or ends."""
    steep[0] = True
    steep[-1] = True
    for k in range(1, top.shape[0]):
        # Written so that a comparison with an empty cut (infinite) counts as steep.
        if not (abs(top[k] - top[k - 1]) < STEEP and abs(bottom[k] - bottom[k - 1]) < STEEP):
            steep[k // CUTS] = True
            steep[(k - 1) // CUTS] = True


@kernel
def _add(column: NDArray[np.float64], top: float, bottom: float, share: float) -> None:
    """Add an interval of rows to a column of differences, whose running sums are the coverage."""
    row = int(top)
    column[row] += share * (row + 1 - top)
    column[row + 1] += share * (top - row)
    row = int(bottom)
    column[row] -= share * (row + 1 - bottom)
    column[row + 1] -= share * (bottom - row)


@kernel
def _unite(tops: NDArray[np.float64], bottoms: NDArray[np.float64], count: int) -> int:
    """Sort intervals by their tops and merge those that overlap, in place; return how many are left."""
    for i in range(1, count):
        top = tops[i]
        bottom = bottoms[i]
        k = i
        while k > 0 and tops[k - 1] > top:
            tops[k] = tops[k - 1]
            bottoms[k] = bottoms[k - 1]
            k -= 1
        tops[k] = top
        bottoms[k] = bottom
    kept = 0
    for i in range(1, count):
        if tops[i] <= bottoms[kept]:
            bottoms[kept] = max(bottoms[kept], bottoms[i])
        else:
            kept += 1
            tops[kept] = tops[i]
            bottoms[kept] = bottoms[i]
    return kept + 1 if count > 0 else 0


@kernel
def _write(mask: NDArray[np.uint8], x: int, column: NDArray[np.float64], low: int, high: int) -> None:
    """Sum the differences of rows [low, high), keep the larger coverage, and clear them."""
    total = 0.0
    height = mask.shape[0]
    for y in range(low, min(high, height)):
        total += column[y]
        column[y] = 0.0
        value = np.uint8(min(max(total, 0.0), 255.0) + 0.5)
        mask[y, x] = max(mask[y, x], value)
    for y in range(min(high, height), min(high + 2, height + 2)):
        column[y] = 0.0


@kernel
def _nearby(line: NDArray[np.float64], lefts: int, x: int, radius: float) -> tuple[int, int]:
    """Return the points (start, stop) whose discs and segments may meet pixel column x."""
    start = lefts
    while start + 1 < line.shape[0] and line[start + 1, 0] <= x - radius:
        start += 1
    stop = start + 1
    while stop < line.shape[0] and line[stop - 1, 0] <= x + 1 + radius:
        stop += 1
    return start, stop


@kernel
def _fill(
    mask: NDArray[np.uint8],
    line: NDArray[np.float64],
    radius: float,
    runs: NDArray[np.int64],
    steep: NDArray[np.bool_],
    tops: NDArray[np.float64],
    bottoms: NDArray[np.float64],
) -> None:
    """Turn envelopes into coverage; rows of ``runs`` are (start, stop, first column, end, offset), sorted."""
    height, width = mask.shape
    count = runs.shape[0]
    column = np.zeros(height + 2)
    active = np.empty(count, np.int64)
    fine_top = np.empty((count, FINE))
    fine_bottom = np.empty((count, FINE))
    open_top = np.empty(count)
    open_bottom = np.empty(count)
    lefts = np.zeros(count, np.int64)
    oldest = 0
    x = runs[0, 2]
    while x < width and oldest < count:
        met = 0
        for r in range(oldest, count):
            if runs[r, 2] > x:
                break
            if runs[r, 3] > x:
                active[met] = r
                met += 1
        cuts = FINE if steep[x] else CUTS
        if steep[x]:
            for k in range(met):
                r = active[k]
                own = line[runs[r, 0] : runs[r, 1]]
                start, stop = _nearby(own, lefts[r], x, radius)
                lefts[r] = start
                _envelope(own[start:stop], radius, FINE, x * FINE, fine_top[k], fine_bottom[k])
        share = 255.0 / cuts
        low = height
        high = 0
        for cut in range(cuts):
            intervals = 0
            for k in range(met):
                if steep[x]:
                    top = fine_top[k, cut]
                    bottom = fine_bottom[k, cut]
                else:
                    place = runs[active[k], 4] + (x - runs[active[k], 2]) * CUTS + cut
                    top = tops[place]
                    bottom = bottoms[place]
                top = min(max(top, 0.0), float(height))
                bottom = min(max(bottom, 0.0), float(height))
                if bottom > top:
                    open_top[intervals] = top
                    open_bottom[intervals] = bottom
                    intervals += 1
            if intervals > 1:
                intervals = _unite(open_top, open_bottom, intervals)
            for k in range(intervals):
                _add(column, open_top[k], open_bottom[k], share)
                low = min(low, int(open_top[k]))
                high = max(high, int(open_bottom[k]) + 1)
        _write(mask, x, column, low, high)
        x += 1
        while oldest < count and runs[oldest, 3] <= x:
            oldest += 1
        if oldest < count:
            x = max(x, runs[oldest, 2])


@kernel
def polyline_coverage(mask: NDArray[np.uint8], points: NDArray[np.float32], half_width: float) -> None:
    """Draw a polyline with round joins and caps into a coverage mask; see the reference of this name."""
    width = mask.shape[1]
    n = points.shape[0]
    line = np.empty((2 * n + 1, 2))
    spans = np.empty((n + 1, 2), np.int64)
    count = _split(points, line, spans)
    runs = np.empty((count, 5), np.int64)
    kept = 0
    total = 0
    for r in range(count):
        left = math.floor(line[spans[r, 0], 0] - half_width)
        right = math.ceil(line[spans[r, 1] - 1, 0] + half_width)
        first = int(min(max(left, 0.0), float(width)))
        end = int(min(max(right, 0.0), float(width)))
        if end > first:
            runs[kept, 0] = spans[r, 0]
            runs[kept, 1] = spans[r, 1]
            runs[kept, 2] = first
            runs[kept, 3] = end
            runs[kept, 4] = total
            total += (end - first) * CUTS
            kept += 1
    if kept == 0:
        return
    tops = np.empty(total)
    bottoms = np.empty(total)
    steep = np.zeros(width, np.bool_)
    for r in range(kept):
        first = runs[r, 2]
        end = runs[r, 3]
        start = runs[r, 4]
        top = tops[start : start + (end - first) * CUTS]
        bottom = bottoms[start : start + (end - first) * CUTS]
        _envelope(line[runs[r, 0] : runs[r, 1]], half_width, CUTS, first * CUTS, top, bottom)
        _mark_steep(steep[first:end], top, bottom)
    order = np.argsort(runs[:kept, 2], kind="mergesort")
    _fill(mask, line, half_width, runs[:kept][order], steep, tops, bottoms)
