"""Compression: the artefacts of an image that was a JPEG file before."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.formats.jpeg import encode_jpeg

LOSSLESS: Final = 100
"""The quality that leaves the image alone."""


def compress(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Return an image encoded as a JPEG of a quality and decoded again; 100 returns the same array.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8.
    quality
        1 to 100.

    Examples
    --------
    >>> compress(np.full((8, 8, 3), 200, np.uint8), 50)[0, 0].tolist()
    [200, 200, 200]
    """
    if quality >= LOSSLESS:
        return image
    import cv2  # noqa: PLC0415 - 0.1 s, and clean pages need none

    coded = np.frombuffer(encode_jpeg(image, dpi=100, quality=quality), np.uint8)
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(np.asarray(decoded), cv2.COLOR_BGR2RGB), dtype=np.uint8)
