"""Image quilting as a reader of the paper would write it: loops over lists, no NumPy.

The yardstick of bench_quilting.py, held to the same sheet as ours by tests/test_plain_quilting.py. Blocks,
search, tolerance and the hash that picks among good blocks are those of fastecg_kernels.
"""

from __future__ import annotations

from fastecg_kernels.reference.quilting import _draw

Image = list[list[list[int]]]
"""Rows of pixels of channels."""


def plain_quilt(
    texture: Image, rows: int, columns: int, block: int, overlap: int, search: tuple[float, int, int]
) -> Image:
    """Quilt a sheet of rows × columns blocks; ``search`` is tolerance, candidates (0: all) and key."""
    step = block - overlap
    width, channels = columns * step + overlap, len(texture[0][0])
    sheet = [[[0] * channels for _ in range(width)] for _ in range(rows * step + overlap)]
    for row in range(rows):
        for column in range(columns):
            y, x = find(texture, sheet, (row, column), block, overlap, search)
            paste(texture, sheet, (row * step, column * step), (y, x), block, overlap)
    return sheet


def find(
    texture: Image,
    sheet: Image,
    number: tuple[int, int],
    block: int,
    overlap: int,
    search: tuple[float, int, int],
) -> tuple[int, int]:
    """Return where the block comes from: one of the places that fit the sheet nearly best."""
    tolerance, candidates, key = search
    row, column = number
    top, left = row * (block - overlap), column * (block - overlap)
    across = len(texture[0]) - block + 1
    total = (len(texture) - block + 1) * across
    places = list(range(total))
    if candidates and (row or column):
        places = [_draw(key, row, column, 1 + n) % total for n in range(candidates)]
    errors = []
    for place in places:
        y, x = place // across, place % across
        error = 0
        for i in range(block):
            for j in range(block):
                if (row and i < overlap) or (column and j < overlap):
                    error += difference(sheet[top + i][left + j], texture[y + i][x + j])
        errors.append(error)
    limit = min(errors) * (1 + tolerance)
    good = [place for place, error in zip(places, errors, strict=True) if error <= limit]
    place = good[_draw(key, row, column, 0) % len(good)]
    return place // across, place % across


def paste(
    texture: Image,
    sheet: Image,
    corner: tuple[int, int],
    place: tuple[int, int],
    block: int,
    overlap: int,
) -> None:
    """Lay a block onto the sheet beyond the cuts through its overlaps."""
    (top, left), (y, x) = corner, place
    errors = [
        [difference(sheet[top + i][left + j], texture[y + i][x + j]) for j in range(block)]
        for i in range(block)
    ]
    beside = cut([line[:overlap] for line in errors]) if left else [0] * block
    above = cut([[errors[i][j] for i in range(overlap)] for j in range(block)]) if top else [0] * block
    for i in range(block):
        for j in range(block):
            if j >= beside[i] and i >= above[j]:
                sheet[top + i][left + j] = texture[y + i][x + j]


def cut(errors: list[list[int]]) -> list[int]:
    """Return the minimum-error boundary cut, arXiv 2307.01946, eq. (2)."""
    totals = [list(errors[0])]
    for line in errors[1:]:
        above = totals[-1]
        totals.append([error + min(above[max(j - 1, 0) : j + 2]) for j, error in enumerate(line)])
    path = [totals[-1].index(min(totals[-1]))]
    for line in reversed(totals[:-1]):
        near = range(max(path[0] - 1, 0), min(path[0] + 2, len(line)))
        path.insert(0, min(near, key=lambda j: (line[j], j)))
    return path


def difference(a: list[int], b: list[int]) -> int:
    """Return the squared difference of two pixels."""
    error = 0
    for channel in range(len(a)):
        error += (a[channel] - b[channel]) ** 2
    return error
