"""Setting a header: its template's lines, filled in, go where they fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastecg.stages.fonts import Fonts, Line
from fastecg.stages.header_lines import FilledLine, Run, break_statements, fill_lines, shorter
from fastecg.stages.header_template import Block
from fastecg.texts import Text, TextKind

if TYPE_CHECKING:
    from fastecg.stages.header_values import Values

SMALLEST_SHARE: Final = 0.6
"""Letters shrink to this share of their size where there is no room; after that, lines are cut."""

SMALLEST_PX: Final = 5.5
ASCENT_EM, DESCENT_EM = 0.78, 0.26
"""How far letters reach above and below their writing line; accents and brackets included."""
CELL_GAP_EM: Final = 0.4
QUARTER_PX: Final = 0.25


@dataclass(frozen=True, slots=True)
class Zone:
    """A rectangle of the page that print may fill, px."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom; negative where there is none."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Style:
    """How a zone's lines are set.

    Parameters
    ----------
    font
        Typeface, as :meth:`Fonts.resolve` returns it.
    size, pitch
        Letter size (em), px, and distance of two lines in letter sizes.
    capitals
        Whether all letters are capitals.
    slack
        How far an accent or a long letter may reach beyond the zone, px.
    """

    font: str
    size: float
    pitch: float
    capitals: bool
    slack: float


def set_blocks(
    blocks: Sequence[Block], values: Values, zone: Zone, fonts: Fonts, style: Style
) -> tuple[Text, ...]:
    """Return a zone's print, all of it inside the zone.

    Letters shrink until the lines fit, at most to 0.6 of their size; then lines below are left
    out, and lines that are too long are cut at a word.

    Parameters
    ----------
    blocks
        Blocks of one zone.
    values
        What stands in for the placeholders.
    zone
        Where they may stand.
    fonts
        Measures the text.
    style
        How it is set where there is room.
    """
    if zone.width <= 0 or zone.height <= 0:
        return ()
    filled: list[tuple[Block, list[FilledLine]]] = []
    for block in blocks:
        room, size = _room(block, zone), style.size * block.scale
        fits = _measure(fonts, style.font, size, room)
        lines = break_statements(fill_lines(block, values, capitals=style.capitals), fits)
        filled += [(block, lines)] if lines else []
    if not filled:
        return ()
    style = replace(style, size=_fitting_size(filled, zone, style))
    texts: list[Text] = []
    used: dict[str, float] = {}
    for block, lines in filled:
        top = used.get(block.place, 0.0) + block.skip
        used[block.place] = top + len(lines) * block.scale
        texts += _set_block(block, lines, zone, fonts, style, top)
    return tuple(texts)


def _room(block: Block, zone: Zone) -> float:
    first, last = block.extent
    return (last - first) * zone.width


def _measure(fonts: Fonts, font: str, size: float, room: float) -> Callable[[str], float]:
    return lambda text: room / max(fonts.line(font, text, size).width, 1)


def _set_block(
    block: Block, lines: list[FilledLine], zone: Zone, fonts: Fonts, style: Style, skipped: float
) -> list[Text]:
    """Return the print of one block, which begins so many lines below the zone's top."""
    left = zone.left + block.extent[0] * zone.width
    room = _room(block, zone)
    setter, measured = _fitting_width(block, lines, room, fonts, style)
    top, bottom = zone.top - style.slack, zone.bottom + style.slack
    texts: list[Text] = []
    for k, line in enumerate(measured):
        above = (skipped + k * block.scale) * style.pitch + ASCENT_EM * block.scale
        y = int(zone.top + above * style.size)
        if y > bottom:
            break
        for x, (kind, words, dx, found) in setter.line(block, line, left, left + room):
            if y + found.top >= top and y + found.top + len(found.mask) <= bottom:
                texts.append(Text(kind, words, x + dx, y, setter.size, setter.font))
    return texts


Placed = tuple[TextKind, str, int, Line]
"""A piece of print: what it says, the words, how far to the right it begins, and its coverage."""


