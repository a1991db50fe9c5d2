"""PNG row filters: the fast ones equal the NumPy ones, and the NumPy ones can be undone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from fastecg_kernels.cpu import png_filter as fast
from fastecg_kernels.reference import png_filter as plain

Rows = NDArray[np.uint8]
rows_of_bytes = hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 40)))


def filtered(module: object, name: str, rows: Rows) -> Rows:
    out = np.full((rows.shape[0], rows.shape[1] + 1), 99, np.uint8)
    getattr(module, name)(rows, out)
    return out


@settings(deadline=None)  # the first call compiles
@pytest.mark.parametrize("name", ["png_filter_none", "png_filter_up"])
@given(rows=rows_of_bytes)
@example(rows=np.zeros((1, 1), np.uint8))
@example(rows=np.array([[0, 255], [255, 0], [0, 0]], np.uint8))
def test_fast_equals_plain(name: str, rows: Rows) -> None:
    np.testing.assert_array_equal(filtered(fast, name, rows), filtered(plain, name, rows))


@given(rows=rows_of_bytes)
def test_plain_can_be_undone(rows: Rows) -> None:
    none, up = filtered(plain, "png_filter_none", rows), filtered(plain, "png_filter_up", rows)
    assert set(none[:, 0]) == {0}
    assert set(up[:, 0]) == {2}
    np.testing.assert_array_equal(none[:, 1:], rows)
    np.testing.assert_array_equal(np.cumsum(up[:, 1:], axis=0, dtype=np.uint8), rows)


@settings(deadline=None)
@given(rows=rows_of_bytes, place=st.integers(0, 10**6), value=st.integers(0, 255))
def test_rows_equal_sees_every_byte(rows: Rows, place: int, value: int) -> None:
    other = rows.copy()
    other.flat[place % rows.size] = value
    assert fast.rows_equal(rows, other) == plain.rows_equal(rows, other) == bool((rows == other).all())
