"""Optics: defocus and motion blur."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.parts import Part

SMALL_DISC_PX: Final = 1.5
"""Up to this radius a disc and a Gaussian of the same variance look alike, and cv2.GaussianBlur takes
a third of the time of cv2.filter2D (bench/bench_imaging.py, blur)."""

LEAST_PX: Final = 0.1
"""A disc narrower than this changes nothing, and a line no longer than a pixel neither."""


class Blur(Part):
    """Blur of a lens that is out of focus, and of a camera that moves.

    Parameters
    ----------
    defocus_mm
        Radius of the disc that a point becomes, on the paper.
    motion_mm
        Length of the line that a point becomes, on the paper.
    motion_deg
        Direction of the motion, counter-clockwise from the right.
    """

    defocus_mm: float = Field(default=0.0, ge=0, le=3)
    motion_mm: float = Field(default=0.0, ge=0, le=10)
    motion_deg: float = Field(default=0.0, ge=-360, le=360)


def blur_image(image: NDArray[np.uint8], blur: Blur, px_per_mm: float) -> NDArray[np.uint8]:
    """Return an image blurred; it is the same array where there is nothing to do.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8.
    blur
        How it is blurred.
    px_per_mm
        Pixels per millimetre.

    Examples
    --------
    >>> image = np.zeros((9, 9, 3), np.uint8)
    >>> image[4, 4] = 255
    >>> blur_image(image, Blur(motion_mm=3), 1.0)[4, 2:7, 0].tolist()
    [0, 85, 85, 85, 0]
    """
    for weights in _passes(blur, px_per_mm):
        image = _soften(image, weights) if isinstance(weights, float) else _filter(image, weights)
    return image


def blur_weights(blur: Blur, px_per_mm: float) -> list[NDArray[np.float32]]:
    """Return what ``blur_image`` filters an image with, one after another, for a GPU to do the same.

    Parameters
    ----------
    blur
        How it is blurred.
    px_per_mm
        Pixels per millimetre.

    Returns
    -------
    list
        Shape (n,), float32: whole numbers of sum 256, along both axes. Shape (n, n): of sum 1.

    Examples
    --------
    >>> [weights.shape for weights in blur_weights(Blur(defocus_mm=0.1, motion_mm=0.5), 10.0)]
    [(5,), (5, 5)]
    """
    return [
        gaussian_weights(weights) if isinstance(weights, float) else weights
        for weights in _passes(blur, px_per_mm)
    ]


def _passes(blur: Blur, px_per_mm: float) -> Iterator[float | NDArray[np.float32]]:
    """Yield what an image is filtered with: a Gaussian's standard deviation in pixels, or weights."""
    radius, length = blur.defocus_mm * px_per_mm, blur.motion_mm * px_per_mm
    if radius > SMALL_DISC_PX:
        yield disc_kernel(radius)
    elif radius > LEAST_PX:
        yield radius / 2
    if length > 1:
        yield line_kernel(length, blur.motion_deg)


def gaussian_weights(sd: float) -> NDArray[np.float32]:
    """Return a Gaussian in 256ths, whole numbers, as OpenCV has it for bytes.

    Each weight takes over what rounding cost the one before, and the middle one what is left of 256.

    Examples
    --------
    >>> gaussian_weights(0.5).tolist()
    [0.0, 27.0, 202.0, 27.0, 0.0]
    """
    reach = _reach(sd)
    exact = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sd * sd))
    exact *= 256 / exact.sum()
    weights, carried = np.zeros(2 * reach + 1, np.float32), 0.0
    for k in range(reach):
        wanted = float(exact[k]) + carried
        weights[k] = weights[-1 - k] = round(wanted)
        carried = wanted - round(wanted)
    weights[reach] = 256 - weights.sum()
    return weights


def _reach(sd: float) -> int:
    return math.ceil(2.5 * sd)


def disc_kernel(radius: float) -> NDArray[np.float32]:
    """Return a disc with soft pixels at its rim, square and of odd size, of sum 1.

    Examples
    --------
    >>> disc_kernel(1.0).shape
    (3, 3)
    """
    reach = math.ceil(radius - 0.25)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return np.asarray(disc / disc.sum(), dtype=np.float32)


def line_kernel(length: float, angle_deg: float) -> NDArray[np.float32]:
    """Return a thin line through the middle of an odd square, of sum 1.

    Examples
    --------
    >>> (line_kernel(5.0, 0.0)[2] * 5).round().tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    angle = math.radians(angle_deg)
    reach = max(math.ceil(length / 2 - 0.5), 1)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along = np.abs(x * math.cos(angle) - y * math.sin(angle))
    across = np.abs(x * math.sin(angle) + y * math.cos(angle))
    line = np.clip(length / 2 + 0.5 - along, 0, 1) * np.clip(1 - across, 0, 1)
    return np.asarray(line / line.sum(), dtype=np.float32)


def _soften(image: NDArray[np.uint8], sd: float) -> NDArray[np.uint8]:
    import cv2  # noqa: PLC0415 - 0.1 s, and clean pages need none

    size = 2 * _reach(sd) + 1
    return np.asarray(
        cv2.GaussianBlur(image, (size, size), sd, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def _filter(image: NDArray[np.uint8], kernel: NDArray[np.float32]) -> NDArray[np.uint8]:
    import cv2  # noqa: PLC0415 - 0.1 s, and clean pages need none

    return np.asarray(cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)
