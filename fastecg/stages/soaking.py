"""Soaking: a large part of the page was wet, its ink ran, and it dried in waves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.layers import Relief
from fastecg.parts import Color, Part, Share
from fastecg.stages.fields import Patch, stain
from fastecg.stages.stains import Level, fade, wetness
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

Side = Literal["left", "right", "top", "bottom", "top-left", "top-right", "bottom-left", "bottom-right"]

CELL_MM: Final = 0.4
COCKLE_MM: Final = 16.0
"""Distance of the nodes of the waves in which wet paper dries: they are about twice as long."""


class Soaking(Part):
    """Soaking: water came in from a side or a corner; it darkened the paper and made the ink run.

    Parameters
    ----------
    enabled
        Whether the page was wet.
    side
        Side or corner that the water came from.
    reach_mm
        How far it came, mm.
    strength
        Density of the wet paper; 1 makes white ``color``.
    tide
        Density of the line where it ended.
    color
        What the water left makes of white.
    fade
        Share of the ink that it washed out.
    spread_mm
        How far the washed-out ink ran, mm.
    cockle
        Light and dark of the waves in which the paper dried, as a share of its brightness.
    light_deg
        Where the light on these waves comes from: 0 is right, 90 the top, counter-clockwise.
    """

    enabled: bool = False
    side: Side = "bottom-right"
    reach_mm: float = Field(default=110.0, ge=2, le=600)
    strength: float = Field(default=0.35, ge=0, le=3)
    tide: float = Field(default=0.5, ge=0, le=3)
    color: Color = (208, 192, 160)
    fade: Share = 0.25
    spread_mm: float = Field(default=0.5, ge=0, le=3)
    cockle: float = Field(default=0.02, ge=0, le=0.2)
    light_deg: float = Field(default=120.0, ge=0, le=360)


def soak_paper(kernels: Kernels, image: NDArray[np.uint8], spec: PageSpec) -> None:
    """Darken the paper that was wet, and draw the line where the water ended."""
    part = spec.damage.soaking
    if not part.enabled or part.strength + part.tide == 0:
        return
    patch, level = _wet(kernels, spec, CELL_MM)
    mottle = patch.noise(kernels, f"{spec.key}/damage/soaking/mottle", 12.0, 3)
    # Pulp takes up water unevenly, and most of what it carried ends near the edge.
    wet = wetness(level, 0.6) * (np.float32(1) + np.float32(0.14) * mottle)
    density = np.float32(part.strength) * wet * (np.float32(0.75) + np.float32(0.25) * fade(level, 40.0))
    density += np.float32(part.tide) * fade(level, 1.6)
    stain(kernels, image, patch, density, part.color, spec.page.px_per_mm)


def soak_ink(kernels: Kernels, ink: NDArray[np.uint8], spec: PageSpec) -> None:
    """Wash ink out where the page was wet, and let it run into the paper about it.

    Parameters
    ----------
    kernels
        The backend.
    ink
        Coverage of print or pen, shape (H, W), uint8; changed in place.
    spec
        The page's values.
    """
    part, scale = spec.damage.soaking, spec.page.px_per_mm
    if not (spec.damage.enabled and part.enabled) or part.fade == 0:
        return
    patch, level = _wet(kernels, spec, 1.0)
    height, width = ink.shape
    rows, columns = patch.pixels((height, width), scale)
    wet = np.clip(level / np.float32(4) + np.float32(0.5), 0, 1)
    uneven = patch.noise(kernels, f"{spec.key}/damage/soaking/ink", 18.0, 2)
    gone = np.clip(wet * np.float32(part.fade) * (np.float32(1) + np.float32(0.3) * uneven), 0, 1)
    kept = np.ascontiguousarray(ink[rows, columns])
    frame = patch.frame(scale) - [rows.start, columns.start, 0, 0]
    run = None
    if part.spread_mm > 0:
        run = _blur(kept, part.spread_mm * scale)
        # A line is thinner than what it runs into: its halo would be paler than the ink that is gone.
        kernels.scale(run, np.clip(gone * np.float32(2.2), 0, None), frame)
    kernels.scale(kept, 1 - gone, frame)
    ink[rows, columns] = kept if run is None else np.maximum(kept, run)


def _blur(mask: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """Blur a mask; a wide blur is done on fewer pixels, which takes a tenth of the time."""
    import cv2  # noqa: PLC0415 - slow to import, and few pages need it

    height, width = mask.shape
    factor = max(int(sigma / 1.5), 1)
    small = -(-width // factor), -(-height // factor)
    blurred = cv2.resize(mask, small, interpolation=cv2.INTER_AREA) if factor > 1 else mask
    blurred = cv2.GaussianBlur(blurred, (0, 0), sigma / factor)
    return np.asarray(cv2.resize(blurred, (width, height)) if factor > 1 else blurred, dtype=np.uint8)


def cockle(kernels: Kernels, relief: Relief, spec: PageSpec) -> None:
    """Lay the light and dark of dried waves into the shade of a relief, where the page was wet.

    Parameters
    ----------
    kernels
        The backend.
    relief
        Changed in place.
    spec
        The page's values.
    """
    part = spec.damage.soaking
    if not (spec.damage.enabled and part.enabled) or part.cockle == 0:
        return
    patch, level = _wet(kernels, spec, 2.0)
    waves = patch.noise(kernels, f"{spec.key}/damage/soaking/cockle", COCKLE_MM, 2)
    down, across = np.gradient(waves, patch.cell_mm / COCKLE_MM * 2.5)  # to a deviation of about 1
    light = math.radians(part.light_deg)
    slope = across * np.float32(math.cos(light)) - down * np.float32(math.sin(light))
    strength = np.float32(part.cockle) * np.clip(level / np.float32(12), 0, 1)
    factor = np.clip(1 - strength * slope, 0.4, 1.6)
    kernels.scale(relief.shade, factor, patch.frame(spec.page.px_per_mm))


def _wet(kernels: Kernels, spec: PageSpec, cell_mm: float) -> tuple[Patch, Level]:
    """Return the part of the page that the water may have reached, and the distance to its edge."""
    part, page = spec.damage.soaking, spec.page
    width, height = page.width_mm, page.height_mm
    far = 1.35 * part.reach_mm + 12
    x0 = max(width - far, 0) if "right" in part.side else 0.0
    x1 = min(far, width) if "left" in part.side else width
    y0 = max(height - far, 0) if "bottom" in part.side else 0.0
    y1 = min(far, height) if "top" in part.side else height
    patch = Patch.around((x0, y0, x1, y1), cell_mm)
    sides = {"left": patch.x, "right": width - patch.x, "top": patch.y, "bottom": height - patch.y}
    from_sides: list[Any] = [distance for side, distance in sides.items() if side in part.side]
    if len(from_sides) == 2:
        # Round a corner the edge is about a quarter of a circle.
        level = np.float32(part.reach_mm) - np.hypot(*from_sides)
    else:
        level = np.broadcast_to(np.float32(part.reach_mm) - from_sides[0], patch.shape)
    name = f"{spec.key}/damage/soaking"
    sweep = 0.12 * min(part.reach_mm, 120.0)
    level = level + np.float32(sweep) * patch.noise(kernels, f"{name}/sweep", 48.0, 4)
    return patch, level + np.float32(0.4) * patch.noise(kernels, f"{name}/fray", 3.0, 2)
