"""Files are whole or absent, and never outside the dataset's folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastecg.dataset.place import STATE, Entry, Folder
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.errors import OutputError
from fastecg.recipe import Recipe
from fastecg.synthesis import builtin_record


def test_a_file_is_what_it_says(tmp_path: Path) -> None:
    entry = Folder(tmp_path).write("a/b/c.bin", [b"one", memoryview(b"two")])
    assert entry == Entry("a/b/c.bin", 6, hashlib.sha256(b"onetwo").hexdigest())
    assert (tmp_path / "a" / "b" / "c.bin").read_bytes() == b"onetwo"
    Folder(tmp_path).remove("a/b/c.bin")
    Folder(tmp_path).remove("a/b/c.bin")
    assert not (tmp_path / "a" / "b" / "c.bin").exists()


def test_half_a_file_is_none(tmp_path: Path) -> None:
    def halves() -> Iterator[bytes]:
        yield b"half"
        assert not (tmp_path / "a.bin").exists()
        raise ZeroDivisionError

    place = Folder(tmp_path)
    with pytest.raises(ZeroDivisionError):
        place.write("a.bin", halves())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("path", ["../a", "/a", "a/../../b", "a//b", "", ".", "a/", "./a", "a\0b"])
def test_paths_that_lead_out(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    with pytest.raises(OutputError, match="leads out of the dataset's folder"):
        Folder(root).write(path, [b""])
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="making links takes rights on Windows")
def test_links_that_lead_out(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root, outside):
        folder.mkdir()
    (root / "out").symlink_to(outside)
    (root / "inner").mkdir()
    (root / "in").symlink_to(root / "inner")
    (outside / "file").write_bytes(b"theirs")
    (root / "file").symlink_to(outside / "file")
    place = Folder(root)
    for path in ("out/a", "out/deeper/a"):
        with pytest.raises(OutputError, match="is a link that leads out of"):
            place.write(path, [b"a"])
    place.write("in/a", [b"a"])
    place.write("file", [b"ours"])  # the link gives way, not what it points at
    assert (root / "inner" / "a").read_bytes() == b"a"
    assert (root / "file").read_bytes() == b"ours"
    assert [path.name for path in outside.iterdir()] == ["file"]
    assert (outside / "file").read_bytes() == b"theirs"


@pytest.mark.skipif(os.name == "nt", reason="making links takes rights on Windows")
def test_a_state_folder_that_leads_out(tmp_path: Path, recipe: Recipe) -> None:
    output, outside = tmp_path / "output", tmp_path / "outside"
    for folder in (output, outside):
        folder.mkdir()
    (output / STATE).symlink_to(outside)
    with pytest.raises(OutputError, match="is a link that leads out of"):
        generate(None, Run(output, recipe), Work(workers=0))
    assert not list(outside.iterdir())


class Named:
    """The first built-in record under another key."""

    def __init__(self, key: str) -> None:
        self.key = key

    def read(self) -> object:
        return builtin_record(0).record


@pytest.mark.pages
@pytest.mark.skipif(os.name == "nt", reason="making links takes rights on Windows")
def test_keys_that_lead_out_are_failures(tmp_path: Path, recipe: Recipe) -> None:
    output, outside = tmp_path / "a" / "output", tmp_path / "outside"
    outside.mkdir()
    output.mkdir(parents=True)
    (output / "link").symlink_to(outside)
    keys = ("../up", "/etc/page", "x/../../y", "link/z", ".fastecg/plan", "good")
    sources = [Named(key) for key in keys]
    summary = generate(sources, Run(output, recipe), Work(workers=0))  # type: ignore[arg-type]
    assert (summary.written, summary.failed, summary.stopped) == (1, len(keys) - 1, "")
    assert {failure.error for failure in summary.failures} == {"OutputError"}
    assert not list(outside.iterdir())
    assert {path.name for path in tmp_path.iterdir()} == {"a", "outside"}
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["output"]
    assert {path.name for path in output.glob("*.png")} == {"good-0.png"}