@dataclass(frozen=True, slots=True)
class _Measured:
    """A cell as it is set: its pieces from 0 on, and how wide they are."""

    run: Run
    pieces: list[Placed]
    width: int


@dataclass(frozen=True, slots=True)
class _Setter:
    """Sets lines in one typeface and size."""

    fonts: Fonts
    font: str
    size: float

    def line(
        self, block: Block, line: list[_Measured], left: float, right: float
    ) -> Iterator[tuple[int, Placed]]:
        """Yield a line's pieces, each with its cell's x; a cell is cut where the next one begins."""
        gap = CELL_GAP_EM * self.size
        stops = [left, *(min(left + stop * self.size, right) for stop in block.stops_em)]
        edge = left
        for k, cell in enumerate(line):
            to_stop = cell.run.to_stop
            limit = stops[k] if to_stop else right
            if not to_stop and k + 1 < len(line):
                after = line[k + 1]
                limit = stops[k + 1] - gap - (after.width if after.run.to_stop else 0)
            begin = edge if to_stop else max(stops[k], edge)
            fitting = cell if cell.width <= limit - begin else self.run(cell.run, limit - begin)
            if not fitting.pieces:
                continue
            x = limit - fitting.width if to_stop else begin
            if len(line) == 1 and block.align != "left":
                x += (limit - begin - fitting.width) / (1 if block.align == "right" else 2)
            for piece in fitting.pieces:
                yield int(x), piece
            edge = x + fitting.width + gap

    def run(self, run: Run, room: float) -> _Measured:
        """Return as many of a cell's words as there is room for."""
        placed: list[Placed] = []
        pen = end = 0
        for words in run.words:
            text = words.text
            if words.spaces:
                pen += words.spaces * self.fonts.line(self.font, " ", self.size).width
            while text:
                found = self.fonts.line(self.font, text, self.size)
                # Italics begin before their place and end after it.
                before = -found.left if found.left < 0 and not placed else 0
                width = before + max(found.width, found.left + found.mask.shape[1])
                if pen + width <= room:
                    placed.append((words.kind, text, pen + before, found))
                    pen = end = pen + width
                    break
                text = shorter(text, (room - pen) / max(width, 1))
            if text != words.text:
                break
        return _Measured(run, placed, end)


def _fitting_size(filled: list[tuple[Block, list[FilledLine]]], zone: Zone, style: Style) -> float:
    """Return the letter size at which the highest column fits the zone, but no less than is readable."""
    heights: dict[str, float] = {}
    for block, lines in filled:
        heights[block.place] = heights.get(block.place, 0.0) + block.skip + len(lines) * block.scale
    most = max(heights.values())
    # The last line needs no pitch below it, only room for its letters.
    needed = ((most - 1) * style.pitch + ASCENT_EM + DESCENT_EM) * style.size
    share = min(1.0, zone.height / needed)
    return max(style.size * max(share, SMALLEST_SHARE), SMALLEST_PX)


def _fitting_width(
    block: Block, lines: list[FilledLine], room: float, fonts: Fonts, style: Style
) -> tuple[_Setter, list[list[_Measured]]]:
    """Return the lines at a size at which they fit their column, but no less than is readable."""
    size = style.size * block.scale
    smallest = max(size * SMALLEST_SHARE, SMALLEST_PX)
    while True:
        setter = _Setter(fonts, style.font, size)
        measured = [[setter.run(run, math.inf) for run in line] for line in lines]
        widest = max(_reach(block, line, size) for line in measured)
        if widest <= room or size <= smallest:
            return setter, measured
        # Letters are whole pixels wide, so that the next smaller size may be as wide.
        size = max(min(size * room / widest, size - QUARTER_PX), smallest)


def _reach(block: Block, line: list[_Measured], size: float) -> float:
    """Return how far to the right a line's last cell reaches."""
    stop = block.stops_em[len(line) - 2] * size if len(line) > 1 else 0.0
    return stop + (0 if line[-1].run.to_stop else line[-1].width)
