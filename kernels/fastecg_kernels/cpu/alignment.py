"""How far one sampled curve lies from another; see ``fastecg_kernels.reference.alignment``.

A curve's picture has one pixel a column, so the correlation of two pictures is a count of pairs of samples
by their distance in time and level, smoothed with the taps' own correlation twice. One row of counts for a
lag in time fits the first cache. Lags are gone through outwards from 0, and no further than pairs are left
to reach the best score so far. Where smoothing is mirrored, at the edges of the pictures, the difference to
the smoothing inside is added pair by pair: those are few.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel

_TIE = 1e-9


@kernel
def curve_shift(
    reference: NDArray[np.int32], estimate: NDArray[np.int32], levels: int, taps: NDArray[np.float64]
) -> tuple[int, int, float]:
    """Return the shift at which the pictures of two curves are most alike."""
    samples = reference.size
    spread = taps.size - 1  # how far the correlation of the taps reaches
    span = 2 * spread + 1
    inner = _pair(taps, taps, spread)
    tables, differ = _level_tables(levels, taps)
    feet = _feet(samples, taps)
    edge_columns = _edge_columns(feet, taps)
    edges = _at_edge(reference, levels, spread // 2), _at_edge(estimate, levels, spread // 2)
    about = edges, tables, inner, levels
    extra = differ * (edges[0].size + edges[1].size) + 4.0 * edge_columns.size
    left = _left_over(reference, estimate)
    width = 2 * levels - 1 + 2 * spread
    size = width + 2 * spread
    first = _coded(reference, 2 * size + levels - 1 + 2 * spread, 4 * size)
    second = _coded(estimate, 2 * size, 0)
    counts = np.zeros((span, 4 * size + 1), np.uint32)
    rows = np.zeros((span, width))
    most, weights, smoothed = np.zeros(span), np.zeros(span), np.zeros(span, np.bool_)
    score = np.zeros(width)
    best, best_time, best_level = -1.0, 0, 0
    for direction in (1, -1):
        lag = 0 if direction == 1 else -1
        filled = lag - direction * (spread + 1)
        while abs(lag) < samples:
            nearest = max(direction * lag - spread, 0)
            reachable = left[0 if direction == 1 else 1, nearest]
            if inner[spread] * reachable + extra < best:
                break
            while filled != lag + direction * spread:
                filled += direction
                slot = filled % span
                most[slot] = _count(first, second, filled, counts[slot], size)
                smoothed[slot] = False
            if most.max() + extra >= best:
                for offset in range(-spread, spread + 1):
                    slot = (lag - offset) % span
                    if not smoothed[slot]:
                        _smooth(counts[slot], rows[slot], inner)
                        _mend_levels(rows[slot], reference, estimate, lag - offset, about)
                        smoothed[slot] = True
                        most[slot] = rows[slot].max()
                    weights[slot] = inner[offset + spread]
                if (weights * most).sum() + extra >= best:
                    score[:] = 0.0
                    for slot in range(span):
                        for column in range(width):
                            score[column] += weights[slot] * rows[slot, column]
                    _mend_columns(score, reference, estimate, lag, (edge_columns, feet, taps), about)
                    best, best_time, best_level = _better(
                        score, lag, levels, spread, (best, best_time, best_level)
                    )
            lag += direction
    return -best_time, -best_level, best


@kernel
def _pair(first: NDArray[np.float64], second: NDArray[np.float64], spread: int) -> NDArray[np.float64]:
    """Return the correlation of two footprints at every offset from -spread to spread."""
    result = np.zeros(2 * spread + 1)
    for offset in range(-spread, spread + 1):
        for k in range(second.size):
            if 0 <= k + offset < first.size:
                result[offset + spread] += first[k + offset] * second[k]
    return result


@kernel
def _feet(length: int, taps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the smoothing makes of a single 1 at each place: its surroundings, shape (length, taps)."""
    reach = taps.size // 2
    feet = np.zeros((length, taps.size))
    for place in range(length):
        if reach <= place < length - reach:
            feet[place] = taps
            continue
        for out in range(max(place - reach, 0), min(place + reach + 1, length)):
            for k in range(taps.size):
                source = (out + k - reach) % (2 * length)
                if source >= length:
                    source = 2 * length - 1 - source
                if source == place:
                    feet[place, out - place + reach] += taps[k]
    return feet


@kernel
def _class(level: int, levels: int, reach: int) -> int:
    """Return the row of a level in the tables: those near an edge have one each, all others share one."""
    if level < reach:
        return int(level)
    if level >= levels - reach:
        return int(reach + levels - 1 - level)
    return 2 * reach


