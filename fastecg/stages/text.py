"""Printed text: lines of print become glyph coverage, set letter by letter by FreeType."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastecg.drawing import Text

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont


@dataclass(frozen=True, slots=True)
class Print:
    """A line of print as coverage: its mask's top left pixel, and the ink's box in page pixels."""

    source: Text
    left: int
    top: int
    mask: NDArray[np.uint8]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) of the ink in page pixels."""
        height, width = self.mask.shape
        return float(self.left), float(self.top), float(self.left + width), float(self.top + height)


class Typesetter:
    """Sets lines of print, and keeps what it has set for the next page.

    The typeface is Aileron (public domain), which comes with Pillow.

    Examples
    --------
    >>> Typesetter().set_line(Text("lead_name", "aVR", 10.2, 40.0, 25.0)).left
    11
    """

    def __init__(self) -> None:
        self._fonts: dict[float, FreeTypeFont] = {}
        self._lines: dict[tuple[str, float], tuple[NDArray[np.uint8], int, int]] = {}

    def set_line(self, line: Text) -> Print:
        """Return the coverage of a line, its writing line snapped to whole pixels so that it is sharp."""
        # Quarter pixels cannot be told apart, and bound what is kept where a recipe draws sizes freely.
        key = (line.text, round(line.size * 4) / 4)
        if key not in self._lines:
            self._lines[key] = self._rasterize(*key)
        mask, dx, dy = self._lines[key]
        return Print(line, round(line.x) + dx, round(line.y) + dy, mask)

    def _font(self, size: float) -> FreeTypeFont:
        if size not in self._fonts:
            from PIL import ImageFont  # noqa: PLC0415 - 20 ms, and pages without print need none

            font: Any = ImageFont.load_default(max(size, 4.0))
            self._fonts[size] = font
        return self._fonts[size]

    def _rasterize(self, text: str, size: float) -> tuple[NDArray[np.uint8], int, int]:
        """Return the mask cut to its ink, and its top left corner relative to the writing line's start."""
        image, (dx, dy) = self._font(size).getmask2(text, mode="L", anchor="ls")
        mask = np.array(image, dtype=np.uint8).reshape(image.size[1], image.size[0])
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not rows.size:
            return np.zeros((0, 0), np.uint8), 0, 0
        cut = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return np.ascontiguousarray(cut), int(dx + columns[0]), int(dy + rows[0])


def print_onto(ink: NDArray[np.uint8], line: Print) -> None:
    """Lay a line of print onto an ink layer, shape (H, W), keeping the larger coverage."""
    height, width = ink.shape
    top, left = max(line.top, 0), max(line.left, 0)
    bottom = min(line.top + line.mask.shape[0], height)
    right = min(line.left + line.mask.shape[1], width)
    if bottom <= top or right <= left:
        return
    part = line.mask[top - line.top : bottom - line.top, left - line.left : right - line.left]
    target = ink[top:bottom, left:right]
    np.maximum(target, part, out=target)
