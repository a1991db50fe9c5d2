"""Texts from files and folders, whatever is in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fastecg.errors import PhraseError
from fastecg.phrases import find_phrases, reading
from fastecg.phrases.reading import Document, documents


def found(source: Path | str) -> dict[str, float]:
    phrases = find_phrases(str(source))
    return dict(zip(phrases.texts, phrases.weights, strict=True))


def said(source: Path | str) -> str:
    with pytest.raises(PhraseError) as caught:
        find_phrases(str(source))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_text_file_gives_its_terms_with_counts(tmp_path: Path) -> None:
    path = tmp_path / "notes.anything"
    path.write_text("Atrial fibrillation, known LBBB.\nAgain atrial\nfibrillation.", encoding="utf-8")
    assert found(path) == {"atrial fibrillation": 2, "LBBB": 1}
    assert find_phrases(str(path)).texts == ("atrial fibrillation", "LBBB")  # the most frequent first


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_characters_of_many_kinds_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Herr Müller: sinus rhythm, ST elevation, café", encoding=encoding)
    assert found(path) == {"sinus rhythm": 1, "ST elevation": 1}


def test_a_phrases_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("# fastecg phrases 1\nanything at all\t2\nsinus rhythm\n", encoding="utf-8")
    assert found(path) == {"anything at all": 2, "sinus rhythm": 1}


def test_a_folder_is_searched_for_texts(tmp_path: Path) -> None:
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text("AF")
    (tmp_path / "in" / "deeper" / "b.HTML").write_text(
        "<html><body><p>AF and <i>sinus</i> rhythm</p></body></html>"
    )
    (tmp_path / "in" / "c.dat").write_bytes(b"\0\1 LBBB")
    assert found(tmp_path / "in") == {"AF": 2, "sinus rhythm": 1}


def test_of_a_web_page_only_what_is_seen_counts() -> None:
    page = b"""<!DOCTYPE html><html><head><title>LBBB</title><style>.AF{}</style></head><body>
    <script>var RBBB;</script><table><tr><td>atrial</td><td>flutter</td></tr></table>
    <p>si<b>nus</b> tachy&shy;cardia&nbsp;&amp; AF<!-- STEMI --></p></body></html>"""
    text = Document("x", page).text()
    assert not any(word in text for word in ("LBBB", "RBBB", "STEMI", "{"))
    assert "\n\n" in text[text.index("atrial") : text.index("flutter")]
    assert "sinus tachy" in text


def test_blocks_of_a_web_page_are_parted_on_both_sides() -> None:
    text = Document("x", b"<html>left<div>axis</div>right<br>axis <b>st</b>ays").text()
    assert [part.split() for part in text.split("\n\n") if part.strip()] == [
        ["left"],
        ["axis"],
        ["right"],
        ["axis", "stays"],
    ]


def test_deep_pages_are_read() -> None:
    depth = 3000
    assert "AF" in Document("x", b"<html>" + b"<div>" * depth + b"AF" + b"</div>" * depth).text()


def test_a_text_is_not_taken_for_markup() -> None:
    assert Document("x", b"PR < 200, QRS > 120 <b> html").text() == "PR < 200, QRS > 120 <b> html"
    assert Document("x", b"<p>AF</p>", markup=True).text().split() == ["AF"]
    assert Document("x", "é".encode("latin-1"), charset="no-such-charset").text() == "é"
    assert Document("x", "жук".encode("koi8-r"), charset="koi8-r").text() == "жук"


def test_what_is_not_there(tmp_path: Path) -> None:
    message = said(tmp_path / "none.txt")
    assert "there is no" in message
    assert "allowed: dictionary, a text file, a folder of them, or an http(s) address" in message
    assert "neither" not in message
    assert "no source" in said("  ")
    assert "there is no a" in said("a\0b")
    assert "cannot be read" in said("a" * 5000) or "there is no aaa" in said("a" * 5000)
    assert "allowed: http:// or https://" in said("ftp://example.org/a.txt")


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is neither a file nor a folder" in said(tmp_path / "pipe")


def test_a_folder_without_texts(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "scan.png").write_bytes(b"\x89PNG")
    message = said(tmp_path / "in")
    assert "holds no texts" in message
    assert ".txt" in message


@pytest.mark.parametrize("content", [b"%PDF-1.7\0\1\2", b"\x7fELF\2\1\1\0", b"a\0b", bytes(range(256))])
def test_a_binary_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "report.txt").write_bytes(content)
    message = said(tmp_path / "report.txt")
    assert "report.txt is not text (allowed: plain text or HTML); save a PDF" in message
    assert "report.txt is not text" in said(tmp_path)


@pytest.mark.parametrize("content", ["", " \n\t\n"])
def test_an_empty_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "empty.txt").write_text(content)
    assert "empty.txt holds no words" in said(tmp_path / "empty.txt")


def test_a_text_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "recipe.txt").write_text("Take two eggs and some flour.")
    message = said(tmp_path / "recipe.txt")
    assert "the dictionary finds no terms of cardiology in" in message
    assert "phrases file" in message


def test_a_word_of_ten_thousand_letters_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("x" * 10_000 + " AF " + "sinus" * 10_000)
    assert found(tmp_path / "long.txt") == {"AF": 1}


def test_too_much_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 3_000_000)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(b"AF " * 600_000)
    assert len(list(documents(str(tmp_path / "a.txt")))) == 1
    message = said(tmp_path)
    assert "b.txt and what was read before it are too large" in message
    assert "3 MB" in message


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("AF")

    def forbidden(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert "secret.txt cannot be read (Permission denied); check its permissions" in said(path)
