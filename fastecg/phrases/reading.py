"""Texts that phrases come from: a file, a folder of files, or a page of the web."""

from __future__ import annotations

import codecs
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastecg.errors import PhraseError
from fastecg.phrases.web import TIMEOUT_S, fetch, is_address

SUFFIXES: Final = (".txt", ".text", ".md", ".rst", ".html", ".htm", ".xhtml")
"""Files of a folder that are read; a single file may end in anything."""

MAX_BYTES: Final = 50_000_000
"""Of all texts together."""

_MARKUP: Final = re.compile(r"\s*(?:<\?xml\b|<!--|<!doctype\s+html\b|<html\b)", re.IGNORECASE)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_UNSEEN: Final = ("script", "style", "noscript", "template", "svg", "head")
_BLOCKS: Final = (
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dt", "figcaption", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre",
    "section", "table", "td", "th", "tr", "ul",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was found."""

    name: str
    content: bytes
    charset: str = ""
    """What a web server calls its characters; "" where nobody says."""
    markup: bool = False
    """Whether a web server says that it is HTML."""

    def text(self) -> str:
        """Return the text; of a web page, what is seen of it.

        Raises
        ------
        PhraseError
            If it is no text.

        Examples
        --------
        >>> Document("a.html", b"<html><p>sinus <b>rhythm</b></p><script>1</script>").text().split()
        ['sinus', 'rhythm']
        """
        text = _decoded(self)
        return _seen(text) if self.markup or _MARKUP.match(text) else text


def documents(source: str) -> Iterator[Document]:
    """Read a source.

    Parameters
    ----------
    source
        A file, a folder, which is searched with those in it for files of text and web pages, or an http
        or https address.

    Raises
    ------
    PhraseError
        If it is not there, cannot be read, is too large, or is a folder without texts.

    Examples
    --------
    >>> list(documents("no/such/file.txt"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    fastecg.errors.PhraseError: there is no no/such/file.txt (allowed: ...); check the path
    """
    if is_address(source):
        answer = fetch(source, timeout_s=TIMEOUT_S)
        yield Document(source, answer.content, answer.charset, answer.markup)
        return
    left = MAX_BYTES
    for path in _files(source):
        content = _bytes(path, left)
        left -= len(content)
        yield Document(str(path), content)


def _files(source: str) -> list[Path]:
    path = Path(source)
    try:
        if path.is_dir():
            found = sorted(
                file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file()
            )
            if not found:
                raise PhraseError(
                    f"the folder {source} holds no texts", f"files that end in {', '.join(SUFFIXES)}"
                )
            return found
        if path.is_file():
            return [path]
        there = path.exists()
    except (OSError, ValueError) as error:  # a name no file can have
        raise PhraseError(
            f"{source!r:.80} cannot be read ({error})", "a file, a folder or an http(s) address"
        ) from None
    raise PhraseError(
        f"{source} is neither a file nor a folder" if there else f"there is no {source:.200}",
        "dictionary, a text file, a folder of them, or an http(s) address",
        "check the path",
    )


def _bytes(path: Path, left: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(left + 1)
    except OSError as error:
        raise PhraseError(
            f"{path} cannot be read ({os.strerror(error.errno or 0)})", "", "check its permissions"
        ) from None
    if len(content) > left:
        raise PhraseError(
            f"{path} and what was read before it are too large",
            f"{MAX_BYTES // 1_000_000} MB of text",
            "leave some out",
        )
    return content


def _decoded(document: Document) -> str:
    """Return the characters; bytes that are not UTF-8 are read as in Western Europe before it."""
    content = document.content
    named = next((name for mark, name in _MARKS.items() if content.startswith(mark)), document.charset)
    text = None
    for name in (named, "utf-8", "cp1252", "latin-1"):
        try:
            text = content.decode(name) if name else None
        except (UnicodeDecodeError, LookupError):
            continue
        if text is not None:
            break
    if text is None or _CONTROLS.search(text):
        hint = "save a PDF or a document of a word processor as text first"
        raise PhraseError(f"{document.name} is not text", "plain text or HTML", hint)
    return text


def _seen(markup: str) -> str:
    """Return the text of a web page without scripts and tags, blocks parted by empty lines."""
    from bs4 import BeautifulSoup  # noqa: PLC0415 - few need it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bs4 warns of XML and of texts that look like file names
        soup = BeautifulSoup(markup, "html.parser")
    for tag in soup.find_all(_UNSEEN):
        tag.decompose()
    for tag in soup.find_all(_BLOCKS):
        tag.insert_before("\n\n")
        tag.append("\n\n")
    return soup.get_text()
