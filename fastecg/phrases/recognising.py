"""Phrases in texts: terms of the dictionary, or what a spaCy pipeline recognises."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from fastecg.errors import PhraseError
from fastecg.phrases._spacy import Entity, Word, find_entities
from fastecg.phrases.alphabet import writable
from fastecg.phrases.corpus import flaw_of
from fastecg.phrases.dictionary import dictionary

LONGEST_ENTITY: Final = 6
"""Words."""

_NEVER: Final = frozenset({
    "PERSON", "PER", "NAME", "PATIENT", "DOCTOR", "GPE", "LOC", "FAC", "ORG", "NORP", "DATE", "TIME", "AGE",
    "ID", "PHONE", "EMAIL", "ADDRESS", "HOSPITAL", "LOCATION", "MONEY", "CARDINAL", "ORDINAL", "PERCENT",
    "LANGUAGE", "WORK_OF_ART",
})  # fmt: skip
"""Labels of names and numbers: what could tell who somebody is has to be asked for by its label."""
_TRIMMED: Final = frozenset({
    "DET", "PRON", "VERB", "AUX", "ADP", "SCONJ", "CCONJ", "PART", "PUNCT", "SPACE", "INTJ", "SYM",
})  # fmt: skip
_STEM: Final = re.compile(
    r"(?:cardi|atri|ventric|infarct|isch[ae]+m|arrhythm|fibrillat|pacemak|coronar|systol|valv|mitral|aort|sinus|septal|"
    r"electrocardio|myocard|peric|tachy|brady|troponin|ecg\b|ekg\b|qrs|qtc?\b)",
    re.IGNORECASE,
)
"""Beginnings of words that are cardiology's, whether or not the dictionary has the word."""


def count_terms(texts: Iterable[str]) -> Counter[str]:
    """Return how often each term of the dictionary occurs.

    Examples
    --------
    >>> count_terms(["Known AF and LBBB.", "AF again"])
    Counter({'AF': 2, 'LBBB': 1})
    """
    counts: Counter[str] = Counter()
    matcher = dictionary().matcher
    for text in texts:
        counts.update(matcher.count(text))
    return counts


def count_entities(texts: Iterable[str], pipeline: str, labels: Collection[str] = ()) -> Counter[str]:
    """Return how often each entity of cardiology occurs, spelled as it is most often.

    Parameters
    ----------
    texts
        Any texts.
    pipeline
        A spaCy pipeline by name or path.
    labels
        Keep the entities with these labels. Without any, those are kept that hold a term of the dictionary or
        a word that begins as cardiology's words do, and are not labelled as names, places or numbers.

    Raises
    ------
    MissingExtraError
        If spaCy is not installed.
    PhraseError
        If there is no such pipeline, or it recognises no entities.
    """
    spellings: dict[str, Counter[str]] = {}
    for entity in find_entities(texts, pipeline):
        if entity.label in labels if labels else entity.label.upper() not in _NEVER:
            phrase = _phrase(entity)
            if phrase and (labels or is_cardiology(phrase)):
                spellings.setdefault(phrase.lower(), Counter())[phrase] += 1
    return Counter({counts.most_common(1)[0][0]: counts.total() for counts in spellings.values()})


def is_cardiology(phrase: str) -> bool:
    """Return whether a phrase holds a term of the dictionary, or a word that begins as cardiology's words do.

    Examples
    --------
    >>> is_cardiology("persistent AF"), is_cardiology("cardiorenal syndrome"), is_cardiology("left knee")
    (True, True, False)
    """
    return bool(dictionary().matcher.count(phrase)) or any(
        _STEM.match(word) for word in re.split(r"[\W_]+", phrase)
    )


def _phrase(entity: Entity) -> str:
    """Return an entity as the pen writes it, without articles and verbs around it; "" if it cannot be."""
    words = list(entity.words)
    while words and _trimmed(words[0]):
        del words[0]
    while words and _trimmed(words[-1]):
        del words[-1]
    try:
        text = writable(
            " ".join(word.text for word in words).replace(" - ", "-").replace(" / ", "/").replace(" 's", "'s")
        )
    except PhraseError:
        return ""
    return text if len(text.split()) <= LONGEST_ENTITY and flaw_of(text, 1) is None else ""


def _trimmed(word: Word) -> bool:
    """Return whether a word at the edge of an entity goes; where a pipeline does not tag, stop words do."""
    if not any(map(str.isalnum, word.text)):
        return True
    capitals = (
        word.text.isupper() and len(word.text) > 1
    )  # IT and US may be a stop word's capitals, AS an abbreviation
    return not capitals and (word.tag in _TRIMMED if word.tag else word.stop)
