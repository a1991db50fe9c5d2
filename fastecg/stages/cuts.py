"""Cuts: torn edges, missing corners and punched holes, as an alpha layer of the paper.

Edges are level sets, in mm from the edge and positive on paper, worked out on fine cells; the kernel
draws their zero line with an edge one pixel wide at any dpi.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.parts import Part, Share
from fastecg.stages.fields import Patch
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

Level = NDArray[np.float32]

CELL_MM: Final = 0.2
FIBRE: Final = (247, 245, 240)
"""Colour of paper whose printed surface is torn off."""
HOLES_MM: Final[dict[str, tuple[float, tuple[float, ...]]]] = {
    "iso-2": (6.0, (-40.0, 40.0)),
    "iso-4": (6.0, (-120.0, -40.0, 40.0, 120.0)),
    "us-3": (7.94, (-107.95, 0.0, 107.95)),
}
"""Diameter of each pattern's holes, and their places from the middle of the side (ISO 838; US letter)."""


class Corner(Part):
    """A missing corner.

    Parameters
    ----------
    enabled
        Whether a corner is missing.
    corner
        Which one.
    edge
        ``torn``, with a rim of white fibre, or ``cut`` with scissors.
    size_mm
        Distance of the edge from where the corner was, mm.
    angle_deg
        Direction from there to the edge: 45 takes as much of both sides, 0 lies along the level one.
    fibre_mm
        Width of the white rim, mm.
    """

    enabled: bool = False
    corner: Literal["top-left", "top-right", "bottom-left", "bottom-right"] = "top-right"
    edge: Literal["torn", "cut"] = "torn"
    size_mm: float = Field(default=18.0, ge=1, le=200)
    angle_deg: float = Field(default=42.0, ge=5, le=85)
    fibre_mm: float = Field(default=0.9, ge=0, le=5)


class Tear(Part):
    """A torn edge.

    Parameters
    ----------
    enabled
        Whether an edge is torn.
    side
        Which one.
    start, end
        The stretch that is torn, as shares of the side's length, from its left or top end.
    depth_mm
        How deep into the page, mm.
    roughness_mm
        How far its jags stand out, mm.
    fibre_mm
        Width of the white rim, mm.
    """

    enabled: bool = False
    side: Literal["left", "right", "top", "bottom"] = "right"
    start: Share = 0.0
    end: Share = 1.0
    depth_mm: float = Field(default=4.0, ge=0, le=100)
    roughness_mm: float = Field(default=0.5, ge=0, le=5)
    fibre_mm: float = Field(default=0.8, ge=0, le=5)


class Holes(Part):
    """Punched holes.

    Parameters
    ----------
    enabled
        Whether there are any.
    pattern
        ``iso-2`` and ``iso-4``, 6 mm wide and 80 mm apart (ISO 838), or ``us-3``, 8 mm and 108 mm. But for
        ``iso-2``, they need a side of more than 250 mm.
    side
        The side they are punched along.
    margin_mm
        Distance of their centres from the side, mm.
    offset_mm
        How far the row is from the middle of the side, mm: paper is rarely put in straight.
    tilt_deg
        Turn of the row against the side.
    """

    enabled: bool = False
    pattern: Literal["iso-2", "iso-4", "us-3"] = "iso-2"
    side: Literal["left", "right", "top", "bottom"] = "left"
    margin_mm: float = Field(default=12.0, ge=3, le=40)
    offset_mm: float = Field(default=0.0, ge=-40, le=40)
    tilt_deg: float = Field(default=0.0, ge=-5, le=5)


def cut_out(kernels: Kernels, spec: PageSpec) -> NDArray[np.uint8] | None:
    """Return the paper's alpha, shape (H, W), uint8, 255 on paper; None if nothing is cut off."""
    part, scale = spec.damage, spec.page.px_per_mm
    if not (part.corner.enabled or part.tear.enabled or part.holes.enabled):
        return None
    alpha = np.full(spec.page.shape_px, 255, np.uint8)
    for patch, level, _ in _edges(kernels, spec):
        kernels.carve(alpha, level, patch.frame(scale), scale)
    if part.holes.enabled:
        radius = np.float32(HOLES_MM[part.holes.pattern][0] / 2)
        for x, y in hole_centers(spec):
            reach = float(radius) + 1
            patch = Patch.around((x - reach, y - reach, x + reach, y + reach), CELL_MM)
            level = np.hypot(patch.x - np.float32(x), patch.y - np.float32(y)) - radius
            kernels.carve(alpha, level, patch.frame(scale), scale)
    return alpha


