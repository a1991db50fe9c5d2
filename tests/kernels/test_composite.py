"""Compositing: every backend against the NumPy reference, bit for bit, and against exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastecg_kernels import Kernels, reference

SIZES = st.tuples(st.integers(1, 30), st.integers(1, 50))


@pytest.mark.parametrize("name", ["composite", "absorb"])
@given(size=SIZES, seed=st.integers(0, 2**32 - 1), inked=st.floats(0, 1), clear=st.booleans())
@settings(max_examples=120)
def test_every_backend_equals_the_reference(
    kernels: Kernels, name: str, size: tuple[int, int], seed: int, inked: float, clear: bool
) -> None:
    """Over sizes that are no multiple of the eight pixels the kernel looks at together."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*size, 3), np.uint8)
    coverage = np.where(rng.random(size) < inked, rng.integers(0, 256, size), 0).astype(np.uint8)
    color = rng.integers(0, 256, 3, np.uint8)
    ours, plain, ours_ink, plain_ink = image.copy(), image.copy(), coverage.copy(), coverage.copy()
    getattr(kernels, name)(ours, ours_ink, color, clear)
    getattr(reference, name)(plain, plain_ink, color, clear)
    assert np.array_equal(ours, plain)
    assert np.array_equal(ours_ink, plain_ink)
    assert np.array_equal(ours_ink, np.zeros_like(coverage) if clear else coverage)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_blend_is_the_exact_mean_rounded_to_nearest(
    kernels: Kernels, under: int, over: int, alpha: int
) -> None:
    image = np.full((1, 1, 3), under, np.uint8)
    kernels.composite(image, np.array([[alpha]], np.uint8), np.full(3, over, np.uint8), False)
    exact = Fraction(under * (255 - alpha) + over * alpha, 255)
    assert abs(image[0, 0, 0] - exact) <= Fraction(1, 2)


def test_no_ink_leaves_the_image_and_full_ink_replaces_it(kernels: Kernels) -> None:
    image = np.arange(3 * 7 * 5, dtype=np.uint8).reshape(7, 5, 3)
    before = image.copy()
    kernels.composite(image, np.zeros((7, 5), np.uint8), np.array([1, 2, 3], np.uint8), False)
    assert np.array_equal(image, before)
    kernels.composite(image, np.full((7, 5), 255, np.uint8), np.array([1, 2, 3], np.uint8), False)
    assert (image == [1, 2, 3]).all()


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_ink_absorbs_the_exact_share_rounded_to_nearest(
    kernels: Kernels, under: int, ink: int, alpha: int
) -> None:
    image = np.full((1, 1, 3), under, np.uint8)
    kernels.absorb(image, np.array([[alpha]], np.uint8), np.full(3, ink, np.uint8), False)
    exact = under * (1 - Fraction(alpha, 255) * (1 - Fraction(ink, 255)))
    assert abs(image[0, 0, 0] - exact) <= Fraction(1, 2)
    assert image[0, 0, 0] <= under


@pytest.mark.parametrize("name", ["composite", "absorb"])
@pytest.mark.parametrize("own_colors", [False, True])
def test_a_batch_is_its_pages_one_by_one(batches: Kernels, name: str, own_colors: bool) -> None:
    """Pages of 35 pixels, so that most threads have two pages to look after."""
    rng = np.random.default_rng(1)
    images, coverage = rng.integers(0, 256, (4, 5, 7, 3), np.uint8), rng.integers(0, 256, (4, 5, 7), np.uint8)
    colors = rng.integers(0, 256, (4, 3) if own_colors else 3, np.uint8)
    ours, ours_ink, plain, plain_ink = images.copy(), coverage.copy(), images.copy(), coverage.copy()
    getattr(batches, name)(ours, ours_ink, colors, True)
    for page, ink, color in zip(plain, plain_ink, np.broadcast_to(colors, (4, 3)), strict=True):
        getattr(reference, name)(page, ink, color, True)
    assert np.array_equal(ours, plain)
    assert not ours_ink.any()
