"""Relighting: every backend against the NumPy references, bit for bit, and against exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fastecg_kernels import Kernels, reference

SIZES = st.tuples(st.integers(1, 20), st.integers(1, 70))


@given(size=SIZES, seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_relight_equals_the_reference(any_order: Kernels, size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    image, shade = rng.integers(0, 256, (*size, 3), np.uint8), rng.integers(0, 256, size, np.uint8)
    ours, plain = image.copy(), image.copy()
    any_order.relight(ours, shade)
    reference.relight(plain, shade)
    np.testing.assert_array_equal(ours, plain)


def test_relight_is_the_rounded_product_of_all_values(kernels: Kernels) -> None:
    values, shades = np.mgrid[0:256, 0:256].astype(np.uint8)
    image = np.repeat(values[:, :, None], 3, axis=2)
    kernels.relight(image, shades)
    exact = values.astype(np.float64) * shades / 128
    assert np.abs(image[:, :, 1] - np.minimum(exact, 255)).max() <= 0.5
    assert (image[:, :, 0] == image[:, :, 2]).all()
    assert (image[:, 128, 0] == np.arange(256)).all()  # neutral changes nothing


@given(
    size=SIZES,
    field=SIZES,
    corner=st.tuples(st.integers(0, 99), st.integers(0, 99)),
    weights=st.tuples(
        st.integers(-2_000_000, 2_000_000), st.integers(-2_000_000, 2_000_000), st.integers(0, 255)
    ),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=80)
def test_shade_slopes_equals_the_reference(
    any_order: Kernels,
    size: tuple[int, int],
    field: tuple[int, int],
    corner: tuple[int, int],
    weights: tuple[int, int, int],
    seed: int,
) -> None:
    """Also where the piece goes past the field's sides, more than once."""
    slopes = np.random.default_rng(seed).integers(0, 256, (*field, 2), np.uint8)
    start = corner[0] % field[0], corner[1] % field[1]
    ours, plain = np.zeros(size, np.uint8), np.ones(size, np.uint8)
    any_order.shade_slopes(slopes, start, ours, weights)
    reference.shade_slopes(slopes, start, plain, weights)
    np.testing.assert_array_equal(ours, plain)


@given(
    gx=st.integers(0, 255),
    gy=st.integers(0, 255),
    wx=st.integers(-20_000, 20_000),
    wy=st.integers(-20_000, 20_000),
    level=st.integers(0, 255),
)
def test_shade_is_the_exact_sum_rounded(
    kernels: Kernels, gx: int, gy: int, wx: int, wy: int, level: int
) -> None:
    shade = np.zeros((1, 1), np.uint8)
    kernels.shade_slopes(np.array([[[gx, gy]]], np.uint8), (0, 0), shade, (wx, wy, level))
    exact = level + Fraction(wx * (gx - 128) + wy * (gy - 128), 4096)
    within = Fraction(min(max(exact, Fraction(1)), Fraction(255)))
    assert abs(int(shade[0, 0]) - within) <= Fraction(1, 2)
