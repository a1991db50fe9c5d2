"""Light on the page: exposure, its falling off, its colour and a shadow, as one smooth map.

The map is known at nodes every 8 px and interpolated where it is needed, by the kernel that
multiplies the image by it, or by ``light_map`` for the truth.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.parts import Part
from fastecg.stages.shadow import Shadow, shadow_mask
from fastecg.stages.temperature import DAYLIGHT_K, GAMMA, light_color
from fastecg_kernels.nodes import NODE_STEP, nodes_shape, spread_nodes

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

DARKEST: Final = 1e-4
"""Less light than this is as good as none, and its root is of no use."""


Map = NDArray[np.float32]
Offsets = tuple[Map, Map]


class Lamp(Part):
    """A lamp or window to one side, from which the page grows darker, mixed with even light.

    Parameters
    ----------
    share
        Share of the light that comes from it where it is brightest; 0 is none.
    direction_deg
        Where it is, seen from the page's centre: 0 is right, 90 above, 180 left.
    reach
        How far it reaches, in half diagonals of the page: small is a pool of light, large an even fall.
    temperature_k
        Colour temperature of its light; the camera adapts to it as to the rest.
    """

    share: float = Field(default=0.0, ge=0, le=1)
    direction_deg: float = Field(default=90.0, ge=-360, le=360)
    reach: float = Field(default=1.5, ge=0.2, le=10)
    temperature_k: float = Field(default=DAYLIGHT_K, ge=1000, le=40000)


class Light(Part):
    """Light on the page, and how the camera is set for it.

    Parameters
    ----------
    exposure_ev
        Exposure in stops: -1 halves the light.
    vignetting
        Share of the light that the lens loses in the corners.
    temperature_k
        Colour temperature of the light: low is red, 6500 neutral, high is blue.
    adaptation
        Share of the colour casts that the camera's white balance takes out; real ones take out most.
    lamp, shadow
        Light from one side, and a shadow on the page.
    """

    exposure_ev: float = Field(default=0.0, ge=-4, le=4)
    vignetting: float = Field(default=0.0, ge=0, le=0.8)
    temperature_k: float = Field(default=DAYLIGHT_K, ge=1000, le=40000)
    adaptation: float = Field(default=0.7, ge=0, le=1)
    lamp: Lamp = Lamp()
    shadow: Shadow = Shadow()


def light_map(spec: PageSpec, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return what the light multiplies the grey levels of an image by, for the truth.

    Parameters
    ----------
    spec
        The page's values; without imaging, the light is 1.
    shape
        Height and width of the image in pixels.

    Returns
    -------
    ndarray
        Shape (H, W, 3), float32.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> dim = make_spec({"imaging": {"enabled": True, "light": {"exposure_ev": -2.2}}})
    >>> round(float(light_map(dim, (20, 30))[4, 5, 0]), 4)
    0.5
    """
    if not spec.imaging.enabled:
        return np.ones((*shape, 3), np.float32)
    return spread_nodes(light_nodes(spec.imaging.light, shape, spec.page.px_per_mm), *shape)


def light_nodes(light: Light, shape: tuple[int, int], px_per_mm: float) -> NDArray[np.float32]:
    """Return the same at nodes every 8 px, shape (ceil(H / 8) + 1, ceil(W / 8) + 1, 3), float32.

    Parameters
    ----------
    light
        The light.
    shape
        Height and width of the image in pixels.
    px_per_mm
        Pixels per millimetre of the page.

    Examples
    --------
    >>> light_nodes(Light(), (16, 24), 8.0).shape
    (3, 4, 3)
    """
    x, y = _node_places(shape)
    radius = math.hypot(*shape) / 2
    from_centre = (x - shape[1] / 2) / radius, (y - shape[0] / 2) / radius
    # Planes of red, green and blue: three times as fast as three values per node.
    lit: Map = np.empty((3, *nodes_shape(*shape)), np.float32)
    lit[:] = _planes(light.temperature_k, light) * np.float32((1 - light.lamp.share) * 2**light.exposure_ev)
    if light.lamp.share > 0:
        color = _planes(light.lamp.temperature_k, light)
        pool = _pool(light.lamp, from_centre, shape, radius)
        lit += (color * np.float32(light.lamp.share * 2**light.exposure_ev)) * pool
    if light.vignetting > 0:
        lit *= _vignette(light.vignetting, from_centre)
    if light.shadow.depth > 0:
        left = _planes(light.shadow.temperature_k, light) * np.float32(1 - light.shadow.depth)
        lit *= 1 - shadow_mask(light.shadow, x, y, shape, px_per_mm) * (1 - left)
    levels = np.maximum(lit, np.float32(DARKEST)) ** np.float32(1 / GAMMA)
    return np.ascontiguousarray(levels.transpose(1, 2, 0), dtype=np.float32)


def _planes(temperature_k: float, light: Light) -> Map:
    """Return the colour of a light with the camera's white balance, shape (3, 1, 1)."""
    return light_color(temperature_k, light.adaptation)[:, None, None]


def _node_places(shape: tuple[int, int]) -> Offsets:
    """Where the nodes lie: a row of x and a column of y, px."""
    rows, columns = nodes_shape(*shape)
    x = NODE_STEP * np.arange(columns, dtype=np.float32)
    y = NODE_STEP * np.arange(rows, dtype=np.float32)
    return x[None, :], y[:, None]


def _pool(lamp: Lamp, from_centre: Offsets, shape: tuple[int, int], radius: float) -> Map:
    """Light of a small lamp at the page's edge: by distance and slant together (1 + d² / h²) ** -1.5."""
    angle = math.radians(lamp.direction_deg)
    toward = math.cos(angle), -math.sin(angle)
    edge = min(
        side / 2 / radius / max(abs(part), 1e-9) for side, part in zip(shape[::-1], toward, strict=True)
    )
    x, y = (offset - np.float32(edge * part) for offset, part in zip(from_centre, toward, strict=True))
    squared = (x * x + y * y) * np.float32(1 / lamp.reach**2) + np.float32(1)
    return np.asarray(1 / (squared * np.sqrt(squared)), dtype=np.float32)


def _vignette(loss: float, from_centre: Offsets) -> Map:
    """Light that a lens lets through, by the fourth power of the angle's cosine; 1 - loss in the corners."""
    steep = np.float32((1 - loss) ** -0.5 - 1)
    x, y = from_centre
    return np.asarray(1 / (1 + steep * (x * x + y * y)) ** 2, dtype=np.float32)
