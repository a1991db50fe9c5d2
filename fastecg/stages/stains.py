"""Stains: coffee rings, dried water and soaking.

What dries on paper leaves most of what it carried at its rim, where it evaporates fastest and the
flow within the liquid carries everything (Deegan et al., Nature 389, 827, 1997): rims are darker than
what they enclose. A wet area is a level set, in mm from its edge, and its density a function of that.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.chance import stream
from fastecg.parts import Color, Part, Share
from fastecg.stages.fields import Patch, stain
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

Level = NDArray[np.float32]

CELL_MM: Final = 0.2
"""Cell of the patches on which rings and drops are worked out."""
FRINGE_MM: Final = 0.25
"""How far a liquid's edge fades into the fibres."""


class Coffee(Part):
    """Coffee: rings that a cup leaves, and drops about them.

    Parameters
    ----------
    enabled
        Whether there is any.
    rings, drops
        Number of rings, and of drops about each place.
    radius_mm, width_mm
        Radius of a ring, and width of its wet band, mm.
    gap
        Share of a ring's way that stayed dry.
    strength
        Density of the darkest places; 1 makes white ``color``.
    color
        What the coffee makes of white.
    x, y
        Place of the first ring, as a share of the page's width and height.
    spread
        How far the rings lie from there: 0 on it, 1 anywhere on the page.
    """

    enabled: bool = False
    rings: int = Field(default=1, ge=0, le=8)
    drops: int = Field(default=8, ge=0, le=200)
    radius_mm: float = Field(default=38.0, ge=5, le=100)
    width_mm: float = Field(default=3.0, ge=0.5, le=15)
    gap: Share = 0.2
    strength: float = Field(default=0.9, ge=0, le=3)
    color: Color = (158, 113, 66)
    x: Share = 0.7
    y: Share = 0.4
    spread: Share = 1.0


class Water(Part):
    """Dried water: pale areas with a thin tide line, and older lines within.

    Parameters
    ----------
    enabled
        Whether there is any.
    spots
        Number of areas.
    radius_mm
        Their radius, mm.
    strength
        Density of the tide line; 1 makes white ``color``.
    fill
        Density within, as a share of that.
    tides
        Number of lines, each where an earlier edge dried.
    tide_mm
        How far a line fades inwards, mm.
    color
        What the lines make of white; brown for tea or rusty water.
    x, y
        Place of the first area, as a share of the page's width and height.
    spread
        How far the areas lie from there: 0 on it, 1 anywhere on the page.
    """

    enabled: bool = False
    spots: int = Field(default=2, ge=0, le=20)
    radius_mm: float = Field(default=28.0, ge=2, le=150)
    strength: float = Field(default=0.6, ge=0, le=3)
    fill: Share = 0.22
    tides: int = Field(default=2, ge=1, le=5)
    tide_mm: float = Field(default=0.9, ge=0.2, le=10)
    color: Color = (196, 172, 128)
    x: Share = 0.3
    y: Share = 0.6
    spread: Share = 1.0


def stain_paper(kernels: Kernels, image: NDArray[np.uint8], spec: PageSpec) -> None:
    """Stain a page with water, then with coffee; only where they lie is it touched."""
    water, coffee = spec.damage.water, spec.damage.coffee
    if water.enabled and water.strength > 0:
        for number, (x, y) in enumerate(_places(spec, "water", water, water.spots)):
            _dry_water(kernels, image, spec, f"{spec.key}/damage/water/{number}", (x, y))
    if coffee.enabled and coffee.strength > 0:
        for number, (x, y) in enumerate(_places(spec, "coffee", coffee, max(coffee.rings, 1))):
            name = f"{spec.key}/damage/coffee/{number}"
            if coffee.rings:
                _leave_ring(kernels, image, spec, name, (x, y))
            if coffee.drops:
                _spill_drops(kernels, image, spec, name, (x, y))


def _places(spec: PageSpec, kind: str, part: Coffee | Water, count: int) -> list[tuple[float, float]]:
    """Return places on the page, mm: the first where the part says, the others ``spread`` about it."""
    rng = stream(f"{spec.key}/damage/{kind}/places")
    anywhere = rng.uniform(-0.02, 1.02, (count, 2))
    spread = np.full((count, 1), part.spread)
    spread[0] *= 0.15
    shares = np.array([part.x, part.y]) * (1 - spread) + anywhere * spread
    size = spec.page.width_mm, spec.page.height_mm
    return [(x * size[0], y * size[1]) for x, y in shares.tolist()]


def wetness(level: Level, fringe_mm: float = FRINGE_MM) -> Level:
    """Return how wet it is: 0 outside, 1 inside, with a narrow fringe."""
    return np.asarray(np.clip(level / np.float32(fringe_mm) + np.float32(0.5), 0, 1))


def fade(level: Level, length_mm: float) -> Level:
    """Return what falls from 1 at the edge to nothing inside, and faster outside."""
    inside, outside = np.float32(-1 / length_mm), np.float32(1.5 / FRINGE_MM)
    return np.exp(level * np.where(level > 0, inside, outside))


