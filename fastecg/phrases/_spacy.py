"""The one doorway to spaCy: loads a pipeline and finds what it calls entities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from fastecg.errors import MissingExtraError, PhraseError

_NOT_NEEDED: Final = (
    "parser",
    "lemmatizer",
    "trainable_lemmatizer",
    "senter",
    "sentencizer",
    "textcat",
    "entity_linker",
)
_MOST_AT_ONCE: Final = 20_000
"""Characters: memory grows with the length of a text."""


@dataclass(frozen=True, slots=True)
class Word:
    """A token: its characters, its part of speech (NOUN, DET, …) or "", and whether it is a stop word."""

    text: str
    tag: str
    stop: bool


@dataclass(frozen=True, slots=True)
class Entity:
    """What a pipeline recognised: its label and its words."""

    label: str
    words: tuple[Word, ...]


def pipeline_version(name: str) -> str:
    """Return what tells a pipeline from others and from itself when trained anew, without loading it.

    Parameters
    ----------
    name
        An installed package, or a folder.

    Raises
    ------
    MissingExtraError
        If spaCy is not installed.

    Examples
    --------
    >>> pipeline_version("no_such_pipeline").endswith(" no_such_pipeline")
    True
    """
    try:
        spacy = metadata.version("spacy")
    except metadata.PackageNotFoundError:
        raise _missing() from None
    folder = Path(name)
    if folder.is_dir():
        state = blake2b(digest_size=16)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            about = path.stat()
            state.update(f"{path.relative_to(folder)} {about.st_size} {about.st_mtime_ns}\n".encode())
        return f"spacy {spacy}, {folder.resolve()} {state.hexdigest()}"
    try:
        return f"spacy {spacy}, {name} {metadata.version(name)}"
    except (metadata.PackageNotFoundError, ValueError):
        return f"spacy {spacy}, {name}"


def find_entities(texts: Iterable[str], name: str) -> Iterator[Entity]:
    """Yield the entities of some texts, text by text.

    Parameters
    ----------
    texts
        Any texts; long ones are parted at line breaks.
    name
        A pipeline: an installed package, or a folder.

    Raises
    ------
    MissingExtraError
        If spaCy is not installed.
    PhraseError
        If there is no such pipeline, it cannot be loaded, or it recognises no entities.
    """
    pipeline = _load(name)
    parts = (part for text in texts for part in _parts(text))
    try:
        for document in pipeline.pipe(parts):
            for entity in document.ents:
                words = tuple(Word(token.text, token.pos_, token.is_stop) for token in entity)
                yield Entity(entity.label_, words)
    except Exception as error:
        raise PhraseError(
            f"the pipeline {name} fails: {_line(error)}", "", "try it in spaCy alone"
        ) from error


def _load(name: str) -> Any:  # noqa: ANN401 - spaCy is optional, and so are its types
    try:
        import spacy  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise _missing() from error
    installed = spacy.util.get_installed_models()
    if name not in installed and not Path(name).is_dir():
        raise PhraseError(
            f"there is no spaCy pipeline {name!r:.80}",
            ", ".join(sorted(installed)) or "none is installed",
            "give the folder of one, or install one, such as python -m spacy download en_core_web_sm "
            "(scispaCy: docs/phrases.md)",
        )
    try:
        pipeline = spacy.load(name, disable=_NOT_NEEDED)
    except Exception as error:
        raise PhraseError(f"the spaCy pipeline {name} cannot be loaded: {_line(error)}") from error
    if not any("doc.ents" in pipeline.get_pipe_meta(part).assigns for part in pipeline.pipe_names):
        parts = ", ".join(pipeline.pipe_names) or "nothing"
        raise PhraseError(
            f"the spaCy pipeline {name} has {parts}", "one that recognises entities (ner, entity_ruler)"
        )
    return pipeline


def _parts(text: str) -> Iterator[str]:
    """Yield a text in parts of bounded length, parted at line breaks if there are any, else at blanks."""
    while len(text) > _MOST_AT_ONCE:
        cut = (
            max(text.rfind("\n", 1, _MOST_AT_ONCE), 0)
            or max(text.rfind(" ", 1, _MOST_AT_ONCE), 0)
            or _MOST_AT_ONCE
        )
        yield text[:cut]
        text = text[cut:]
    yield text


def _line(error: Exception) -> str:
    """Return what an error says, on one line and not too long."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


def _missing() -> MissingExtraError:
    return MissingExtraError("a pipeline needs spaCy", "", "python -m pip install 'fastecg[nlp]'")
