"""Wrinkles: image quilting of crumpled paper, as a relief.

Source: arXiv 2307.01946, section 3.5, "wrinkles"; Efros and Freeman, SIGGRAPH 2001.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import Field

from fastecg.chance import stream
from fastecg.layers import NEUTRAL, Relief
from fastecg.parts import Part, Share
from fastecg_kernels.nodes import NODE_STEP

if TYPE_CHECKING:
    from fastecg.spec import PageSpec
    from fastecg.stages.wrinkle_atlas import Atlas, Sheet

STEEP: Final = 72.0
"""A steep slope as a byte, less 128: three standard deviations."""

MOST_STRETCH: Final = 0.3
"""Largest difference of the shift between points, over their distance: no two may change places."""

QUARTERS: Final = (-1, 2, 1, 0)
"""OpenCV's names of no turn, and of one, two and three quarter turns counter-clockwise."""


class Wrinkles(Part):
    """Wrinkles: image quilting of crumpled paper, as a relief.

    Parameters
    ----------
    enabled
        Whether the page has any.
    texture
        ``crumpled`` for built-in crumpled paper, or the path of a picture of paper lit from one side.
    texture_mm
        Width of the paper seen in that picture, mm.
    softness
        How many ridges of the built-in paper are worn soft: 0 few, 1 nearly all.
    strength
        How much lighter or darker a steep slope is: 0.3 is 30 %.
    dimming
        How much darker the paper is on the whole: white paper could not show its lit slopes otherwise.
    light_deg
        Where the light comes from: 0 is right, 90 the top, counter-clockwise.
    displacement_mm
        How far points of the page are shifted, about, mm; less where the paper would overlap itself.
    scale
        Size of the wrinkles; 2 makes all of them twice as large.
    block_mm
        Side of the quilted blocks at scale 1, mm.
    overlap
        Share of a block that overlaps with its neighbour.
    tolerance
        Blocks whose error is within 1 + tolerance times the least may be taken.
    candidates
        Places of the texture tried for each block; 0 tries all.
    sheets
        How many sheets are quilted; pages take pieces of them, turned and flipped.
    fresh
        Quilt a sheet for each page instead.
    """

    enabled: bool = False
    texture: str = "crumpled"
    texture_mm: float = Field(default=200.0, ge=20, le=1000)
    softness: Share = 0.5
    strength: Share = 0.25
    dimming: float = Field(default=0.1, ge=0, le=0.5)
    light_deg: float = Field(default=120.0, ge=0, le=360)
    displacement_mm: float = Field(default=0.3, ge=0, le=3)
    scale: float = Field(default=1.0, ge=0.3, le=4)
    block_mm: float = Field(default=20.0, ge=4, le=60)
    overlap: float = Field(default=0.25, ge=0.05, le=0.5)
    tolerance: float = Field(default=0.1, ge=0, le=10)
    candidates: int = Field(default=600, ge=0, le=1_000_000)
    sheets: int = Field(default=8, ge=1, le=256)
    fresh: bool = False


def wrinkle(relief: Relief, spec: PageSpec, atlas: Atlas) -> None:
    """Write a page's wrinkles into a flat relief.

    Parameters
    ----------
    relief
        A flat relief of the page's size; changed in place.
    spec
        The page's values; its key says which piece of which sheet the page gets.
    atlas
        Quilts sheets and keeps them.

    Raises
    ------
    RecipeError
        If the texture is a picture that cannot be read or used.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg.stages.wrinkle_atlas import Atlas
    >>> from fastecg_kernels import load_backend
    >>> spec = make_spec({"page": {"dpi": 60}, "wrinkles": {"enabled": True, "candidates": 20}})
    >>> relief = Relief.flat(*spec.page.shape_px)
    >>> wrinkle(relief, spec, Atlas(load_backend("cpu")))
    >>> bool(relief.shade.std() > 1)
    True
    """
    values = spec.wrinkles
    if not values.enabled:
        return
    rng = stream(f"{spec.key}/wrinkles/piece")
    number, turns, corner = int(rng.integers(values.sheets)), int(rng.integers(8)), rng.random(2)
    sheet = atlas.sheet(spec, number)
    if values.fresh:
        piece = _Piece(sheet, (0, 0), 0, spec)
    else:
        high, wide = sheet.slopes.shape[:2]
        piece = _Piece(sheet, (int(corner[0] * high), int(corner[1] * wide)), turns, spec)
    _shade(piece, relief, spec, atlas)
    if values.displacement_mm > 0:
        _shift(piece, relief, spec)


