"""Creases: folds across the page, as light and dark, worn ink and a small shift.

Source: ECG-Image-Kit (arXiv 2307.01946), section 3.5, Algorithm 1: n parallel lines at an angle,
y = m x + c with m the tangent of the angle, over a page of width w and height h. The lines there
begin at every (w + h) / (n + 1) on the way along the page's top and right edge (w / (n + 1) for
upright and h / (n + 1) for level lines). That puts lines that begin on one edge closer together than
those that begin on the other, but for 0, 45, 90 and 135 degrees. Ours are equally far from each other, by
default: (w |sin| + h |cos|) / (n + 1), which is what the paper's distances come to on average, weighted by
the edges' lengths; ``spacing: edges`` gives the paper's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.chance import stream
from fastecg.layers import Relief
from fastecg.parts import Part, Share
from fastecg.stages.fields import smooth_lines
from fastecg_kernels import Kernels
from fastecg_kernels.nodes import NODE_STEP

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

Spacing = Literal["even", "edges"]

NODE_MM: Final = 3.0
"""Distance of the nodes at which a fold's course and strength are known."""
WAVE_MM: Final = 35.0
SWELL_MM: Final = 14.0
"""Distance of the nodes of its waviness, and of what makes it stronger here and weaker there."""
SHIFT_MM: Final = 4.0
"""How far from a fold its shift is largest."""
STEEPEST: Final = 0.15
"""Largest slope of the shift by one family of folds, so that the page stays free of overlaps."""
GRAIN_MM: Final = 0.2
"""Size of the speckles in which ink comes off."""


class Creases(Part):
    """Creases: folds across the page.

    Parameters
    ----------
    enabled
        Whether there are any.
    n_horizontal, n_vertical
        Number of folds at ``angle_deg``, and of folds at a right angle to them.
    angle_deg
        Direction of the first family: 0 is level, 90 upright, counter-clockwise as seen.
    spacing
        ``even``, the lines equally far from each other, or ``edges``, their starts equally far from
        each other along two edges of the page, as in the paper.
    jitter_mm
        How far folds made by hand stray from straight and parallel, mm.
    width_mm
        Distance from the fold of its lightest and its darkest place, mm: 0.4 is sharp, 4 a soft bend.
    depth
        How much lighter and darker the two slopes are, where the light falls across the fold.
    sharpness
        Share of the crisp line within the soft one; 0 for paper that was bent and not pressed.
    light_deg
        Where the light comes from: 0 is right, 90 the top, counter-clockwise.
    wear
        Share of the ink that is rubbed off on the fold; it also bares bright fibre.
    shift_mm
        How far the paper beside the fold is displaced, mm; closely set folds shift less.
    """

    enabled: bool = False
    n_horizontal: int = Field(default=1, ge=0, le=100)
    n_vertical: int = Field(default=1, ge=0, le=100)
    angle_deg: float = Field(default=0.0, ge=0, le=180)
    spacing: Spacing = "even"
    jitter_mm: float = Field(default=0.4, ge=0, le=5)
    width_mm: float = Field(default=0.6, ge=0.1, le=10)
    depth: float = Field(default=0.12, ge=0, le=0.6)
    sharpness: Share = 0.7
    light_deg: float = Field(default=120.0, ge=0, le=360)
    wear: Share = 0.3
    shift_mm: float = Field(default=0.15, ge=0, le=1)


