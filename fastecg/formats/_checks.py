"""What every image writer asks of its arguments."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import OutputError

MAX_BYTES: Final = 2_000_000_000  # a PNG chunk holds up to 2**31 - 1
MAX_DPI: Final = 65_535  # two bytes in a JPEG


def checked_image(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the image, contiguous, if a writer can take it.

    Parameters
    ----------
    image
        Pixels, shape (H, W, 3) for RGB or (H, W) for grey, uint8; any strides.

    Raises
    ------
    OutputError
        If it is no such array, is empty, or holds more than 2 GB.
    """
    dtype = getattr(image, "dtype", None)
    if dtype != np.uint8 or not isinstance(image, np.ndarray):
        raise OutputError(
            f"the image is a {type(image).__name__} of {dtype}", "an array of uint8", "round and convert it"
        )
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)) or image.size == 0:
        raise OutputError(f"the image has the shape {image.shape}", "(H, W, 3) RGB or (H, W) grey, not empty")
    if image.size > MAX_BYTES:
        raise OutputError(
            f"the image of shape {image.shape} holds {image.size} bytes", f"{MAX_BYTES}", "lower the dpi"
        )
    return np.ascontiguousarray(image)


def checked_dpi(dpi: float) -> float:
    """Return the dpi if files can hold it.

    Raises
    ------
    OutputError
        If it is not between 1 and 65,535.
    """
    if not (math.isfinite(dpi) and 1 <= dpi <= MAX_DPI):
        raise OutputError(f"dpi is {dpi}", f"1 to {MAX_DPI}")
    return dpi
