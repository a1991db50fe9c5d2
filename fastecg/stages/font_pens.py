"""Typefaces of our own, drawn with a round pen: a plotter's strokes and a printer's dots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fastecg import presets

if TYPE_CHECKING:
    from fastecg.stages.fonts import Glyph


@dataclass(frozen=True, slots=True)
class _Pen:
    """Measures of a typeface in the units of its file: pen's radius, indent, advance, and em."""

    radius: float
    indent: float
    advance: float
    em: float


_PENS: Final = {"strokes": _Pen(0.36, 0.8, 5.6, 9.0), "dots": _Pen(0.53, 0.5, 6.0, 9.5)}
PEN_FACES: Final = tuple(_PENS)

Segments = NDArray[np.float64]


class PenFace:
    """A typeface whose characters are strokes or dots of one pen, all of one width.

    Parameters
    ----------
    name
        ``strokes`` or ``dots``.

    Examples
    --------
    >>> PenFace("dots").glyph("I", 19.0).advance
    12
    """

    def __init__(self, name: str) -> None:
        self._pen, self._glyphs = _PENS[name], _load(name)

    def glyph(self, char: str, size: float) -> Glyph | None:
        """Return a character at a size (em, px); None where the typeface lacks it."""
        from fastecg.stages.fonts import Glyph  # noqa: PLC0415 - which imports this module

        segments = self._glyphs.get(char)
        scale = size / self._pen.em
        advance = max(round(self._pen.advance * scale), 1)
        if char.isspace():
            return Glyph(np.zeros((0, 0), np.uint8), 0, 0, advance)
        if segments is None:
            return None
        indent = self._pen.indent
        placed = (segments + np.array((indent, 0.0, indent, 0.0))) * (scale, -scale, scale, -scale)
        mask, left, top = _ink(placed, self._pen.radius * scale)
        return Glyph(mask, left, top, advance)


def _ink(segments: Segments, radius: float) -> tuple[NDArray[np.uint8], int, int]:
    """Return the coverage of strokes (x0, y0, x1, y1) by the distance of each pixel's centre."""
    reach = radius + 1
    xs, ys = segments[:, ::2], segments[:, 1::2]
    left, top = int(np.floor(xs.min() - reach)), int(np.floor(ys.min() - reach))
    x = np.arange(left, int(np.ceil(xs.max() + reach))) + 0.5
    y = np.arange(top, int(np.ceil(ys.max() + reach)))[:, None] + 0.5
    nearest = np.full((y.size, x.size), np.inf)
    for x0, y0, x1, y1 in segments:
        dx, dy = x1 - x0, y1 - y0
        along = ((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-9)
        along = np.clip(along, 0, 1)
        np.minimum(nearest, np.hypot(x - x0 - along * dx, y - y0 - along * dy), out=nearest)
    # A pen thinner than a pixel is paler, not wider.
    strength = min(2 * radius, 1.0)
    mask = np.rint(255 * strength * np.clip(max(radius, 0.5) + 0.5 - nearest, 0, 1)).astype(np.uint8)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    inked = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(inked), left + int(columns[0]), top + int(rows[0])


@cache
def _load(name: str) -> dict[str, Segments]:
    """Read a typeface: a character a line, its strokes as points or its dots as crosses."""
    text = resources.files(presets).joinpath("fonts", f"{name}.txt").read_text(encoding="utf-8")
    read = _dots if name == "dots" else _strokes
    lines = (line for line in text.splitlines() if not line.startswith("## "))
    return {line[0]: read(line[2:]) for line in lines}


def _strokes(text: str) -> Segments:
    segments = []
    for stroke in text.split(";"):
        points = [tuple(map(float, point.split(","))) for point in stroke.split()]
        segments += [(*a, *b) for a, b in pairwise(points)]
    return np.array(segments, dtype=np.float64)


def _dots(text: str) -> Segments:
    rows = text.split("|")
    spots = [(x + 0.5, 6.5 - y) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell == "x"]
    return np.array([(x, y, x, y) for x, y in spots], dtype=np.float64)
