"""What was found in texts is kept: found once, whole or absent, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from fastecg.phrases import Phrases, find, find_phrases
from fastecg.phrases.cache import VARIABLE, cache_folder, key_of, load, save
from fastecg.phrases.dictionary import dictionary
from fastecg.phrases.recognising import count_terms


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by each text that is searched."""
    texts: list[str] = []
    really = count_terms

    def count(given: Iterable[str]) -> Counter[str]:
        texts.extend(given)
        return really(texts[-1:])

    monkeypatch.setattr(find, "count_terms", count)
    return texts


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text("AF and LBBB, AF")
    return path


def again(source: Path) -> Phrases:
    """Find phrases as another process would."""
    find._found.cache_clear()
    return find_phrases(str(source))


def test_a_text_is_searched_once(source: Path, cache: Path, searched: list[str]) -> None:
    first = find_phrases(str(source))
    assert find_phrases(str(source)) is first  # the same process remembers it
    assert again(source) == first  # another finds it in the folder
    assert len(searched) == 1
    assert [path.suffix for path in cache.iterdir()] == [".tsv"]
    os.utime(source, (1, 1))
    assert find_phrases(str(source)) == first  # another date, the same text
    assert len(searched) == 1


def test_a_changed_text_is_searched_anew(source: Path, searched: list[str]) -> None:
    assert find_phrases(str(source)).texts == ("AF", "LBBB")
    source.write_text("STEMI, RBBB, RBBB")
    assert find_phrases(str(source)).texts == ("RBBB", "STEMI")
    assert len(searched) == 2


def test_a_relative_path_is_that_of_the_current_folder(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("VT and RBBB, VT")
    for path in (source, tmp_path / "other" / "notes.txt"):
        os.utime(path, (1, 1))  # nothing but the folder tells them apart
    monkeypatch.chdir(tmp_path)
    assert find_phrases("notes.txt").texts == ("AF", "LBBB")
    monkeypatch.chdir(tmp_path / "other")
    assert find_phrases("notes.txt").texts == ("VT", "RBBB")


@pytest.mark.parametrize("damage", ["", "half", "other", "binary", "number", "folder"])
def test_a_damaged_file_is_made_anew(source: Path, cache: Path, searched: list[str], damage: str) -> None:
    first = find_phrases(str(source))
    (path,) = cache.iterdir()
    whole = path.read_text()
    if damage == "folder":
        path.unlink()
        path.mkdir()
    elif damage == "binary":
        path.write_bytes(b"\xff\xfe\0")
    else:
        changed = {"": "", "half": whole[: len(whole) // 2], "other": whole.replace("AF", "VF")}
        path.write_text(changed.get(damage, whole.replace("\t2", "\tx")))
    assert again(source) == first
    assert len(searched) == 2
    if damage != "folder":
        assert path.read_text() == whole
        assert again(source) == first
        assert len(searched) == 2


def test_a_folder_that_cannot_be_written_is_done_without(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "cache"))
    assert find_phrases(str(source)).texts == ("AF", "LBBB")
    assert again(source).texts == ("AF", "LBBB")


def test_the_folder_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    folder = cache_folder()
    assert folder is not None
    assert folder.is_relative_to(tmp_path / "home")
    assert folder.parts[-2:] == ("fastecg", "phrases")
    assert not folder.exists()  # nothing is made before something is kept


def test_where_there_is_no_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import platformdirs

    monkeypatch.delenv(VARIABLE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: "~/.cache/fastecg")
    assert cache_folder() is None
    save("key", Phrases(("AF",), (1.0,)))
    assert load("key") is None
    assert list(tmp_path.iterdir()) == []


def test_keys_tell_everything_apart() -> None:
    parts = [b"1", b"text", b""]
    others = [[b"1", b"tex", b"t"], [b"1", b"text"], [b"text", b"1", b""], [b"2", b"text", b""]]
    assert len({key_of(each) for each in [parts, *others]}) == 5
    assert key_of(parts) == key_of(list(parts))


def test_another_dictionary_finds_anew(
    source: Path, searched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    find_phrases(str(source))
    other = dataclasses.replace(dictionary(), version="another")
    monkeypatch.setattr(find, "dictionary", lambda: other)
    again(source)
    assert len(searched) == 2


def test_several_processes_find_the_same(source: Path, cache: Path) -> None:
    code = (
        "import sys; from fastecg.phrases.find import find_phrases as find, _found\n"
        "for _ in range(20): _found.cache_clear(); print(find(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(source)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = {line for each in running for line in each.communicate(timeout=60)[0].splitlines()}
    assert [each.returncode for each in running] == [0, 0, 0]
    assert printed == {repr(find_phrases(str(source)))}
    assert [path.suffix for path in cache.iterdir()] == [".tsv"]