def crease_lines(
    width: float, height: float, count: int, angle_deg: float, spacing: Spacing = "even"
) -> NDArray[np.float64]:
    """Return the lines of one family of folds, shape (count, 3): normal x, normal y, distance.

    A point (x, y), y down, lies on a line where normal · (x, y) = distance; the normal has length
    1 and points right or down. The units are those of ``width`` and ``height``.

    Parameters
    ----------
    width, height
        Size of the page.
    count
        Number of lines.
    angle_deg
        Their direction, counter-clockwise as seen, any number of degrees.
    spacing
        ``even`` or ``edges``, as for Creases.

    Examples
    --------
    >>> crease_lines(280, 210, 2, 0.0).round(6).tolist()
    [[0.0, 1.0, 70.0], [0.0, 1.0, 140.0]]
    >>> crease_lines(280, 210, 1, 90.0).round(6).tolist()
    [[1.0, 0.0, 140.0]]
    """
    angle = math.radians(angle_deg % 180.0)
    normal = np.array([math.sin(angle), math.cos(angle)])
    parts = np.arange(1, count + 1) / (count + 1)
    level_or_upright = min(abs(normal)) < 1e-9
    if spacing == "even" or level_or_upright:
        corners = np.array([[0, 0], [width, 0], [0, height], [width, height]]) @ normal
        distances = corners.min() + parts * (corners.max() - corners.min())
    else:
        # Along the top and down the right edge for rising lines, along the bottom and up for falling ones.
        way = parts * (width + height)
        x, beyond = np.minimum(way, width), np.maximum(way - width, 0)
        y = beyond if normal[1] > 0 else height - beyond
        distances = x * normal[0] + y * normal[1]
    return np.column_stack([np.broadcast_to(normal, (count, 2)), distances])


@dataclass(frozen=True, eq=False, slots=True)
class _Folds:
    """The folds of a page as the kernels take them, in page px."""

    lines: NDArray[np.float64]
    pitch: float
    offsets: NDArray[np.float32]
    strengths: NDArray[np.float32]
    senses: NDArray[np.float64]
    shifts: NDArray[np.float32]


def crease(kernels: Kernels, relief: Relief, spec: PageSpec) -> None:
    """Fold a relief along the creases of a spec: light and dark into its shade, and its shift.

    Parameters
    ----------
    kernels
        The backend.
    relief
        Changed in place; only near the folds.
    spec
        The page's values.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg_kernels import load_backend
    >>> spec = make_spec({"creases": {"enabled": True}, "page": {"dpi": 100}})
    >>> relief = Relief.flat(*spec.page.shape_px)
    >>> crease(load_backend("cpu"), relief, spec)
    >>> bool((relief.shade != 128).any())
    True
    """
    part, scale = spec.creases, spec.page.px_per_mm
    if not part.enabled or part.n_horizontal + part.n_vertical == 0:
        return
    folds = _fold(kernels, spec)
    if part.depth > 0 or part.wear > 0:
        dither = stream(f"{spec.key}/creases/dither").random((64, 64), np.float32) * np.float32(0.996)
        kernels.shade_folds(
            relief.shade,
            folds.lines,
            folds.pitch,
            folds.offsets,
            folds.strengths,
            _profiles(part, folds, scale),
            3.5 * part.width_mm * scale,
            dither,
        )
    if part.shift_mm > 0:
        kernels.shift_folds(relief.shift, NODE_STEP, folds.lines, folds.shifts, SHIFT_MM * scale)


def wear_ink(kernels: Kernels, ink: NDArray[np.uint8], spec: PageSpec) -> None:
    """Rub ink off along the creases of a spec, in speckles.

    Parameters
    ----------
    kernels
        The backend.
    ink
        Coverage of print or pen, shape (H, W), uint8; changed in place, only on the folds.
    spec
        The page's values.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg_kernels import load_backend
    >>> spec = make_spec({"creases": {"enabled": True, "wear": 0.8}, "page": {"dpi": 100}})
    >>> ink = np.full(spec.page.shape_px, 255, np.uint8)
    >>> wear_ink(load_backend("cpu"), ink, spec)
    >>> bool(ink.min() == 0), bool(np.mean(ink < 255) < 0.02)
    (True, True)
    """
    part, scale = spec.creases, spec.page.px_per_mm
    if not part.enabled or part.wear == 0 or part.n_horizontal + part.n_vertical == 0:
        return
    folds = _fold(kernels, spec)
    grain = stream(f"{spec.key}/creases/grain").random((64, 256), np.float32)
    wear = np.clip(folds.strengths * np.float32(part.wear), 0, 1)
    reach = (0.3 + 0.2 * min(part.width_mm, 2.0)) * scale
    kernels.thin_folds(ink, folds.lines, folds.pitch, folds.offsets, wear, reach, grain, GRAIN_MM * scale)


