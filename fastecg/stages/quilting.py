"""Quilting a sheet of any size from a texture, on one thread or several, with the same result."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from threading import Condition
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels import Kernels

CELL_PX: Final = 10
"""About the side of the squares whose sums bound what a place costs: 5 and 20 took longer."""

TOGETHER: Final = 3
"""Blocks that a thread sews before it looks whether it may go on: fewer take longer by the looking."""


@dataclass(frozen=True, slots=True)
class Quilting:
    """How a sheet is sewn from a texture.

    Parameters
    ----------
    block_px
        Side of the blocks, at least 2.
    overlap_px
        Width of the strip that neighbours share, 1 to half a block.
    tolerance
        Blocks within (1 + tolerance) of the best one's error may be taken.
    candidates
        Places of the texture that are tried for each block; 0 tries all.
    key
        Any whole number, at least 0: another key, another sheet.
    """

    block_px: int
    overlap_px: int
    tolerance: float = 0.1
    candidates: int = 0
    key: int = 0

    def blocks(self, height: int, width: int) -> tuple[int, int]:
        """Return how many rows and columns of blocks cover a sheet."""
        step = self.block_px - self.overlap_px
        return max(-(-(height - self.overlap_px) // step), 1), max(-(-(width - self.overlap_px) // step), 1)


def quilt(
    kernels: Kernels,
    texture: NDArray[np.uint8],
    shape: tuple[int, int],
    quilting: Quilting,
    threads: int = 1,
) -> NDArray[np.uint8]:
    """Quilt a sheet from a texture (Efros and Freeman, SIGGRAPH 2001).

    Parameters
    ----------
    kernels
        The backend's kernels.
    texture
        Shape (h, w, C), uint8, both sides at least a block.
    shape
        Height and width of the sheet.
    quilting
        Blocks, overlap and search.
    threads
        Threads that share the blocks; the sheet is the same for any number.

    Returns
    -------
    ndarray
        Shape (height, width, C), uint8.

    Examples
    --------
    >>> from fastecg_kernels import load_backend
    >>> texture = np.arange(32 * 32, dtype=np.uint8).reshape(32, 32, 1)
    >>> quilt(load_backend("cpu"), texture, (40, 50), Quilting(12, 3)).shape
    (40, 50, 1)
    """
    height, width = shape
    rows, columns = quilting.blocks(height, width)
    block, overlap = quilting.block_px, quilting.overlap_px
    step, channels = block - overlap, texture.shape[2]
    sheet = np.zeros((rows * step + overlap, columns * step + overlap, channels), np.uint8)
    sums = _sums(kernels, texture, quilting)

    def sew(blocks: NDArray[np.int64]) -> None:
        places, key = np.empty_like(blocks), (quilting.key ^ quilting.key >> 32) & 0xFFFFFFFF
        search = (quilting.tolerance, quilting.candidates, key)
        kernels.quilt_blocks(sheet, texture, sums, blocks, places, block, overlap, *search)

    blocks = np.stack(np.divmod(np.arange(rows * columns), columns), axis=1)
    if threads == 1:
        sew(blocks)
    else:
        _Wavefront(blocks.reshape(rows, columns, 2), sew).run(threads)
    return np.ascontiguousarray(sheet[:height, :width])


class _Wavefront:
    """Sews the blocks of a sheet on several threads, each as soon as it may be.

    A block reads what its neighbours to the left, above left, above and above right have written. So
    the blocks along an anti-diagonal, those of equal column + 2 row, are independent of each other (Raad and
    Galerne, IPOL 2017). Threads take rows by turns, each following the row above at that distance:
    what is sewn at a time lies along such a diagonal, and nobody waits for the last one of it.
    """

    def __init__(self, blocks: NDArray[np.int64], sew: Callable[[NDArray[np.int64]], None]) -> None:
        self._blocks, self._sew = blocks, sew
        self._done, self._failed, self._turn = [0] * len(blocks), False, Condition()

    def run(self, threads: int) -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self._sew_rows, range(threads), repeat(threads)))

    def _sew_rows(self, first: int, threads: int) -> None:
        rows, columns = self._blocks.shape[:2]
        try:
            for row in range(first, rows, threads):
                for start in range(0, columns, TOGETHER):
                    end = min(start + TOGETHER, columns)
                    if not self._wait(row - 1, min(end + 1, columns)):
                        return
                    self._sew(self._blocks[row, start:end])
                    self._tell(row, end)
        except BaseException:
            # Nobody shall wait for a row that will not come.
            self._failed = True
            self._tell(first, 0)
            raise

    def _wait(self, row: int, columns: int) -> bool:
        """Wait until so many blocks of a row are done; return False if they never will be."""
        with self._turn:
            self._turn.wait_for(lambda: self._failed or row < 0 or self._done[row] >= columns)
        return not self._failed

    def _tell(self, row: int, columns: int) -> None:
        with self._turn:
            self._done[row] = max(self._done[row], columns)
            self._turn.notify_all()


def _sums(kernels: Kernels, texture: NDArray[np.uint8], quilting: Quilting) -> NDArray[np.float32]:
    """Return what speeds up the search of all places, or nothing where it is not needed."""
    height, width, channels = texture.shape
    if quilting.candidates > 0:
        return np.empty((channels, 0, 0), np.float32)
    # Squares that tile the overlaps without a rest bound best.
    cell = quilting.overlap_px // max(round(quilting.overlap_px / CELL_PX), 1)
    sums = np.empty((channels, height - cell + 1, width - cell + 1), np.float32)
    kernels.box_sums(texture, sums)
    return sums
