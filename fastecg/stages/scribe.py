"""Scribe: writes words, from the stroke bank or anew by the network, and keeps both for the next page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fastecg.chance import stream
from fastecg.errors import RecipeError
from fastecg.phrases import find_phrases, writable
from fastecg_models.bank import SHIPPED_BANK, Bank
from fastecg_models.errors import ModelError
from fastecg_models.strokes import Strokes, vary

if TYPE_CHECKING:
    from fastecg.phrases import Phrases
    from fastecg.stages.handwriting import Handwriting
    from fastecg_models.pen import Pen, Word

SHIPPED: Final = "shipped"
SHAKE: Final = 0.25
"""x-heights by which a hand strays that shakes as much as any."""


class Scribe:
    """Writes the words of pages; use one per thread.

    Examples
    --------
    >>> from fastecg.stages.handwriting import Handwriting
    >>> words = Scribe().write(["HR", "72"], Handwriting(), "round", key=1)
    >>> [word.xy.shape[1] for word in words]
    [2, 2]
    """

    def __init__(self) -> None:
        self._banks: dict[str, Bank] = {}
        self._pens: dict[str, Pen] = {}
        self._ahead: dict[int, list[Strokes]] = {}
        self._alphabets: dict[tuple[str, str, float], str] = {}

    def styles(self, part: Handwriting) -> tuple[str, ...]:
        """Return the hands that can write as a page asks for."""
        with _explained():
            return self._pen(part).styles if part.fresh == 1 else self._bank(part).styles

    def phrases(self, part: Handwriting) -> Phrases:
        """Return what notes are drawn from; a text is gone through once, then kept on disk."""
        return find_phrases(part.phrases, pipeline=part.pipeline)

    def alphabet(self, part: Handwriting) -> str:
        """Return the characters that can be written."""
        source = part.bank, part.model, math.ceil(part.fresh) + math.floor(part.fresh)
        if source not in self._alphabets:
            with _explained():
                sets = [set(self._bank(part).alphabet)] if part.fresh < 1 else []
                sets += [set(self._pen(part).alphabet)] if part.fresh > 0 else []
            self._alphabets[source] = "".join(sorted(set.intersection(*sets)))
        return self._alphabets[source]

    def check(self, part: Handwriting) -> None:
        """Refuse what could not be written, before the first page.

        Raises
        ------
        RecipeError
            If the writer is unknown, the bank or the model cannot be opened, or a text holds what neither
            can write.
        FastECGError
            If there are no phrases where ``phrases`` says.
        """
        known = self.styles(part)
        if part.writer not in ("auto", *known):
            raise RecipeError(f"handwriting.writer is {part.writer!r}", ", ".join(("auto", *known)))
        alphabet = self.alphabet(part)
        for text in part.texts:
            writable(text.replace("\n", " "), alphabet)
        self.phrases(part)

    def write(self, words: Sequence[str], part: Handwriting, style: str, key: int) -> list[Strokes]:
        """Write the words of a page.

        Parameters
        ----------
        words
            Of the alphabet, no spaces.
        part
            How.
        style
            The hand.
        key
            The page's key: the same words look the same.
        """
        rng, fresh = self._chosen(words, part, style, key)
        with _explained():
            if key in self._ahead:
                drawn = self._ahead.pop(key)
            else:
                drawn = self._pen(part).write(list(fresh.values())) if fresh else []
            written = dict(zip(fresh, drawn, strict=True))
            bank = self._bank(part) if len(fresh) < len(words) else None
            for k, word in enumerate(words):
                if k not in written and bank is not None:
                    written[k] = bank.write(word, style, rng)
        return [vary(written[k], rng, tremor=SHAKE * part.tremor) for k in range(len(words))]

    def write_ahead(self, pages: Iterable[tuple[Sequence[str], Handwriting, str, int]]) -> None:
        """Write the fresh words of many pages side by side, which takes less time than page by page.

        Parameters
        ----------
        pages
            What ``write`` will be asked for: words, how, the hand and the key of each page.
        """
        self._ahead.clear()  # pages that nobody asked for in the end
        jobs: dict[str, list[tuple[int, list[Word], Handwriting]]] = {}
        for words, part, style, key in pages:
            _, fresh = self._chosen(words, part, style, key)
            if fresh:
                jobs.setdefault(part.model, []).append((key, list(fresh.values()), part))
        with _explained():
            for each in jobs.values():
                drawn = iter(self._pen(each[0][2]).write([word for _, words, _ in each for word in words]))
                self._ahead.update({key: list(islice(drawn, len(words))) for key, words, _ in each})

    def _chosen(
        self, words: Sequence[str], part: Handwriting, style: str, key: int
    ) -> tuple[np.random.Generator, dict[int, Word]]:
        """Return the page's stream, and which of its words are written anew, by their place."""
        rng = stream(f"{key}/handwriting/words")
        chosen = np.flatnonzero(rng.random(len(words)) < part.fresh).tolist()
        seeds = rng.integers(2**31, size=len(words)).tolist()
        if not chosen:
            return rng, {}
        from fastecg_models.pen import Word  # noqa: PLC0415 - most pages draw from the bank

        with _explained():
            hands = self._pen(part).styles
        hand = style if style in hands else hands[key % len(hands)]
        return rng, {k: Word(words[k], hand, seeds[k], part.neatness) for k in chosen}

    def _bank(self, part: Handwriting) -> Bank:
        if part.bank not in self._banks:
            self._banks[part.bank] = Bank(SHIPPED_BANK if part.bank == SHIPPED else Path(part.bank))
        return self._banks[part.bank]

    def _pen(self, part: Handwriting) -> Pen:
        from fastecg_models import pen  # noqa: PLC0415 - most pages draw from the bank

        if part.model not in self._pens:
            self._pens[part.model] = pen.Pen(pen.SHIPPED if part.model == SHIPPED else Path(part.model))
        return self._pens[part.model]


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what a model says into an error of ours; its message says what to do already."""
    try:
        yield
    except ModelError as error:
        raise RecipeError(f"handwriting: {error}") from error