@kernel
def _level_tables(levels: int, taps: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the correlation of the footprints of any two classes, and how far one is from the inner one."""
    reach = taps.size // 2
    spread = 2 * reach
    feet = _feet(levels, taps)
    tables = np.empty((spread + 1, spread + 1, 2 * spread + 1))
    for i in range(spread + 1):
        for j in range(spread + 1):
            first = taps if i == spread else feet[i if i < reach else levels - 1 - (i - reach)]
            second = taps if j == spread else feet[j if j < reach else levels - 1 - (j - reach)]
            tables[i, j] = _pair(first, second, spread)
    return tables, np.abs(tables - tables[spread, spread]).max()


@kernel
def _edge_columns(feet: NDArray[np.float64], taps: NDArray[np.float64]) -> NDArray[np.int64]:
    found = np.empty(feet.shape[0], np.int64)
    count = 0
    for column in range(feet.shape[0]):
        if np.any(feet[column] != taps):
            found[count] = column
            count += 1
    return found[:count]


@kernel
def _at_edge(curve: NDArray[np.int32], levels: int, reach: int) -> NDArray[np.int64]:
    """Return the samples whose level is near the edge of the picture."""
    found = np.empty(curve.size, np.int64)
    count = 0
    for sample in range(curve.size):
        if curve[sample] >= 0 and _class(curve[sample], levels, reach) != 2 * reach:
            found[count] = sample
            count += 1
    return found[:count]


@kernel
def _left_over(reference: NDArray[np.int32], estimate: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the most pairs at any lag at or beyond each: row 0 for lags from 0 up, row 1 from 0 down."""
    samples = reference.size
    before = np.zeros((2, samples + 1), np.int64)
    for sample in range(samples):
        before[0, sample + 1] = before[0, sample] + (reference[sample] >= 0)
        before[1, sample + 1] = before[1, sample] + (estimate[sample] >= 0)
    left = np.empty((2, samples), np.int64)
    for lag in range(samples):
        for way in range(2):  # the curve that is moved away keeps its tail, the other its head
            left[way, lag] = min(before[way, samples] - before[way, lag], before[1 - way, samples - lag])
    return left


@kernel
def _coded(curve: NDArray[np.int32], offset: int, nothing: int) -> NDArray[np.uint32]:
    codes = np.full(curve.size, nothing, np.uint32)
    for sample in range(curve.size):
        if curve[sample] >= 0:
            codes[sample] = curve[sample] + offset
    return codes


@kernel
def _count(
    first: NDArray[np.uint32], second: NDArray[np.uint32], lag: int, counts: NDArray[np.uint32], size: int
) -> float:
    """Count the pairs ``lag`` samples apart by their difference; return the largest count.

    Codes are such that a pair with nothing in it is counted beyond ``size``, and no difference is negative:
    without a question and with unsigned indices the loop takes half the time.
    """
    counts[:size] = 0
    ahead, behind = first[max(lag, 0) :], second[max(-lag, 0) :]
    for sample in range(min(ahead.size, behind.size)):
        counts[ahead[sample] - behind[sample]] += np.uint32(1)
    most = np.uint32(0)
    for difference in range(size):
        most = max(most, counts[difference])
    return float(most)


@kernel
def _smooth(counts: NDArray[np.uint32], row: NDArray[np.float64], inner: NDArray[np.float64]) -> None:
    row[:] = 0.0
    for k in range(inner.size):
        weight = inner[k]
        for column in range(row.size):
            row[column] += weight * counts[column + k]


@kernel
def _mend_levels(
    row: NDArray[np.float64],
    reference: NDArray[np.int32],
    estimate: NDArray[np.int32],
    lag: int,
    about: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64], NDArray[np.float64], int],
) -> None:
    """Give the pairs of one lag that touch an edge level their own smoothing."""
    edges, tables, inner, levels = about
    reach = (inner.size - 1) // 4
    for which in range(2):
        for sample in edges[which]:
            first = sample if which == 0 else sample + lag
            second = first - lag
            if not (0 <= first < reference.size and 0 <= second < estimate.size):
                continue
            if reference[first] < 0 or estimate[second] < 0:
                continue
            i = _class(reference[first], levels, reach)
            j = _class(estimate[second], levels, reach)
            if which == 1 and i != 2 * reach:  # done with the reference's
                continue
            start = reference[first] - estimate[second] + levels - 1
            for k in range(inner.size):
                row[start + k] += tables[i, j, k] - inner[k]


@kernel
def _mend_columns(
    score: NDArray[np.float64],
    reference: NDArray[np.int32],
    estimate: NDArray[np.int32],
    lag: int,
    along: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]],
    about: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64], NDArray[np.float64], int],
) -> None:
    """Give the pairs that touch the first or last samples their own smoothing along time."""
    columns, feet, taps = along
    _, tables, inner, levels = about
    spread = inner.size // 2
    reach = spread // 2
    for which in range(2):
        for sample in columns:
            for offset in range(-spread, spread + 1):
                first = sample if which == 0 else sample + lag - offset
                second = first - lag + offset
                if not (0 <= first < reference.size and 0 <= second < estimate.size):
                    continue
                if reference[first] < 0 or estimate[second] < 0:
                    continue
                if which == 1 and np.any(feet[first] != taps):  # done with the reference's
                    continue
                weight = _pair(feet[first], feet[second], spread)[offset + spread] - inner[offset + spread]
                i = _class(reference[first], levels, reach)
                j = _class(estimate[second], levels, reach)
                start = reference[first] - estimate[second] + levels - 1
                for k in range(inner.size):
                    score[start + k] += weight * tables[i, j, k]


@kernel
def _better(
    score: NDArray[np.float64], lag: int, levels: int, spread: int, best: tuple[float, int, int]
) -> tuple[float, int, int]:
    """Return the best of a row of scores, or the one before if none is better."""
    value, time, level = best
    for column in range(spread, score.size - spread):
        here = score[column]
        slack = _TIE * max(abs(value), 1.0)
        if here < value - slack:
            continue
        shift = column - spread - levels + 1
        if here > value + slack:
            value, time, level = here, lag, shift
            continue
        # the shifts are what the estimate must move by: their signs are turned at the end
        nearer = (abs(lag), abs(shift), -lag, -shift) < (abs(time), abs(level), -time, -level)
        if nearer:
            value, time, level = max(here, value), lag, shift
    return value, time, level