def bare_fibre(kernels: Kernels, image: NDArray[np.uint8], spec: PageSpec) -> None:
    """Paint the white rim along torn edges, where the printed surface came off; over paper and ink."""
    scale = spec.page.px_per_mm
    height, width = image.shape[:2]
    for number, (patch, level, fibre) in enumerate(_edges(kernels, spec)):
        if fibre == 0:
            continue
        # The surface comes off in flakes: here nothing is bare, there three times the usual width.
        flakes = patch.noise(kernels, f"{spec.key}/damage/fibre/{number}", 5.0, 4)
        rim = np.float32(fibre) * np.maximum(np.float32(1) + np.float32(0.7) * flakes, 0)
        rows, columns = patch.pixels((height, width), scale)
        part = np.ascontiguousarray(image[rows, columns])
        cover = np.full(part.shape[:2], 235, np.uint8)
        frame = patch.frame(scale) - [rows.start, columns.start, 0, 0]
        kernels.carve(cover, rim - level, frame, scale / 2)
        kernels.composite(part, cover, np.array(FIBRE, np.uint8), False)
        image[rows, columns] = part


def hole_centers(spec: PageSpec) -> list[tuple[float, float]]:
    """Return the centres of the punched holes, (x, y) in mm on the page.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> hole_centers(make_spec({"page": {"size": "A4"}}))
    [(12.0, 65.0), (12.0, 145.0)]
    """
    part, page = spec.damage.holes, spec.page
    upright = part.side in ("left", "right")
    length, depth = (page.height_mm, page.width_mm) if upright else (page.width_mm, page.height_mm)
    turn = math.radians(part.tilt_deg)
    centers = []
    for place in HOLES_MM[part.pattern][1]:
        along = length / 2 + part.offset_mm + place * math.cos(turn)
        inwards = part.margin_mm + place * math.sin(turn)
        across = inwards if part.side in ("left", "top") else depth - inwards
        centers.append((across, along) if upright else (along, across))
    return centers


def _edges(kernels: Kernels, spec: PageSpec) -> list[tuple[Patch, Level, float]]:
    """Return where edges run: the patch, the level set on it, and the width of the white rim."""
    part = spec.damage
    edges = []
    if part.corner.enabled:
        edges.append(_corner_edge(kernels, spec))
    if part.tear.enabled and part.tear.depth_mm > 0:
        edges.append(_torn_edge(kernels, spec))
    return edges


def _corner_edge(kernels: Kernels, spec: PageSpec) -> tuple[Patch, Level, float]:
    part, page = spec.damage.corner, spec.page
    angle = math.radians(part.angle_deg)
    # Legs of the triangle that is missing, and room for the jags.
    reach_x = min(1.15 * part.size_mm / math.cos(angle) + 6, page.width_mm)
    reach_y = min(1.15 * part.size_mm / math.sin(angle) + 6, page.height_mm)
    x0 = 0.0 if "left" in part.corner else page.width_mm - reach_x
    y0 = 0.0 if "top" in part.corner else page.height_mm - reach_y
    patch = Patch.around((x0, y0, x0 + reach_x, y0 + reach_y), CELL_MM)
    x = patch.x if "left" in part.corner else np.float32(page.width_mm) - patch.x
    y = patch.y if "top" in part.corner else np.float32(page.height_mm) - patch.y
    level = x * np.float32(math.cos(angle)) + y * np.float32(math.sin(angle)) - np.float32(part.size_mm)
    if part.edge == "cut":
        return patch, level, 0.0
    name = f"{spec.key}/damage/corner"
    level += np.float32(0.05 * part.size_mm) * patch.noise(kernels, f"{name}/sweep", 0.6 * part.size_mm, 2)
    level += np.float32(0.3) * patch.noise(kernels, f"{name}/jags", 3.0, 4)
    return patch, level, part.fibre_mm


def _torn_edge(kernels: Kernels, spec: PageSpec) -> tuple[Patch, Level, float]:
    part, page = spec.damage.tear, spec.page
    upright = part.side in ("left", "right")
    width, height = page.width_mm, page.height_mm
    length = height if upright else width
    far = min(
        1.9 * part.depth_mm + 4 * part.roughness_mm + 3 * part.fibre_mm + 2, width if upright else height
    )
    box = {
        "left": (0.0, 0.0, far, height),
        "right": (width - far, 0.0, width, height),
        "top": (0.0, 0.0, width, far),
        "bottom": (0.0, height - far, width, height),
    }[part.side]
    patch = Patch.around(box, CELL_MM)
    along = patch.y if upright else patch.x
    inwards = {"left": patch.x, "right": width - patch.x, "top": patch.y, "bottom": height - patch.y}
    name = f"{spec.key}/damage/tear"
    sweep = np.maximum(np.float32(1) + np.float32(0.3) * patch.noise(kernels, f"{name}/sweep", 22.0, 2), 0.1)
    # The tear runs out to the edge over a centimetre at either end.
    start, end = np.float32(part.start * length), np.float32(part.end * length)
    ease = np.float32(10)
    from_start = (along - start) / ease if part.start > 0 else np.float32(1)
    from_end = (end - along) / ease if part.end < 1 else np.float32(1)
    torn = np.clip(np.minimum(from_start, from_end), -1, 1)
    depth = np.float32(part.depth_mm) * sweep * torn
    level = inwards[part.side].astype(np.float32) - depth
    jags = patch.noise(kernels, f"{name}/jags", 3.0, 4)
    return patch, level + np.float32(part.roughness_mm) * jags * np.clip(torn, 0, 1), part.fibre_mm
