"""The page laid flat at a few pixels per millimetre, and the ink on it without the grid."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.light import tones
from fastecg.digitize.rectify import Rectifier

Floats = NDArray[np.floating[Any]]

PX: Final = 5
"""Pixels per mm of the flat page."""
SQUARE: Final = 5 * PX
BLACK: Final = 0.7
"""Lines of a grid that are darker stay visible where they lie a part of a pixel aside."""
ALIKE: Final = 0.6
DARK: Final = 0.45
BAR_MM: Final = (2, 40)
DARK_GRID: Final = 0.15
LINE_MM: Final = 90


@dataclass(frozen=True, eq=False, slots=True)
class Flat:
    """A flat page.

    Parameters
    ----------
    ink
        Shape (H, W), float32, 0 to 1: darkness that is not the grid's, 1 as dark as most of the ink.
    darkness
        The same with the grid.
    origin_mm
        Paper coordinates of the corner.
    """

    ink: Floats
    darkness: Floats
    origin_mm: tuple[float, float]

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height."""
        return self.ink.shape[1] / PX, self.ink.shape[0] / PX

    def turned(self, quarters: int) -> Flat:
        """Return the page turned counter-clockwise by quarters, its corner at 0."""
        if quarters % 4 == 0:
            return self
        ink, darkness = (np.ascontiguousarray(np.rot90(a, quarters)) for a in (self.ink, self.darkness))
        return Flat(ink, darkness, (0.0, 0.0))


def lay_flat(image: NDArray[np.uint8], rectifier: Rectifier) -> Flat:
    """Cut the whole page and take light and grid out of it.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB.
    rectifier
        Its map.
    """
    x0, y0, x1, y1 = rectifier.extent_mm
    picture = rectifier.resample(image, (x0, y0, x1, y1), (PX, PX))
    ink = tones(picture).ink
    outside = _outside(rectifier, image.shape[:2], ink.shape)
    ink[outside] = 0
    ink[_edges_of_paper(ink)] = 0
    dark = ink.copy()
    if _pattern(ink).max(initial=0.0) < BLACK:
        take_lines(ink)
    clean = without_pattern(ink)
    strong = clean[clean > 0.2]
    level = float(np.percentile(strong, 88)) if strong.size > 500 else 0.6
    level = min(max(level, 0.25), 1.0)
    return Flat(
        np.minimum(clean / level, 1).astype(np.float32),
        np.minimum(dark / level, 1).astype(np.float32),
        (x0, y0),
    )


def _outside(rectifier: Rectifier, image_shape: tuple[int, ...], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which pixels of the flat page the image does not show."""
    x0, y0, _, _ = rectifier.extent_mm
    rows, columns = -(-shape[0] // PX), -(-shape[1] // PX)
    seen = rectifier.to_image_grid(x0 + np.arange(columns) + 0.5, y0 + np.arange(rows) + 0.5)
    limits = np.array([image_shape[1], image_shape[0]]) - 3
    out = ~((seen > 3) & (seen < limits)).all(axis=-1)
    return np.kron(out, np.ones((PX, PX), bool))[: shape[0], : shape[1]]


def _edges_of_paper(ink: Floats) -> NDArray[np.bool_]:
    """Return bars that are thicker and longer than anything printed: where paper ends and a lid begins."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    thick, long = BAR_MM[0] * PX, BAR_MM[1] * PX
    side = 2 * thick
    dark = cv2.copyMakeBorder((ink > DARK).astype(np.uint8), side, side, side, side, cv2.BORDER_REPLICATE)
    shapes = (thick, long), (long, thick)
    bars = [cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) for shape in shapes]
    wide = cv2.dilate(np.maximum(*bars), np.ones((side + 1, side + 1), np.uint8))
    return np.asarray(wide[side:-side, side:-side] > 0)


def without_pattern(ink: Floats) -> Floats:
    """Take out what comes again in every big square: a grid as grey as the ink.

    The pattern is the median over the squares of a region, so that lines of ink do not enter it.
    """
    squares = _squares(ink)
    rows, columns = squares.shape[0], squares.shape[2]
    if rows < 3 or columns < 3:
        return ink
    result = ink.copy()
    black = _black_grid(ink)
    edges_y = np.linspace(0, rows, max(rows // 8, 1) + 1).astype(int)
    edges_x = np.linspace(0, columns, max(columns // 8, 1) + 1).astype(int)
    for y0, y1 in itertools.pairwise(edges_y):
        for x0, x1 in itertools.pairwise(edges_x):
            pattern = np.median(squares[y0:y1, :, x0:x1], axis=(0, 2))
            tiled = np.tile(pattern, (y1 - y0, x1 - x0))
            box = np.s_[y0 * SQUARE : y1 * SQUARE, x0 * SQUARE : x1 * SQUARE]
            if black is not None:
                tiled = np.maximum(tiled, black[box])
            # a line of the grid takes away what it darkens, and leaves what is darker still
            result[box] = np.clip(ink[box] - tiled, 0, 1) / np.maximum(1 - tiled, 0.3)
    # the rim that makes no whole square
    if rows * SQUARE < ink.shape[0]:
        result[rows * SQUARE :] = 0
    if columns * SQUARE < ink.shape[1]:
        result[:, columns * SQUARE :] = 0
    return np.minimum(result, 1)


def _squares(ink: Floats) -> Floats:
    """Return whole squares, shape (rows, 25, columns, 25)."""
    rows, columns = ink.shape[0] // SQUARE, ink.shape[1] // SQUARE
    return ink[: rows * SQUARE, : columns * SQUARE].reshape(rows, SQUARE, columns, SQUARE)


def _pattern(ink: Floats) -> Floats:
    """Return what most squares of a page have, shape (25, 25)."""
    squares = _squares(ink)
    return np.median(squares, axis=(0, 2)) if squares.size else np.zeros((SQUARE, SQUARE), np.float32)


def _black_grid(ink: Floats) -> Floats | None:
    """Return a grid as black as ink, a pixel wider to all sides; None where the page has none."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    squares, pattern = _squares(ink), _pattern(ink)
    if pattern.max() < BLACK:
        return None
    # where the grid ends, squares have none
    like = np.minimum(squares, pattern[None, :, None]) * pattern[None, :, None]
    there = like.sum(axis=(1, 3)) > ALIKE * (pattern**2).sum()
    wide = cv2.dilate(np.pad(pattern, 1, mode="wrap"), np.ones((3, 3), np.uint8))[1:-1, 1:-1]
    return np.kron(there, wide).astype(np.float32)


def take_lines(ink: Floats) -> None:
    """Take out, in place, lines that run on and on: those of a grid, not where they should be.

    Programs put lines on whole pixels, up to half a one away from their place. A trace that lies at one
    height for as long is darker than a grid's lines are, and stays.
    """
    for axis in (0, 1):
        length = ink.shape[axis]
        edges = np.linspace(0, length, max(round(length / (LINE_MM * PX)), 1) + 1).astype(int)
        for first, last in itertools.pairwise(edges):
            part = ink[first:last] if axis == 0 else ink[:, first:last].T
            line = np.percentile(part, 20, axis=0)
            darkest = 1.15 * float(np.percentile(line, 97))  # of every 25 rows, one or two have a strong line
            if darkest > DARK_GRID:
                line = np.minimum(line, darkest)
                part[:] = np.clip(part - line, 0, 1) / np.maximum(1 - line, 0.3)
