"""Tint, scale and carve: the Numba kernels against the NumPy reference, and against plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg_kernels import cpu, reference

SIZES = st.tuples(st.integers(1, 20), st.integers(1, 90))
LATTICES = st.tuples(st.integers(1, 6), st.integers(1, 9))
FRAMES = st.tuples(st.floats(-15, 15), st.floats(-15, 15), st.floats(0.3, 12), st.floats(0.3, 12)).map(
    lambda values: np.array(values, np.float64)
)
BACKENDS = pytest.mark.parametrize("kernels", [cpu, reference], ids=["cpu", "reference"])


def table(rows: int, seed: int) -> NDArray[np.uint16]:
    gains = np.random.default_rng(seed).integers(0, 32769, (rows, 3)).astype(np.uint16)
    gains[0] = 32768
    return gains


@given(SIZES, LATTICES, FRAMES, st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_tint_equals_the_reference(
    size: tuple[int, int], nodes: tuple[int, int], frame: NDArray[np.float64], rows: int, seed: int
) -> None:
    """Equal but where an amount lies between two rows of the table, and 32 bits round it to the other."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*size, 3), np.uint8)
    amount = np.where(rng.random(nodes) < 0.5, 0, rng.uniform(-1, 1.2 * rows, nodes)).astype(np.float32)
    # Neighbouring rows may differ by the whole range here: tables of one slope tell the two apart.
    gains = np.repeat(np.linspace(32768, 16384, rows).astype(np.uint16)[:, None], 3, axis=1)
    ours, plain = image.copy(), image.copy()
    cpu.tint(ours, amount, frame, gains)
    reference.tint(plain, amount, frame, gains)
    step = 255 * 0.5 / max(rows - 1, 1) + 1
    assert np.abs(ours.astype(int) - plain).max() <= step
    assert np.mean(ours != plain) <= 0.02 + 3 / ours.size


@given(SIZES, st.integers(2, 256), st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_tint_by_whole_amounts_is_bit_for_bit(size: tuple[int, int], rows: int, seed: int) -> None:
    """One cell per pixel, whole amounts: no rounding can differ, and any table may be used."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*size, 3), np.uint8)
    amount = np.where(rng.random(size) < 0.6, 0, rng.integers(0, rows + 3, size)).astype(np.float32)
    gains, frame = table(rows, seed), np.array([0, 0, 1.0, 1.0])
    ours, plain = image.copy(), image.copy()
    cpu.tint(ours, amount, frame, gains)
    reference.tint(plain, amount, frame, gains)
    assert np.array_equal(ours, plain)
    picked = gains[np.minimum(amount.astype(int), rows - 1)].astype(float) / 32768
    assert np.abs(ours - image * picked).max() <= 0.5 + 1e-9


@BACKENDS
def test_tint_leaves_what_its_cells_do_not_reach(kernels: object) -> None:
    image = np.full((12, 100, 3), 200, np.uint8)
    gains = np.array([[32768] * 3, [0, 16384, 32768]], np.uint16)
    kernels.tint(image, np.ones((2, 3), np.float32), np.array([3.0, 5.5, 2.0, 20.0]), gains)  # type: ignore[attr-defined]
    wanted = np.full((12, 100, 3), 200, np.uint8)
    wanted[3:7, 5:65] = [0, 100, 200]
    assert np.array_equal(image, wanted)


@BACKENDS
def test_amounts_are_bilinear_between_the_centres_of_cells(kernels: object) -> None:
    image = np.full((1, 9, 3), 255, np.uint8)
    gains = np.repeat((32768 - 128 * np.arange(256)).astype(np.uint16)[:, None], 3, axis=1)
    kernels.tint(image, np.array([[0, 200.0]], np.float32), np.array([0, 0, 1.0, 4.0]), gains)  # type: ignore[attr-defined]
    amounts = np.interp(np.arange(8) + 0.5, [2, 6], [0, 200])
    wanted = [*(255 * (1 - amounts / 256)), 255]
    assert np.abs(image[0, :, 0] - np.array(wanted)).max() <= 1


@given(SIZES, LATTICES, FRAMES, st.floats(0.1, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=80)
def test_scale_equals_the_reference(
    size: tuple[int, int], nodes: tuple[int, int], frame: NDArray[np.float64], most: float, seed: int
) -> None:
    """To one level: one rounds in 32 bits, the other in 64."""
    rng = np.random.default_rng(seed)
    mask = np.where(rng.random(size) < 0.5, 0, rng.integers(0, 256, size)).astype(np.uint8)
    factor = rng.uniform(0, most, nodes).astype(np.float32)
    ours, plain = mask.copy(), mask.copy()
    cpu.scale(ours, factor, frame)
    reference.scale(plain, factor, frame)
    assert np.abs(ours.astype(int) - plain).max() <= 1
    assert most > 1 or (ours <= mask).all()


@BACKENDS
def test_scale_by_one_keeps_and_by_zero_clears(kernels: object) -> None:
    mask = np.arange(256, dtype=np.uint8).reshape(8, 32)
    kept, cleared = mask.copy(), mask.copy()
    frame = np.array([0, 0, 4.0, 16.0])
    kernels.scale(kept, np.ones((2, 2), np.float32), frame)  # type: ignore[attr-defined]
    kernels.scale(cleared, np.zeros((2, 2), np.float32), frame)  # type: ignore[attr-defined]
    assert np.array_equal(kept, mask)
    assert not cleared.any()


@given(SIZES, LATTICES, FRAMES, st.floats(0.1, 20), st.integers(0, 2**32 - 1))
@settings(max_examples=80)
def test_carve_equals_the_reference(
    size: tuple[int, int], nodes: tuple[int, int], frame: NDArray[np.float64], scale: float, seed: int
) -> None:
    """To one level: one rounds in 32 bits, the other in 64."""
    rng = np.random.default_rng(seed)
    alpha = rng.integers(0, 256, size, np.uint8)
    level = rng.uniform(-1, 1, nodes).astype(np.float32)
    ours, plain = alpha.copy(), alpha.copy()
    cpu.carve(ours, level, frame, scale)
    reference.carve(plain, level, frame, scale)
    assert np.abs(ours.astype(int) - plain).max() <= 1
    assert (ours <= alpha).all()


@BACKENDS
def test_carving_leaves_the_area_of_a_disc(kernels: object) -> None:
    """Distance to a circle of 30 px, on cells of 1.7 px: what is left covers its area."""
    ys, xs = (np.mgrid[0:60, 0:60] + 0.5) * 1.7
    level = (30 - np.hypot(xs - 50.2, ys - 51.3)).astype(np.float32)
    alpha = np.full((102, 102), 255, np.uint8)
    kernels.carve(alpha, level, np.array([0, 0, 1.7, 1.7]), 1.0)  # type: ignore[attr-defined]
    assert alpha.sum() / 255 == pytest.approx(np.pi * 30**2, rel=0.002)
    assert len(np.unique(alpha)) > 20
