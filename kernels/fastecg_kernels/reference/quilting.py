"""Image quilting: a sheet sewn from blocks of a texture (NumPy reference).

Efros and Freeman, "Image quilting for texture synthesis and transfer", SIGGRAPH 2001, section 2; the
cut is eq. (2) of arXiv 2307.01946, section 3.5.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_WORD: Final = 0xFFFFFFFF


def box_sums(texture: NDArray[np.uint8], sums: NDArray[np.float32]) -> None:
    """Sum a texture over every square of some size, channel by channel.

    Parameters
    ----------
    texture
        Shape (H, W, C), uint8.
    sums
        Written: shape (C, H - size + 1, W - size + 1), float32; its shape says which size is meant,
        at most 256, so that every sum is exact. ``sums[c, y, x]`` is the sum of the square whose top
        left is (y, x).

    Examples
    --------
    >>> sums = np.empty((1, 1, 2), np.float32)
    >>> box_sums(np.array([[[1], [2], [3]], [[4], [5], [6]]], np.uint8), sums)
    >>> sums.tolist()
    [[[12.0, 16.0]]]
    """
    size = len(texture) - sums.shape[1] + 1
    squares = np.lib.stride_tricks.sliding_window_view(texture, (size, size), axis=(0, 1))
    sums[:] = squares.sum(axis=(3, 4), dtype=np.int64).transpose(2, 0, 1)


def cut_path(errors: NDArray[np.int64], path: NDArray[np.int64]) -> None:
    """Find the cheapest cut through an overlap from its first row to its last.

    Row by row the cut moves by at most one column: E[i, j] = e[i, j] + min(E[i-1, j-1], E[i-1, j],
    E[i-1, j+1]), and the cut is traced back from the least E of the last row. Of equals the leftmost
    is taken. (arXiv 2307.01946, eq. (2).)

    Parameters
    ----------
    errors
        Shape (rows, columns), int64: squared difference of the two sides.
    path
        Written: shape (rows,), int64: the column of the cut in each row.

    Examples
    --------
    >>> path = np.empty(3, np.int64)
    >>> cut_path(np.array([[9, 1, 9], [9, 9, 1], [9, 1, 1]]), path)
    >>> path.tolist()
    [1, 2, 1]
    """
    rows, columns = errors.shape
    total = errors.copy()
    for i in range(1, rows):
        for j in range(columns):
            total[i, j] += total[i - 1, max(j - 1, 0) : j + 2].min()
    path[-1] = total[-1].argmin()
    for i in range(rows - 2, -1, -1):
        first = max(path[i + 1] - 1, 0)
        path[i] = first + total[i, first : path[i + 1] + 2].argmin()


def quilt_blocks(
    sheet: NDArray[np.uint8],
    texture: NDArray[np.uint8],
    sums: NDArray[np.float32],
    blocks: NDArray[np.int64],
    places: NDArray[np.int64],
    block: int,
    overlap: int,
    tolerance: float,
    candidates: int,
    key: int,
) -> None:
    """Choose some blocks of a sheet from a texture, and sew each to its neighbours above and to the left.

    A block is compared with what the sheet holds where they overlap: the strip along its top, unless
    it is in the first row, and the strip along its left, unless in the first column. Of all
    places in the texture, or of ``candidates`` places that a hash names, those within (1 + tolerance)
    of the least sum of squared differences may be taken, and a hash says which one is. Then a cut
    through each strip says where the sheet stays and where the block begins; where both strips
    meet, the sheet stays on either cut's far side.

    Blocks are done one after another. Any two with the same column + 2 row touch nothing that
    the other reads, if the block overlaps by at most half, so they may be done at the same time
    (Raad and Galerne, IPOL 2017, take the texture's diagonals in turn for the same reason).

    Parameters
    ----------
    sheet
        Shape (rows of blocks * step + overlap, columns of blocks * step + overlap, C), uint8, with
        step = block - overlap; the blocks are written into it.
    texture
        Shape (H, W, C), uint8, H and W at least ``block``.
    sums
        ``box_sums`` of the texture, of any size, or an empty array (C, 0, 0): they only make the
        search over all places faster.
    blocks
        Shape (n, 2), int64: row and column of each block.
    places
        Written: shape (n, 2), int64: row and column of the texture where each block comes from.
    block, overlap
        Side of a block, and width of the strip that it shares with a neighbour, at most block / 2.
    tolerance
        0 takes one of the best.
    candidates
        Number of places tried; 0 tries all. Of all, they are counted row by row.
    key
        Any whole number below 2**32: what the hash starts from.

    Examples
    --------
    >>> texture = (np.arange(64, dtype=np.uint8) % 8).reshape(8, 8, 1)
    >>> sheet, places = np.zeros((4, 10, 1), np.uint8), np.empty((3, 2), np.int64)
    >>> blocks = np.array([[0, 0], [0, 1], [0, 2]])
    >>> quilt_blocks(sheet, texture, np.empty((1, 0, 0), np.float32), blocks, places, 4, 1, 0.0, 0, 1)
    >>> sheet[0, :, 0].tolist()
    [4, 5, 6, 4, 5, 6, 4, 5, 6, 7]
    """
    del sums  # only makes the search faster
    down, across = texture.shape[0] - block + 1, texture.shape[1] - block + 1
    for number, (row, column) in enumerate(blocks.tolist()):
        top, left = row * (block - overlap), column * (block - overlap)
        old = sheet[top : top + block, left : left + block].astype(np.int64)
        shared = np.zeros((block, block, 1), np.bool_)
        shared[:overlap] |= row > 0
        shared[:, :overlap] |= column > 0
        if candidates > 0 and shared.any():
            tried = [_draw(key, row, column, 1 + n) % (down * across) for n in range(candidates)]
        else:
            tried = list(range(down * across))
        costs = [_cost(texture, divmod(place, across), old, shared) for place in tried]
        good = [
            place for place, cost in zip(tried, costs, strict=True) if cost <= min(costs) * (1 + tolerance)
        ]
        place = good[_draw(key, row, column, 0) % len(good)]
        places[number] = y, x = divmod(place, across)
        new = texture[y : y + block, x : x + block]
        stays = _stays(old, new.astype(np.int64), overlap, row > 0, column > 0)
        sheet[top : top + block, left : left + block] = np.where(stays[:, :, None], old, new)


def _cost(
    texture: NDArray[np.uint8], place: tuple[int, int], old: NDArray[np.int64], shared: NDArray[np.bool_]
) -> int:
    """Sum of squared differences between the sheet and the texture's block, where they overlap."""
    (y, x), block = place, len(old)
    return int((np.square(texture[y : y + block, x : x + block] - old) * shared).sum())


def _stays(
    old: NDArray[np.int64], new: NDArray[np.int64], overlap: int, above: bool, beside: bool
) -> NDArray[np.bool_]:
    """Where the sheet stays as it was, shape (block, block)."""
    errors = np.square(old - new).sum(axis=2)
    stays = np.zeros(errors.shape, np.bool_)
    index, path = np.arange(len(errors)), np.empty(len(errors), np.int64)
    if beside:
        cut_path(errors[:, :overlap], path)
        stays |= index[None, :] < path[:, None]
    if above:
        cut_path(errors[:overlap].T, path)
        stays |= index[:, None] < path[None, :]
    return stays


def _draw(key: int, row: int, column: int, number: int) -> int:
    """Return 32 bits that look random, the same ones for the same four numbers."""
    value = _mix(key)
    for part in (row, column, number):
        value = _mix((value + part) & _WORD)
    return value


def _mix(value: int) -> int:
    """Spread 32 bits (C. Wellons, Hash Prospector, "lowbias32", public domain)."""
    value = (value ^ value >> 16) * 0x7FEB352D & _WORD
    value = (value ^ value >> 15) * 0x846CA68B & _WORD
    return value ^ value >> 16
