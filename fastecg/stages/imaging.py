"""Imaging: what a camera or a scanner makes of the page that lies before it.

Source: ECG-Image-Kit (arXiv 2307.01946), section 3.7, "imaging artifacts"; light, blur, screens,
scanners and fax are ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.parts import Part
from fastecg.stages.bilevel import Bilevel, Fax, fax_image, reduce_levels
from fastecg.stages.compression import compress
from fastecg.stages.light import Light, light_nodes
from fastecg.stages.optics import Blur, blur_image
from fastecg.stages.scanner import Scanner, scan, white_factors
from fastecg.stages.screen import Screen, show_on_screen
from fastecg.stages.sensor import Noise, Tone, expose
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from fastecg.spec import PageSpec


class Imaging(Part):
    """Imaging: light, colour, blur, noise and the scanner's or camera's own traces.

    Parameters
    ----------
    enabled
        Whether the page goes through a camera or scanner at all.
    blur, screen, light, tone, noise, scanner, bilevel, fax
        What happens to it, in this order; each changes nothing unless it is told to.
    jpeg_quality
        Quality of the JPEG file that the image was before; 100 is none.
    """

    enabled: bool = False
    blur: Blur = Blur()
    screen: Screen = Screen()
    light: Light = Light()
    tone: Tone = Tone()
    noise: Noise = Noise()
    scanner: Scanner = Scanner()
    bilevel: Bilevel = Bilevel()
    fax: Fax = Fax()
    jpeg_quality: int = Field(default=100, ge=1, le=100)


def take(image: NDArray[np.uint8], spec: PageSpec, kernels: Kernels) -> NDArray[np.uint8]:
    """Take the picture: blur, screen, light and noise, then scanner, black and white, fax and JPEG.

    The same image and spec give the same bytes; where every value is neutral, the image stays as
    it is. Millimetres are those of the page, at the page's resolution.

    Parameters
    ----------
    image
        What the camera sees, shape (H, W, 3), uint8 RGB, contiguous. It may be changed in place.
    spec
        The page's values; noise, streaks and the like take their places from its key.
    kernels
        The backend.

    Returns
    -------
    ndarray
        Shape (H, W, 3), uint8 RGB: the array that was given, or a new one.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg_kernels import load_backend
    >>> spec = make_spec({"imaging": {"enabled": True, "light": {"exposure_ev": -2.2}}})
    >>> take(np.full((2, 2, 3), 200, np.uint8), spec, load_backend("cpu"))[0, 0].tolist()
    [100, 100, 100]
    """
    imaging, px_per_mm = spec.imaging, spec.page.px_per_mm
    if not imaging.enabled:
        return image
    name = f"{spec.key}/imaging"
    image = blur_image(image, imaging.blur, px_per_mm)
    show_on_screen(image, imaging.screen, px_per_mm, f"{name}/screen", kernels)
    expose(image, lit_nodes(spec, image.shape), imaging.tone, imaging.noise, spec.key, kernels)
    return process(image, spec, kernels)


def lit_nodes(spec: PageSpec, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return what light and the scanner's white multiply an image by, at its nodes; see ``light_nodes``.

    Parameters
    ----------
    spec
        The page's values.
    shape
        Of the image; height and width count.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> lit_nodes(make_spec({}), (16, 24, 3)).shape
    (3, 4, 3)
    """
    light = light_nodes(spec.imaging.light, (shape[0], shape[1]), spec.page.px_per_mm)
    return light * white_factors(spec.imaging.scanner)


def process(image: NDArray[np.uint8], spec: PageSpec, kernels: Kernels) -> NDArray[np.uint8]:
    """Do what comes after light and noise: scanner, black and white, fax and JPEG.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB, contiguous. It may be changed in place.
    spec
        The page's values.
    kernels
        The backend.

    Returns
    -------
    ndarray
        Shape (H, W, 3), uint8 RGB: the array that was given, or a new one.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg_kernels import load_backend
    >>> spec = make_spec({"imaging": {"enabled": True, "bilevel": {"mode": "global"}}})
    >>> np.unique(process(np.full((9, 9, 3), 200, np.uint8), spec, load_backend("cpu"))).tolist()
    [255]
    """
    imaging, px_per_mm = spec.imaging, spec.page.px_per_mm
    if not imaging.enabled:
        return image
    name = f"{spec.key}/imaging"
    scan(image, imaging.scanner, px_per_mm, f"{name}/scanner", kernels)
    image = reduce_levels(image, imaging.bilevel, px_per_mm)
    image = fax_image(image, imaging.fax, px_per_mm, f"{name}/fax", kernels)
    return compress(image, imaging.jpeg_quality)
