"""Pure compute for fastecg: arrays in, arrays out; knows nothing of ECGs or pages.

Every backend has the same functions: ``reference`` (NumPy, obvious), ``cpu`` (Numba) and ``cuda`` (a GPU,
through CuPy; not all of them yet). ``fastecg_kernels.profile``, ``nodes`` and ``counter`` are shared.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

BACKENDS = ("cpu", "cuda", "reference")


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

    def stroke_coverage(
        self,
        mask: NDArray[np.uint8],
        points: NDArray[np.float32],
        half_widths: NDArray[np.float32],
        darkness: NDArray[np.float32],
    ) -> None:
        """Draw pen strokes of changing width and darkness into a coverage mask."""

    def absorb(
        self, image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], clear: bool
    ) -> None:
        """Let an ink of one colour absorb light from an image by its coverage."""

    def composite(
        self, image: NDArray[np.uint8], coverage: NDArray[np.uint8], color: NDArray[np.uint8], clear: bool
    ) -> None:
        """Blend one colour into an image by its coverage."""

    def warp_page(
        self,
        image: NDArray[np.uint8],
        page: NDArray[np.uint8],
        alpha: NDArray[np.uint8],
        mesh: NDArray[np.float32],
        surface: NDArray[np.uint8],
        light: NDArray[np.float32],
        frame: NDArray[np.float32],
    ) -> None:
        """Paint an image of a page that lies on a surface."""

    def warp_mask(self, image: NDArray[np.uint8], mask: NDArray[np.uint8], mesh: NDArray[np.float32]) -> None:
        """Paint what an image shows of a page's mask."""

    def mesh_to_page(self, mesh: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where image points lie on the page."""

    def mesh_to_image(
        self, mesh: NDArray[np.float32], points: NDArray[np.float64], guess: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return where page points are seen in the image."""

    def curve_shift(
        self,
        reference: NDArray[np.int32],
        estimate: NDArray[np.int32],
        levels: int,
        taps: NDArray[np.float64],
    ) -> tuple[int, int, float]:
        """Return the shift at which the pictures of two curves are most alike."""

    def box_sums(self, texture: NDArray[np.uint8], sums: NDArray[np.float32]) -> None:
        """Sum a texture over every square of some size."""

    def quilt_blocks(
        self,
        sheet: NDArray[np.uint8],
        texture: NDArray[np.uint8],
        sums: NDArray[np.float32],
        blocks: NDArray[np.int64],
        places: NDArray[np.int64],
        block: int,
        overlap: int,
        tolerance: float,
        candidates: int,
        key: int,
    ) -> None:
        """Choose some blocks of a sheet from a texture, and sew them to their neighbours."""

    def relight(self, image: NDArray[np.uint8], shade: NDArray[np.uint8]) -> None:
        """Multiply each pixel of an image by its shade / 128."""

    def shade_slopes(
        self,
        slopes: NDArray[np.uint8],
        corner: tuple[int, int],
        shade: NDArray[np.uint8],
        weights: tuple[int, int, int],
    ) -> None:
        """Light a piece of a field of slopes."""

    def add_smooth(
        self,
        field: NDArray[np.float32],
        lattice: NDArray[np.float32],
        top: float,
        left: float,
        step_y: float,
        step_x: float,
    ) -> None:
        """Add a smooth surface over a lattice of values to a field."""

    def add_spots(
        self,
        field: NDArray[np.float32],
        warp: NDArray[np.float32],
        spots: NDArray[np.float32],
        softness: float,
    ) -> None:
        """Lay round spots with a soft rim over a field of coverage."""

    def tint(
        self,
        image: NDArray[np.uint8],
        amount: NDArray[np.float32],
        frame: NDArray[np.float64],
        gains: NDArray[np.uint16],
    ) -> None:
        """Multiply the colours of an image by gains that a lattice picks from a table."""

    def scale(self, mask: NDArray[np.uint8], factor: NDArray[np.float32], frame: NDArray[np.float64]) -> None:
        """Multiply a mask by the factors of a lattice."""

    def carve(
        self,
        alpha: NDArray[np.uint8],
        level: NDArray[np.float32],
        frame: NDArray[np.float64],
        scale: float,
    ) -> None:
        """Cut out of an alpha mask what lies outside the zero line of a level set."""

    def shade_folds(
        self,
        shade: NDArray[np.uint8],
        lines: NDArray[np.float64],
        pitch: float,
        offsets: NDArray[np.float32],
        strengths: NDArray[np.float32],
        profiles: NDArray[np.float32],
        reach: float,
        dither: NDArray[np.float32],
    ) -> None:
        """Multiply light and dark along folds into a shade layer."""

    def thin_folds(
        self,
        mask: NDArray[np.uint8],
        lines: NDArray[np.float64],
        pitch: float,
        offsets: NDArray[np.float32],
        wear: NDArray[np.float32],
        reach: float,
        grain: NDArray[np.float32],
        grain_px: float,
    ) -> None:
        """Rub a coverage mask off along folds, in speckles."""

    def shift_folds(
        self,
        shift: NDArray[np.float32],
        step: float,
        lines: NDArray[np.float64],
        amounts: NDArray[np.float32],
        width: float,
    ) -> None:
        """Add to a field of shifts what folds do to it."""

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
    BackendError
        If the backend cannot run here: CuPy is missing, or a GPU.

    Examples
    --------
    >>> load_backend("reference").__name__
    'fastecg_kernels.reference'
    """
    if name not in BACKENDS:
        raise ValueError(f"there is no backend {name!r}; choose one of {', '.join(BACKENDS)}")
    if name == "cuda":
        from fastecg_kernels.cuda import open_cuda  # noqa: PLC0415 - only where it is wanted

        return cast(Kernels, open_cuda())
    return cast(Kernels, importlib.import_module(f"fastecg_kernels.{name}"))
