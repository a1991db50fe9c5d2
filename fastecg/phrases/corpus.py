"""Phrases with weights: what may be handwritten on a page."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

import numpy as np

from fastecg.errors import PhraseError

LONGEST_PHRASE: Final = 120
LONGEST_WORD: Final = 40


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases, each drawn as often as its weight says.

    Parameters
    ----------
    texts
        At least one phrase, each of 1 to 120 characters, words of at most 40 parted by single spaces.
    weights
        One for each, above 0; they need not add up to 1.

    Raises
    ------
    PhraseError
        If there are none, or a phrase or a weight is not of this kind.

    Examples
    --------
    >>> phrases = Phrases(("AF", "old LBBB"), (3.0, 1.0))
    >>> phrases.draw(np.random.default_rng(1)), phrases.words()
    ('AF', ('AF', 'old', 'LBBB'))
    """

    texts: tuple[str, ...]
    weights: tuple[float, ...]
    _reaches: tuple[float, ...] = field(init=False, repr=False, compare=False)
    """Sums of the weights up to each phrase, so that drawing one is a search by halves."""

    def __post_init__(self) -> None:
        if not self.texts or len(self.texts) != len(self.weights):
            raise PhraseError(
                f"{len(self.texts)} phrases with {len(self.weights)} weights",
                "one weight for each, 1 or more",
            )
        for text, weight in zip(self.texts, self.weights, strict=True):
            flaw = flaw_of(text, weight)
            if flaw is not None:
                raise flaw
        reaches = tuple(accumulate(self.weights))
        if not math.isfinite(reaches[-1]):
            raise PhraseError("the weights add up to more than a number can hold", "", "make them smaller")
        object.__setattr__(self, "_reaches", reaches)

    def __len__(self) -> int:
        return len(self.texts)

    def draw(self, rng: np.random.Generator) -> str:
        """Return a phrase.

        Parameters
        ----------
        rng
            Where chance comes from; one number is taken.

        Examples
        --------
        >>> Phrases(("AF",), (1.0,)).draw(np.random.default_rng(0))
        'AF'
        """
        at = bisect_right(self._reaches, rng.random() * self._reaches[-1])
        return self.texts[min(at, len(self.texts) - 1)]

    def words(self) -> tuple[str, ...]:
        """Return the words that occur, each once, in the order of the phrases.

        Examples
        --------
        >>> Phrases(("LBBB", "old LBBB"), (1.0, 1.0)).words()
        ('LBBB', 'old')
        """
        return tuple(dict.fromkeys(word for text in self.texts for word in text.split(" ")))

    def heaviest(self, limit: int) -> Phrases:
        """Return at most so many phrases, those of the highest weights; the heaviest comes first.

        Parameters
        ----------
        limit
            1 or more.

        Examples
        --------
        >>> Phrases(("a", "b", "c"), (1.0, 3.0, 2.0)).heaviest(2).texts
        ('b', 'c')
        """
        order = sorted(range(len(self)), key=lambda index: -self.weights[index])[:limit]
        return Phrases(tuple(self.texts[k] for k in order), tuple(self.weights[k] for k in order))


def phrases_of(weights: Mapping[str, float]) -> Phrases:
    """Return phrases from a mapping of texts to weights, the heaviest first and then by the alphabet.

    Examples
    --------
    >>> phrases_of({"b": 1, "a": 1, "c": 2}).texts
    ('c', 'a', 'b')
    """
    items: Iterable[tuple[str, float]] = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    texts, numbers = zip(*items, strict=True) if weights else ((), ())
    return Phrases(tuple(texts), tuple(map(float, numbers)))


def flaw_of(text: str, weight: float) -> PhraseError | None:
    """Return what is wrong with a phrase, or None.

    Examples
    --------
    >>> str(flaw_of("AF", -1))
    "the weight of 'AF' is -1 (allowed: a number above 0)"
    """
    if not text or text != " ".join(text.split()):
        return PhraseError(f"the phrase {text!r:.60}", "words parted by single spaces")
    if len(text) > LONGEST_PHRASE:
        return PhraseError(f"a phrase of {len(text)} characters, {text:.20}...", f"1 to {LONGEST_PHRASE}")
    longest = max(text.split(" "), key=len)
    if len(longest) > LONGEST_WORD:
        return PhraseError(f"a word of {len(longest)} characters, {longest:.20}...", f"1 to {LONGEST_WORD}")
    if not (math.isfinite(weight) and weight > 0):
        return PhraseError(f"the weight of {text!r} is {weight:g}", "a number above 0")
    return None
