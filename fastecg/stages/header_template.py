"""Header templates: blocks of lines with placeholders, and where on the page they stand."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from fastecg.parts import Part, Share
from fastecg.presets import nearest
from fastecg.texts import TextKind

PLACEHOLDERS: Final[dict[str, TextKind]] = {
    "name": "name",
    "id": "id",
    "date": "date",
    "time": "time",
    "dob": "dob",
    "age": "age",
    "sex": "sex",
    "sex_word": "sex",
    "height": "height",
    "height_in": "height",
    "weight": "weight",
    "weight_lb": "weight",
    "physician": "physician",
    "technician": "technician",
    "device": "device",
    "department": "department",
    "room": "room",
    "rate": "rate",
    "pr": "pr",
    "qrsd": "qrsd",
    "qt": "qt",
    "qtc": "qtc",
    "p_axis": "axes",
    "qrs_axis": "axes",
    "t_axis": "axes",
    "axes": "axes",
    "statements": "statement",
    "speed": "speed",
    "gain": "gain",
    "filter": "filter",
}
"""What may stand in braces, and the kind of text that it makes of a line."""

COLUMNS: Final = {"left": (0.0, 0.32), "centre": (0.34, 0.65), "right": (0.67, 1.0)}
"""Where the three columns begin and end, as shares of the zone's width."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a cell that is printed on its own.

    Parameters
    ----------
    spaces
        Blanks before it.
    parts
        Literal text and placeholders by turns; "" where there is none.
    names
        The placeholders.
    kind
        What it says: the kind of its placeholders, or ``header`` if they are of several kinds, or none.
    """

    spaces: int
    parts: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    kind: TextKind


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands at one stop of a line: its pieces, and whether it ends there rather than begin."""

    pieces: tuple[Piece, ...]
    to_stop: bool


@lru_cache(maxsize=4096)
def parse_line(line: str) -> tuple[Cell, ...]:
    """Return the cells of a template's line.

    Parameters
    ----------
    line
        Text with ``{placeholders}``; ``|`` begins a cell at the next stop, ``|>`` one that ends
        there; two blanks or more part a cell into pieces, which have a kind and a quad of their own
        in the truth; ``{{`` and ``}}`` are braces.

    Raises
    ------
    ValueError
        If a placeholder is not known (the nearest known one is named) or a brace is left open.

    Examples
    --------
    >>> [[piece.names for piece in cell.pieces] for cell in parse_line("QT/QTc |> {qt}/{qtc} | ms  {sex}")]
    [[()], [('qt', 'qtc')], [(), ('sex',)]]
    """
    cells = []
    for k, text in enumerate(line.split("|")):
        to_stop = k > 0 and text.startswith(">")
        trimmed = text.removeprefix(">").strip() if k else text.rstrip()
        found = re.finditer(r"( *)(\S+(?: \S+)*)", trimmed)
        cells.append(Cell(tuple(_piece(len(match[1]), match[2]) for match in found), to_stop))
    return tuple(cells)


def _piece(spaces: int, text: str) -> Piece:
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"placeholders in pairs of braces ({error})") from None
    for _, name, form, conversion in parsed:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            hint = nearest(name, PLACEHOLDERS)
            raise ValueError(f"the placeholders {', '.join(PLACEHOLDERS)}; {{{name}}} is none, {hint}")
    names = tuple(name for _, name, _, _ in parsed if name)
    kinds = {PLACEHOLDERS[name] for name in names}
    kind: TextKind = kinds.pop() if len(kinds) == 1 else "header"
    return Piece(spaces, tuple((text, name or "") for text, name, _, _ in parsed), names, kind)


def _checked(line: str) -> str:
    parse_line(line)
    return line


Line = Annotated[str, Field(max_length=300), AfterValidator(_checked)]


class Block(Part):
    """Lines of a template that stand below one another.

    Parameters
    ----------
    place
        Column of the header zone or of the footer. Blocks of one place stand below one another.
    lines
        The lines; see :func:`parse_line`. A line of ``{statements}`` becomes one line for each.
    align
        ``left``, ``centre`` or ``right`` in the column; lines with stops are always left.
    start, end
        Where the column begins and ends, as shares of the zone's width, 0 to 1; thirds if left out.
    stops_em
        Where the second and later cells of a line stand, in letter sizes from the left.
    scale
        Size of the letters in terms of ``header.text_mm``, 0.5 to 3.
    skip
        Blank lines above the block, 0 to 20.
    """

    place: Literal["left", "centre", "right", "footer-left", "footer-centre", "footer-right"]
    lines: tuple[Line, ...] = Field(default=(), max_length=40)
    align: Literal["left", "centre", "right"] = "left"
    start: Share | None = None
    end: Share | None = None
    stops_em: tuple[Annotated[float, Field(ge=0, le=200)], ...] = Field(default=(), max_length=10)
    scale: float = Field(default=1.0, ge=0.5, le=3)
    skip: float = Field(default=0.0, ge=0, le=20)

    @model_validator(mode="after")
    def _check(self) -> Self:
        first, last = self.extent
        if first >= last:
            raise ValueError(f"the block begins at {first:g} of the width and ends at {last:g}")
        for line in self.lines:
            if len(parse_line(line)) > len(self.stops_em) + 1:
                raise ValueError(f"the line {line!r} has more cells than stops_em says where to put")
        return self

    @property
    def extent(self) -> tuple[float, float]:
        """Where the column begins and ends, as shares of the zone's width."""
        first, last = COLUMNS[self.place.removeprefix("footer-")]
        return (first if self.start is None else self.start, last if self.end is None else self.end)

    @property
    def in_footer(self) -> bool:
        """Whether the block stands below the traces."""
        return self.place.startswith("footer-")


class Template(Part):
    """What a header says and where.

    Parameters
    ----------
    font
        Typeface that the device prints with.
    capitals
        Print capitals only.
    pitch_em
        Distance of two lines in letter sizes, 0.9 to 3.
    blocks
        The blocks: ``place``, ``lines``, ``align``, ``start``, ``end``, ``stops_em``, ``scale``, ``skip``.
    """

    name: str = ""
    description: str = ""
    font: str = "aileron"
    capitals: bool = False
    pitch_em: float = Field(default=1.2, ge=0.9, le=3)
    blocks: tuple[Block, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        """Blocks of different columns must not stand on one another."""
        for k, one in enumerate(self.blocks):
            for other in self.blocks[:k]:
                if one.in_footer == other.in_footer and one.place != other.place:
                    (a, b), (c, d) = one.extent, other.extent
                    if a < d and c < b:
                        raise ValueError(
                            f"{other.place} takes {c:g} to {d:g} of the width, {one.place} {a:g} to {b:g}: "
                            "they overlap"
                        )
        return self
