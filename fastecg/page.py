"""Page: an image and its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastecg.masks import Masks
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

    @property
    def masks(self) -> Masks:
        """What each pixel of the image shows, rendered when it is asked for."""
        return Masks(self.truth)

    def clean(self, *, seen: bool = False) -> NDArray[np.uint8]:
        """Return the clean twin: the page with nothing but paper and ink.

        Parameters
        ----------
        seen
            Look at it as the image does, through the same camera, curl and folds; else flat, in page
            pixels.

        Returns
        -------
        ndarray
            uint8 RGB, shape of the image where it is seen, of the page where it is flat.
        """
        from fastecg.pipeline import clean_twin  # noqa: PLC0415 - it imports this module

        return clean_twin(self.truth, seen=seen)

    def light(self) -> NDArray[np.float32]:
        """Return what light and folds multiplied each pixel by, before tone, noise and what came after.

        Returns
        -------
        ndarray
            Shape (H, W, 3), float32; 1 where they change nothing.
        """
        from fastecg.pipeline import light_on  # noqa: PLC0415 - it imports this module

        return light_on(self.truth)
