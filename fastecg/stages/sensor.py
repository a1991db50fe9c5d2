"""Sensor: tone and noise, laid on together with the light in one pass.

Source: ECG-Image-Kit (arXiv 2307.01946), section 3.7, eqs. 5 to 7: Gaussian, Poisson, and salt and
pepper noise.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.parts import Part
from fastecg_kernels import Kernels

MIDDLE_GREY: Final = 128.0
"""The grey level that contrast leaves as it is."""


class Tone(Part):
    """How light becomes grey levels.

    Parameters
    ----------
    contrast
        Distances from middle grey are multiplied by it.
    veil
        Grey level of what should be black, as stray light makes it; white stays white.
    """

    contrast: float = Field(default=1.0, ge=0.2, le=3)
    veil: float = Field(default=0.0, ge=0, le=150)


class Noise(Part):
    """Noise of the sensor; photographs of real pages have a few grey levels of it.

    Parameters
    ----------
    gaussian_sd
        Standard deviation of noise that is the same everywhere, grey levels; the paper goes up to 50,
        which drowns the grid.
    poisson_sd
        Standard deviation at white of noise that grows with the root of the light, grey levels: 255
        over the root of the number of photons that make white.
    salt_pepper
        Share of pixels that are black or white instead.
    """

    gaussian_sd: float = Field(default=0.0, ge=0, le=255)
    poisson_sd: float = Field(default=0.0, ge=0, le=60)
    salt_pepper: float = Field(default=0.0, ge=0, le=1)


def expose(
    image: NDArray[np.uint8],
    light: NDArray[np.float32],
    tone: Tone,
    noise: Noise,
    key: int,
    kernels: Kernels,
) -> None:
    """Lay light, tone and noise on an image, in place.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8, contiguous.
    light
        Factors at the nodes, as ``fastecg.stages.light.light_nodes`` gives them.
    tone, noise
        What to lay on.
    key
        Number of the page: all of its noise hangs on it.
    kernels
        The backend.
    """
    nodes, offset = exposure(light, tone, noise)
    if nodes is not None:
        kernels.develop(image, nodes, offset, noise.gaussian_sd, noise.poisson_sd, key)
    if noise.salt_pepper > 0:
        kernels.salt_pepper(image, noise.salt_pepper, key)


def exposure(
    light: NDArray[np.float32], tone: Tone, noise: Noise
) -> tuple[NDArray[np.float32] | None, float]:
    """Return what the grey levels of an image are multiplied by, at the nodes, and what is added to them.

    Parameters
    ----------
    light
        Factors at the nodes.
    tone, noise
        What is laid on.

    Returns
    -------
    tuple
        Shape and type of the light, or None if light, tone and noise all change nothing; grey levels.

    Examples
    --------
    >>> nodes, offset = exposure(np.ones((2, 2, 3), np.float32), Tone(veil=51), Noise())
    >>> round(float(nodes[0, 0, 0]), 2), offset
    (0.8, 51.0)
    """
    range_share = 1 - tone.veil / 255
    factor = tone.contrast * range_share
    offset = (1 - tone.contrast) * MIDDLE_GREY * range_share + tone.veil
    still = factor == 1 and offset == 0 and not noise.gaussian_sd and not noise.poisson_sd
    if still and (light == 1).all():
        return None, offset
    return (light if factor == 1 else light * np.float32(factor)), offset
