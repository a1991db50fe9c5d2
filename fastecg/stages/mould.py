"""Mould: colonies of spots with soft halos, in clusters, on paper that was stored damp."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.chance import stream
from fastecg.parts import Color, Part, Share
from fastecg.stages.fields import Patch, stain
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

Species = Literal["grey", "green", "black", "brown", "bw"]

CELL_MM: Final = 0.2
COLORS: Final[dict[str, tuple[Color, Color]]] = {
    "grey": ((128, 130, 124), (222, 220, 206)),
    "green": ((112, 122, 88), (222, 220, 192)),
    "black": ((62, 60, 56), (212, 206, 190)),
    "brown": ((138, 100, 64), (232, 214, 182)),
    "bw": ((92, 92, 92), (216, 216, 216)),
}
"""What spots and halos of each species make of white."""


class Mould(Part):
    """Mould: colonies of spots with soft halos.

    Parameters
    ----------
    enabled
        Whether there is any.
    species
        Colour of the spots: ``grey``, ``green``, ``black``, ``brown`` (foxing), or ``bw``, without colour.
    clusters
        Number of colonies.
    cluster_mm
        Radius of a colony, mm.
    spots
        Number of spots of a colony.
    size_mm
        Radius of its largest spots, mm; most are far smaller.
    strength
        Density of the spots; 1 makes white the colour of the species.
    halo
        Density of the stained paper about them.
    x, y
        Place of the first colony, as a share of the page's width and height.
    spread
        How far the colonies lie from there: 0 on it, 1 anywhere on the page.
    """

    enabled: bool = False
    species: Species = "grey"
    clusters: int = Field(default=4, ge=0, le=40)
    cluster_mm: float = Field(default=28.0, ge=2, le=200)
    spots: int = Field(default=140, ge=0, le=2000)
    size_mm: float = Field(default=2.2, ge=0.2, le=15)
    strength: float = Field(default=0.9, ge=0, le=3)
    halo: float = Field(default=0.6, ge=0, le=3)
    x: Share = 0.2
    y: Share = 0.75
    spread: Share = 0.8


def grow_mould(kernels: Kernels, image: NDArray[np.uint8], spec: PageSpec) -> None:
    """Let the colonies of a spec grow on a page."""
    part, page = spec.damage.mould, spec.page
    if not part.enabled or part.strength + part.halo == 0:
        return
    rng = stream(f"{spec.key}/damage/mould/places")
    anywhere = rng.uniform(-0.02, 1.02, (part.clusters, 2))
    centers = np.array([part.x, part.y]) * (1 - part.spread) + anywhere * part.spread
    for number, (x, y) in enumerate((centers * [page.width_mm, page.height_mm]).tolist()):
        _grow_colony(kernels, image, spec, f"{spec.key}/damage/mould/{number}", (x, y))


def _grow_colony(
    kernels: Kernels, image: NDArray[np.uint8], spec: PageSpec, name: str, place: tuple[float, float]
) -> None:
    part, rng = spec.damage.mould, stream(name)
    size = part.cluster_mm * rng.uniform(0.5, 1.3)
    page_mm = spec.page.width_mm, spec.page.height_mm
    patch = Patch.about(place, 1.5 * size + 3 * part.size_mm, page_mm, CELL_MM)
    if patch is None:
        return
    low = patch.left_mm, patch.top_mm
    centers, radius, weight = _scatter(part, rng, size, np.array(place))
    cells = np.column_stack([(centers - low) / CELL_MM, radius / CELL_MM, weight]).astype(np.float32)
    warp = patch.noise(kernels, f"{name}/warp", 1.2, 2)
    fuzz = np.clip(np.float32(0.24) * warp, -0.9, 0.9)
    cover = np.zeros(patch.shape, np.float32)
    kernels.add_spots(cover, fuzz, cells, 0.45)
    # Large spots are darkest in their middle, where the fruiting bodies are.
    cores = cells[radius > 0.25 * part.size_mm] * np.array([1, 1, 0.5, 0.8], np.float32)
    kernels.add_spots(cover, fuzz, cores, 0.6)
    spots, stained = COLORS[part.species]
    if part.halo > 0:
        _stain_about(kernels, image, spec, name, (patch, cells, stained))
    density = cover * (np.float32(part.strength) - np.float32(0.15 * part.strength) * warp)
    stain(kernels, image, patch, density, spots, spec.page.px_per_mm)


def _scatter(
    part: Mould, rng: np.random.Generator, size: float, place: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return places, radii and weights of spots: a few families, thinning out from their founders."""
    founders = rng.normal(0, 0.45 * size, (max(part.spots // 25, 1), 2))
    family = rng.integers(0, len(founders), part.spots)
    far = rng.exponential(0.22 * size, part.spots)
    angle = rng.uniform(0, 2 * math.pi, part.spots)
    centers = place + founders[family] + np.column_stack([np.cos(angle), np.sin(angle)]) * far[:, None]
    # The older ones, at the founder, are larger; sizes fall off as a power, as counts of colonies do.
    radius = part.size_mm * np.minimum(0.12 / np.sqrt(rng.random(part.spots) + 0.015), 1.0)
    radius *= np.exp(-far / size)
    weight = rng.uniform(0.35, 1.0, part.spots)
    return centers, np.maximum(radius, 0.12), weight


def _stain_about(
    kernels: Kernels,
    image: NDArray[np.uint8],
    spec: PageSpec,
    name: str,
    colony: tuple[Patch, NDArray[np.float32], Color],
) -> None:
    """Stain the paper about a colony, on cells three times as coarse: a halo has no detail."""
    patch, cells, color = colony
    coarse = replace(patch, cell_mm=3 * patch.cell_mm)
    halos = cells / np.array([3, 3, 3, 1], np.float32)
    halos[:, 2] = np.minimum(2.2 * halos[:, 2] + 1.5 / coarse.cell_mm, 6 / coarse.cell_mm)
    halos[:, 3] *= 0.28
    blur = coarse.noise(kernels, f"{name}/halo", 5.0, 3)
    glow = np.zeros(coarse.shape, np.float32)
    kernels.add_spots(glow, np.clip(np.float32(0.22) * blur, -0.9, 0.9), halos.astype(np.float32), 0.85)
    density = glow * (np.float32(1) + np.float32(0.2) * blur) * np.float32(spec.damage.mould.halo)
    stain(kernels, image, coarse, density, color, spec.page.px_per_mm)
