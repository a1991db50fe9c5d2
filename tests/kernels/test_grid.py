"""Grid paper: every backend against the NumPy reference, bit for bit; profiles against dense sampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastecg_kernels import Kernels, reference
from fastecg_kernels.profile import line_profile

SIZES = st.tuples(st.integers(1, 40), st.integers(1, 60))


@given(SIZES, st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
@settings(max_examples=80)
def test_every_backend_equals_the_reference(
    kernels: Kernels, size: tuple[int, int], seed: int, minor_dots: bool, major_dots: bool
) -> None:
    rng = np.random.default_rng(seed)
    height, width = size
    choices = rng.integers(0, 256, 5, np.uint8)
    columns, rows = rng.choice(choices, (2, width)), rng.choice(choices, (2, height))
    colors = rng.integers(0, 256, (3, 3), np.uint8)
    dots = np.array([minor_dots, major_dots])
    ours, plain = np.empty((height, width, 3), np.uint8), np.empty((height, width, 3), np.uint8)
    kernels.paint_grid(ours, columns, rows, colors, dots)
    reference.paint_grid(plain, columns, rows, colors, dots)
    assert np.array_equal(ours, plain)


def test_lines_dots_and_paper_have_their_colours(kernels: Kernels) -> None:
    columns = np.array([[0, 255, 0], [0, 0, 0]], np.uint8)
    rows = np.array([[0, 255], [0, 0]], np.uint8)
    colors = np.array([[250] * 3, [200] * 3, [100] * 3], np.uint8)
    image = np.empty((2, 3, 3), np.uint8)
    kernels.paint_grid(image, columns, rows, colors, np.array([False, False]))
    assert image[:, :, 0].tolist() == [[250, 200, 250], [200, 200, 200]]
    kernels.paint_grid(image, columns, rows, colors, np.array([True, False]))
    assert image[:, :, 0].tolist() == [[250, 250, 250], [250, 200, 250]]


def test_major_lines_lie_over_minor_ones(kernels: Kernels) -> None:
    columns, rows = np.full((2, 1), 255, np.uint8), np.zeros((2, 1), np.uint8)
    colors = np.array([[250] * 3, [200] * 3, [100] * 3], np.uint8)
    image = np.empty((1, 1, 3), np.uint8)
    kernels.paint_grid(image, columns, rows, colors, np.zeros(2, bool))
    assert image.tolist() == [[[100, 100, 100]]]


@given(
    st.integers(1, 200), st.floats(-30, 30), st.floats(1.0, 40.0), st.floats(0.01, 1.0), st.integers(0, 2**16)
)
@settings(max_examples=100)
def test_profile_is_the_covered_share_of_each_pixel(
    length: int, first: float, period: float, share: float, seed: int
) -> None:
    """Against 4,000 samples a pixel: does the nearest line cover this place?"""
    width = share * period
    profile = line_profile(length, first, period, width)
    pixel = int(np.random.default_rng(seed).integers(length))
    places = pixel + (np.arange(4000) + 0.5) / 4000
    distance = np.abs((places - first + period / 2) % period - period / 2)
    assert profile[pixel] == pytest.approx(255 * np.mean(distance <= width / 2), abs=0.7)


def test_profile_over_whole_periods_holds_the_width_of_its_lines() -> None:
    profile = line_profile(7874, 3.21, 7.874, 0.9)
    assert profile.sum() / 255 == pytest.approx(1000 * 0.9, rel=0.003)


@pytest.mark.parametrize("shared", [False, True])
def test_a_batch_is_its_pages_one_by_one(batches: Kernels, shared: bool) -> None:
    """Pages of 35 pixels, so that a thread's four pixels lie on two rows, and on two pages."""
    rng = np.random.default_rng(3)
    lead = () if shared else (3,)
    columns, rows = (
        rng.integers(0, 256, (*lead, 2, 7), np.uint8),
        rng.integers(0, 256, (*lead, 2, 5), np.uint8),
    )
    colors, dots = rng.integers(0, 256, (*lead, 3, 3), np.uint8), rng.integers(0, 2, (*lead, 2)) > 0
    pages, expected = np.zeros((3, 5, 7, 3), np.uint8), np.zeros((3, 5, 7, 3), np.uint8)
    batches.paint_grid(pages, columns, rows, colors, dots)
    for n, page in enumerate(expected):
        own = ... if shared else n
        reference.paint_grid(page, columns[own], rows[own], colors[own], dots[own])
    assert np.array_equal(pages, expected)
