"""Sheets of quilted wrinkles, kept for the pages that come after."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.chance import name_key, stream
from fastecg.kept import Kept
from fastecg.stages.crumpled import crumpled_heights
from fastecg.stages.quilting import Quilting, quilt
from fastecg.stages.relief_texture import PX_PER_MM, picture_heights, to_slopes, to_texture

if TYPE_CHECKING:
    from fastecg.spec import PageSpec
    from fastecg.stages.wrinkles import Wrinkles
    from fastecg_kernels import Kernels

KEPT_BYTES: Final = 64 << 20
"""Memory for sheets and textures; a sheet for a letter page is 3.3 MB, a texture 1.8 MB."""

CRUMPLED_PX: Final = 768
"""Side of the built-in textures: 192 mm."""

SIDE_PX: Final = 256
"""Sheets are squares whose sides are multiples of this, so that pages of similar sizes share them."""

LONGEST_PX: Final = 4096
"""Longest side of a sheet. A page that is longer, or has smaller wrinkles, sees some of it twice."""

COARSE_PX: Final = 16
"""Pixels of a sheet to one of its coarse slopes."""


@dataclass(frozen=True, eq=False, slots=True)
class Sheet:
    """A quilted sheet; it goes on from each side to the opposite one.

    Parameters
    ----------
    slopes
        Shape (H, W, 2), uint8: slope along x and y, 128 where the paper is level.
    coarse
        Shape (H / 16, W / 16, 2), float32: the same, smooth; 1 is as steep as it gets, about.
    px_per_mm
        Pixels of ``slopes`` to a millimetre of the page.
    """

    slopes: NDArray[np.uint8]
    coarse: NDArray[np.float32]
    px_per_mm: float


class Atlas:
    """Quilts sheets of wrinkles when they are first asked for, and keeps the latest.

    A sheet is a function of the recipe's values and its number alone: the same on any worker, in any
    order. Use one atlas per thread.

    Parameters
    ----------
    kernels
        The backend's kernels.
    kept_bytes
        Memory for sheets and textures; what was used longest ago goes first.
    threads
        Threads that quilt a sheet; its bytes are the same for any number.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg_kernels import load_backend
    >>> spec = make_spec({"page": {"dpi": 60}, "wrinkles": {"candidates": 20}})
    >>> Atlas(load_backend("cpu")).sheet(spec, 0).slopes.shape
    (1280, 1280, 2)
    """

    def __init__(self, kernels: Kernels, kept_bytes: int = KEPT_BYTES, threads: int = 1) -> None:
        self.kernels = kernels
        self._kept, self._threads = Kept(kept_bytes), threads

    def sheet(self, spec: PageSpec, number: int) -> Sheet:
        """Return sheet ``number`` for pages like this one, or one quilted for this very page.

        Raises
        ------
        RecipeError
            If the texture is a picture that cannot be read or used.
        """
        values = spec.wrinkles
        px_per_mm = PX_PER_MM / values.scale
        height, width = (side * px_per_mm for side in (spec.page.height_mm, spec.page.width_mm))
        if values.fresh:
            shape = _rounded(height), _rounded(width)
            slopes = self._quilt(values, number, shape, f"{spec.key}/wrinkles/quilting")
            return Sheet(slopes, _coarse(slopes), px_per_mm)
        # Of any scale alike, so that a recipe that varies it needs no sheets of its own for each.
        longest = max(spec.page.height_mm, spec.page.width_mm) * PX_PER_MM
        side = min(math.ceil(longest / SIDE_PX) * SIDE_PX, LONGEST_PX)
        search = f"{_quilting(values, 0)}/{values.softness}/{values.texture_mm}/{number}/{side}"
        # Of a picture's path only the last part counts, so that it may lie elsewhere another time.
        chance = f"wrinkles/{Path(values.texture).name}/{search}"
        name = f"{values.texture}/{search}"
        slopes = self._kept.get(name, lambda: self._quilt(values, number, (side, side), chance))
        return Sheet(slopes, self._kept.get(f"{name}/coarse", lambda: _coarse(slopes)), px_per_mm)

    def texture(self, values: Wrinkles, number: int) -> NDArray[np.uint8]:
        """Return what sheet ``number`` is quilted from, shape (H, W, 3), uint8; see ``to_texture``.

        Raises
        ------
        RecipeError
            If it is a picture that cannot be read or used.
        """
        if values.texture == "crumpled":
            name = f"wrinkles/crumpled/{values.softness}/{number}"
            side = CRUMPLED_PX + 4
            return self._kept.get(
                name, lambda: to_texture(crumpled_heights(stream(name), side, PX_PER_MM, values.softness))
            )
        # Twice a block: there has to be something to choose from.
        least = 2 * _quilting(values, 0).block_px + 4
        name = f"{values.texture}/{values.texture_mm}/{least}"
        return self._kept.get(
            name, lambda: to_texture(picture_heights(values.texture, values.texture_mm, least))
        )

    def _quilt(self, values: Wrinkles, number: int, shape: tuple[int, int], chance: str) -> NDArray[np.uint8]:
        quilting = _quilting(values, name_key(chance))
        return to_slopes(quilt(self.kernels, self.texture(values, number), shape, quilting, self._threads))


def _rounded(px: float) -> int:
    """Return a length that the Fourier transform likes, a little longer than asked for."""
    return min(math.ceil(px / 64) * 64, LONGEST_PX)


def _quilting(values: Wrinkles, key: int) -> Quilting:
    block = round(values.block_mm * PX_PER_MM)
    overlap = min(max(round(values.overlap * block), 1), block // 2)
    return Quilting(block, overlap, values.tolerance, values.candidates, key)


def _coarse(slopes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return slopes averaged over squares and smoothed, across the sides too; 1 is a steep one's length."""
    height, width = (length // COARSE_PX for length in slopes.shape[:2])
    cells = slopes[: height * COARSE_PX, : width * COARSE_PX]
    # Rows first, in 16 bits: taking the mean at once takes ten times as long.
    rows = cells.reshape(height, COARSE_PX, width * COARSE_PX, 2).sum(axis=1, dtype=np.uint16)
    total = rows.reshape(height, width, COARSE_PX, 2).sum(axis=2, dtype=np.int32)
    coarse = (total / np.float32(COARSE_PX**2) - np.float32(128)).astype(np.float32)
    for axis in (0, 1):
        coarse = (np.roll(coarse, 1, axis) + 2 * coarse + np.roll(coarse, -1, axis)) / 4
    steep = np.quantile(np.hypot(coarse[:, :, 0], coarse[:, :, 1]), 0.98)
    return np.asarray(coarse / max(steep, np.float32(1e-6)), np.float32)
