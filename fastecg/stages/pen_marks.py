"""Marks that a pen makes without words: circles and arrows at a wave, underlines, a signature."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEP_MM: Final = 0.9
"""Way of the pen between two points."""


def circle(rng: np.random.Generator, width_mm: float, height_mm: float) -> Floats:
    """Return a circle drawn by hand about (0, 0), shape (N, 2), mm, y down.

    It begins near the top, runs counter-clockwise as most right hands do, wobbles, and seldom closes.

    Examples
    --------
    >>> loop = circle(np.random.default_rng(1), 10, 6)
    >>> bool(4 < loop[:, 0].max() < 6.5), bool(2.4 < loop[:, 1].max() < 4)
    (True, True)
    """
    turns = 1.0 + rng.uniform(-0.03, 0.2)
    start = -math.pi / 2 + rng.normal(0, 0.4)
    count = max(int(turns * math.pi * (width_mm + height_mm) / 2 / STEP_MM), 12)
    turn = start - 2 * math.pi * turns * np.linspace(0, 1, count)
    swell = (
        1
        + 0.06 * rng.normal() * np.cos(turn + rng.uniform(0, 6))
        + 0.04 * np.cos(2 * turn + rng.uniform(0, 6))
    )
    drift = np.linspace(1.0, 1.0 + rng.uniform(-0.08, 0.12), count)
    x, y = np.cos(turn) * swell * drift * width_mm / 2, np.sin(turn) * swell * drift * height_mm / 2
    return turned(np.column_stack([x, y]), rng.normal(0, 0.12))


def arrow(rng: np.random.Generator, dx_mm: float, dy_mm: float) -> Floats:
    """Return an arrow from (0, 0) to (dx, dy), shape (N, 2), mm: a bent shaft, then its head.

    Examples
    --------
    >>> shape = arrow(np.random.default_rng(1), 20, 5)
    >>> bool(np.hypot(*(np.nanmax(shape, axis=0) - [20, 5])) < 3), int(np.isnan(shape[:, 0]).sum())
    (True, 1)
    """
    length = math.hypot(dx_mm, dy_mm)
    along, aside = np.array([dx_mm, dy_mm]) / length, np.array([-dy_mm, dx_mm]) / length
    t = np.linspace(0, 1, max(int(length / STEP_MM), 4))[:, None]
    bend = rng.normal(0, 0.07) * length
    shaft = t * length * along + 4 * t * (1 - t) * bend * aside
    tip, came = shaft[-1], math.atan2(*(shaft[-1] - shaft[-3])[::-1])
    head = np.clip(0.22 * length, 1.6, 3.2)
    barbs = [
        tip + head * rng.uniform(0.85, 1.15) * np.array([math.cos(a), math.sin(a)])
        for a in (came + math.pi - rng.uniform(0.4, 0.65), came + math.pi + rng.uniform(0.4, 0.65))
    ]
    stroke = np.array([barbs[0], (barbs[0] + tip) / 2, tip, (barbs[1] + tip) / 2, barbs[1]])
    return np.concatenate([shaft, [[np.nan, np.nan]], stroke])


def underline(rng: np.random.Generator, width_mm: float) -> Floats:
    """Return a line drawn from (0, 0) to the right, once or twice, shape (N, 2), mm.

    Examples
    --------
    >>> bool(np.nanmax(underline(np.random.default_rng(1), 30)[:, 0]) > 25)
    True
    """
    count = max(int(width_mm / STEP_MM), 4)
    lines: list[Floats] = []
    for number in range(1 + (rng.random() < 0.3)):
        x = np.linspace(rng.normal(0, 1), width_mm + rng.normal(0, 1.5), count)
        sag = rng.normal(0, 0.012) * width_mm * np.sin(np.linspace(0, math.pi, count))
        lines += [np.column_stack([x, number * rng.uniform(1.0, 1.8) + sag]), np.full((1, 2), np.nan)]
    return np.concatenate(lines[:-1])


def signature(rng: np.random.Generator, width_mm: float, height_mm: float) -> Floats:
    """Return a scrawl that nobody can read, shape (N, 2), mm, from (0, 0) on its writing line to the right.

    A large first letter, a row of ever flatter ups and downs, sometimes a tall one among them, and a
    flourish; nobody's name is behind it.

    Examples
    --------
    >>> scrawl = signature(np.random.default_rng(1), 40, 10)
    >>> bool(25 < np.ptp(scrawl[:, 0]) < 60), bool(scrawl[:, 1].min() < -4)
    (True, True)
    """
    initial = _initial(rng, height_mm)
    waves = int(rng.integers(4, 10))
    count = waves * 9
    way = np.linspace(0, 1, count)
    turn = 2 * math.pi * waves * way + rng.uniform(0, 1)
    height = height_mm * (0.26 * np.exp(-2.2 * way) + 0.04) * rng.uniform(0.7, 1.4)
    tall = np.exp(-(((way - rng.uniform(0.3, 0.8)) * waves) ** 2) * 1.6) * height_mm * rng.choice([0.0, 0.55])
    rest = width_mm * rng.uniform(0.6, 0.75)
    x = initial[-1, 0] + way * rest + 0.35 * height * np.sin(turn + math.pi / 2)
    y = -height * (1 - np.cos(turn)) - tall * (1 - np.cos(turn)) / 2 + rng.normal(0, 0.04) * height_mm * way
    tail = np.linspace(0, 1, 14)[1:, None]
    reach = np.array([width_mm * rng.uniform(0.1, 0.35), -height_mm * rng.uniform(-0.35, 0.5)])
    flourish = (
        np.array([x[-1], y[-1]])
        + tail * reach
        + np.sin(math.pi * tail) * [0, height_mm * rng.normal(0, 0.15)]
    )
    joined = np.concatenate([initial, np.column_stack([x, y]), flourish])
    return joined + np.cumsum(rng.normal(0, 0.012 * height_mm / 3, joined.shape), axis=0)


def _initial(rng: np.random.Generator, height_mm: float) -> Floats:
    """Return the large loop or swing that a signature begins with."""
    t = np.linspace(0, 1, 26)
    turn = 2 * math.pi * (rng.uniform(0.9, 1.35) * t + rng.uniform(0.15, 0.45))
    way = rng.choice([-1.0, 1.0])  # some letters are begun clockwise
    x = height_mm * (0.32 * rng.uniform(0.5, 1.4) * np.cos(way * turn) + rng.uniform(0.3, 0.8) * t)
    y = height_mm * (-0.5 + 0.55 * rng.uniform(0.7, 1.2) * np.sin(way * turn) * (1 - 0.35 * t))
    return np.column_stack([x - x[0] - 0.25 * y, y])


def turned(points: Floats, angle: float) -> Floats:
    """Return points, shape (N, 2), turned about (0, 0) by an angle in radians, clockwise as seen.

    Examples
    --------
    >>> turned(np.array([[1.0, 0.0]]), math.pi / 2).round(6).tolist()
    [[0.0, 1.0]]
    """
    c, s = math.cos(angle), math.sin(angle)
    return np.asarray(points @ np.array([[c, s], [-s, c]]))
