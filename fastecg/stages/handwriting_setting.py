"""Setting handwriting: written words become lines, lines a note, and both ink in page pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.stages.nib import PenKind, press
from fastecg.stages.pen_marks import turned
from fastecg.writing import Writing, WritingKind, WrittenWord
from fastecg_models.strokes import Strokes

Floats = NDArray[np.float64]
Corner = tuple[float, float]

SPACE: Final = 0.8
"""Room between two words in x-heights, about."""
LINE: Final = 3.3
"""From line to line in x-heights, about."""
MM_PER_STEP: Final = 2.2
"""What a mark's millimetres count as x-heights when the hand's speed is told from its points."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody holds a pen on a page.

    Parameters
    ----------
    px_per_mm
        Scale of the page.
    size_mm
        Height of a small letter.
    half_width_px
        Half the usual width of the line.
    pen, pressure
        As in ``Handwriting``.
    lean
        How far a letter's top stands right of its foot, in terms of its height.
    """

    px_per_mm: float
    size_mm: float
    half_width_px: float
    pen: PenKind
    pressure: float
    lean: float

    @property
    def x_height_px(self) -> float:
        """Height of a small letter, page px."""
        return self.size_mm * self.px_per_mm


@dataclass(frozen=True, eq=False, slots=True)
class Note:
    """Something written, about (0, 0) in page px, that has not found its place yet.

    ``boxes`` has a row (x0, y0, x1, y1) for the whole and one for each of ``words``, before it is turned
    by ``angle``.
    """

    kind: WritingKind
    text: str
    words: tuple[str, ...]
    boxes: Floats
    points: Floats
    half_widths: Floats
    darkness: Floats
    angle: float = 0.0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the upright box around it, px."""
        corners = turned(_corners(self.boxes[0]), self.angle)
        width, height = np.ptp(corners, axis=0)
        return float(width), float(height)

    def at(self, center: Corner) -> Writing:
        """Return it with the middle of its box at a point of the page."""
        middle = (self.boxes[0, :2] + self.boxes[0, 2:]) / 2
        return self.from_origin(tuple(np.array(center) - turned(middle[None], self.angle)[0]))

    def from_origin(self, origin: Corner) -> Writing:
        """Return it with its own (0, 0) at a point of the page."""
        corners = [turned(_corners(box), self.angle) + origin for box in self.boxes]
        return Writing(
            kind=self.kind,
            text=self.text,
            corners=corners[0],
            words=tuple(WrittenWord(text, box) for text, box in zip(self.words, corners[1:], strict=True)),
            points=turned(self.points, self.angle) + origin,
            half_widths=self.half_widths,
            darkness=self.darkness,
        )


def break_lines(words: Sequence[Sequence[Strokes]], width: float) -> list[list[int]]:
    """Return the numbers of the words on each line; lines are broken before ``width`` x-heights.

    Parameters
    ----------
    words
        The words of each line as it was meant.
    width
        Longest line, in x-heights; a word alone may be longer.
    """
    lines: list[list[int]] = []
    number = 0
    for meant in words:
        lines.append([])
        reach = 0.0
        for word in meant:
            length = float(word.xy[:, 0].max()) + SPACE
            if lines[-1] and reach + length > width:
                lines.append([])
                reach = 0.0
            lines[-1].append(number)
            reach += length
            number += 1
    return [line for line in lines if line]


def set_note(
    kind: WritingKind,
    lines: Sequence[Sequence[tuple[str, Strokes]]],
    hand: Hand,
    rng: np.random.Generator,
    angle: float = 0.0,
) -> Note:
    """Set words side by side and lines below each other, as evenly as a hand does.

    Parameters
    ----------
    kind
        What it is.
    lines
        Text and strokes of the words of each line.
    hand
        How it is written.
    rng
        Where unevenness comes from.
    angle
        By how much the whole is turned, radians, clockwise as seen.
    """
    texts = [text for line in lines for text, _ in line]
    words = [strokes for line in lines for _, strokes in line]
    counts = np.array([len(word.xy) for word in words])
    xy = np.concatenate([word.xy for word in words]).astype(np.float64)
    xy[:, 0] -= hand.lean * xy[:, 1]
    firsts = np.cumsum(counts) - counts
    reaches = np.maximum.reduceat(xy[:, 0], firsts).tolist()
    xy += np.repeat(_offsets([len(line) for line in lines], reaches, rng), counts, axis=0)
    xy, ends = _separated(xy, np.concatenate([word.pen_up for word in words]), firsts + counts - 1)
    widths, darkness = press(xy, hand.pen, hand.pressure)
    points, half_widths = xy * hand.x_height_px, widths * hand.half_width_px
    boxes = _boxes(points, half_widths, np.append(0, ends[:-1] + 2))
    boxes = np.concatenate([[[*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]], boxes])
    text = "\n".join(" ".join(text for text, _ in line) for line in lines)
    return Note(kind, text, tuple(texts), boxes, points, half_widths, darkness, angle)


def _offsets(lines: Sequence[int], reaches: Sequence[float], rng: np.random.Generator) -> Floats:
    """Return where each word begins, (words, 2) x-heights, from the lines' counts and the words' ends."""
    uneven = rng.normal(0, 0.06, len(reaches))
    spaces = SPACE * rng.uniform(0.75, 1.3, len(reaches))
    indents, falls = rng.normal(0, 0.3, len(lines)), rng.normal(0, 0.015, len(lines))
    tops = np.cumsum(LINE * rng.uniform(0.92, 1.1, len(lines)))
    found: list[Corner] = []
    for number, count in enumerate(lines):
        x = float(indents[number])
        for k in range(len(found), len(found) + count):
            found.append((x, float(tops[number] - tops[0] + falls[number] * x + uneven[k])))
            x += reaches[k] + spaces[k]
    return np.array(found)


def set_mark(kind: WritingKind, shape_mm: Floats, hand: Hand) -> Note:
    """Return a mark without words; its shape is in mm, rows of NaN between strokes."""
    points = shape_mm * hand.px_per_mm
    widths, darkness = press(shape_mm / MM_PER_STEP, hand.pen, hand.pressure)
    half_widths = widths * hand.half_width_px
    boxes = _boxes(points, half_widths, np.zeros(1, np.int64))
    return Note(kind, "", (), boxes, points, half_widths, darkness)


def _separated(
    xy: Floats, pen_up: NDArray[np.bool_], lasts: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64]]:
    """Return points with a row of NaN between two strokes, and where those of ``lasts`` are now."""
    lifts = np.concatenate([[0], np.cumsum(pen_up[:-1])])
    places = np.arange(len(xy)) + lifts
    apart = np.full((places[-1] + 1, 2), np.nan)
    apart[places] = xy
    return apart, places[lasts]


def _boxes(points: Floats, half_widths: Floats, firsts: NDArray[np.int64]) -> Floats:
    """Return the boxes of the ink of words that begin at some points, shape (words, 4)."""
    reach = half_widths[:, None]
    low = np.fmin.reduceat(points - reach, firsts, axis=0)
    high = np.fmax.reduceat(points + reach, firsts, axis=0)
    return np.concatenate([low, high], axis=1)


def _corners(box: Floats) -> Floats:
    x0, y0, x1, y1 = box
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
