"""Textures to quilt wrinkles from, and back from a quilted sheet to slopes.

What is quilted is the curvature of the paper, with its slopes beside it to say what fits. Flat
facets have none, only ridges have: a cut through level paper leaves no trace, and where a ridge is cut it
ends, as ridges do. The sheet's slopes are those of the surface with the quilted curvature, so they fit
together everywhere (Frankot and Chellappa, IEEE PAMI 10(4), 1988, solve for it the same way).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import RecipeError

PX_PER_MM: Final = 4.0
"""Pixels per millimetre of textures and sheets."""

SLOPE: Final = 24.0
"""Standard deviation of slopes as bytes, around 128."""

FULL: Final = 110.0
"""Where slopes as bytes bend towards their limit."""

RIDGE: Final = 40.0
"""One curvature in a thousand is larger than this, as a byte."""

LONGEST_MM: Final = 60.0
"""Waves of the paper much longer than this are left to the curl of the page."""

FLOAT = TypeVar("FLOAT", np.float32, np.float64)


def to_texture(heights: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return curvature and slopes of a surface as bytes around 128.

    Parameters
    ----------
    heights
        Shape (H, W), float64, in pixels; both sides at least 16.

    Returns
    -------
    ndarray
        Shape (H - 4, W - 4, 3), uint8: curvature, slope along x, slope along y. All 128 where
        the surface is flat.

    Examples
    --------
    >>> to_texture(np.zeros((20, 30))).shape
    (16, 26, 3)
    """
    bent = -4 * heights
    for axis in (0, 1):
        bent += np.roll(heights, 1, axis) + np.roll(heights, -1, axis)
    bent = bent[2:-2, 2:-2]
    texture = np.empty((*bent.shape, 3))
    texture[:, :, 0] = bent * (RIDGE / max(np.quantile(np.abs(bent), 0.999), 1e-12))
    texture[:, :, 1:] = _limited(slopes_of(bent))
    return np.clip(np.round(texture) + 128, 0, 255).astype(np.uint8)


def to_slopes(sheet: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the slopes of a quilted sheet as bytes around 128.

    Parameters
    ----------
    sheet
        Shape (H, W, 3), uint8, quilted from ``to_texture``.

    Returns
    -------
    ndarray
        Shape (H, W, 2), uint8: slope along x and y. They go on from the right edge to the left
        one, and from the bottom to the top, without a step.

    Examples
    --------
    >>> int(to_slopes(np.full((16, 24, 3), 128, np.uint8)).max())
    128
    """
    bent = sheet[:, :, 0].astype(np.float32) - np.float32(128)
    return np.clip(np.round(_limited(slopes_of(bent))) + 128, 0, 255).astype(np.uint8)


def slopes_of(curvature: NDArray[FLOAT]) -> NDArray[FLOAT]:
    """Return the slopes, shape (H, W, 2), of the surface with a curvature, shape (H, W), by its spectrum."""
    height, width = curvature.shape
    # In the type of what is given: float32 takes half as long for a sheet, and only its last bit is lost.
    kind = curvature.dtype.type
    down = (2 - 2 * np.cos(2 * np.pi * np.fft.fftfreq(height))).astype(kind)
    across = (2 - 2 * np.cos(2 * np.pi * np.fft.rfftfreq(width))).astype(kind)
    spectrum = np.fft.rfft2(curvature)
    spectrum /= -(down[:, None] + across[None, :] + kind((2 * np.pi / (LONGEST_MM * PX_PER_MM)) ** 2))
    surface = np.fft.irfft2(spectrum, s=curvature.shape)
    slopes = np.empty((height, width, 2), curvature.dtype)
    for axis, channel in ((1, 0), (0, 1)):
        slopes[:, :, channel] = (np.roll(surface, -1, axis) - np.roll(surface, 1, axis)) / 2
    return slopes


def _limited(slopes: NDArray[FLOAT]) -> NDArray[FLOAT]:
    """Bring slopes to their standard deviation, and bend the steepest ones towards a limit."""
    scale = slopes.std(dtype=np.float64)
    if scale < 1e-12:
        return slopes
    slopes = slopes * slopes.dtype.type(SLOPE / scale)
    return np.asarray(slopes / np.sqrt(1 + (slopes / slopes.dtype.type(FULL)) ** 2), slopes.dtype)


def picture_heights(path: str, width_mm: float, least_px: int) -> NDArray[np.float64]:
    """Return the heights of a sheet of paper seen in a picture, from its light and shade.

    The light is taken to come along the direction in which the picture varies most (Pentland,
    "Linear shape from shading", IJCV 1990): lit along that direction, the surface shows the picture's
    own light and shade again.

    Parameters
    ----------
    path
        A picture in any format that OpenCV reads, in colour or grey.
    width_mm
        Width of the paper seen in it, mm.
    least_px
        Smallest height and width at 4 pixels per mm.

    Raises
    ------
    RecipeError
        If the picture cannot be read, or shows too little paper or no shade.
    """
    light = _read(path, width_mm, least_px)
    down, across = np.gradient(light)
    # The direction in which the light varies most, from its structure tensor.
    angle = 0.5 * np.arctan2(2 * (across * down).mean(), (across**2).mean() - (down**2).mean())
    ky = 2 * np.pi * np.fft.fftfreq(light.shape[0])[:, None]
    kx = 2 * np.pi * np.fft.rfftfreq(light.shape[1])[None, :]
    length2 = kx * kx + ky * ky
    along = kx * np.cos(angle) + ky * np.sin(angle)
    # Waves along the light's direction are not lit by it: the share of the square keeps them small.
    share = along**2 + 0.05 * length2 + (2 * np.pi / (LONGEST_MM * PX_PER_MM)) ** 2
    grain = np.exp(-length2 * (0.25 * PX_PER_MM) ** 2 / 2)
    spectrum = np.fft.rfft2(light - light.mean()) * (1j * along * grain / share)
    return np.asarray(np.fft.irfft2(spectrum, s=light.shape), np.float64)


def _read(path: str, width_mm: float, least_px: int) -> NDArray[np.float64]:
    """Return the brightness of a picture at the textures' resolution."""
    import cv2  # noqa: PLC0415 - slow to import, and few pages need it

    given, wanted = f"wrinkles.texture is {path!r}", "crumpled, or the path of a picture of paper"
    try:
        data = np.frombuffer(Path(path).read_bytes(), np.uint8)
    except OSError as error:
        raise RecipeError(
            f"{given}, which cannot be read: {error.strerror or error}", wanted, "check the path"
        ) from None
    image: Any = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    if image is None:
        raise RecipeError(
            f"{given}, which is not a picture that OpenCV reads", wanted, "save it as PNG or JPEG"
        )
    scale = width_mm * PX_PER_MM / image.shape[1]
    height, width = round(image.shape[0] * scale), round(image.shape[1] * scale)
    if min(height, width) < least_px or max(height, width) > 4096:
        raise RecipeError(
            f"{given}, of {width / PX_PER_MM:g} x {height / PX_PER_MM:g} mm",
            f"sides of {least_px / PX_PER_MM:g} to {4096 / PX_PER_MM:g} mm",
            "change wrinkles.texture_mm, the width of the paper in the picture",
        )
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    light = np.asarray(cv2.resize(image.astype(np.float64), (width, height), interpolation=how), np.float64)
    if light.std() < 1e-3:
        raise RecipeError(f"{given}, which is of one grey", wanted, "choose a picture with light and shade")
    return light
