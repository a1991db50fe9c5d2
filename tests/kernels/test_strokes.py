"""Pen strokes: the Numba kernel against 16 x 16 samples a pixel, and against lines of constant width."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg_kernels import cpu, reference

SHAPE = (40, 44)


def scribble(seed: int, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return a few strokes such as a pen makes: bends, crossings, dots, and points beyond the edges."""
    rng = np.random.default_rng(seed)
    points = np.cumsum(rng.normal(0, 3, (count, 2)), axis=0) + rng.uniform(0, 40, 2)
    points[rng.random(count) < 0.15] = np.nan
    half_widths = rng.uniform(0.2, 2.5, count)
    darkness = rng.uniform(0.3, 1.0, count)
    return points.astype(np.float32), half_widths.astype(np.float32), darkness.astype(np.float32)


@given(st.integers(0, 2**32 - 1), st.integers(1, 25))
@settings(max_examples=60, deadline=None)
def test_numba_is_close_to_the_reference(seed: int, count: int) -> None:
    """A pixel has 16 samples where the reference has 256: it shows most in sharp corners and narrow gaps."""
    strokes = scribble(seed, count)
    ours, plain = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    cpu.stroke_coverage(ours, *strokes)
    reference.stroke_coverage(plain, *strokes)
    difference = np.abs(ours.astype(int) - plain)
    assert difference.max() <= 18
    assert difference.sum() <= max(2.5 * np.count_nonzero(plain), 16)


def test_smooth_writing_is_within_six_levels() -> None:
    t = np.linspace(0, 9, 60)
    points = np.column_stack([6 + 3 * t + 4 * np.sin(2 * t), 20 + 9 * np.sin(t)]).astype(np.float32)
    half_widths = (1.1 + 0.4 * np.sin(3 * t)).astype(np.float32)
    ours, plain = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    cpu.stroke_coverage(ours, points, half_widths, np.ones(60, np.float32))
    reference.stroke_coverage(plain, points, half_widths, np.ones(60, np.float32))
    difference = np.abs(ours.astype(int) - plain)
    assert difference.max() <= 6
    assert difference[plain > 0].mean() <= 0.8


@pytest.mark.parametrize("half_width", [0.35, 0.8, 2.0])
def test_a_stroke_of_one_width_is_a_polyline(half_width: float) -> None:
    points = scribble(5, 20)[0]
    points = points[np.isfinite(points[:, 0])]  # one stroke: a polyline is the union of several
    strokes, line = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    ones = np.ones(len(points), np.float32)
    reference.stroke_coverage(strokes, points, ones * np.float32(half_width), ones)
    reference.polyline_coverage(line, points, half_width)
    assert np.array_equal(strokes, line)
    assert line.any()


def test_width_and_darkness_change_evenly_between_two_points() -> None:
    mask = np.zeros((21, 41), np.uint8)
    points = np.array([[0, 10.5], [40, 10.5]], np.float32)
    cpu.stroke_coverage(mask, points, np.array([1, 5], np.float32), np.array([0.2, 1.0], np.float32))
    columns = np.arange(2, 38)
    t = (columns + 0.5) / 40
    assert np.abs(mask[10, columns] - 255 * (0.2 + 0.8 * t)).max() <= 2
    width = mask[:, columns].sum(axis=0) / (255 * (0.2 + 0.8 * t))
    assert np.abs(width - 2 * (1 + 4 * t)).max() < 0.1


def test_larger_coverage_stays_and_strokes_outside_change_nothing() -> None:
    mask = np.full(SHAPE, 90, np.uint8)
    pair = np.ones(2, np.float32)
    cpu.stroke_coverage(mask, np.array([[-90, -50], [900, -50]], np.float32), pair, pair)
    cpu.stroke_coverage(mask, np.array([[3, 3], [30, 30]], np.float32), pair, pair * np.float32(0.3))
    assert (mask == 90).all()
    cpu.stroke_coverage(mask, np.array([[-1e9, 20], [1e9, 20]], np.float32), pair, pair)
    assert (mask[19:21] >= 250).all()


def test_nothing_is_drawn_of_no_strokes() -> None:
    mask = np.zeros(SHAPE, np.uint8)
    none = np.zeros(0, np.float32)
    for kernels in (cpu, reference):
        kernels.stroke_coverage(mask, np.zeros((0, 2), np.float32), none, none)
        kernels.stroke_coverage(
            mask, np.full((3, 2), np.nan, np.float32), np.ones(3, np.float32), np.ones(3, np.float32)
        )
    assert not mask.any()
