"""Writing: what a pen left on a page, in page pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

WritingKind = Literal["note", "measurement", "signature", "circle", "arrow", "underline"]
"""What a pen drew: words, a scrawl, or a mark at a wave."""


@dataclass(frozen=True, eq=False, slots=True)
class WrittenWord:
    """A word of a note: its text, and the corners of its box, shape (4, 2), clockwise from its top left."""

    text: str
    corners: Points


@dataclass(frozen=True, eq=False, slots=True)
class Writing:
    """One note or mark.

    Parameters
    ----------
    kind
        What it is.
    text
        What it says, a line break between its lines; "" for what has no words.
    corners
        Corners of its box, shape (4, 2), page px, clockwise from its own top left.
    words
        Its words.
    points
        Where the pen was, shape (N, 2), page px, at equal times; a row of NaN between two strokes.
    half_widths
        Half the width of the line at each point, shape (N,), page px.
    darkness
        How much of its ink the pen left there, shape (N,), 0 to 1.
    """

    kind: WritingKind
    text: str
    corners: Points
    words: tuple[WrittenWord, ...]
    points: Points
    half_widths: NDArray[np.float64]
    darkness: NDArray[np.float64]
