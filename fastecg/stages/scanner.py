"""Scanner: its white, the streaks of dirty sensor elements, and dust on its glass."""

from __future__ import annotations

import math
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.chance import stream
from fastecg.parts import Color, Part
from fastecg_kernels import Kernels

STREAK_MM: Final = (0.04, 0.25)
"""Narrowest and broadest streak."""

SPECK_MM: Final = (0.05, 0.18)
"""Half width of specks of dust."""

HAIR_MM: Final = (3.0, 12.0)
HAIR_HALF_WIDTH_MM: Final = 0.035
HAIRS: Final = 0.12
"""Length of hairs, and their share among the dust."""


class Scanner(Part):
    """What a flatbed scanner adds.

    Parameters
    ----------
    white
        What it makes of white: a lamp and filters that are not quite matched tint the whole page.
    streaks
        Number of lines along the scan where elements of the sensor are dirty.
    streak_depth
        Share of the light that the darkest streaks lack.
    streak_axis
        Direction of the scan.
    dust_dm2
        Specks of dust and hairs per square decimetre of the image.
    dust_color
        Their colour.
    """

    white: Color = (255, 255, 255)
    streaks: int = Field(default=0, ge=0, le=100)
    streak_depth: float = Field(default=0.08, ge=0, le=1)
    streak_axis: Literal["vertical", "horizontal"] = "vertical"
    dust_dm2: float = Field(default=0.0, ge=0, le=200)
    dust_color: Color = (120, 116, 110)


def white_factors(scanner: Scanner) -> NDArray[np.float32]:
    """Return what the scanner multiplies red, green and blue by, shape (3,).

    Examples
    --------
    >>> (255 * white_factors(Scanner(white=(255, 250, 240)))).round().tolist()
    [255.0, 250.0, 240.0]
    """
    return np.asarray(scanner.white, np.float32) / np.float32(255)


def scan(image: NDArray[np.uint8], scanner: Scanner, px_per_mm: float, name: str, kernels: Kernels) -> None:
    """Lay streaks and dust on an image, in place; its white is laid on with the light.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8, contiguous.
    scanner
        What to lay on.
    px_per_mm
        Pixels per millimetre.
    name
        Name of the random streams that place them: each streak and speck is where it is at any dpi.
    kernels
        The backend.
    """
    if scanner.streaks and scanner.streak_depth > 0:
        _streak(image, scanner, px_per_mm, stream(f"{name}/streaks"))
    if scanner.dust_dm2 > 0:
        mask = np.zeros((image.shape[0], image.shape[1]), np.uint8)
        area_dm2 = mask.size / (100 * px_per_mm) ** 2
        rng = stream(f"{name}/dust")
        for _ in range(round(scanner.dust_dm2 * area_dm2)):
            points, half_width_mm = _grain(rng)
            middle = rng.random(2) * (mask.shape[1], mask.shape[0])
            placed = (points * px_per_mm + middle).astype(np.float32)
            kernels.polyline_coverage(mask, placed, half_width_mm * px_per_mm)
        kernels.composite(image, mask, np.array(scanner.dust_color, np.uint8), False)


def _streak(image: NDArray[np.uint8], scanner: Scanner, px_per_mm: float, rng: np.random.Generator) -> None:
    across = image if scanner.streak_axis == "vertical" else image.transpose(1, 0, 2)
    width = across.shape[1]
    for place, size, strength in rng.random((scanner.streaks, 3)):
        breadth = (STREAK_MM[0] + (STREAK_MM[1] - STREAK_MM[0]) * size) * px_per_mm
        left, right = place * width, place * width + breadth
        columns = np.arange(int(left), min(math.ceil(right), width))
        covered = np.minimum(columns + 1, right) - np.maximum(columns, left)
        # One in four is bright: elements set right while there was dirt before them.
        depth = scanner.streak_depth * (1 - 4 * strength if strength < 0.25 else -strength)
        part = across[:, columns[0] : columns[-1] + 1]
        changed = part * (1 + depth * covered).astype(np.float32)[None, :, None] + np.float32(0.5)
        part[:] = np.minimum(changed, np.float32(255)).astype(np.uint8)


def _grain(rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    """Return a speck or a hair about its middle: points (x, y) and half width, mm."""
    turn = rng.uniform(0, 2 * math.pi)
    if rng.random() < HAIRS:
        angles = turn + np.linspace(0, rng.uniform(-2.5, 2.5), 24)
        length = rng.uniform(*HAIR_MM)
        steps = np.column_stack([np.cos(angles), np.sin(angles)]) * (length / 24)
        return np.cumsum(steps, axis=0) - steps.sum(axis=0) / 2, HAIR_HALF_WIDTH_MM
    half_width = rng.uniform(*SPECK_MM) * rng.uniform(0.5, 1)
    reach = rng.exponential(0.15) * np.array([math.cos(turn), math.sin(turn)])
    return np.stack([-reach / 2, reach / 2]), half_width
