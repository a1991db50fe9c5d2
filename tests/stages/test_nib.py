"""The nib: wide and dark where the hand is slow, and a smooth line through every point."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline

from fastecg.stages.nib import PenKind, curve, press


def way(seed: int, count: int) -> NDArray[np.float64]:
    """Return points of a pen, some of them lifts."""
    rng = np.random.default_rng(seed)
    points = np.cumsum(rng.normal(0, 4, (count, 2)), axis=0)
    points[rng.random(count) < 0.2] = np.nan
    return points


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
@settings(max_examples=80, deadline=None)
def test_curve_goes_through_its_points_and_keeps_strokes_apart(seed: int, count: int) -> None:
    points = way(seed, count)
    line, along = curve(points, np.arange(count, dtype=np.float64))
    given_points = ~np.isnan(points[:, 0])
    kept = np.isin(along, np.arange(count)[given_points])
    assert np.array_equal(line[kept], points[given_points])
    between = ~np.isnan(line[:, 0])
    lifts = np.flatnonzero(~given_points)
    assert not any((np.floor(along[between]) == lift).any() for lift in lifts)
    assert (np.diff(along[between]) > 0).all()


def test_curve_is_a_catmull_rom_spline() -> None:
    points = np.array([[0.0, 0], [10, 4], [22, -3], [30, 5], [41, 6]])
    line, along = curve(points, np.arange(5.0))
    slopes = (points[2:] - points[:-2]) / 2
    spline = CubicHermiteSpline(np.arange(1, 4), points[1:4], slopes)
    inner = (along >= 1) & (along <= 3)
    assert np.abs(line[inner] - spline(along[inner])).max() < 1e-9
    assert inner.sum() > 8


@pytest.mark.parametrize("kind", get_args(PenKind))
def test_fast_is_thin_and_pale(kind: PenKind) -> None:
    steps = np.concatenate([np.full(15, 0.05), np.full(15, 1.5)])
    xy = np.column_stack([np.cumsum(steps), np.zeros(30)])
    widths, darkness = press(xy, kind, 1.0)
    assert widths[3] > widths[-3]
    assert darkness[3] > darkness[-3]
    assert (widths > 0.3).all()
    assert ((darkness > 0) & (darkness <= 1)).all()


def test_without_pressure_a_line_is_even() -> None:
    widths, darkness = press(way(3, 30) / 4, "ballpoint", 0.0)
    assert np.ptp(widths) == 0
    assert np.ptp(darkness) == 0


def test_dots_and_single_points_have_a_width() -> None:
    for points in (np.array([[1.0, 2.0]]), np.array([[1.0, 2.0], [np.nan, np.nan], [3.0, 3.0]])):
        widths, darkness = press(points, "pencil", 1.0)
        assert np.isfinite(widths).all()
        line, _, _ = curve(points, widths, darkness)
        assert np.array_equal(line, points, equal_nan=True)
