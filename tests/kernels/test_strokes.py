"""Pen strokes: every backend against 16 x 16 samples a pixel, and against lines of constant width."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg_kernels import Kernels, reference

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
@settings(max_examples=40, deadline=None)
def test_every_backend_is_close_to_the_reference(kernels: Kernels, seed: int, count: int) -> None:
    """With Numba a pixel has 16 samples and not 256: it shows most in sharp corners and narrow gaps."""
    strokes = scribble(seed, count)
    ours, plain = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    kernels.stroke_coverage(ours, *strokes)
    reference.stroke_coverage(plain, *strokes)
    difference = np.abs(ours.astype(int) - plain)
    assert difference.max() <= 18
    assert difference.sum() <= max(2.5 * np.count_nonzero(plain), 16)


def test_smooth_writing_is_within_six_levels(kernels: Kernels) -> None:
    t = np.linspace(0, 9, 60)
    points = np.column_stack([6 + 3 * t + 4 * np.sin(2 * t), 20 + 9 * np.sin(t)]).astype(np.float32)
    half_widths = (1.1 + 0.4 * np.sin(3 * t)).astype(np.float32)
    ours, plain = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    kernels.stroke_coverage(ours, points, half_widths, np.ones(60, np.float32))
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


def test_width_and_darkness_change_evenly_between_two_points(kernels: Kernels) -> None:
    mask = np.zeros((21, 41), np.uint8)
    points = np.array([[0, 10.5], [40, 10.5]], np.float32)
    kernels.stroke_coverage(mask, points, np.array([1, 5], np.float32), np.array([0.2, 1.0], np.float32))
    columns = np.arange(2, 38)
    t = (columns + 0.5) / 40
    assert np.abs(mask[10, columns] - 255 * (0.2 + 0.8 * t)).max() <= 2
    width = mask[:, columns].sum(axis=0) / (255 * (0.2 + 0.8 * t))
    assert np.abs(width - 2 * (1 + 4 * t)).max() < 0.1


def test_larger_coverage_stays_and_strokes_outside_change_nothing(kernels: Kernels) -> None:
    mask = np.full(SHAPE, 90, np.uint8)
    pair = np.ones(2, np.float32)
    kernels.stroke_coverage(mask, np.array([[-90, -50], [900, -50]], np.float32), pair, pair)
    kernels.stroke_coverage(mask, np.array([[3, 3], [30, 30]], np.float32), pair, pair * np.float32(0.3))
    assert (mask == 90).all()
    kernels.stroke_coverage(mask, np.array([[-1e9, 20], [1e9, 20]], np.float32), pair, pair)
    assert (mask[19:21] >= 250).all()


def test_nothing_is_drawn_of_no_strokes(kernels: Kernels) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    none = np.zeros(0, np.float32)
    gone = np.full((3, 2), np.nan, np.float32), np.ones(3, np.float32), np.ones(3, np.float32)
    kernels.stroke_coverage(mask, np.zeros((0, 2), np.float32), none, none)
    kernels.stroke_coverage(mask, *gone)
    reference.stroke_coverage(mask, np.zeros((0, 2), np.float32), none, none)
    reference.stroke_coverage(mask, *gone)
    assert not mask.any()


@pytest.mark.parametrize("own_strokes", [False, True])
def test_a_batch_is_its_pages_one_by_one(batches: Kernels, own_strokes: bool) -> None:
    """Strokes filled up with NaN, or the same on all pages; where they lie on strokes, the darker stay."""
    under = np.random.default_rng(4).integers(0, 100, (3, *SHAPE), np.uint8)
    masks, writing = under.copy(), [scribble(seed, 25) for seed in (1, 2, 3)]
    writing[1][0][12:] = np.nan
    points, half_widths, darkness = (np.array(tables) for tables in zip(*writing, strict=True))
    strokes = (points, half_widths, darkness) if own_strokes else writing[0]
    batches.stroke_coverage(masks, *strokes)
    for n, expected in enumerate(under):
        reference.stroke_coverage(expected, *writing[n if own_strokes else 0])
    assert np.abs(masks.astype(int) - under).max() <= 1


def test_a_thicket_of_strokes_is_close_to_the_reference(any_order: Kernels) -> None:
    """More segments in a pixel than its thread remembers, and more in a tile than its block lists."""
    rng = np.random.default_rng(5)
    points = (10 + np.cumsum(rng.normal(0, 0.3, (260, 2)), axis=0) % 6).astype(np.float32)
    points[::40] = np.nan
    half_widths, darkness = rng.uniform(0.2, 0.5, (2, 260)).astype(np.float32)
    ours, plain = np.zeros((20, 22), np.uint8), np.zeros((20, 22), np.uint8)
    any_order.stroke_coverage(ours, points, half_widths, darkness)
    reference.stroke_coverage(plain, points, half_widths, darkness)
    assert np.abs(ours.astype(int) - plain).max() <= 18
