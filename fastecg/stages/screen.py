"""Screen: the moiré of a page photographed from a screen, and the screen's own pixels."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.chance import stream
from fastecg.parts import Part
from fastecg_kernels import Kernels
from fastecg_kernels.nodes import NODE_STEP, nodes_shape

SECOND: Final = (73.0, 1.37)
"""The second set of bands: how far it is turned against the first, in degrees, and how much broader it is."""

WARPS: Final = 3
"""How many slow waves bend the bands together."""


class Screen(Part):
    """Bands that a camera sees on a screen, where its pixels and the screen's beat.

    Parameters
    ----------
    strength
        Share of the light that the bands' dark parts lack; 0 is none.
    pitch_mm
        Distance of the bands, on the page as it is shown.
    angle_deg
        Direction across the bands, counter-clockwise from the right.
    color
        How far the bands of red, green and blue lie apart, as the stripes of a pixel do: 0 is grey
        bands, 1 is a third of a band, which makes them magenta and green.
    bend
        By how many bands lens and perspective bend them.
    mesh
        Share of the light that the gaps between the screen's pixels lack.
    mesh_mm
        Distance of the screen's pixels, on the page as it is shown.
    """

    strength: float = Field(default=0.0, ge=0, le=1)
    pitch_mm: float = Field(default=8.0, ge=0.5, le=100)
    angle_deg: float = Field(default=20.0, ge=-360, le=360)
    color: float = Field(default=0.6, ge=0, le=1)
    bend: float = Field(default=4.0, ge=0, le=20)
    mesh: float = Field(default=0.0, ge=0, le=1)
    mesh_mm: float = Field(default=0.35, ge=0.05, le=5)


def show_on_screen(
    image: NDArray[np.uint8], screen: Screen, px_per_mm: float, name: str, kernels: Kernels
) -> None:
    """Lay a screen's bands and pixels on an image, in place.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8, contiguous.
    screen
        What to lay on.
    px_per_mm
        Pixels per millimetre.
    name
        Name of the random stream that says where the bands lie and how they bend.
    kernels
        The backend.
    """
    shape = image.shape[0], image.shape[1]
    if screen.strength > 0:
        bent = _bends(shape, name) * np.float32(screen.bend)
        period = screen.pitch_mm * px_per_mm
        third = np.array([0, 1 / 3, 2 / 3], np.float32) * np.float32(screen.color)
        bands = _turns(shape, period, screen.angle_deg) + bent
        kernels.moire(image, bands[:, :, None] + third, screen.strength)
        turn, wider = SECOND
        grey = _turns(shape, period * wider, screen.angle_deg + turn) + bent * np.float32(0.6)
        kernels.moire(image, np.repeat(grey[:, :, None], 3, axis=2), screen.strength / 2)
    if screen.mesh > 0:
        for angle_deg in (0.0, 90.0):
            lines = _turns(shape, screen.mesh_mm * px_per_mm, screen.angle_deg / 8 + angle_deg)
            kernels.moire(image, np.repeat(lines[:, :, None], 3, axis=2), screen.mesh)


def _turns(shape: tuple[int, int], period_px: float, angle_deg: float) -> NDArray[np.float32]:
    """How many bands lie between the top left corner and each node."""
    rows, columns = nodes_shape(*shape)
    angle = math.radians(angle_deg)
    x = np.arange(columns) * (NODE_STEP * math.cos(angle) / period_px)
    y = np.arange(rows) * (-NODE_STEP * math.sin(angle) / period_px)
    return np.asarray(x[None, :] + y[:, None], dtype=np.float32)


def _bends(shape: tuple[int, int], name: str) -> NDArray[np.float32]:
    """Slow waves over the page, about 1 high together; a bow of the whole page first."""
    rows, columns = nodes_shape(*shape)
    rng = stream(name)
    x = np.linspace(-0.5, 0.5, columns)[None, :]
    y = np.linspace(-0.5, 0.5, rows)[:, None]
    bent = 2 * (rng.uniform(-1, 1) * x * x + rng.uniform(-1, 1) * y * y) + rng.uniform(0, 1)
    for _ in range(WARPS):
        across, down = rng.uniform(-1.2, 1.2, 2)
        height, phase = rng.uniform(0.1, 0.35), rng.uniform(0, 2 * math.pi)
        bent = bent + height * np.sin(2 * math.pi * (across * x + down * y) + phase)
    return np.asarray(bent, dtype=np.float32)
