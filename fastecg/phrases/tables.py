"""Files of phrases with weights: a heading, then a phrase and its weight on each line, parted by a tab."""

from __future__ import annotations

from typing import Final

from fastecg.errors import PhraseError
from fastecg.phrases.alphabet import writable
from fastecg.phrases.corpus import Phrases, flaw_of

HEADING: Final = "# fastecg phrases 1"


def to_table(phrases: Phrases) -> str:
    r"""Return the text of a phrases file.

    Examples
    --------
    >>> to_table(Phrases(("AF", "old LBBB"), (3.0, 0.5)))
    '# fastecg phrases 1\nAF\t3\nold LBBB\t0.5\n'
    """
    lines = [f"{text}\t{weight:.12g}\n" for text, weight in zip(phrases.texts, phrases.weights, strict=True)]
    return "".join([f"{HEADING}\n", *lines])


def is_table(text: str) -> bool:
    """Return whether a text is a phrases file, by its heading."""
    return text.partition("\n")[0].rstrip() == HEADING


def from_table(text: str, name: str) -> Phrases:
    r"""Read a phrases file.

    Parameters
    ----------
    text
        Its text. A line is a phrase, or a phrase, a tab and a weight; without one the weight is 1. Empty
        lines and those that begin with ``#`` and a space are left out, weights of equal phrases added up.
    name
        What errors call it.

    Raises
    ------
    PhraseError
        If there is no phrase in it, a weight is no number above 0, or the pen cannot write a phrase.

    Examples
    --------
    >>> from_table("# fastecg phrases 1\nAF\t3\nold LBBB\n", "mine.tsv").weights
    (3.0, 1.0)
    """
    found: dict[str, float] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("# "):
            phrase, weight = _phrase(line, f"{name}, line {number}")
            found[phrase] = found.get(phrase, 0.0) + weight
    if not found:
        raise PhraseError(f"{name} holds no phrases", "a phrase on each line, a tab and a weight")
    return Phrases(tuple(found), tuple(found.values()))


def _phrase(line: str, place: str) -> tuple[str, float]:
    raw, tab, number = line.partition("\t")
    try:
        weight = float(number) if tab else 1.0
    except ValueError:
        raise PhraseError(f"{place}: {number!r:.40} is no weight", "a number above 0") from None
    try:
        phrase = writable(raw)
    except PhraseError as error:
        raise PhraseError(f"{place}: {error.given}", error.allowed, error.action) from None
    flaw = flaw_of(phrase, weight)
    if flaw is not None:
        raise PhraseError(f"{place}: {flaw.given}", flaw.allowed)
    return phrase, weight
