"""walk_records on folders, RECORDS files and single records, good and bad; compared with lists by hand."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastecg
from fastecg.errors import RecordError
from fastecg.readers.walk import _key

from .conftest import WriteRecord


def _touch(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def _keys(root: Path | str) -> list[str]:
    return [source.key for source in fastecg.walk_records(root)]


def test_folder_is_walked_sorted_by_key(tmp_path: Path) -> None:
    _touch(
        tmp_path, "b.hea", "b.dat", "a/z.hea", "a/z.mat", "a-1.hea", "a/c/d.hea", "a.hea", "10.hea", "9.hea"
    )
    assert _keys(tmp_path) == ["10", "9", "a", "a-1", "a/c/d", "a/z", "b"]
    assert _keys(tmp_path) == sorted(_keys(tmp_path))


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    _touch(
        tmp_path,
        "1.hea",
        "1.dat",
        "1.i",
        "1.ii",
        "1.avf",
        "2.hea.txt",
        "._1.hea",
        ".git/3.hea",
        ".hea",
        "4.dat",
        "x.npy",
    )
    assert _keys(tmp_path) == ["1"]


def test_records_file_with_folders(write_record: WriteRecord, tmp_path: Path) -> None:
    _touch(tmp_path, "not-listed.hea", "free/b.hea", "sub/x.hea", "sub/y.hea")
    write_record(name="100")
    (tmp_path / "sub" / "RECORDS").write_text("y\n")
    (tmp_path / "RECORDS").write_text("# list\n100\n\nsub/\nfree/\n./100.hea\n free//b \r\nmissing\nsub\\y\n")
    assert _keys(tmp_path) == ["100", "free/b", "missing", "sub/y"]
    assert _keys(tmp_path / "RECORDS") == _keys(tmp_path)
    sources = {source.key: source for source in fastecg.walk_records(tmp_path)}
    assert sources["100"].read().name == "100"
    with pytest.raises(RecordError, match=r"missing\.hea cannot be read"):
        sources["missing"].read()


def test_entries_that_lead_outside_are_reported(write_record: WriteRecord, tmp_path: Path) -> None:
    write_record(name="good")
    outside = write_record(name="outside")
    inner = tmp_path / "inner"
    inner.mkdir()
    for suffix in (".hea", ".dat"):
        (tmp_path / f"good{suffix}").rename(inner / f"good{suffix}")
    (inner / "RECORDS").write_text(
        f"../outside\ngood\n{outside}\na/../../outside\nC:/x\n../\n./\n/\n..\n\0\n"
    )
    sources = list(fastecg.walk_records(inner))
    assert [source.key for source in sources if source.error is None] == ["%00", "good"]
    wrong = [source for source in sources if source.error is not None]
    assert len(wrong) == 5  # "../" and ".." are one place
    for source in wrong:
        assert ".." not in source.key.split("/")
        assert not source.key.startswith("/")
        with pytest.raises(RecordError, match="leads out of its folder"):
            source.read()
    keys = [source.key for source in sources]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("root", ["r", "r.hea", "r.dat"])
def test_single_record(write_record: WriteRecord, tmp_path: Path, root: str) -> None:
    write_record()
    (source,) = fastecg.walk_records(tmp_path / root)
    assert (source.key, source.read().samples) == ("r", 4)


def test_roots_without_records(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    _touch(tmp_path, "RECORDS", "notes.txt")
    for name, message in (
        ("empty", "holds no records"),
        ("RECORDS", "holds no records"),
        ("none", "no record or folder .*RECORDS"),
        ("notes.txt", "no record or folder"),
    ):
        with pytest.raises(RecordError, match=message):
            fastecg.walk_records(tmp_path / name)


def test_unreadable_folders_do_not_stop_the_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _touch(tmp_path, "a/1.hea", "locked/2.hea", "z/3.hea")
    real = os.scandir

    def scandir(path: Path) -> Iterator[os.DirEntry[str]]:
        if path.name == "locked":  # chmod does not keep root out
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    sources = list(fastecg.walk_records(tmp_path))
    assert [source.key for source in sources] == ["a/1", "locked/(unreadable)", "z/3"]
    with pytest.raises(RecordError, match=r"locked cannot be opened \(permission denied\)"):
        sources[1].read()
    with pytest.raises(RecordError, match="permission denied"):
        fastecg.walk_records(tmp_path / "locked")


def test_unreadable_list_does_not_stop_the_walk(tmp_path: Path) -> None:
    _touch(tmp_path, "a/RECORDS", "b/1.hea")
    with (tmp_path / "a" / "RECORDS").open("r+b") as file:
        file.truncate(1 << 33)
    (tmp_path / "RECORDS").write_text("a/\nb/\ngone/\n")
    sources = list(fastecg.walk_records(tmp_path))
    assert [source.key for source in sources] == ["a/(unreadable)", "b/1", "gone/(unreadable)"]


def test_loops_of_links_end(tmp_path: Path) -> None:
    _touch(tmp_path, "a/1.hea")
    try:
        (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("links are not allowed here")
    (tmp_path / "b").symlink_to(tmp_path / "a", target_is_directory=True)
    assert _keys(tmp_path) == ["a/1", "b/1"]


def test_sources_can_be_sent_to_workers(write_record: WriteRecord, tmp_path: Path) -> None:
    path = write_record(comments=["# Age: 5"])
    (source,) = fastecg.walk_records(path)
    assert pickle.loads(pickle.dumps(source)) == source
    record = pickle.loads(pickle.dumps(source.read()))
    assert record.header == {"Age": "5"}
    assert source.read(leads=["v1"]).leads == ("V1",)


NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=6) | st.sampled_from(
    ["..", ".", "a.", "%2E"]
)


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
def test_keys_are_safe_and_differ(one: tuple[str, str], other: tuple[str, str]) -> None:
    key = _key(one)
    assert len(key.split("/")) == 2
    assert not set(key) & set('\\:*?"<>|\n')
    assert not {"", ".", ".."} & set(key.split("/"))
    assert (key == _key(other)) == (one == other)


def test_a_link_to_itself_does_not_hide_the_others(tmp_path: Path) -> None:
    _touch(tmp_path, "a.hea", "a.dat")
    try:
        (tmp_path / "self").symlink_to(tmp_path / "self")
    except OSError:
        pytest.skip("links are not allowed here")
    assert _keys(tmp_path) == ["a"]
