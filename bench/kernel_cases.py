"""Arguments for every kernel, on a small page: the NumPy reference is to take milliseconds, not minutes."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels import reference
from fastecg_kernels.nodes import nodes_shape
from fastecg_kernels.profile import line_profile

SHAPE: Final = (255, 330)
"""A page at 30 dots per inch."""

Arguments = tuple[Any, ...]

CASES: Final[dict[str, Callable[[], Arguments]]] = {}
"""By a kernel's name, what gives its arguments."""

READ_ONLY: Final = (
    "box_sums",
    "curve_shift",
    "cut_path",
    "mesh_to_image",
    "mesh_to_page",
    "png_filter_none",
    "png_filter_up",
    "rows_equal",
    "shade_slopes",
)
"""Kernels that leave their first argument as it is; all others change it in place."""


def case(function: Callable[[], Arguments]) -> Callable[[], Arguments]:
    """Register the arguments of the kernel that a function is named after."""
    CASES[function.__name__] = function
    return function


def chance() -> np.random.Generator:
    """Return a generator that always begins alike."""
    return np.random.default_rng(5)


def image() -> NDArray[np.uint8]:
    """Return a page of noise."""
    return chance().integers(0, 256, (*SHAPE, 3), np.uint8)


def ink() -> NDArray[np.uint8]:
    """Return a mask of which a tenth is covered, in runs, as ink is."""
    mask = np.zeros(SHAPE, np.uint8)
    mask[::10] = chance().integers(1, 256, SHAPE[1], np.uint8)
    return mask


def mesh() -> NDArray[np.float32]:
    """Return the nodes of a camera that tilts and bends a page."""
    rows, columns = nodes_shape(*SHAPE)
    y, x = np.mgrid[:rows, :columns] * 8.0
    depth = 1 + 3e-4 * x + 2e-4 * y
    return np.stack([x / depth + 2 * np.sin(y / 40), y / depth + 3], axis=-1).astype(np.float32)


def trace(count: int) -> NDArray[np.float32]:
    """Return a polyline that wanders over the page."""
    x = np.linspace(5, SHAPE[1] - 5, count)
    return np.stack([x, 120 + 40 * np.sin(x / 9)], axis=1).astype(np.float32)


def folds() -> tuple[NDArray[np.float64], float, NDArray[np.float32]]:
    """Return two folds: their lines, the pitch of their nodes, and their offsets."""
    lines = []
    for angle in (0.3, 1.8):
        normal = math.sin(angle), math.cos(angle)
        lines.append([*normal, normal[0] * 160 + normal[1] * 130, -400.0])
    return np.array(lines), 12.0, chance().uniform(-1, 1, (2, 80)).astype(np.float32)


def lattice(low: float, high: float) -> NDArray[np.float32]:
    """Return values of a coarse lattice."""
    return chance().uniform(low, high, (30, 40)).astype(np.float32)


FRAME: Final = np.array([4.0, 6.0, 8.0, 8.0])


@case
def paint_grid() -> Arguments:  # noqa: D103 - what a case is, CASES says
    columns, rows = (
        np.stack([line_profile(side, 2.3, 7.874, 0.9), line_profile(side, 2.3, 39.37, 1.9)])
        for side in reversed(SHAPE)
    )
    colors = np.array([[255, 253, 253], [250, 218, 219], [238, 165, 168]], np.uint8)
    return image(), columns, rows, colors, np.zeros(2, bool)


@case
def polyline_coverage() -> Arguments:  # noqa: D103
    return np.zeros(SHAPE, np.uint8), trace(60), 1.2


@case
def stroke_coverage() -> Arguments:  # noqa: D103
    half_widths, darkness = chance().uniform(0.5, 1.5, (2, 12)).astype(np.float32)
    return np.zeros((24, 24), np.uint8), trace(12) * np.float32(0.07), half_widths, darkness / 1.5


@case
def absorb() -> Arguments:  # noqa: D103
    return image(), ink(), np.array([20, 40, 90], np.uint8), False


@case
def composite() -> Arguments:  # noqa: D103
    return image(), ink(), np.array([20, 20, 24], np.uint8), False


@case
def warp_page() -> Arguments:  # noqa: D103
    frame, light = np.array([0, 0, 16], np.float32), np.ones((1, 1), np.float32)
    return image(), image(), np.zeros((0, 0), np.uint8), mesh(), image(), light, frame


@case
def warp_mask() -> Arguments:  # noqa: D103
    return np.zeros(SHAPE, np.uint8), ink(), mesh()


@case
def mesh_to_page() -> Arguments:  # noqa: D103
    return mesh(), chance().uniform((0, 0), SHAPE[::-1], (2000, 2))