def _leave_ring(
    kernels: Kernels, image: NDArray[np.uint8], spec: PageSpec, name: str, place: tuple[float, float]
) -> None:
    part, scale = spec.damage.coffee, spec.page.px_per_mm
    reach = part.radius_mm + part.width_mm + 4
    patch = Patch.about(place, reach, (spec.page.width_mm, spec.page.height_mm), CELL_MM)
    if patch is None:
        return
    x, y = patch.x - np.float32(place[0]), patch.y - np.float32(place[1])
    # Neither the cup's foot nor its stand on the paper is even.
    radius = np.sqrt(x * x + y * y) + np.float32(0.012 * part.radius_mm) * patch.noise(
        kernels, f"{name}/round", part.radius_mm
    )
    off = radius - np.float32(part.radius_mm)
    # Only the band is worked out: it is a tenth of the patch.
    near = np.flatnonzero(np.abs(off) < part.width_mm + 2)
    off = off.ravel()[near]
    wet = patch.noise(kernels, f"{name}/wet", 0.7 * part.radius_mm).ravel()[near]
    fray = patch.noise(kernels, f"{name}/fray", 5.0, 4).ravel()[near]
    wet = wet - np.float32(NormalDist().inv_cdf(min(max(part.gap, 0.001), 0.999)))
    half = np.float32(part.width_mm / 2) * np.tanh(wet * np.float32(0.9)) + np.float32(0.22) * fray
    outer, inner = half - off, half + off
    level = np.minimum(outer, inner)
    mottle = np.float32(1) + np.float32(0.25) * fray
    body = np.float32(0.3) * mottle + np.float32(0.7) * fade(outer, 0.45)
    body += np.float32(0.4) * fade(inner, 0.35)
    density = np.zeros(patch.shape, np.float32)
    # Where the band is thin, little liquid stood.
    stood = np.clip(np.float32(0.35) + half / np.float32(part.width_mm), 0, 1)
    density.ravel()[near] = wetness(level) * body * stood
    stain(kernels, image, patch, density * np.float32(part.strength), part.color, scale)


def _spill_drops(
    kernels: Kernels, image: NDArray[np.uint8], spec: PageSpec, name: str, place: tuple[float, float]
) -> None:
    """Spill drops to one side of the place, most of them small, each with a dark rim."""
    part, rng = spec.damage.coffee, stream(f"{name}/drops")
    away = rng.uniform(0, 2 * math.pi) + rng.normal(0, 0.5, part.drops)
    far = part.radius_mm * rng.uniform(0.5, 1.6, part.drops)
    center = np.column_stack([np.cos(away) * far, np.sin(away) * far]) + place
    radius = np.minimum(0.35 * np.exp(rng.exponential(0.8, part.drops)), 5.0)
    low, high = (center - 2 * radius[:, None]).min(axis=0), (center + 2 * radius[:, None]).max(axis=0)
    low, high = np.maximum(low, 0), np.minimum(high, [spec.page.width_mm, spec.page.height_mm])
    if (high <= low).any():
        return
    patch = Patch.around((*low.tolist(), *high.tolist()), CELL_MM)
    warp = np.float32(0.06) * patch.noise(kernels, f"{name}/drops/warp", 2.0, 2)
    spots = np.column_stack([(center - low) / CELL_MM, radius / CELL_MM, rng.uniform(0.5, 1, part.drops)])
    wet, middle = np.zeros(patch.shape, np.float32), np.zeros(patch.shape, np.float32)
    kernels.add_spots(wet, warp, spots.astype(np.float32), 0.06)
    spots[:, 2] = np.maximum(spots[:, 2] - 0.45 / CELL_MM, 0.3 * spots[:, 2])
    kernels.add_spots(middle, warp, spots.astype(np.float32), 0.18)
    density = np.clip(wet - np.float32(0.6) * middle, 0, 1)
    stain(kernels, image, patch, density * np.float32(part.strength), part.color, spec.page.px_per_mm)


def _dry_water(
    kernels: Kernels, image: NDArray[np.uint8], spec: PageSpec, name: str, place: tuple[float, float]
) -> None:
    part, rng = spec.damage.water, stream(name)
    size = part.radius_mm * rng.uniform(0.6, 1.3)
    page_mm = spec.page.width_mm, spec.page.height_mm
    patch = Patch.about(place, 1.6 * size + 3, page_mm, max(CELL_MM, size / 150))
    if patch is None:
        return
    turn, stretch = rng.uniform(0, math.pi), rng.uniform(0.65, 1.0)
    x, y = patch.x - np.float32(place[0]), patch.y - np.float32(place[1])
    along = x * np.float32(math.cos(turn)) + y * np.float32(math.sin(turn))
    across = (y * np.float32(math.cos(turn)) - x * np.float32(math.sin(turn))) / np.float32(stretch)
    level = np.float32(size) - np.sqrt(along * along + across * across)
    level += np.float32(0.17 * size) * patch.noise(kernels, f"{name}/shape", 0.5 * size, 2)
    fray = patch.noise(kernels, f"{name}/fray", 5.0, 4)
    density = dry(kernels, patch, name, level + np.float32(0.25) * fray, part)
    stain(kernels, image, patch, density, part.color, spec.page.px_per_mm)


def dry(kernels: Kernels, patch: Patch, name: str, level: Level, part: Water) -> Level:
    """Return the density that water leaves: a tide line at its edge, older ones within, and a faint fill.

    Parameters
    ----------
    kernels
        The backend.
    patch
        Where the water stood.
    name
        Name of the random stream of the older lines.
    level
        Shape ``patch.shape``: distance to the edge, mm, positive inside.
    part
        Its lines and strength.
    """
    rng = stream(f"{name}/tides")
    density = (
        np.float32(part.fill)
        * wetness(level)
        * np.clip(np.float32(1) - level / np.float32(60), np.float32(0.5), 1)
    )
    density += fade(level, part.tide_mm)
    depth = 0.0
    for tide in range(1, part.tides):
        depth += rng.uniform(2.0, 9.0)
        back = level - np.float32(depth) + patch.noise(kernels, f"{name}/tide/{tide}", 14.0, 2)
        density += np.float32(rng.uniform(0.25, 0.6)) * fade(back, part.tide_mm)
    return np.asarray(density * np.float32(part.strength))