def _fold(kernels: Kernels, spec: PageSpec) -> _Folds:
    """Lay out both families."""
    part, page, scale = spec.creases, spec.page, spec.page.px_per_mm
    families = [
        _family(kernels, spec, 0, part.n_horizontal),
        _family(kernels, spec, 1, part.n_vertical),
    ]
    lines, offsets, strengths, senses, most = (
        np.concatenate(arrays) for arrays in zip(*families, strict=True)
    )
    width, height = page.width_mm, page.height_mm
    corners = np.array([[0, 0, width, width], [0, height, 0, height]])
    starts = (lines[:, 1::-1] * [-1, 1] @ corners).min(axis=1)
    return _Folds(
        lines=np.column_stack([lines[:, :2], lines[:, 2] * scale, starts * scale]),
        pitch=NODE_MM * scale,
        offsets=offsets * np.float32(part.jitter_mm * scale),
        strengths=np.clip(strengths, 0.1, 2.0),
        senses=senses,
        shifts=(senses * np.minimum(part.shift_mm, most) * scale).astype(np.float32),
    )


def _family(kernels: Kernels, spec: PageSpec, family: int, folds: int) -> tuple[NDArray[Any], ...]:
    """Return lines, offsets, strengths, senses and largest shifts of one family, in mm.

    Its folds are drawn one after the other from one stream: one more leaves the others as they are.
    """
    part, page = spec.creases, spec.page
    width, height = page.width_mm, page.height_mm
    lines = crease_lines(width, height, folds, part.angle_deg + 90 * family, part.spacing)
    count = math.ceil(math.hypot(width, height) / NODE_MM) + 2
    waves, swells = math.ceil(count * NODE_MM / WAVE_MM) + 3, math.ceil(count * NODE_MM / SWELL_MM) + 3
    rng = stream(f"{spec.key}/creases/{family}")
    drawn = rng.standard_normal((folds, 4 + waves + swells + count), np.float32)
    own, wave, swell, rough = np.split(drawn, np.cumsum([4, waves, swells]), axis=1)
    tilt, aside, strength = np.clip(own[:, :3, None] / 2, -1, 1).transpose(1, 0, 2)
    wave = smooth_lines(kernels, np.ascontiguousarray(wave), count, NODE_MM / WAVE_MM)
    swell = smooth_lines(kernels, np.ascontiguousarray(swell), count, NODE_MM / SWELL_MM)
    ramp = np.linspace(-1, 1, count, dtype=np.float32)
    offsets = tilt * ramp + np.float32(0.5) * aside + np.float32(0.3) * wave
    rough = np.float32(1) + np.float32(0.25) * swell + np.float32(0.12) * rough
    strengths = (np.float32(1) + np.float32(0.25) * strength) * rough
    # Between folds that are closer than their shifts reach, these would add up.
    gap = np.diff(np.sort(lines[:, 2])).min(initial=4 * SHIFT_MM)
    most = np.full(folds, STEEPEST / math.exp(0.5) * gap / 4)
    return lines, offsets, strengths, np.copysign(1.0, own[:, 3].astype(np.float64)), most


def _profiles(part: Creases, folds: _Folds, scale: float) -> NDArray[np.float32]:
    """Return each fold's light and dark: a ridge's slope to the light is bright, a valley's dark."""
    light = math.radians(part.light_deg)
    lit = folds.lines[:, 0] * math.cos(light) - folds.lines[:, 1] * math.sin(light)
    ridge = folds.senses > 0
    profiles = np.empty((len(lit), 6), np.float32)
    profiles[:, 0] = part.width_mm * scale
    profiles[:, 1] = part.depth * (1 - 0.5 * part.sharpness) * lit * folds.senses
    # Little light reaches the bottom of a valley, and a ridge has more of it than the plain.
    profiles[:, 2] = part.depth * (1 - 0.5 * part.sharpness) * np.where(ridge, 0.15, -0.35)
    profiles[:, 3] = max(0.2 * part.width_mm * scale, 0.1 * scale, 0.5)
    profiles[:, 4] = part.depth * part.sharpness * lit * folds.senses
    profiles[:, 5] = part.depth * part.sharpness * np.where(ridge, 0.2, -0.7) + 0.15 * part.wear
    return profiles
