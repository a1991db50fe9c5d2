"""Folds: long, nearly straight lines that shade, wear and shift a sheet (Numba)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel

Floats = NDArray[np.float64]


@kernel
def _band(line: Floats, y: float, low: float, high: float, count: int) -> tuple[int, int]:
    """Return the run of columns, at x = j + 0.5, whose distance from a line is from low to high.

    It may be one column wider at either end: a pixel is asked for its own distance anyway.
    """
    at = line[1] * y - line[2]
    if abs(line[0]) < 1e-9:
        return (0, count) if low <= at <= high else (0, 0)
    a, b = (low - at) / line[0], (high - at) / line[0]
    first, end = min(a, b) - 0.5, max(a, b) - 0.5
    return int(min(max(math.floor(first), 0), count)), int(min(max(math.ceil(end) + 1, 0), count))


@kernel
def _bounds(offsets: NDArray[np.float32]) -> tuple[float, float]:
    low, high = offsets[0], offsets[0]
    for value in offsets:
        low, high = min(low, value), max(high, value)
    return float(low), float(high)


@kernel
def _along(values: NDArray[np.float32], at: np.float32) -> np.float32:
    at = min(max(at, np.float32(0)), np.float32(values.shape[0] - 1))
    node = min(np.int32(at), np.int32(max(values.shape[0] - 2, 0)))
    after = min(node + np.int32(1), np.int32(values.shape[0] - 1))
    return np.float32(values[node] + (values[after] - values[node]) * (at - np.float32(node)))


@kernel
def _between(values: NDArray[np.float32], node: int, start: float, slope: float) -> tuple[float, float]:
    """Return value and slope per pixel of a fold's values on the stretch behind a node."""
    if node < 0:
        return float(values[0]), 0.0
    if node >= values.shape[0] - 1:
        return float(values[values.shape[0] - 1]), 0.0
    rise = float(values[node + 1]) - float(values[node])
    return float(values[node]) + rise * (start - node), rise * slope


@kernel
def _within(start: float, slope: float, limit: float, count: int) -> tuple[int, int]:
    """Return the part of a run, from and to, in which a distance is below a limit; it may be wider by one."""
    if abs(slope) < 1e-9:
        return (0, count) if abs(start) < limit else (0, 0)
    a, b = (-limit - start) / slope, (limit - start) / slope
    first = min(max(math.floor(min(a, b)), 0.0), float(count))
    last = min(max(math.ceil(max(a, b)) + 1.0, first), float(count))
    return int(first), int(last)


@kernel(fastmath=True)
def _bell(square: np.float32) -> np.float32:
    """Return exp(-square / 2) to 0.0001: a Taylor polynomial of its eighth root, eighth power."""
    z = min(square, np.float32(18)) * np.float32(1 / 16)
    root = np.float32(1) - z * (
        np.float32(1)
        - z
        * (np.float32(1 / 2) - z * (np.float32(1 / 6) - z * (np.float32(1 / 24) - z * np.float32(1 / 120))))
    )
    root *= root
    root *= root
    return root * root


@kernel(fastmath=True)
def _shade_run(
    row: NDArray[np.uint8],
    noise: NDArray[np.float32],
    first: int,
    end: int,
    limit: np.float32,
    aside: np.float32,
    aside_slope: np.float32,
    strength: np.float32,
    strength_slope: np.float32,
    wide: np.float32,
    wide_flank: np.float32,
    wide_ridge: np.float32,
    fine: np.float32,
    fine_flank: np.float32,
    fine_ridge: np.float32,
) -> None:
    """Shade pixels along which distance and strength change evenly: no branch, so many at a time."""
    part, dither = row[first:end], noise[first:end]
    for k in range(part.shape[0]):
        far = aside + aside_slope * np.float32(k)
        a, b = far * wide, far * fine
        added = (wide_ridge + wide_flank * a) * _bell(a * a) + (fine_ridge + fine_flank * b) * _bell(b * b)
        before = np.float32(part[k])
        lit = before + before * added * (strength + strength_slope * np.float32(k)) + dither[k]
        lit = min(max(lit, np.float32(0)), np.float32(255))
        part[k] = np.uint8(np.int32(lit if abs(far) < limit else before))


@kernel
def _shade_folds(
    shade: NDArray[np.uint8],
    lines: Floats,
    pitch: float,
    offsets: NDArray[np.float32],
    strengths: NDArray[np.float32],
    profiles: NDArray[np.float32],
    reach: float,
    noise: NDArray[np.float32],
) -> None:
    height, width = shade.shape
    limit = np.float32(reach)
    peak = np.float32(math.exp(0.5))
    for fold in range(lines.shape[0]):
        line, offset_nodes, strength_nodes = lines[fold], offsets[fold], strengths[fold]
        wide, fine = np.float32(1) / profiles[fold, 0], np.float32(1) / profiles[fold, 3]
        wide_flank, wide_ridge = profiles[fold, 1] * peak, profiles[fold, 2]
        fine_flank, fine_ridge = profiles[fold, 4] * peak, profiles[fold, 5]
        low, high = _bounds(offset_nodes)
        slope = -line[1] / pitch
        for i in range(height):
            y = i + 0.5
            j, end = _band(line, y, low - reach, high + reach, width)
            row, noise_row = shade[i], noise[i % noise.shape[0]]
            while j < end:
                # Up to the next node the fold's values are straight: one run of pixels.
                start = (line[0] * y - line[1] * (j + 0.5) - line[3]) / pitch
                node = math.floor(start)
                stop = end
                if slope > 1e-9:
                    stop = min(end, j + max(math.ceil((node + 1 - start) / slope), 1))
                elif slope < -1e-9:
                    stop = min(end, j + math.floor((node - start) / slope) + 1)
                offset, offset_slope = _between(offset_nodes, node, start, slope)
                strength, strength_slope = _between(strength_nodes, node, start, slope)
                aside = line[0] * (j + 0.5) + line[1] * y - line[2] - offset
                aside_slope = line[0] - offset_slope
                first, last = _within(aside, aside_slope, reach, stop - j)
                _shade_run(
                    row,
                    noise_row,
                    j + first,
                    j + last,
                    limit,
                    np.float32(aside + aside_slope * first),
                    np.float32(aside_slope),
                    np.float32(strength + strength_slope * first),
                    np.float32(strength_slope),
                    wide,
                    wide_flank,
                    wide_ridge,
                    fine,
                    fine_flank,
                    fine_ridge,
                )
                j = stop


