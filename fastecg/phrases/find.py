"""Where phrases come from: the dictionary, a file of phrases, or texts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastecg.errors import PhraseError
from fastecg.phrases import cache
from fastecg.phrases._spacy import pipeline_version
from fastecg.phrases.corpus import Phrases, phrases_of
from fastecg.phrases.dictionary import dictionary
from fastecg.phrases.reading import Document, documents
from fastecg.phrases.recognising import count_entities, count_terms
from fastecg.phrases.tables import from_table, is_table
from fastecg.phrases.web import is_address

DICTIONARY: Final = "dictionary"
_FORM: Final = b"1"
"""Of what is kept; another number makes everything be found anew."""


def find_phrases(source: str = DICTIONARY, *, pipeline: str = "", labels: Sequence[str] = ()) -> Phrases:
    """Return what may be handwritten on a page.

    A source is worked through once: this process remembers it, and what was found in texts is kept in the
    user's cache folder for the next.

    Parameters
    ----------
    source
        ``dictionary``, the terms and notes that come with fastecg; a phrases file; a text file, a folder of
        them, or an http(s) address, in which terms are looked for. Weights are then counts.
    pipeline
        A spaCy pipeline by name or path that recognises terms in the texts; "" for the dictionary's own.
    labels
        Keep entities of the pipeline with these labels; without any, those of cardiology by the dictionary.

    Raises
    ------
    PhraseError
        If the source is not there, cannot be read, is not text, or holds no terms, or there is no such
        pipeline.
    MissingExtraError
        If a pipeline is wanted and spaCy is not installed.

    Examples
    --------
    >>> "LBBB" in find_phrases().texts
    True
    """
    if source == DICTIONARY:
        if pipeline:
            raise PhraseError(
                f"the dictionary is no text for the pipeline {pipeline}", "a text, a folder or an address"
            )
        return dictionary().phrases
    if not source.strip():
        raise PhraseError(
            "no source of phrases is named",
            "dictionary, a text file, a folder of them, or an http(s) address",
        )
    place = source if is_address(source) else os.path.abspath(source)  # noqa: PTH100 - of no file, too
    return _found(source, _state(place), pipeline, tuple(sorted(set(labels))))


def _state(place: str) -> tuple[str, int, int]:
    """Return what changes with a file or with the names in a folder; for an address, only itself."""
    try:
        about = Path(place).stat()
    except (OSError, ValueError):
        return place, 0, 0
    return place, about.st_mtime_ns, about.st_size


@lru_cache(maxsize=16)
def _found(
    source: str,
    state: tuple[str, int, int],  # noqa: ARG001 - remembered for this state only
    pipeline: str,
    labels: tuple[str, ...],
) -> Phrases:
    found = list(documents(source))
    texts = [document.text() for document in found]
    if len(texts) == 1 and is_table(texts[0]):
        if pipeline:
            raise PhraseError(f"{source} is a phrases file, no text for the pipeline {pipeline}")
        return from_table(texts[0], source)
    if not any(map(str.strip, texts)):
        raise PhraseError(f"{source} holds no words", "a text that names findings of ECGs")
    key = _key(found, pipeline, labels)
    phrases = cache.load(key)
    if phrases is None:
        counts = count_entities(texts, pipeline, labels) if pipeline else count_terms(texts)
        if not counts:
            raise _nothing(source, pipeline, labels)
        phrases = phrases_of(counts)
        cache.save(key, phrases)
    return phrases


def _key(found: Sequence[Document], pipeline: str, labels: tuple[str, ...]) -> str:
    recogniser = pipeline_version(pipeline) if pipeline else ""
    parts = [_FORM, dictionary().version.encode(), recogniser.encode(), "\n".join(labels).encode()]
    return cache.key_of(
        [
            *parts,
            *(part for one in found for part in (one.content, one.charset.encode(), bytes([one.markup]))),
        ]
    )


def _nothing(source: str, pipeline: str, labels: tuple[str, ...]) -> PhraseError:
    by = f"the pipeline {pipeline}" if pipeline else "the dictionary"
    kept = f" with the labels {', '.join(labels)}" if labels else ""
    return PhraseError(
        f"{by} finds no terms of cardiology{kept} in {source}",
        "a text that names findings of ECGs",
        "or list phrases of your own in a phrases file, see docs/phrases.md",
    )
