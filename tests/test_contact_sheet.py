"""Contact sheets: every page at its place, whole and undistorted; areas are compared with plain means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg.contact_sheet import BACKGROUND, GAP_PX, contact_sheet, shrunk

CELL = (50, 80)


def page(height: int, width: int, value: int = 0) -> NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


@given(st.integers(1, 300), st.integers(1, 300))
def test_a_shrunk_page_fits_and_keeps_its_shape(height: int, width: int) -> None:
    small = shrunk(page(height, width, 7), CELL)
    assert (small == 7).all()
    assert small.shape[0] <= CELL[0]
    assert small.shape[1] <= CELL[1]
    if height <= CELL[0] and width <= CELL[1]:
        assert small.shape == (height, width, 3)
    else:
        scale = min(CELL[0] / height, CELL[1] / width)
        assert abs(small.shape[0] - max(height * scale, 1)) <= 1
        assert abs(small.shape[1] - max(width * scale, 1)) <= 1
    np.testing.assert_array_equal(shrunk(small, CELL), small)


def test_shrinking_averages() -> None:
    image = np.random.default_rng(0).integers(0, 256, (100, 160, 3)).astype(np.uint8)
    means = image.reshape(50, 2, 80, 2, 3).mean(axis=(1, 3))
    assert np.abs(shrunk(image, CELL) - means).max() <= 0.5


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_pages_stand_in_rows_from_left_to_right(count: int) -> None:
    sheet = contact_sheet([page(50, 80, k) for k in range(count)], columns=3, cell_px=CELL)
    columns = min(count, 3)
    rows = -(-count // 3)
    assert sheet.shape == (rows * (50 + GAP_PX) + GAP_PX, columns * (80 + GAP_PX) + GAP_PX, 3)
    expected = np.full(sheet.shape, BACKGROUND, np.uint8)
    for k in range(count):
        y, x = (k // 3) * (50 + GAP_PX) + GAP_PX, (k % 3) * (80 + GAP_PX) + GAP_PX
        expected[y : y + 50, x : x + 80] = k
    np.testing.assert_array_equal(sheet, expected)


def test_a_narrow_page_stands_in_the_middle_of_its_cell() -> None:
    sheet = contact_sheet([page(100, 40, 9)], cell_px=CELL)
    inside = np.argwhere(sheet[:, :, 0] == 9)
    assert inside.min(axis=0).tolist() == [GAP_PX, GAP_PX + 30]
    assert inside.max(axis=0).tolist() == [GAP_PX + 49, GAP_PX + 49]