class _Piece:
    """A piece of a sheet as it lies on a page.

    It is flipped left to right if ``turns`` is odd, then turned counter-clockwise by ``turns // 2`` right
    angles. ``axes`` turns a direction on the page into one on the sheet, and ``origin`` is the page's corner.
    """

    def __init__(self, sheet: Sheet, corner: tuple[int, int], turns: int, spec: PageSpec) -> None:
        self.sheet, self.corner, self.turns = sheet, corner, turns
        flip = np.diag([-1.0 if turns % 2 else 1.0, 1.0])
        self.axes = flip @ np.linalg.matrix_power(np.array([[0.0, -1.0], [1.0, 0.0]]), turns // 2)
        self.size = np.round(np.array(spec.page.shape_px[::-1]) * (sheet.px_per_mm / spec.page.px_per_mm))
        self.origin = np.array(corner[::-1]) - np.minimum(self.axes @ self.size, 0)


def _shade(piece: _Piece, relief: Relief, spec: PageSpec, atlas: Atlas) -> None:
    """Light a piece of a sheet, and write its shade."""
    import cv2  # noqa: PLC0415 - slow to import

    values, (height, width) = spec.wrinkles, relief.shade.shape
    level, angle = NEUTRAL * (1 - values.dimming), math.radians(values.light_deg)
    # A slope is lit as far as it falls off towards the light; y points down.
    light = piece.axes @ (-math.cos(angle), math.sin(angle))
    wx, wy = np.round(light * (4096 * level * values.strength / STEEP)).astype(int).tolist()
    wide, high = np.abs(piece.axes @ piece.size).astype(int).tolist()
    lit = np.empty((max(high, 1), max(wide, 1)), np.uint8)
    atlas.kernels.shade_slopes(piece.sheet.slopes, piece.corner, lit, (wx, wy, round(level)))
    laid: cv2.typing.MatLike = cv2.flip(lit, 1) if piece.turns % 2 else lit
    if piece.turns >= 2:
        laid = cv2.rotate(laid, QUARTERS[piece.turns // 2])
    # Where it is made less than half as large, four pixels are not all that fall into one.
    how = cv2.INTER_AREA if laid.shape[0] > 2 * height else cv2.INTER_LINEAR
    cv2.resize(laid, (width, height), relief.shade, interpolation=how)


def _shift(piece: _Piece, relief: Relief, spec: PageSpec) -> None:
    """Write the shift: points move along the slope of the paper, taken softly."""
    import cv2  # noqa: PLC0415 - slow to import

    rows, columns = relief.shift.shape[:2]
    coarse, ratio = piece.sheet.coarse, len(piece.sheet.coarse) / len(piece.sheet.slopes)
    scale = piece.size / spec.page.shape_px[::-1] * (ratio * NODE_STEP)
    # Half a pixel less: that is where the centre of the first one lies.
    to_coarse = np.column_stack([piece.axes * scale, piece.origin * ratio - 0.5])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    slopes = cv2.warpAffine(coarse, to_coarse, (columns, rows), flags=flags, borderMode=cv2.BORDER_WRAP)
    largest = spec.wrinkles.displacement_mm * spec.page.px_per_mm
    shift = slopes @ (piece.axes * largest).astype(np.float32)
    steepest = max(float(np.abs(np.diff(shift, axis=axis)).max(initial=0)) for axis in (0, 1)) / NODE_STEP
    relief.shift[:] = shift * np.float32(min(1.0, MOST_STRETCH / max(steepest, 1e-9)))