def shade_folds(
    shade: NDArray[np.uint8],
    lines: Floats,
    pitch: float,
    offsets: NDArray[np.float32],
    strengths: NDArray[np.float32],
    profiles: NDArray[np.float32],
    reach: float,
    dither: NDArray[np.float32],
) -> None:
    """Multiply light and dark along folds into a shade layer; see the reference of this name."""
    noise = np.tile(dither, (1, -(-shade.shape[1] // dither.shape[1])))
    _shade_folds(shade, lines, float(pitch), offsets, strengths, profiles, float(reach), noise)


@kernel
def _speckle(grain: NDArray[np.float32], across: np.float32, along: np.float32) -> np.float32:
    """Return the grain at a place, bilinear and tiled."""
    rows, columns = grain.shape[0] - 1, grain.shape[1] - 1
    i, j = math.floor(across), math.floor(along)
    fy, fx = across - np.float32(i), along - np.float32(j)
    upper, lower = grain[i & rows], grain[(i + 1) & rows]
    left, right = j & columns, (j + 1) & columns
    above = upper[left] + (upper[right] - upper[left]) * fx
    below = lower[left] + (lower[right] - lower[left]) * fx
    return np.float32(above + (below - above) * fy)


@kernel
def _thin_folds(
    mask: NDArray[np.uint8],
    lines: Floats,
    pitch: float,
    offsets: NDArray[np.float32],
    wear: NDArray[np.float32],
    reach: float,
    grain: NDArray[np.float32],
    grain_px: float,
) -> None:
    height, width = mask.shape
    limit = np.float32(reach)
    per_cell, cells = np.float32(1 / grain_px), np.float32(pitch / grain_px)
    for fold in range(lines.shape[0]):
        line = lines[fold]
        low, high = _bounds(offsets[fold])
        for i in range(height):
            y = i + 0.5
            first, end = _band(line, y, low - reach, high + reach, width)
            for j in range(first, end):
                if mask[i, j] == 0:
                    continue
                x = j + 0.5
                at = np.float32((line[0] * y - line[1] * x - line[3]) / pitch)
                aside = np.float32(line[0] * x + line[1] * y - line[2]) - _along(offsets[fold], at)
                if abs(aside) >= limit:
                    continue
                fall = np.float32(1) - (aside / limit) * (aside / limit)
                worn = _along(wear[fold], at) * fall * fall
                if worn > 0:
                    speckle = _speckle(
                        grain,
                        aside * per_cell + np.float32(fold),
                        at * cells + np.float32(37 * fold),
                    )
                    lost = (worn - speckle) * np.float32(4) + np.float32(0.5)
                    kept = np.float32(1) - min(max(lost, np.float32(0)), np.float32(1))
                    mask[i, j] = np.uint8(np.float32(mask[i, j]) * kept + np.float32(0.5))


def thin_folds(
    mask: NDArray[np.uint8],
    lines: Floats,
    pitch: float,
    offsets: NDArray[np.float32],
    wear: NDArray[np.float32],
    reach: float,
    grain: NDArray[np.float32],
    grain_px: float,
) -> None:
    """Rub a coverage mask off along folds, in speckles; see the reference of this name."""
    _thin_folds(mask, lines, float(pitch), offsets, wear, float(reach), grain, float(grain_px))


@kernel
def _shift_folds(
    shift: NDArray[np.float32],
    step: float,
    lines: Floats,
    amounts: NDArray[np.float32],
    width: float,
) -> None:
    height, columns = shift.shape[0], shift.shape[1]
    peak = math.exp(0.5)
    for fold in range(lines.shape[0]):
        line = lines[fold]
        # The band of a line in nodes: the nodes are pixels of a page that is smaller by the step.
        nodes = np.array([line[0], line[1], line[2] / step, 0.0])
        reach = 4 * width / step
        for i in range(height):
            y = i * step
            first, end = _band(nodes, float(i), -reach, reach, columns + 1)
            for j in range(max(first - 1, 0), min(end, columns)):
                ratio = (line[0] * (j * step) + line[1] * y - line[2]) / width
                if abs(ratio) < 4:
                    moved = amounts[fold] * ratio * peak * _bell(np.float32(ratio * ratio))
                    shift[i, j, 0] += np.float32(moved * line[0])
                    shift[i, j, 1] += np.float32(moved * line[1])


def shift_folds(
    shift: NDArray[np.float32],
    step: float,
    lines: Floats,
    amounts: NDArray[np.float32],
    width: float,
) -> None:
    """Add to a field of shifts what folds do to it; see the reference of this name."""
    _shift_folds(shift, float(step), lines, amounts, float(width))
