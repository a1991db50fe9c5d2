"""Shadow: the light that a page leaves to the surface it lies on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from fastecg.stages.perspective import Below

SPACING_PX: Final = 16
"""Page pixels between two places of light; a shadow's edge is softer than that."""


def shadow_light(
    shape: tuple[int, ...], alpha: NDArray[np.uint8] | None, below: Below, px_per_mm: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the light that is left below and around a page, as ``warp_page`` takes it.

    The shadow is the page's own outline, with all that is cut off it, moved and blurred.

    Parameters
    ----------
    shape
        Height and width of the page in pixels.
    alpha
        Shape (H, W), uint8: 0 where the page has a hole; None for none.
    below
        How far the shadow is off the page, how soft it is and how deep.
    px_per_mm
        Page pixels per mm.

    Returns
    -------
    tuple
        Light, shape (m, n), float32, and its frame: x and y of the first place and the spacing, page px.

    Examples
    --------
    >>> from fastecg.stages.perspective import Below
    >>> light, frame = shadow_light((160, 320), None, Below(shadow_depth=0.5), 1.0)
    >>> round(float(light.min()), 2), round(float(light.max()), 2)
    (0.5, 1.0)
    """
    import cv2  # noqa: PLC0415 - 0.14 s, and clean pages need none

    softness = below.shadow_mm * px_per_mm / SPACING_PX
    margin = math.ceil(3 * softness) + 2
    rows, columns = (math.ceil(side / SPACING_PX) for side in shape[:2])
    covered = np.zeros((rows + 2 * margin, columns + 2 * margin), np.float32)
    inner = covered[margin : margin + rows, margin : margin + columns]
    if alpha is None:
        inner[:] = 1.0
    else:
        inner[:] = np.asarray(cv2.resize(alpha, (columns, rows), interpolation=cv2.INTER_AREA)) / 255
    soft = cv2.GaussianBlur(covered, (0, 0), max(softness, 0.3))
    # A place stands for the square around it, so the first one's middle is half a square off the corner.
    first = SPACING_PX * (0.5 - margin)
    frame = [first + below.shadow_x_mm * px_per_mm, first + below.shadow_y_mm * px_per_mm, SPACING_PX]
    light = 1 - below.shadow_depth * np.asarray(soft, np.float32)
    return light.astype(np.float32), np.array(frame, np.float32)
