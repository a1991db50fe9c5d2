"""Makes a stroke bank: lets the pen write many words in all its styles and keeps the good ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from fastecg_models.bank import BANK, packed
from fastecg_models.cards import Card, checksum, write_card
from fastecg_models.errors import ModelError
from fastecg_models.pen import Word
from fastecg_models.strokes import Strokes

Judge = Callable[[Sequence[str], Sequence[Strokes]], Sequence[float]]
"""Says of each text and its strokes how legible they are; more is better."""

BIASES: Final = (0.5, 0.7, 0.9)
CANDIDATES: Final = 4
AT_ONCE: Final = 1024  # words handed to the pen together
HIGHEST: Final = 7.0  # x-heights from the lowest to the highest point


class Writes(Protocol):
    """What a bank needs of a ``Pen``."""

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles."""

    @property
    def alphabet(self) -> str:
        """All characters that can be written."""

    def write(self, words: Sequence[Word]) -> list[Strokes]:
        """Write words, each in its style, with its seed and bias."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to write.

    Examples
    --------
    >>> Order(("AF", "HR"), size=4000).seed
    0
    """

    words: tuple[str, ...]
    """The most wanted first; the characters of the pen's alphabet come before all of them."""
    size: int
    """Words in the bank, each in one style: characters, words, then a second variant of all, and so on."""
    seed: int = 0
    biases: tuple[float, ...] = BIASES
    """Neatness of the writing; the words take turns."""


def make_bank(pen: Writes, order: Order, judge: Judge | None = None) -> dict[tuple[str, str], list[Strokes]]:
    """Write the words of a bank.

    Parameters
    ----------
    pen : Writes
        Writes them.
    order : Order
        What to write.
    judge : Judge, optional
        Chooses the most legible of four; without it the first that is no failure is taken.

    Returns
    -------
    dict
        Variants by text and style, ready for ``bank.packed``. Words the pen does not finish, or that come
        out far too large or small, are written again with other seeds, and left out if that does not help.

    Raises
    ------
    ModelError
        If the size does not suffice for the characters, or the pen cannot write a word.
    """
    least = len(pen.alphabet) * len(pen.styles)
    if order.size < least:
        raise ModelError(
            f"a bank of {order.size} words is too small (allowed: {least} or more, one for each character "
            "and style)"
        )
    written: dict[tuple[str, str], list[Strokes]] = defaultdict(list)
    wanted = islice(_wanted(pen, order), order.size)
    number = 0
    while group := list(islice(wanted, AT_ONCE)):
        for word, strokes in zip(group, _best(pen, order, group, number, judge), strict=True):
            if strokes is not None:
                written[word].append(strokes)
        number += len(group)
    return dict(written)


def save_bank(
    words: dict[tuple[str, str], list[Strokes]], folder: Path, pens_card: Card, command: str, **figures: float
) -> Card:
    """Write a bank and its card.

    Parameters
    ----------
    words : dict
        From ``make_bank``.
    folder : Path
        Where to; made if missing.
    pens_card : Card
        The card of the pen; what it says of data and licence holds for what the pen wrote.
    command : str
        How to make the bank again.
    **figures : float
        Measured qualities by name.

    Returns
    -------
    Card
        The bank's card.
    """
    content = packed(words)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BANK).write_bytes(content)
    counts = {
        "words": float(sum(map(len, words.values()))),
        "texts": float(len({text for text, _ in words})),
        "styles": float(len({style for _, style in words})),
    }
    pens = ", ".join(f"{name} {sha[:12]}" for name, sha in sorted(pens_card.checksums.items()))
    card = Card(
        name="stroke bank",
        purpose="Words in several styles as pen strokes, for pages that need no model.",
        data=f"Written by {pens_card.name} ({pens}), which learned from: {pens_card.data}",
        licence=pens_card.licence,
        attribution=pens_card.attribution,
        command=command,
        figures=counts | figures,
        checksums={BANK: checksum(content)},
    )
    write_card(card, folder)
    return card


def _wanted(pen: Writes, order: Order) -> Iterator[tuple[str, str]]:
    """Yield texts and styles, endlessly: characters, words, and both again."""
    words = [text for text in dict.fromkeys(order.words) if len(text) > 1]
    while True:
        yield from ((text, style) for text in [*pen.alphabet, *words] for style in pen.styles)


def _best(
    pen: Writes, order: Order, group: Sequence[tuple[str, str]], number: int, judge: Judge | None
) -> list[Strokes | None]:
    """Write a group of words a few times and choose one of each."""
    best: list[Strokes | None] = [None] * len(group)
    scores = [-np.inf] * len(group)
    for attempt in range(CANDIDATES):
        rows = [row for row in range(len(group)) if judge is not None or best[row] is None]
        words = [_word(order, *group[row], (number + row, attempt)) for row in rows]
        written = [_from_left(strokes) for strokes in pen.write(words)]
        texts = [word.text for word in words]
        marks = judge(texts, written) if judge is not None else [0.0] * len(rows)
        for row, text, strokes, mark in zip(rows, texts, written, marks, strict=True):
            if usable(text, strokes) and mark > scores[row]:
                best[row], scores[row] = strokes, mark
    return best


def usable(text: str, strokes: Strokes) -> bool:
    """Say whether a word is finished and of a size that its text can have.

    Examples
    --------
    >>> dot = Strokes(np.zeros((1, 2), np.float32), np.array([True]), True)
    >>> usable(".", dot), usable("rhythm", dot)
    (True, False)
    """
    wide, high = np.ptp(strokes.xy, axis=0)
    if not strokes.finished or high > HIGHEST:
        return False
    return bool(max(wide, high) > 0.35 * len(text) - 0.4 and wide < 2 * len(text) + 1.4)


def _from_left(strokes: Strokes) -> Strokes:
    """Move a word so that its leftmost ink is at 0."""
    left = np.array([strokes.xy[:, 0].min(), 0], np.float32)
    return Strokes(strokes.xy - left, strokes.pen_up, strokes.finished)


def _word(order: Order, text: str, style: str, place: tuple[int, int]) -> Word:
    """Return a word with a seed and a neatness that depend on its place only."""
    seed, neatness = np.random.SeedSequence([order.seed, *place]).generate_state(2).tolist()
    return Word(text, style, seed, order.biases[neatness % len(order.biases)])
