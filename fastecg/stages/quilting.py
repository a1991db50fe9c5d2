"""Quilting a sheet of any size from a texture, on one thread or several, with the same result."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels import Kernels

CELL_PX: Final = 10
"""About the side of the squares whose sums bound what a place costs: 5 and 20 took longer."""


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
        Blocks along an anti-diagonal are independent of each other, and are spread over so many
        threads (Raad and Galerne, IPOL 2017); the sheet is the same for any number.

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

    if threads == 1:
        sew(np.stack(np.divmod(np.arange(rows * columns), columns), axis=1))
    else:
        with ThreadPoolExecutor(threads) as pool:
            for diagonal in diagonals(rows, columns):
                # Some parts more than threads: who is done early takes another one.
                list(pool.map(sew, np.array_split(diagonal, min(2 * threads, len(diagonal)))))
    return np.ascontiguousarray(sheet[:height, :width])


def diagonals(rows: int, columns: int) -> list[NDArray[np.int64]]:
    """Return the blocks (row, column) of a sheet in groups that may be done at the same time, in order.

    A block reads what its neighbours to the left, above left, above and above right have written, so the
    anti-diagonals are those of equal column + 2 row.

    Examples
    --------
    >>> [group.tolist() for group in diagonals(2, 3)]
    [[[0, 0]], [[0, 1]], [[0, 2], [1, 0]], [[1, 1]], [[1, 2]]]
    """
    every = np.stack(np.divmod(np.arange(rows * columns), columns), axis=1)
    number = every[:, 1] + 2 * every[:, 0]
    return [every[number == wanted] for wanted in range(columns + 2 * rows - 2)]


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
