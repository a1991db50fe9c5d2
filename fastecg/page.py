"""Page: an image and its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastecg.spec import PageSpec
from fastecg.truth import Truth


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """One rendered page.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB.
    truth
        What is where on it.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record)
    >>> page.image.shape, page.spec.page.dpi
    ((1700, 2200, 3), 200)
    """

    image: NDArray[np.uint8]
    truth: Truth

    @property
    def spec(self) -> PageSpec:
        """The values that the page was made from."""
        return self.truth.spec
