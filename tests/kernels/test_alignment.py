"""The shift between two curves: the fast count of pairs, the FFT of pictures, and scipy's own smoothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg_kernels import cpu, reference

TAPS = np.exp(-0.5 * (np.arange(-2, 3) / 0.5) ** 2)
TAPS /= TAPS.sum()
NARROW = np.array([0.25, 0.5, 0.25])


@st.composite
def curves(draw: st.DrawFn) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    """Return two curves with gaps, often at the edges of their pictures, and the number of levels."""
    samples, levels = draw(st.integers(1, 24)), draw(st.integers(5, 12))
    level = st.one_of(st.integers(-1, levels - 1), st.sampled_from([-1, 0, levels - 1]))
    both = [draw(st.lists(level, min_size=samples, max_size=samples)) for _ in range(2)]
    return np.array(both[0], np.int32), np.array(both[1], np.int32), levels


@given(curves(), st.sampled_from([TAPS, NARROW]))
def test_both_ways_find_the_same_shift(
    pair: tuple[NDArray[np.int32], NDArray[np.int32], int], taps: NDArray[np.float64]
) -> None:
    first, second, levels = pair
    wanted = reference.curve_shift(first, second, levels, taps)
    found = cpu.curve_shift(first, second, levels, taps)
    if wanted[2] > 1e-6:  # without any pair all shifts are equal
        assert found[:2] == wanted[:2]
    assert found[2] == pytest.approx(wanted[2], abs=1e-9)  # rounding of the transform


@pytest.mark.parametrize(("late", "higher"), [(0, 0), (3, 2), (-4, 1), (11, -5)])
def test_a_known_shift_is_found(late: int, higher: int) -> None:
    rng = np.random.default_rng(late + 20)
    curve = rng.integers(6, 26, 60).astype(np.int32)
    moved = np.roll(curve, late) + np.int32(higher)
    moved[: max(late, 0)] = -1
    moved[60 + min(late, 0) :] = -1
    assert cpu.curve_shift(curve, moved, 32, TAPS)[:2] == (late, higher)


def test_the_score_is_that_of_scipys_pictures() -> None:
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(5)
    first, second = (rng.integers(0, 16, 30).astype(np.int32) for _ in range(2))
    pictures = []
    for curve in (first, second):
        picture = np.zeros((16, 30))
        picture[curve, np.arange(30)] = 1
        pictures.append(gaussian_filter(picture, 0.5))
    late, higher, score = cpu.curve_shift(first, second, 16, TAPS)
    padded = np.pad(pictures[1], ((16, 16), (30, 30)))
    there = padded[16 + higher : 32 + higher, 30 + late : 60 + late]
    assert score == pytest.approx(float((pictures[0] * there).sum()), rel=1e-9)


def test_of_equal_shifts_the_smallest_wins() -> None:
    flat = np.full(9, 4, np.int32)
    gap = flat.copy()
    gap[:3] = -1
    for backend in (cpu, reference):
        assert backend.curve_shift(flat, gap, 9, TAPS)[:2] == (0, 0)


def test_curves_without_samples_have_no_shift() -> None:
    nothing = np.full(7, -1, np.int32)
    assert cpu.curve_shift(nothing, nothing, 9, TAPS)[2] == 0.0
