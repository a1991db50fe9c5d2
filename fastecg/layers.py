"""The layers of a page between its drawing and the camera, in page pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.nodes import nodes_shape

NEUTRAL: Final = 128
"""Shade that leaves the page as it is; 64 halves its brightness."""


@dataclass(frozen=True, eq=False, slots=True)
class Relief:
    """What wrinkles and creases do to a page that lay flat before.

    Parameters
    ----------
    shade
        Shape (H, W), uint8: light on the paper; a pixel's colour is multiplied by shade / 128.
    shift
        Shape (ceil(H / 8) + 1, ceil(W / 8) + 1, 2), float32, page px: the point (x, y) of the
        flat page is seen where (x, y) - shift would be; node (i, j) lies at (8 j, 8 i).
    """

    shade: NDArray[np.uint8]
    shift: NDArray[np.float32]

    @classmethod
    def flat(cls, height: int, width: int) -> Relief:
        """Return the relief of a page without any.

        Examples
        --------
        >>> Relief.flat(17, 30).shift.shape
        (4, 5, 2)
        """
        nodes = nodes_shape(height, width)
        return cls(np.full((height, width), NEUTRAL, np.uint8), np.zeros((*nodes, 2), np.float32))
