"""Terms in a text: the longest at each place, by words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

_STOPS: Final = frozenset(".;!?")
"""What a term does not run across, nor across an empty line; other signs part words."""
_GAP: Final = re.compile(r"\n[^\S\n]*\n")
_HYPHEN: Final = re.compile(r"[-\u2010\u00ad][^\S\n]*\n")
_BROKEN: Final = re.compile(rf"([^\W\d_]+){_HYPHEN.pattern}[^\S\n]*([^\W\d_]+)")
_PLURALS: Final = (
    ("sis", "ses"), ("ss", "sses"), ("us", "uses"), ("ch", "ches"), ("sh", "shes"), ("xes", "x"),
    ("x", "xes"), ("ies", "y"), ("s", ""), ("ay", "ays"), ("ey", "eys"), ("y", "ies"),
)  # fmt: skip
"""Endings of a word and of its other number; the first that fits counts."""
_END: Final = -1
"""At this key a branch of the tree has the number of the term that ends there."""


@dataclass(frozen=True, slots=True)
class Term:
    """What to look for.

    Parameters
    ----------
    text
        What it counts as.
    spellings
        Ways to spell it, ``text`` as a rule among them. Case, hyphens and plurals do not matter.
    exact
        Whether a text must have it in capitals, since the word in small letters is another (AS and as).
    """

    text: str
    spellings: tuple[str, ...]
    exact: bool = False


@dataclass(slots=True)
class Matcher:
    r"""Finds terms in texts.

    The words of all terms are numbered; a text becomes numbers, and a tree of numbers gives the longest term
    from each place. So a page of text costs little more than to part it into words.

    Parameters
    ----------
    terms
        What to look for; of two terms of one spelling the first counts.

    Examples
    --------
    >>> matcher = Matcher([Term("AV block", ("AV block",)), Term("block", ("block",))])
    >>> matcher.count("AV-blocks, and another\nblock.")
    {'AV block': 1, 'block': 1}
    """

    terms: Iterable[Term]
    _texts: list[str] = field(init=False, default_factory=list)
    _exact: frozenset[int] = field(init=False, default=frozenset())
    _numbers: dict[str, int] = field(init=False, default_factory=dict)
    _tree: dict[int | None, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        exact: set[int] = set()
        for at, term in enumerate(self.terms):
            self._texts.append(term.text)
            if term.exact:
                exact.add(at)
            for spelling in term.spellings:
                self._plant(spelling, at)
        self._exact = frozenset(exact)

    def _plant(self, spelling: str, at: int) -> None:
        words = [word for word in split(spelling).lower().split() if word != "."]
        branch = self._tree
        for word in words:
            branch = branch.setdefault(self._number(word), {})
        if words:
            branch.setdefault(_END, at)

    def _number(self, word: str) -> int:
        """Return the number of a word, the same for its plural."""
        forms = _forms(word)
        known = [self._numbers[form] for form in forms if form in self._numbers]
        number = self._numbers.get(word, known[0] if known else len(self._numbers))
        for form in forms:
            self._numbers.setdefault(form, number)
        return number

    def count(self, text: str) -> dict[str, int]:
        r"""Return how often each term occurs in a text, in the order of first occurrence.

        Parameters
        ----------
        text
            Any text. A word broken at the end of a line is put together if a term has it so.

        Examples
        --------
        >>> Matcher([Term("AS", ("AS",), exact=True), Term("fibrillation", ("fibrillation",))]).count(
        ...     "AS as is, fibril-\nlation"
        ... )
        {'AS': 1, 'fibrillation': 1}
        """
        counts: dict[str, int] = {}
        for at in self._found(text):
            name = self._texts[at]
            counts[name] = counts.get(name, 0) + 1
        return counts

    def _found(self, text: str) -> Iterator[int]:
        if _HYPHEN.search(text):
            text = _BROKEN.sub(self._mended, text)
        plain = split(text)
        numbers: list[int | None] = list(map(self._numbers.get, plain.lower().split()))
        numbers.append(None)
        loud = text.isupper()  # then capitals say nothing
        words = [] if loud else plain.split()
        done, tree, exact = 0, self._tree, self._exact
        for start in [place for place, number in enumerate(numbers) if number in tree]:
            if start < done:
                continue
            found, place, branch = _END, start, tree
            while (number := numbers[place]) in branch:
                branch = branch[number]
                place += 1
                term = branch.get(_END, _END)
                if term != _END and (term not in exact or loud or _in_capitals(words[start])):
                    found, done = term, place
            if found != _END:
                yield found

    def _mended(self, match: re.Match[str]) -> str:
        """Return the word that a line break parted, if a term has it; else its parts."""
        whole = match[1] + match[2]
        return whole if whole.lower() in self._numbers else f"{match[1]} {match[2]}"


def split(text: str) -> str:
    r"""Return a text as words and full stops, parted by white space.

    Examples
    --------
    >>> split("T-wave (inverted); in V1\n\nQTc 440").split()
    ['T', 'wave', 'inverted', '.', 'in', 'V1', '.', 'QTc', '440']
    """
    text = _GAP.sub(" . ", text.replace("\u00ad", ""))
    for sign in set(text):  # a few replacements beat a pattern
        if not sign.isalnum() and not sign.isspace():
            text = text.replace(sign, " . " if sign in _STOPS else " ")
    return text


def _in_capitals(word: str) -> bool:
    """Return whether a word is written as an abbreviation, be it a plural (PACs)."""
    return (word[:-1] if word.endswith("s") and len(word) > 2 else word).isupper()


def _forms(word: str) -> tuple[str, ...]:
    """Return a word with its singular and plural.

    Examples
    --------
    >>> _forms("blocks"), _forms("complex"), _forms("sinus")
    (('blocks', 'block'), ('complex', 'complexes'), ('sinus', 'sinuses'))
    """
    for ending, other in _PLURALS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return (word, word[: len(word) - len(ending)] + other)
    return (word,) if word[-1].isdigit() else (word, word + "s")
