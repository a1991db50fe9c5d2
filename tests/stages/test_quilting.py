"""Quilting a sheet: any number of threads gives the same bytes, and the seams are good."""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.stages.quilting import Quilting, quilt
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


class Watching:
    """Kernels that note which thread did which blocks, and that each came after those it reads."""

    def __init__(self) -> None:
        self.done: dict[tuple[int, int], int] = {}
        self.early: list[tuple[int, int]] = []
        self.columns = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(CPU, name)

    def quilt_blocks(
        self, sheet: Any, texture: Any, sums: Any, blocks: NDArray[np.int64], *rest: Any
    ) -> None:
        for row, column in blocks.tolist():
            before = ((row, column - 1), (row - 1, column - 1), (row - 1, column), (row - 1, column + 1))
            inside = [(r, c) for r, c in before if r >= 0 and 0 <= c < self.columns]
            self.early += [(row, column) for place in inside if place[0] < row and place not in self.done]
        CPU.quilt_blocks(sheet, texture, sums, blocks, *rest)
        self.done |= dict.fromkeys(map(tuple, blocks.tolist()), threading.get_ident())


@pytest.mark.parametrize("threads", [1, 2, 3, 20])
@pytest.mark.parametrize("side", [(160, 160), (40, 200), (200, 40)])
def test_threads_share_the_blocks_and_wait_for_what_they_read(threads: int, side: tuple[int, int]) -> None:
    watching: Any = Watching()
    quilting = Quilting(20, 6, 0.1, 5)
    rows, watching.columns = quilting.blocks(*side)
    quilt(watching, waves(40, 40), side, quilting, threads)
    assert set(watching.done) == {(r, c) for r in range(rows) for c in range(watching.columns)}
    if threads > 1:  # one thread does them all in one call, row by row
        assert not watching.early
    if threads < rows:  # with more, who is done early does the rows of others too
        assert len(set(watching.done.values())) == threads


def test_an_error_on_a_thread_is_told_and_the_others_stop() -> None:
    class Broken(Watching):
        def quilt_blocks(self, *arguments: Any) -> None:
            if arguments[3][0, 0] == 2:
                raise ValueError("broken")

    broken: Any = Broken()
    with pytest.raises(ValueError, match="broken"):
        quilt(broken, waves(40, 40), (100, 100), Quilting(20, 6, 0.1, 5), 2)


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
