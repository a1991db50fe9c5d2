"""Quilting: every backend against the NumPy reference, place for place and cut for cut."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg_kernels import Kernels, cpu, reference


def sums_of(kernels: Any, texture: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    height, width, channels = texture.shape
    sums = np.empty((channels, height - size + 1, width - size + 1), np.float32)
    kernels.box_sums(texture, sums)
    return sums


def quilted(
    kernels: Any,
    texture: NDArray[np.uint8],
    grid: tuple[int, int],
    size: tuple[int, int],
    cell: int,
    **search: Any,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    (rows, columns), (block, overlap) = grid, size
    step, channels = block - overlap, texture.shape[2]
    sheet = np.full((rows * step + overlap, columns * step + overlap, channels), 77, np.uint8)
    blocks = np.array(list(product(range(rows), range(columns))), np.int64)
    places = np.full_like(blocks, -1)
    sums = sums_of(kernels, texture, cell) if cell else np.empty((channels, 0, 0), np.float32)
    numbers = (search[name] for name in ("tolerance", "candidates", "key"))
    kernels.quilt_blocks(sheet, texture, sums, blocks, places, block, overlap, *numbers)
    return sheet, places


@given(
    shape=st.tuples(st.integers(12, 19), st.integers(12, 21), st.integers(1, 3)),
    seed=st.integers(0, 2**32 - 1),
    levels=st.sampled_from([1, 2, 9, 255]),
    grid=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    size=st.integers(2, 8).flatmap(lambda b: st.tuples(st.just(b), st.integers(1, b // 2))),
    cell=st.integers(0, 4),
    tolerance=st.sampled_from([0.0, 0.1, 1.0]),
    candidates=st.sampled_from([0, 0, 1, 7, 60]),
)
@settings(max_examples=60)
def test_every_backend_equals_the_reference(
    any_order: Kernels,
    *,
    shape: tuple[int, int, int],
    seed: int,
    levels: int,
    grid: tuple[int, int],
    size: tuple[int, int],
    cell: int,
    tolerance: float,
    candidates: int,
) -> None:
    """Few levels of grey make many ties, and any bounds, or none, leave the result as it is."""
    texture = np.random.default_rng(seed).integers(0, levels + 1, shape, np.uint8)
    search = {"tolerance": tolerance, "candidates": candidates, "key": seed}
    ours, plain = (quilted(k, texture, grid, size, cell, **search) for k in (any_order, reference))
    np.testing.assert_array_equal(ours[1], plain[1])
    np.testing.assert_array_equal(ours[0], plain[0])


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 4, 8]))
@settings(max_examples=10)
def test_bounds_leave_the_result_on_smooth_textures(seed: int, cell: int) -> None:
    """Where bounds are tight they rule out most places; noise hardly lets them rule out any."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:32, 0:30]
    waves = np.sin(x * rng.uniform(0.1, 0.6) + y * rng.uniform(-0.6, 0.6)) + np.sin(y * rng.uniform(0.1, 0.9))
    texture = np.round(128 + 50 * waves + rng.normal(0, 2, y.shape)).astype(np.uint8)[:, :, None]
    search = {"tolerance": 0.1, "candidates": 0, "key": seed}
    bounded, free = (quilted(cpu, texture, (2, 2), (16, 8), size, **search) for size in (cell, 0))
    np.testing.assert_array_equal(bounded[1], free[1])


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 4), st.sampled_from([0, 1, 3, 10**9]))
@settings(max_examples=80)
def test_cut_is_the_cheapest_of_all_paths(seed: int, rows: int, columns: int, high: int) -> None:
    """Against every path there is; of equally cheap ones the leftmost is taken, from the last row up."""
    errors = np.random.default_rng(seed).integers(0, high + 1, (rows, columns), np.int64)
    paths = [
        path
        for path in product(range(columns), repeat=rows)
        if all(abs(a - b) <= 1 for a, b in pairwise(path))
    ]
    costs = [sum(int(errors[i, j]) for i, j in enumerate(path)) for path in paths]
    cheapest = [path for path, cost in zip(paths, costs, strict=True) if cost == min(costs)]
    wanted = min(cheapest, key=lambda path: path[::-1])
    for kernels in (cpu, reference):
        path = np.full(rows, -1, np.int64)
        kernels.cut_path(errors, path)
        assert tuple(path.tolist()) == wanted


