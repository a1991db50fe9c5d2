"""Printed text: lines of print become coverage, and go into the ink layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastecg.stages.fonts import Fonts
from fastecg.stages.qr import qr_mask
from fastecg.texts import Text


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
    """Sets lines of print and QR codes, and keeps glyphs and lines for the next page.

    Parameters
    ----------
    fonts
        Where typefaces and glyphs are kept; its own if left out.

    Examples
    --------
    >>> Typesetter().set_line(Text("lead_name", "aVR", 10.2, 40.0, 25.0)).left
    11
    """

    def __init__(self, fonts: Fonts | None = None) -> None:
        self.fonts = fonts or Fonts()

    def set_line(self, line: Text) -> Print:
        """Return the coverage of a line, its writing line snapped to whole pixels so that it is sharp."""
        left, bottom = round(line.x), round(line.y)
        if line.kind == "qr":
            mask = qr_mask(line.text, round(line.size))
            return Print(line, left, bottom - len(mask), mask)
        found = self.fonts.line(line.font, line.text, line.size)
        return Print(line, left + found.left, bottom + found.top, found.mask)


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
