"""The term dictionary: what is written by default, and what is looked for in texts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import resources
from typing import Any, Final

import yaml

from fastecg import presets
from fastecg.phrases.corpus import Phrases
from fastecg.phrases.matching import Matcher, Term
from fastecg.statements import catalogue

_STATEMENT_WORDS: Final = 4
_STATEMENT_WEIGHT: Final = 0.05
"""Of a statement's own weight: what is printed already is seldom written beside it."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Phrases to write, what finds terms in a text, and a version that changes with either."""

    phrases: Phrases
    matcher: Matcher
    version: str


@cache
def dictionary() -> Dictionary:
    """Return the dictionary that comes with fastecg.

    Examples
    --------
    >>> dictionary().matcher.count("Sinus tachycardia; right bundle-branch blocks, as before.")
    {'sinus tachycardia': 1, 'right bundle branch block': 1}
    """
    content = resources.files(presets).joinpath("phrases", "english.yaml").read_bytes()
    data = yaml.load(content, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    written: dict[str, float] = {}
    found: list[str] = []
    for group in data["groups"]:
        for text in _parts(group["phrases"]):
            written[text] = written.get(text, 0.0) + group["weight"]
            if group["found"]:
                found.append(text)
    statements = _statements()
    for text, weight in statements.items():
        written.setdefault(text, weight)
    terms = _terms(dict.fromkeys((*found, *statements)), data)
    version = blake2b(
        repr(([(one.text, one.spellings, one.exact) for one in terms], written)).encode()
    ).hexdigest()
    return Dictionary(Phrases(tuple(written), tuple(written.values())), Matcher(terms), version[:16])


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _terms(texts: dict[str, None], data: dict[str, Any]) -> tuple[Term, ...]:
    exact = set(_parts(data["exact"]))
    also = {text: tuple(_parts(others)) for text, others in data["also"].items()}
    return tuple(Term(text, (text, *also.get(text, ())), exact=text in exact) for text in texts)


def _statements() -> dict[str, float]:
    """Return the statements that devices print, as far as they are short, with weights."""
    known = catalogue()
    lines = {one.text.removeprefix("with "): one.weight for one in (*known.rhythms, *known.findings)}
    short = {text: weight for text, weight in lines.items() if len(text.split()) <= _STATEMENT_WORDS}
    return {_uncapitalised(text): weight * _STATEMENT_WEIGHT for text, weight in short.items()}


def _uncapitalised(text: str) -> str:
    """Return a statement as it stands in the middle of a line: without the capital, but for abbreviations."""
    first, _, rest = text.partition(" ")
    return text if first[1:] != first[1:].lower() or len(first) < 2 else f"{first.lower()} {rest}".strip()
