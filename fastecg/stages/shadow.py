"""A shadow on the page: of the edge of something, of the telephone that takes the picture, or of a hand."""

from __future__ import annotations

import math
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.parts import Part
from fastecg.stages.temperature import DAYLIGHT_K

Map = NDArray[np.float32]

PHONE_CORNER: Final = 0.12
PHONE_LENGTH: Final = 2.05
"""A telephone's rounded corners and its length, as shares of its breadth."""

FINGERS: Final = (
    (-0.37, 0.30, -0.46, 0.95, 0.085),
    (-0.12, 0.35, -0.15, 1.22, 0.090),
    (0.13, 0.35, 0.16, 1.15, 0.088),
    (0.36, 0.28, 0.46, 0.86, 0.078),
    (0.42, -0.25, 0.86, 0.32, 0.100),
)
"""Root (x, y), tip (x, y) and half width of the fingers and the thumb, in breadths of the hand."""

PALM: Final = (0.0, -0.12, 0.0, 0.08, 0.46)
ARM: Final = (0.0, -0.3, 0.0, -6.0, 0.33)


class Shadow(Part):
    """A shadow on the page.

    Parameters
    ----------
    depth
        Share of the light that is missing in the shadow; 0 is no shadow.
    shape
        The straight ``edge`` of something that shades all on one side, the ``phone`` that takes the
        picture, or a ``hand`` with its arm.
    x, y
        Where on the image: a point of the edge, the middle of the phone, or the palm; shares of its
        width and height from the top left.
    angle_deg
        Where it points, counter-clockwise: at 90 the fingers point up and the phone stands upright;
        an edge shades what lies on the other side, at 90 all below it.
    size_mm
        Breadth of the phone or the hand as the shadow has it.
    softness_mm
        Breadth of the soft edge.
    temperature_k
        Colour temperature of what lights the shadow still, beside the rest of the page: low is brown,
        6500 the same, high is blue.
    """

    depth: float = Field(default=0.0, ge=0, le=1)
    shape: Literal["edge", "phone", "hand"] = "edge"
    x: float = Field(default=0.5, ge=-1, le=2)
    y: float = Field(default=0.7, ge=-1, le=2)
    angle_deg: float = Field(default=90.0, ge=-360, le=360)
    size_mm: float = Field(default=100.0, ge=10, le=1000)
    softness_mm: float = Field(default=30.0, ge=1, le=300)
    temperature_k: float = Field(default=DAYLIGHT_K, ge=1000, le=40000)


def shadow_mask(shadow: Shadow, x: Map, y: Map, shape: tuple[int, int], px_per_mm: float) -> Map:
    """Return how much of the shadow lies on places of an image: 0 outside, 1 in its middle.

    Parameters
    ----------
    shadow
        The shadow.
    x, y
        The places in pixels; their shapes are broadcast.
    shape
        Height and width of the image in pixels.
    px_per_mm
        Pixels per millimetre.

    Examples
    --------
    >>> x, y = np.float32([[50]]), np.float32([[0], [70], [100]])
    >>> shadow_mask(Shadow(depth=0.5), x, y, (100, 100), 1.0).ravel().tolist()
    [0.0, 0.5, 1.0]
    """
    angle = math.radians(shadow.angle_deg)
    right, down = np.float32(math.cos(angle) / px_per_mm), np.float32(-math.sin(angle) / px_per_mm)
    dx: Map = x - np.float32(shadow.x * shape[1])
    dy: Map = y - np.float32(shadow.y * shape[0])
    along: Map = dx * right + dy * down
    if shadow.shape == "edge":
        inside = -along
    else:
        size = np.float32(shadow.size_mm)
        outline = _phone if shadow.shape == "phone" else _hand
        across: Map = dy * right - dx * down
        inside = outline(across / size, along / size) * size
    share = np.clip(inside / np.float32(shadow.softness_mm) + np.float32(0.5), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)


def _phone(across: Map, along: Map) -> Map:
    """Distance to the outline of an upright telephone 1 broad, positive inside."""
    x = np.abs(across) - np.float32(0.5 - PHONE_CORNER)
    y = np.abs(along) - np.float32(PHONE_LENGTH / 2 - PHONE_CORNER)
    outside = np.sqrt(np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2) + np.minimum(np.maximum(x, y), 0)
    return np.asarray(np.float32(PHONE_CORNER) - outside, dtype=np.float32)


def _hand(across: Map, along: Map) -> Map:
    """Distance to the outline of a spread hand 1 broad with its arm, positive inside."""
    inside = _capsule(across, along, PALM)
    for part in (ARM, *FINGERS):
        np.maximum(inside, _capsule(across, along, part), out=inside)
    return inside


def _capsule(x: Map, y: Map, line: tuple[float, float, float, float, float]) -> Map:
    """Distance to the outline of a thick line with round ends, positive inside."""
    x0, y0, x1, y1, half_width = line
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = np.float32((x1 - x0) / length), np.float32((y1 - y0) / length)
    dx, dy = x - np.float32(x0), y - np.float32(y0)
    beyond = dx * ux + dy * uy
    beyond -= np.clip(beyond, 0, np.float32(length))
    beside = dx * uy - dy * ux
    return np.asarray(np.float32(half_width) - np.sqrt(beyond * beyond + beside * beside), dtype=np.float32)