@given(
    shape=st.tuples(st.integers(3, 12), st.integers(3, 14), st.integers(1, 3)),
    size=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_box_sums(any_order: Kernels, shape: tuple[int, int, int], size: int, seed: int) -> None:
    texture = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    ours = sums_of(any_order, texture, size)
    np.testing.assert_array_equal(ours, sums_of(reference, texture, size))
    assert ours[-1, -1, 0] == texture[-size:, :size, -1].sum()


def test_a_block_that_fits_is_found(kernels: Kernels) -> None:
    """In a texture without repeats the next block is the texture's own, for all three kinds of overlap."""
    texture = np.random.default_rng(5).integers(0, 256, (18, 20, 2), np.uint8)
    search = {"tolerance": 0.0, "candidates": 0}
    for key in range(400):
        sheet, places = quilted(kernels, texture, (1, 1), (6, 2), 2, key=key, **search)
        y, x = places[0].tolist()
        if y <= 4 and x <= 5:
            break
    sheet, places = quilted(kernels, texture, (3, 3), (6, 2), 2, key=key, **search)
    assert places.reshape(3, 3, 2)[:, :, 0].tolist() == [[y] * 3, [y + 4] * 3, [y + 8] * 3]
    np.testing.assert_array_equal(sheet, texture[y : y + 14, x : x + 14])


def test_the_cuts_of_a_corner(kernels: Kernels) -> None:
    """Where both strips meet the sheet stays beyond either cut: the union of what the two cuts keep."""
    texture = np.full((4, 4, 1), 100, np.uint8)
    sheet = np.zeros((6, 6, 1), np.uint8)
    # The sheet equals the texture along a line in each strip: column 3 of the left one, row 3 of the top one.
    sheet[:, 3] = sheet[3, :] = 100
    places = np.empty((1, 2), np.int64)
    block = np.array([[1, 1]], np.int64)
    kernels.quilt_blocks(sheet, texture, np.empty((1, 0, 0), np.float32), block, places, 4, 2, 0.0, 0, 1)
    assert sheet[2:, 2:, 0].tolist() == [[0, 100, 0, 0], [100] * 4, [0, 100, 100, 100], [0, 100, 100, 100]]


def test_tolerance_lets_in_what_is_nearly_best(kernels: Kernels) -> None:
    """Places cost 100² to 200² twice; the hash picks among those within the tolerance only."""
    texture = np.repeat(np.array([100, 100, 255, 104, 104, 255, 114, 114, 255, 200], np.uint8)[None], 2, 0)
    texture = texture[:, :, None]
    sheet = np.zeros((2, 3, 1), np.uint8)
    empty = np.empty((1, 0, 0), np.float32)
    taken: dict[float, set[int]] = {}
    for tolerance in (0.0, 0.1, 0.5):
        for key in range(60):
            places, trial = np.empty((1, 2), np.int64), sheet.copy()
            kernels.quilt_blocks(trial, texture, empty, np.array([[0, 1]]), places, 2, 1, tolerance, 0, key)
            taken.setdefault(tolerance, set()).add(int(texture[0, places[0, 1], 0]))
    assert taken == {0.0: {100}, 0.1: {100, 104}, 0.5: {100, 104, 114}}


def test_the_hash_spreads() -> None:
    """Keys, rows, columns and numbers each change about half of the bits."""
    base = reference.quilting._draw(12345, 6, 7, 8)
    for other in ((12346, 6, 7, 8), (12345, 7, 7, 8), (12345, 6, 8, 8), (12345, 6, 7, 9), (12345, 7, 6, 8)):
        assert 6 <= (base ^ reference.quilting._draw(*other)).bit_count() <= 26
    drawn = [reference.quilting._draw(key, 0, 1, 2) % 10 for key in range(5000)]
    assert np.bincount(drawn, minlength=10).min() > 400
