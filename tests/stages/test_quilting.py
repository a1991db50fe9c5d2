"""Quilting a sheet: any number of threads gives the same bytes, and the seams are good."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg.stages.quilting import Quilting, diagonals, quilt
from fastecg_kernels import load_backend

CPU = load_backend("cpu")


def waves(height: int, width: int) -> NDArray[np.uint8]:
    """Return a texture of rough waves."""
    rng = np.random.default_rng(11)
    y, x = np.mgrid[0:height, 0:width]
    surface = np.sin(0.31 * x + 0.13 * y) + np.sin(0.17 * y - 0.07 * x + 1) + rng.normal(0, 0.2, y.shape)
    return np.asarray(np.round(128 + 40 * surface).astype(np.uint8)[:, :, None])


@pytest.mark.pages
@pytest.mark.parametrize("candidates", [0, 40])
@pytest.mark.parametrize("shape", [(70, 110), (110, 31), (20, 90)])
def test_threads_do_not_change_a_byte(candidates: int, shape: tuple[int, int]) -> None:
    texture, quilting = waves(60, 70), Quilting(20, 7, 0.2, candidates, 2**40 + 5)
    one = quilt(CPU, texture, shape, quilting)
    before = sys.getswitchinterval()
    try:
        sys.setswitchinterval(1e-5)
        for threads in (2, 3, 8):
            np.testing.assert_array_equal(quilt(CPU, texture, shape, quilting, threads), one)
    finally:
        sys.setswitchinterval(before)


@given(st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=40)
def test_a_diagonal_waits_for_all_it_reads(rows: int, columns: int) -> None:
    """Every block comes once, after those of its neighbours that come before it row by row."""
    when = {
        (row, column): number
        for number, group in enumerate(diagonals(rows, columns))
        for row, column in group.tolist()
    }
    assert len(when) == rows * columns == sum(len(group) for group in diagonals(rows, columns))
    for (row, column), number in when.items():
        for other in ((row, column - 1), (row - 1, column - 1), (row - 1, column), (row - 1, column + 1)):
            assert when.get(other, -1) < number


class Counting:
    """Kernels that note which rows and columns of a sheet each block touches."""

    def __init__(self) -> None:
        self.groups: list[NDArray[np.int64]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(CPU, name)

    def quilt_blocks(
        self, sheet: Any, texture: Any, sums: Any, blocks: NDArray[np.int64], *rest: Any
    ) -> None:
        self.groups.append(blocks.copy())
        CPU.quilt_blocks(sheet, texture, sums, blocks, *rest)


def test_blocks_of_a_diagonal_are_spread_over_the_threads() -> None:
    counting: Any = Counting()
    quilt(counting, waves(40, 40), (100, 100), Quilting(20, 6, 0.1, 5), 2)
    assert max(len(group) for group in counting.groups) == 1
    assert sum(len(group) for group in counting.groups) == 49


@pytest.mark.parametrize("shape", [(1, 1), (20, 20), (21, 34), (37, 20)])
def test_the_sheet_has_the_size_asked_for(shape: tuple[int, int]) -> None:
    sheet = quilt(CPU, waves(30, 30), shape, Quilting(20, 6))
    assert sheet.shape == (*shape, 1)
    assert sheet.min() > 0  # no pixel was left out
    assert sheet.flags.c_contiguous


def test_keys_make_different_sheets() -> None:
    keys = (1, 2, 3, 4, 2**32 + 1)
    sheets = {quilt(CPU, waves(50, 50), (60, 60), Quilting(20, 6, 0.1, 30, key)).tobytes() for key in keys}
    assert len(sheets) == len(keys)


def steps(sheet: NDArray[np.uint8]) -> float:
    """Return the root mean square of the differences of neighbours."""
    values = sheet[:, :, 0].astype(np.float64)
    return float(np.sqrt((np.diff(values, axis=0) ** 2).mean() + (np.diff(values, axis=1) ** 2).mean()))


@pytest.mark.pages
def test_seams_are_hardly_rougher_than_the_texture() -> None:
    """Blocks laid side by side without search or cut are, and so the measure sees seams."""
    texture = waves(120, 120)
    sheet = quilt(CPU, texture, (200, 200), Quilting(24, 8))
    rng = np.random.default_rng(2)
    tiles = [[texture[y : y + 16, x : x + 16] for y, x in rng.integers(0, 104, (13, 2))] for _ in range(13)]
    tiled = np.block([[tile[:, :, 0] for tile in row] for row in tiles])[:, :, None]
    assert steps(sheet) < 1.05 * steps(texture)
    assert steps(tiled) > 1.2 * steps(texture)
