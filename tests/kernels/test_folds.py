"""Folds: the Numba kernels against the NumPy reference, and against the formula on a single fold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg_kernels import cpu, reference

SIZES = st.tuples(st.integers(1, 40), st.integers(1, 60))
ANGLES = st.one_of(st.sampled_from([0.0, 45.0, 90.0, 135.0, 180.0]), st.floats(0, 180))
BACKENDS = pytest.mark.parametrize("kernels", [cpu, reference], ids=["cpu", "reference"])


def lines_at(angles: list[float], size: tuple[int, int], seed: int) -> NDArray[np.float64]:
    """Return lines at angles (counter-clockwise as seen) through random points in and about a page."""
    rng = np.random.default_rng(seed)
    rows = []
    for angle in angles:
        normal = math.sin(math.radians(angle)), math.cos(math.radians(angle))
        point = rng.uniform(-5, size[1] + 5), rng.uniform(-5, size[0] + 5)
        along = [normal[0] * y - normal[1] * x for x in (0, size[1]) for y in (0, size[0])]
        rows.append([*normal, normal[0] * point[0] + normal[1] * point[1], min(along)])
    return np.array(rows)


def nodes(folds: int, count: int, low: float, high: float, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(low, high, (folds, count)).astype(np.float32)


@given(
    SIZES,
    st.lists(ANGLES, min_size=1, max_size=3),
    st.floats(1, 30),
    st.floats(0.5, 15),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=100)
def test_shade_equals_the_reference(
    size: tuple[int, int], angles: list[float], pitch: float, reach: float, seed: int
) -> None:
    """To one level: the Gaussian is a polynomial in one, and a pixel at the band's edge may be in or out."""
    rng = np.random.default_rng(seed)
    lines, count = lines_at(angles, size, seed), int(80 / pitch) + 2
    offsets, strengths = nodes(len(angles), count, -1, 1, seed), nodes(len(angles), count, 0, 1.5, seed + 1)
    shape = [reach / 3.5, 0.2, -0.1, reach / 9, 0.1, 0.1]
    profiles = np.tile(np.array(shape, np.float32), (len(angles), 1))
    dither = rng.uniform(0, 0.999, (4, 8)).astype(np.float32)
    ours = rng.integers(0, 256, size, np.uint8)
    plain = ours.copy()
    cpu.shade_folds(ours, lines, pitch, offsets, strengths, profiles, reach, dither)
    reference.shade_folds(plain, lines, pitch, offsets, strengths, profiles, reach, dither)
    assert np.abs(ours.astype(int) - plain).max() <= len(angles)


@BACKENDS
@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 117.0])
def test_shade_has_the_profile_of_a_lit_ridge(kernels: object, angle: float) -> None:
    """A straight fold through the middle, by the formula; the dither's mean is 1/2, so it rounds fairly."""
    shade = np.full((101, 141), 128, np.uint8)
    normal = np.array([math.sin(math.radians(angle)), math.cos(math.radians(angle))])
    line = np.array([[*normal, normal @ [70.5, 50.5], -300.0]])
    one, half = np.ones((1, 2), np.float32), np.full((1, 2), 0.5, np.float32)
    profile = np.array([[6.0, 0.3, -0.1, 1.5, 0.0, 0.2]], np.float32)
    kernels.shade_folds(shade, line, 500.0, 0 * one, one, profile, 24.0, half)  # type: ignore[attr-defined]
    ys, xs = np.mgrid[0:101, 0:141] + 0.5
    d = normal[0] * xs + normal[1] * ys - normal @ [70.5, 50.5]
    wide, fine = d / 6, d / 1.5
    gain = 1 + 0.3 * wide * np.exp((1 - wide**2) / 2) - 0.1 * np.exp(-(wide**2) / 2)
    gain += 0.2 * np.exp(-(fine**2) / 2)
    wanted = np.where(np.abs(d) < 24, 128 * gain, 128)
    assert np.abs(shade - wanted).max() < 0.6
    assert (shade[np.abs(d) > 24.01] == 128).all()


def test_shade_follows_the_offsets() -> None:
    """The dark line runs where the nodes say."""
    shade = np.full((80, 60), 128, np.uint8)
    line = np.array([[1.0, 0.0, 30.0, 0.0]])
    offsets = np.array([[-10, 10, 0, 5, 5]], np.float32)
    one = np.ones((1, 1), np.float32)
    profile = np.array([[1.0, 0, -0.9, 1.0, 0, 0]], np.float32)
    cpu.shade_folds(shade, line, 20.0, offsets, one, profile, 4.0, np.full((1, 1), 0.5, np.float32))
    wanted = 30 + np.interp((np.arange(80) + 0.5) / 20, np.arange(5), offsets[0])
    assert np.abs(shade.argmin(axis=1) + 0.5 - wanted).max() <= 0.6


