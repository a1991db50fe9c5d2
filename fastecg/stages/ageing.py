"""Ageing: paper that yellows from its edges, print that fades, and a printer head that fails."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.chance import stream
from fastecg.parts import Color, Part, Share
from fastecg.stages.fields import Patch, smooth_noise, stain
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

CELL_MM: Final = 2.0
"""Cell on which yellowing is worked out: it has no detail."""
DOT_MM: Final = 0.125
"""A dot of a thermal printer's head: 8 to the millimetre, as in nearly every electrocardiograph."""
ALONG_MM: Final = 4.0


class Yellowing(Part):
    """Yellowing: paper warms in tone with age and light, most at its edges.

    Parameters
    ----------
    enabled
        Whether the paper is old.
    amount
        Density all over; 1 makes white ``color``.
    edge
        Density added at the edges.
    reach_mm
        How far from the edges that falls to a third, mm.
    unevenness
        How much both vary over the page, as a share.
    color
        What age makes of white.
    """

    enabled: bool = False
    amount: float = Field(default=0.15, ge=0, le=2)
    edge: float = Field(default=0.3, ge=0, le=2)
    reach_mm: float = Field(default=14.0, ge=1, le=200)
    unevenness: Share = 0.25
    color: Color = (232, 214, 172)


class Fading(Part):
    """Faded ink: thermal print pales with age, and a failing head leaves level streaks.

    Parameters
    ----------
    enabled
        Whether the print is faded.
    overall
        Share of the ink that is gone everywhere.
    unevenness
        Share of the ink that is gone in addition where the print faded most.
    feature_mm
        Size of the areas that faded more or less, mm.
    streaks
        Number of level streaks, where dots of the printer's head print too little.
    streak_mm
        Width of the widest streaks, mm; a single dead dot is 0.125 mm wide.
    streak_strength
        Share of the ink that the worst streaks lack.
    """

    enabled: bool = False
    overall: Share = 0.15
    unevenness: Share = 0.35
    feature_mm: float = Field(default=45.0, ge=5, le=300)
    streaks: int = Field(default=0, ge=0, le=60)
    streak_mm: float = Field(default=1.5, ge=0.1, le=20)
    streak_strength: Share = 0.8


def yellow_paper(kernels: Kernels, image: NDArray[np.uint8], spec: PageSpec) -> None:
    """Yellow a page."""
    part, page = spec.damage.yellowing, spec.page
    if not part.enabled or part.amount + part.edge == 0:
        return
    patch = Patch.around((0.0, 0.0, page.width_mm, page.height_mm), CELL_MM)
    clouds = patch.noise(kernels, f"{spec.key}/damage/yellowing", 60.0, 3)
    level = np.minimum(patch.x, np.float32(page.width_mm) - patch.x)
    side = np.minimum(patch.y, np.float32(page.height_mm) - patch.y)
    # Round the corners air comes from two sides.
    reach = np.float32(part.reach_mm)
    edge = np.exp(-np.maximum(level, 0) / reach) + np.exp(-np.maximum(side, 0) / reach)
    density = np.float32(part.amount) + np.float32(part.edge) * edge
    density *= np.maximum(np.float32(1) + np.float32(part.unevenness) * clouds, 0)
    stain(kernels, image, patch, density, part.color, page.px_per_mm)


def fade_ink(kernels: Kernels, ink: NDArray[np.uint8], spec: PageSpec) -> None:
    """Fade printed ink, shape (H, W), uint8: changed in place."""
    part, page = spec.damage.fading, spec.page
    streaked = part.streaks > 0 and part.streak_strength > 0
    if not part.enabled or not (part.overall or part.unevenness or streaked):
        return
    size = page.height_mm, page.width_mm
    # Streaks are as fine as a dot of the head; without them nothing is.
    cells = DOT_MM if streaked else ALONG_MM, ALONG_MM
    shape = math.ceil(size[0] / cells[0]), math.ceil(size[1] / cells[1])
    name = f"{spec.key}/damage/fading"
    clouds = smooth_noise(kernels, stream(f"{name}/clouds"), size, shape, part.feature_mm, 2)
    worst = np.float32(part.unevenness) * np.clip(np.float32(0.4) + np.float32(0.4) * clouds, 0, 1)
    keep = np.float32(1 - part.overall) * (1 - worst)
    if streaked:
        keep *= _streaks(kernels, spec, shape)
    frame = np.array([0.0, 0.0, size[0] / shape[0], size[1] / shape[1]]) * page.px_per_mm
    kernels.scale(ink, keep, frame)


def _streaks(kernels: Kernels, spec: PageSpec, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return what level streaks leave of the ink; each is steady along the paper, but for a slow waver."""
    part, page = spec.damage.fading, spec.page
    rng = stream(f"{spec.key}/damage/fading/streaks")
    rows = (np.arange(shape[0]) + 0.5) * page.height_mm / shape[0]
    lacking = np.zeros(shape[0])
    for _ in range(part.streaks):
        middle = rng.uniform(0, page.height_mm)
        half = max(part.streak_mm * rng.random() ** 3, DOT_MM) / 2
        strength = part.streak_strength * (0.25 + 0.75 * rng.random())
        soft = 1 / (1 + (np.abs(rows - middle) / half) ** 6)
        lacking = 1 - (1 - lacking) * (1 - strength * soft)
    size = page.height_mm, page.width_mm
    waver = smooth_noise(kernels, stream(f"{spec.key}/damage/fading/waver"), size, shape, 30.0)
    lack = lacking.astype(np.float32)[:, None] * (np.float32(1) + np.float32(0.25) * waver)
    return np.asarray(np.clip(1 - lack, 0, 1))
