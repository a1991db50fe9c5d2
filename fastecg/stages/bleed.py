"""Bleed-through: the print on the back of the sheet shows, mirrored, pale and blurred."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.chance import stream
from fastecg.parts import Color, Part
from fastecg.stages.fields import Patch, stain
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

CELL_MM: Final = 0.25
"""Cell on which the back is drawn: what shows of it is blurred."""
HALF_MM: Final = 0.18
"""Half the width of a line of print."""
WAVES_MM: Final = (
    (-4.2, 1.3, 0.10),
    (-0.55, 0.35, -0.10),
    (0.0, 0.4, 1.0),
    (0.6, 0.4, -0.22),
    (6.5, 1.8, 0.28),
)
"""A beat at 25 mm/s: place, width and height of its P, Q, R, S and T wave."""


class BleedThrough(Part):
    """Bleed-through: the print on the back of the sheet shows.

    Parameters
    ----------
    enabled
        Whether it does.
    strength
        Density of its darkest lines; 1 makes white ``color``.
    blur_mm
        How far the paper scatters it, mm.
    color
        What the print on the back makes of white.
    rows
        Rows of traces on the back, where it is not given.
    """

    enabled: bool = False
    strength: float = Field(default=0.5, ge=0, le=2)
    blur_mm: float = Field(default=0.35, ge=0.1, le=3)
    color: Color = (198, 194, 196)
    rows: int = Field(default=4, ge=1, le=12)


def bleed_through(
    kernels: Kernels,
    image: NDArray[np.uint8],
    spec: PageSpec,
    back: NDArray[np.uint8] | None = None,
) -> None:
    """Let the back of a page show through.

    Parameters
    ----------
    kernels
        The backend.
    image
        The page, shape (H, W, 3), uint8; changed in place.
    spec
        The page's values.
    back
        Ink of the page on the back, as one would read it there, shape (H, W), uint8; without
        it, traces are invented.
    """
    part, page = spec.damage.bleed, spec.page
    if not part.enabled or part.strength == 0:
        return
    import cv2  # noqa: PLC0415 - slow to import, and few pages need it

    patch = Patch.around((0.0, 0.0, page.width_mm, page.height_mm), CELL_MM)
    if back is None:
        ink = _draw_back(kernels, spec, patch)
    else:
        ink = np.asarray(cv2.resize(back, patch.shape[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8)
    mirrored = np.ascontiguousarray(ink[:, ::-1])
    sigma = part.blur_mm / CELL_MM
    seen = np.asarray(cv2.GaussianBlur(mirrored.astype(np.float32), (0, 0), sigma), dtype=np.float32)
    # A line of print loses most of its depth to the blur: the strength is meant for what is left.
    left = 255 * math.erf(HALF_MM / (part.blur_mm * math.sqrt(2)))
    seen = np.minimum(seen / np.float32(left), np.float32(1.2))
    uneven = patch.noise(kernels, f"{spec.key}/damage/bleed/uneven", 40.0, 2)
    density = seen * (np.float32(part.strength) * np.clip(1 + np.float32(0.35) * uneven, 0, 2))
    stain(kernels, image, patch, density, part.color, page.px_per_mm)


def _draw_back(kernels: Kernels, spec: PageSpec, patch: Patch) -> NDArray[np.uint8]:
    """Draw rows of beats, as another page might have them."""
    part, page = spec.damage.bleed, spec.page
    rng = stream(f"{spec.key}/damage/bleed/back")
    ink = np.zeros(patch.shape, np.uint8)
    left, right = 10 + rng.uniform(0, 15), page.width_mm - 10 - rng.uniform(0, 15)
    top, pitch = page.height_mm * rng.uniform(0.18, 0.3), page.height_mm * rng.uniform(0.68, 0.78) / part.rows
    interval = 25 * 60 / rng.uniform(50, 110)
    x = np.arange(left, right, 0.25)
    beats = np.arange(left + rng.uniform(0, interval), right, interval)
    nearest = beats[np.abs(x[:, None] - beats).argmin(axis=1)]
    for row in range(part.rows):
        y = np.full(len(x), top + pitch * (row + 0.5))
        # Four leads to a row, each with its own heights.
        lead = np.minimum((4 * (x - left) / (right - left)).astype(int), 3)
        heights = rng.uniform(-0.6, 1.4, 4)[lead] * 9
        for place, width, height in WAVES_MM:
            y -= heights * height * np.exp(-(((x - nearest - place) / width) ** 2))
        points = np.column_stack([x, y]).astype(np.float32) / np.float32(CELL_MM)
        kernels.polyline_coverage(ink, points, HALF_MM / CELL_MM)
    return ink
