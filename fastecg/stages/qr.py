"""QR codes as coverage: square modules of whole pixels, as a printer lays them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DATA_MASK = 6
"""The one with which OpenCV's reader fails least."""

QUIET_MODULES = 4
"""White around a code, in modules (ISO/IEC 18004, 6.3.8)."""


def qr_modules(content: str) -> NDArray[np.bool_]:
    """Return a QR code's modules without its quiet zone, shape (n, n); True is dark.

    The error correction is M, 15 %, and the data mask always the same of the eight: readers take
    any, and weighing all of them, as ISO/IEC 18004 has it, takes as long as the rest of a header.

    Examples
    --------
    >>> qr_modules("9990123456").shape
    (21, 21)
    """
    import segno  # noqa: PLC0415 - only pages with a code

    code = segno.make_qr(content, error="m", mask=DATA_MASK, boost_error=False)
    return np.array([list(row) for row in code.matrix], dtype=np.uint8).astype(bool)


def qr_mask(content: str, side_px: int) -> NDArray[np.uint8]:
    """Return a QR code as coverage, shape (n, n), n at most ``side_px``.

    Modules are as many whole pixels as fit; a code of more modules than pixels is averaged, as
    a scanner of that resolution would see it.

    Examples
    --------
    >>> qr_mask("9990123456", 100).shape, qr_mask("9990123456", 15).shape
    ((84, 84), (15, 15))
    """
    dark = qr_modules(content)
    pixels = side_px // len(dark)
    if pixels:
        return np.where(dark, np.uint8(255), np.uint8(0)).repeat(pixels, axis=0).repeat(pixels, axis=1)
    edges = np.linspace(0, len(dark), side_px + 1)
    weights = np.clip(np.arange(1, len(dark) + 1) - edges[:-1, None], 0, 1)
    weights -= np.clip(np.arange(1, len(dark) + 1) - edges[1:, None], 0, 1)
    share = weights @ dark @ weights.T / (edges[1] ** 2)
    mask: NDArray[np.uint8] = np.rint(255 * share).astype(np.uint8)
    return mask