@case
def mesh_to_image() -> Arguments:  # noqa: D103
    points = chance().uniform((20, 20), (290, 220), (2000, 2))
    return mesh(), reference.mesh_to_page(mesh(), points), points + 1.5


@case
def curve_shift() -> Arguments:  # noqa: D103
    curve = (60 + 40 * np.sin(np.arange(300) / 11)).astype(np.int32)
    return curve, np.roll(curve, 3), 128, np.array([0.25, 0.5, 0.25])


@case
def box_sums() -> Arguments:  # noqa: D103
    texture = np.ascontiguousarray(image()[:64, :64])
    return texture, np.empty((3, 57, 57), np.float32)


@case
def cut_path() -> Arguments:  # noqa: D103
    return chance().integers(0, 9000, (64, 16)), np.empty(64, np.int64)


@case
def quilt_blocks() -> Arguments:  # noqa: D103
    texture, sums = box_sums()
    reference.box_sums(texture, sums)
    blocks = np.array(list(product(range(2), range(2))), np.int64)
    places = np.full_like(blocks, -1)
    return np.zeros((42, 42, 3), np.uint8), texture, sums, blocks, places, 24, 6, 0.1, 60, 7


@case
def relight() -> Arguments:  # noqa: D103
    return image(), chance().integers(100, 150, SHAPE, np.uint8)


@case
def shade_slopes() -> Arguments:  # noqa: D103
    slopes = chance().integers(0, 256, (300, 300, 2), np.uint8)
    return slopes, (17, 40), np.zeros(SHAPE, np.uint8), (800, -500, 128)


@case
def add_smooth() -> Arguments:  # noqa: D103
    return np.zeros(SHAPE, np.float32), lattice(-1, 1), 0.4, 0.7, 0.09, 0.09


@case
def add_spots() -> Arguments:  # noqa: D103
    spots = chance().uniform((0, 0, 3, 0.1), (330, 255, 20, 0.9), (20, 4)).astype(np.float32)
    return np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.float32), spots, 0.2


@case
def tint() -> Arguments:  # noqa: D103
    gains = np.linspace(32768, 16384, 64).astype(np.uint16)[:, None].repeat(3, axis=1)
    return image(), lattice(0, 63), FRAME, gains


@case
def scale() -> Arguments:  # noqa: D103
    return np.full(SHAPE, 200, np.uint8), lattice(0, 1), FRAME


@case
def carve() -> Arguments:  # noqa: D103
    return np.full(SHAPE, 255, np.uint8), lattice(-1, 1), FRAME, 4.0


@case
def shade_folds() -> Arguments:  # noqa: D103
    lines, pitch, offsets = folds()
    profiles = np.tile(np.array([6.0, 0.3, -0.1, 1.5, 0.0, 0.2], np.float32), (2, 1))
    shade, dither = np.full(SHAPE, 128, np.uint8), chance().uniform(0, 0.99, (8, 8)).astype(np.float32)
    return shade, lines, pitch, offsets, np.ones_like(offsets), profiles, 20.0, dither


@case
def thin_folds() -> Arguments:  # noqa: D103
    lines, pitch, offsets = folds()
    grain = chance().random((16, 64)).astype(np.float32)
    return np.full(SHAPE, 200, np.uint8), lines, pitch, offsets, np.abs(offsets), 15.0, grain, 1.3


@case
def shift_folds() -> Arguments:  # noqa: D103
    return np.zeros((250, 300, 2), np.float32), 8.0, folds()[0], np.array([2, 1], np.float32), 30.0


@case
def develop() -> Arguments:  # noqa: D103
    light = chance().uniform(0.6, 1.1, (*nodes_shape(*SHAPE), 3)).astype(np.float32)
    return image(), light, 3.0, 2.0, 2.0, 7


@case
def salt_pepper() -> Arguments:  # noqa: D103
    return image(), 0.02, 7


@case
def moire() -> Arguments:  # noqa: D103
    return image(), chance().uniform(-9, 9, (*nodes_shape(*SHAPE), 3)).astype(np.float32), 0.3


def _rows() -> NDArray[np.uint8]:
    return image().reshape(SHAPE[0], -1)


@case
def png_filter_none() -> Arguments:  # noqa: D103
    return _rows(), np.empty((SHAPE[0], 3 * SHAPE[1] + 1), np.uint8)


@case
def png_filter_up() -> Arguments:  # noqa: D103
    return _rows(), np.empty((SHAPE[0], 3 * SHAPE[1] + 1), np.uint8)


@case
def rows_equal() -> Arguments:  # noqa: D103
    return _rows(), _rows()
