"""Words on a flat page that say something about the traces: lead names, speed and gain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.flat import PX
from fastecg_models.names import CLASSES, STRIDE, Names

Floats = NDArray[np.floating[Any]]

SPEED: Final = CLASSES.index("mm/s")
GAIN: Final = CLASSES.index("mm/mV")
NUMBERS: Final = {CLASSES.index(name): float(name) for name in CLASSES[GAIN + 1 :]}
USUAL: Final = {
    "speed_mm_s": {25.0: 1.0, 50.0: 0.4, 12.5: 0.3, 100.0: 0.05, 10.0: 0.1, 5.0: 0.05},
    "gain_mm_mv": {10.0: 1.0, 5.0: 0.25, 20.0: 0.35, 2.5: 0.1},
}
"""How usual speeds and gains are."""
LEADS: Final = CLASSES[:SPEED]
MOST_CELLS: Final = 1500
"""Answers that are looked at, the surest first: wood and cloth look like print."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, its box in mm on the flat page, and 0 to 1 how surely it is read.

    ``chances`` are those of all words, in the order of ``CLASSES``: the second guess may be right.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    sureness: float
    chances: tuple[float, ...] = ()

    def chance(self, lead: str) -> float:
        """Return how likely this is a lead's name, or a number."""
        if self.chances and lead in CLASSES:
            return self.chances[CLASSES.index(lead)]
        return self.sureness if self.text == lead else 0.0

    @property
    def middle(self) -> tuple[float, float]:
        """Return the centre of the box."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


@lru_cache(maxsize=1)
def _names() -> Names:
    return Names()


def read_words(darkness: Floats, least: float = 0.25) -> list[Word]:
    """Return the words that the net knows, surest first, without those that lie on surer ones.

    Parameters
    ----------
    darkness
        Shape (H, W), of a flat page at 5 pixels per mm.
    least
        Words less sure than this are left out.
    """
    likely, boxes = _names().scores(darkness)
    best = likely[:-1].argmax(axis=0)
    sure = 1 - likely[-1]
    rows, columns = np.nonzero(sure > least)  # some word
    order = np.argsort(-sure[rows, columns])[:MOST_CELLS]
    words: list[Word] = []
    for i, j in zip(rows[order], columns[order], strict=True):
        x, y = (j + 0.5) * STRIDE, (i + 0.5) * STRIDE
        left, top, right, bottom = boxes[:, i, j]
        x0, y0, x1, y1 = (x - left) / PX, (y - top) / PX, (x + right) / PX, (y + bottom) / PX
        if x1 - x0 < 0.2 or y1 - y0 < 0.8:
            continue
        if any(_overlap((x0, y0, x1, y1), word) for word in words):
            continue
        chances = tuple(float(p) for p in likely[:-1, i, j])
        words.append(Word(CLASSES[best[i, j]], x0, y0, x1, y1, float(likely[best[i, j], i, j]), chances))
    return words


def _likeliest(number: Word, usual: dict[float, float]) -> tuple[float, float]:
    """Return what a number is, seeing what it usually is, and how surely."""
    weights = {value: number.chance(CLASSES[k]) * usual.get(value, 0.02) for k, value in NUMBERS.items()}
    best = max(weights, key=lambda value: weights[value])
    return best, float(weights[best] / (sum(weights.values()) + 1e-9) * min(1.0, 1.2 * number.sureness))


def _overlap(box: tuple[float, float, float, float], word: Word) -> bool:
    width = min(box[2], word.x1) - max(box[0], word.x0)
    height = min(box[3], word.y1) - max(box[1], word.y0)
    return width > 0.25 * min(box[2] - box[0], word.x1 - word.x0) and height > 0.25 * min(
        box[3] - box[1], word.y1 - word.y0
    )


def read_scales(words: list[Word]) -> dict[str, tuple[float, float]]:
    """Return ``speed_mm_s`` and ``gain_mm_mv`` where they are printed, each with its sureness.

    A number counts where it stands just before its unit.

    Examples
    --------
    >>> words = [Word("25", 0, 0, 4, 3, 0.9), Word("mm/s", 5, 0, 11, 3, 0.8)]
    >>> read_scales(words)
    {'speed_mm_s': (25.0, 0.8)}
    """
    found: dict[str, tuple[float, float]] = {}
    for key, unit in (("speed_mm_s", CLASSES[SPEED]), ("gain_mm_mv", CLASSES[GAIN])):
        for name in (word for word in words if word.text == unit):
            height = name.y1 - name.y0
            for number in (word for word in words if CLASSES.index(word.text) in NUMBERS):
                gap = name.x0 - number.x1
                level = abs(name.middle[1] - number.middle[1])
                tall, wide = number.y1 - number.y0, number.x1 - number.x0
                whole = 0.5 * height < tall < 1.7 * height and wide > 0.25 * height * len(number.text)
                if whole and -0.6 * height < gap < 1.3 * height and level < 0.5 * height:
                    value, sure = _likeliest(number, USUAL[key])
                    sure = min(name.sureness, sure)
                    if sure > found.get(key, (0.0, 0.0))[1]:
                        found[key] = (value, sure)
    return found
