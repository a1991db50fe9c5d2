"""JPEG files, by libjpeg-turbo."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import OutputError
from fastecg.formats._checks import checked_dpi, checked_image

_MAX_SIDE: Final = 65_500  # libjpeg's own limit
_JFIF: Final = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
_DENSITY_AT: Final = len(_JFIF) + 2  # after the two bytes of the version


def encode_jpeg(image: NDArray[np.uint8], dpi: float, *, quality: int = 95) -> bytes:
    """Return an image as a JPEG file: baseline, colour at half resolution (4:2:0).

    Parameters
    ----------
    image
        Pixels, shape (H, W, 3) for RGB or (H, W) for grey, uint8; any strides; sides up to 65,500.
    dpi
        Pixels per inch, 1 to 65,535, written rounded to whole ones.
    quality
        1 to 100.

    Raises
    ------
    OutputError
        If an argument is not as above.

    Examples
    --------
    >>> import numpy as np
    >>> encode_jpeg(np.zeros((2, 3, 3), np.uint8), dpi=200)[6:10]
    b'JFIF'

    References
    ----------
    ITU-T T.871 (JFIF), section 10.1: the density in the header.
    """
    import cv2  # noqa: PLC0415 - 0.1 s

    density = round(checked_dpi(dpi))
    if not 1 <= quality <= 100:
        raise OutputError(f"JPEG quality is {quality}", "1 to 100")
    pixels = checked_image(image)
    if max(pixels.shape) > _MAX_SIDE:
        raise OutputError(
            f"the image has the shape {pixels.shape}", f"sides up to {_MAX_SIDE} in a JPEG", "write a PNG"
        )
    if pixels.ndim == 3:
        pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), np.uint8)
    # Pillow takes the same time on one thread, but two threads of it do 1.4 pages at a time, of cv2 1.9.
    options = [
        *(cv2.IMWRITE_JPEG_QUALITY, quality),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420),
    ]
    done, encoded = cv2.imencode(".jpg", pixels, options)
    data = bytearray(encoded)
    if not done or not data.startswith(_JFIF):
        raise OutputError("OpenCV wrote no JPEG file", action="reinstall opencv-python-headless")
    struct.pack_into(">BHH", data, _DENSITY_AT, 1, density, density)  # 1: pixels per inch
    return bytes(data)
