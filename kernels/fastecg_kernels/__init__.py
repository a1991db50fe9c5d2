"""Pure compute for fastecg: arrays in, arrays out; knows nothing of ECGs or pages.

Every backend is a module with the same functions: ``reference`` (NumPy, obvious) and ``cpu``
(Numba). ``fastecg_kernels.profile``, ``nodes`` and ``counter`` hold what all of them share.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

BACKENDS = ("cpu", "reference")


class Kernels(Protocol):
    """The kernels that every backend has; each is documented in ``fastecg_kernels.reference``."""

    def paint_grid(
        self,
        image: NDArray[np.uint8],
        columns: NDArray[np.uint8],
        rows: NDArray[np.uint8],
        colors: NDArray[np.uint8],
        dots: NDArray[np.bool_],
    ) -> None:
        """Paint paper with a minor and a major grid."""

    def polyline_coverage(
        self, mask: NDArray[np.uint8], points: NDArray[np.float32], half_width: float
    ) -> None:
        """Draw a polyline into a coverage mask."""

    def composite(
        self, image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], clear: bool
    ) -> None:
        """Blend one colour into an image by its coverage."""

    def develop(
        self,
        image: NDArray[np.uint8],
        light: NDArray[np.float32],
        offset: float,
        gaussian_sd: float,
        poisson_sd: float,
        key: int,
    ) -> None:
        """Multiply an image by its light, and add the noise of a sensor."""

    def salt_pepper(self, image: NDArray[np.uint8], density: float, key: int) -> None:
        """Make pixels black or white."""

    def moire(self, image: NDArray[np.uint8], phase: NDArray[np.float32], depth: float) -> None:
        """Darken an image by waves of a phase."""


def load_backend(name: str) -> Kernels:
    """Return the kernels of a backend.

    Parameters
    ----------
    name
        One of ``BACKENDS``.

    Raises
    ------
    ValueError
        If there is no such backend.

    Examples
    --------
    >>> load_backend("reference").__name__
    'fastecg_kernels.reference'
    """
    if name not in BACKENDS:
        raise ValueError(f"there is no backend {name!r}; choose one of {', '.join(BACKENDS)}")
    return cast(Kernels, importlib.import_module(f"fastecg_kernels.{name}"))
