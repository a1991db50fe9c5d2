"""Fields: the Numba kernels against the NumPy reference, and that against SciPy and plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from fastecg_kernels import cpu, reference

SIZES = st.tuples(st.integers(1, 20), st.integers(1, 30))
LATTICES = st.tuples(st.integers(1, 6), st.integers(1, 9))
STEPS = st.tuples(st.floats(0.01, 2.5), st.floats(0.01, 2.5))
STARTS = st.tuples(st.floats(-3, 8), st.floats(-3, 8))


@given(SIZES, LATTICES, STARTS, STEPS, st.integers(0, 2**32 - 1))
@settings(max_examples=80)
def test_smooth_equals_the_reference(
    size: tuple[int, int],
    nodes: tuple[int, int],
    start: tuple[float, float],
    step: tuple[float, float],
    seed: int,
) -> None:
    """To 0.0001 of the largest value: one works in 32 bits, the other in 64."""
    rng = np.random.default_rng(seed)
    lattice = rng.uniform(-1, 1, nodes).astype(np.float32)
    ours = rng.uniform(-1, 1, size).astype(np.float32)
    plain = ours.copy()
    cpu.add_smooth(ours, lattice, *start, *step)
    reference.add_smooth(plain, lattice, *start, *step)
    assert np.abs(ours - plain).max() < 1e-4


@pytest.mark.parametrize("kernels", [cpu, reference], ids=["cpu", "reference"])
def test_smooth_is_the_cubic_spline_of_scipy(kernels: object) -> None:
    lattice = np.random.default_rng(1).uniform(-1, 1, (5, 7)).astype(np.float32)
    field = np.zeros((31, 23), np.float32)
    kernels.add_smooth(field, lattice, 0.2, 1.1, 0.13, 0.21)  # type: ignore[attr-defined]
    places = np.meshgrid(0.2 + 0.13 * np.arange(31), 1.1 + 0.21 * np.arange(23), indexing="ij")
    wanted = ndimage.map_coordinates(
        lattice.astype(float), np.stack(places), order=3, prefilter=False, mode="nearest"
    )
    assert np.abs(field - wanted).max() < 1e-5


def test_smooth_is_the_same_wherever_the_field_begins() -> None:
    """A part of a field, made alone, is that part."""
    lattice = np.random.default_rng(2).uniform(-1, 1, (6, 6)).astype(np.float32)
    whole, part = np.zeros((40, 50), np.float32), np.zeros((12, 20), np.float32)
    cpu.add_smooth(whole, lattice, 0.0, 0.0, 0.11, 0.09)
    cpu.add_smooth(part, lattice, 0.11 * 20, 0.09 * 17, 0.11, 0.09)
    assert np.abs(whole[20:32, 17:37] - part).max() < 1e-5


SPOT = st.tuples(st.floats(-5, 35), st.floats(-5, 25), st.floats(0.3, 12), st.floats(0, 1))


@given(SIZES, st.lists(SPOT, max_size=5), st.floats(0.05, 1), st.integers(0, 2**32 - 1))
@settings(max_examples=80)
def test_spots_equal_the_reference(
    size: tuple[int, int], spots: list[tuple[float, ...]], softness: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    warp = rng.uniform(-1, 0.5, size).astype(np.float32)
    ours = rng.uniform(0, 1, size).astype(np.float32)
    plain, table = ours.copy(), np.array(spots, np.float32).reshape(-1, 4)
    cpu.add_spots(ours, warp, table, softness)
    reference.add_spots(plain, warp, table, softness)
    assert np.abs(ours - plain).max() < 1e-3  # a rim may rise by 1 in a tenth of a radius
    assert ours.min() >= 0
    assert ours.max() <= 1


def test_a_spot_covers_its_disc() -> None:
    """The rim is symmetric about the radius, so the covered area is the disc's, widened by the rim."""
    field = np.zeros((200, 240), np.float32)
    cpu.add_spots(field, np.zeros_like(field), np.array([[120.3, 99.6, 60, 0.5]], np.float32), 0.1)
    assert field.sum() == pytest.approx(0.5 * np.pi * 60**2, rel=0.005)
    assert field[99, 120] == pytest.approx(0.5)
    ys, xs = np.mgrid[0:200, 0:240] + 0.5
    assert not field[np.hypot(xs - 120.3, ys - 99.6) > 66.1].any()


def test_two_spots_over_each_other() -> None:
    field = np.zeros((1, 1), np.float32)
    spots = np.array([[0.5, 0.5, 3, 0.5], [0.5, 0.5, 4, 0.8]], np.float32)
    cpu.add_spots(field, np.zeros_like(field), spots, 0.2)
    assert field[0, 0] == pytest.approx(1 - 0.5 * 0.2)


def test_the_warp_moves_the_rim() -> None:
    """Where the warp is -0.5 the spot reaches half as far again."""
    field = np.zeros((3, 100), np.float32)
    spot = np.array([[0.5, 1.5, 40, 1.0]], np.float32)
    cpu.add_spots(field, np.full_like(field, -0.5), spot, 0.05)
    assert np.flatnonzero(field[1] > 0.5)[-1] == pytest.approx(60, abs=1)
