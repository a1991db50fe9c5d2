"""Filling a template's lines in: placeholders become words, statements become lines of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastecg.stages.header_template import Block, Piece, parse_line
from fastecg.texts import TextKind

if TYPE_CHECKING:
    from fastecg.stages.header_values import Values


@dataclass(frozen=True, slots=True)
class Words:
    """A piece with its values: what it says, the text, and the blanks before it."""

    kind: TextKind
    text: str
    spaces: int


@dataclass(frozen=True, slots=True)
class Run:
    """A cell with its values; those of its pieces that have none are left out."""

    words: tuple[Words, ...]
    to_stop: bool = False


FilledLine = list[Run]


def fill_in(text: str, values: Values) -> str:
    """Return a text without stops, its placeholders replaced by their values."""
    (cell,) = parse_line(text)
    return "".join(" " * piece.spaces + _fill(piece, values)[0] for piece in cell.pieces)


def fill_lines(block: Block, values: Values, *, capitals: bool) -> list[FilledLine]:
    """Return a block's lines with their values.

    A line none of whose placeholders has a value is left out, and so is a piece of a line.
    """
    write = str.upper if capitals else str
    lines: list[FilledLine] = []
    for line in block.lines:
        cells = parse_line(line)
        pieces = [piece for cell in cells for piece in cell.pieces]
        if len(pieces) == 1 and pieces[0].names == ("statements",):
            before = pieces[0].parts[0][0]
            lines += [[Run((Words("statement", write(before + said), 0),))] for said in values.statements]
            continue
        runs, said = [], not any(piece.names for piece in pieces)
        for cell in cells:
            words = []
            for piece in cell.pieces:
                text, some = _fill(piece, values)
                if some:
                    words.append(Words(piece.kind, write(text), piece.spaces))
                    said = said or bool(piece.names)
            runs.append(Run(tuple(words), cell.to_stop))
        if said:
            lines.append(runs)
    return lines


def _fill(piece: Piece, values: Values) -> tuple[str, bool]:
    """Return a piece's text, and whether there is anything to print: a value, or a mere label."""
    words, some = [], not piece.names
    for text, name in piece.parts:
        words.append(text)
        if name:
            value = "; ".join(values.statements) if name == "statements" else values.fields.get(name, "")
            some = some or bool(value)
            words.append(value)
    return "".join(words), some


def break_statements(lines: list[FilledLine], fits: Callable[[str], float]) -> list[FilledLine]:
    """Return the lines, statements that are too long broken at a word.

    Parameters
    ----------
    lines
        Lines of one block.
    fits
        Tells how much of a text has room: 1 or more if all of it has.
    """
    broken: list[FilledLine] = []
    for line in lines:
        words = line[0].words if len(line) == 1 else ()
        rest = words[0].text if len(words) == 1 and words[0].kind == "statement" else ""
        while rest and fits(rest) < 1:
            part = rest
            while part and (share := fits(part)) < 1:
                part = shorter(part, share)
            if not part:
                break
            broken.append([Run((Words("statement", part, 0),))])
            rest = rest[len(part) :].lstrip()
        broken.append([Run((Words("statement", rest, 0),))] if rest else line)
    return broken


def shorter(text: str, share: float) -> str:
    """Return a text without its last word, or without all words that lie far beyond a share of its width.

    Examples
    --------
    >>> shorter("Left axis deviation", 0.9), shorter("Left axis deviation", 0.2), shorter("Left", 0.9)
    ('Left axis', 'Left', '')
    """
    kept = min(int(len(text) * max(share, 0.0)) + 2, len(text) - 1)
    return text[: max(text.rfind(" ", 0, kept + 1), 0)].rstrip()