@BACKENDS
def test_shade_without_strength_leaves_every_byte(kernels: object) -> None:
    shade = np.random.default_rng(0).integers(0, 256, (30, 40), np.uint8)
    before, zero = shade.copy(), np.zeros((2, 9), np.float32)
    lines = lines_at([20.0, 110.0], (30, 40), 1)
    profiles = np.full((2, 6), 0.5, np.float32)
    dither = np.random.default_rng(1).uniform(0, 0.999, (8, 8)).astype(np.float32)
    kernels.shade_folds(shade, lines, 8.0, zero, zero, profiles, 9.0, dither)  # type: ignore[attr-defined]
    assert np.array_equal(shade, before)


@given(
    SIZES,
    st.lists(ANGLES, min_size=1, max_size=3),
    st.floats(1, 30),
    st.floats(0.5, 15),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=80)
def test_thin_equals_the_reference(
    size: tuple[int, int], angles: list[float], pitch: float, reach: float, seed: int
) -> None:
    """To three levels a fold: wear falls steeply, and places are found in 32 bits in one."""
    rng = np.random.default_rng(seed)
    lines, count = lines_at(angles, size, seed), int(80 / pitch) + 2
    offsets, wear = nodes(len(angles), count, -1, 1, seed), nodes(len(angles), count, 0, 1, seed + 1)
    grain = rng.random((8, 32)).astype(np.float32)
    ours = np.where(rng.random(size) < 0.5, 0, rng.integers(0, 256, size)).astype(np.uint8)
    plain, before = ours.copy(), ours.copy()
    cpu.thin_folds(ours, lines, pitch, offsets, wear, reach, grain, 1.3)
    reference.thin_folds(plain, lines, pitch, offsets, wear, reach, grain, 1.3)
    assert np.abs(ours.astype(int) - plain).max() <= 3 * len(angles)
    assert (ours <= before).all()


def test_wear_takes_its_share_of_the_middle() -> None:
    """Wear of 0.4 rubs about a third off the middle of the fold, less to its sides, and nothing beyond."""
    mask = np.full((4000, 41), 255, np.uint8)
    line, zero = np.array([[1.0, 0.0, 20.5, 0.0]]), np.zeros((1, 1), np.float32)
    grain = np.random.default_rng(3).random((64, 64)).astype(np.float32)
    cpu.thin_folds(mask, line, 8.0, zero, zero + 0.4, 15.0, grain, 1.0)
    lost = 1 - mask.mean(axis=0) / 255
    assert 0.25 < lost[20] < 0.45  # bilinear grain is rarer at its ends than in its middle
    assert lost[:6].max() == lost[35:].max() == 0
    assert lost[20] > lost[26] > lost[32]
    speckled = mask[:, 20]
    assert (speckled == 0).mean() > 0.05
    assert (speckled == 255).mean() > 0.3


@given(SIZES, st.lists(ANGLES, min_size=1, max_size=4), st.floats(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=80)
def test_shift_equals_the_reference(
    size: tuple[int, int], angles: list[float], width: float, seed: int
) -> None:
    lines = lines_at(angles, (size[0] * 8, size[1] * 8), seed)
    amounts = np.random.default_rng(seed).uniform(-3, 3, len(angles)).astype(np.float32)
    ours = np.zeros((*size, 2), np.float32)
    plain = ours.copy()
    cpu.shift_folds(ours, 8.0, lines, amounts, width)
    reference.shift_folds(plain, 8.0, lines, amounts, width)
    assert np.abs(ours - plain).max() < 0.004  # at four widths the field ends with 0.0022 amount


def test_shift_has_the_slope_that_is_promised() -> None:
    shift = np.zeros((3, 801, 2), np.float32)
    cpu.shift_folds(shift, 0.5, np.array([[1.0, 0, 200.0, 0]]), np.array([2.0], np.float32), 10.0)
    slopes = np.diff(shift[1, :, 0]) / 0.5
    assert np.abs(slopes).max() == pytest.approx(math.exp(0.5) * 2 / 10, rel=0.01)
    assert shift[1, :, 0].max() == pytest.approx(2.0, rel=0.001)
    assert not shift[:, :, 1].any()
