"""Colour temperature: what a camera set to daylight makes of light that is warmer or colder.

The colour of a black body comes from Planck's law and the CIE 1931 standard observer, taken as
the sums of Gaussians of Wyman, Sloan and Shirley (2013, "Simple analytic approximations to the
CIE XYZ color matching functions", Journal of Computer Graphics Techniques 2(2), eq. 4), which
hold from 1,000 to 40,000 K, where the usual polynomials end at 1,667 and 25,000 K. From there
to sRGB by the matrix of IEC 61966-2-1.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

DAYLIGHT_K: Final = 6500.0
"""What the camera takes for white."""

GAMMA: Final = 2.2
"""A grey level goes as light to the power of 1 / 2.2: k times the light is k ** (1 / 2.2) times the level."""

SECOND_RADIATION_NM_K: Final = 1.438777e7
LEAST_LIGHT: Final = 0.01
"""Below 1,950 K, a black body has less blue than sRGB can say; that much is left of it."""

LOBES: Final[tuple[tuple[tuple[float, float, float, float], ...], ...]] = (
    ((1.056, 599.8, 37.9, 31.0), (0.362, 442.0, 16.0, 26.7), (-0.065, 501.1, 20.4, 26.2)),
    ((0.821, 568.8, 46.9, 40.5), (0.286, 530.9, 16.3, 31.1)),
    ((1.217, 437.0, 11.8, 36.0), (0.681, 459.0, 26.0, 13.8)),
)
"""Height, centre in nm, and width in nm below and above it, of the Gaussians of x, y and z."""

XYZ_TO_SRGB: Final = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)


def black_body_xyz(temperature_k: float) -> NDArray[np.float64]:
    """Return the colour of a black body, CIE 1931 XYZ with Y = 1, shape (3,).

    Parameters
    ----------
    temperature_k
        Temperature, 1,000 to 40,000 K.

    Examples
    --------
    >>> xyz = black_body_xyz(6500)
    >>> (xyz[:2] / xyz.sum()).round(3).tolist()
    [0.313, 0.324]
    """
    wavelengths = np.arange(360.0, 831.0, 5.0)
    energy = wavelengths**-5.0 / np.expm1(SECOND_RADIATION_NM_K / (wavelengths * temperature_k))
    xyz = np.array([np.sum(energy * _observer(wavelengths, lobes)) for lobes in LOBES])
    return np.asarray(xyz / xyz[1])


def _observer(
    wavelengths: NDArray[np.float64], lobes: tuple[tuple[float, float, float, float], ...]
) -> NDArray[np.float64]:
    """One of the observer's three curves."""
    curve = np.zeros_like(wavelengths)
    for height, centre, below, above in lobes:
        width = np.where(wavelengths < centre, below, above)
        curve += height * np.exp(-0.5 * ((wavelengths - centre) / width) ** 2)
    return curve


def _light(temperature_k: float) -> tuple[float, float, float]:
    """Light of a temperature as linear sRGB, daylight being (1, 1, 1)."""
    matrix = np.array(XYZ_TO_SRGB)
    light = matrix @ black_body_xyz(temperature_k) / (matrix @ black_body_xyz(DAYLIGHT_K))
    red, green, blue = np.maximum(light, LEAST_LIGHT).tolist()
    return red, green, blue


def light_color(temperature_k: float, adaptation: float) -> NDArray[np.float32]:
    """Return what a temperature multiplies the light of red, green and blue by, shape (3,).

    The strongest of the three is 1, so that white paper keeps its detail; 6,500 K gives 1 for
    all. Low temperatures are red, high ones blue, as on a photograph taken in that light with
    the white balance left at daylight.

    Parameters
    ----------
    temperature_k
        Temperature of the light, 1,000 to 40,000 K.
    adaptation
        Share of the cast that the camera's white balance takes out: 0 none, 1 all of it.

    Examples
    --------
    >>> (100 * light_color(2856, 0.0)).round().tolist()
    [100.0, 48.0, 13.0]
    >>> (100 * light_color(2856, 0.8)).round().tolist()
    [100.0, 86.0, 66.0]
    """
    cast = np.array(_light(float(temperature_k))) ** (1.0 - adaptation)
    return np.asarray(cast / cast.max(), dtype=np.float32)
