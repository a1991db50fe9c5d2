"""Files are whole or absent, also on a full disk, and every failure says what to do."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import fastecg
from fastecg.errors import OutputError
from fastecg.formats.files import TEMPORARY_SUFFIX, ensure_directory, write_atomic

SMALL_DISK_BYTES = 64 * 1024
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
not_root = pytest.mark.skipif(ROOT, reason="root may write everywhere")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("fsync", [False, True])
@pytest.mark.parametrize("data", [b"", b"pixels", memoryview(bytes(3_000_000))])
def test_writes_and_replaces(tmp_path: Path, data: bytes | memoryview, fsync: bool) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(b"what was before")
    write_atomic(path, data, fsync=fsync)
    assert path.read_bytes() == bytes(data)
    assert names(tmp_path) == ["page.png"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomic(tmp_path / "atomic", b"")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_file_appears_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def replace(self: Path, target: Path) -> Path:
        seen.extend(names(tmp_path))
        assert self.read_bytes() == b"pixels"
        os.replace(self, target)  # noqa: PTH105 - Path.replace is what is replaced here
        return target

    monkeypatch.setattr(Path, "replace", replace)
    write_atomic(tmp_path / "page.png", b"pixels")
    assert len(seen) == 1
    assert seen[0].startswith(".")
    assert seen[0].endswith(TEMPORARY_SUFFIX)
    assert names(tmp_path) == ["page.png"]


def test_many_threads_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    contents = [bytes([k]) * 200_000 for k in range(8)]
    threads = [
        threading.Thread(target=write_atomic, args=(path, data)) for data in contents for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert names(tmp_path) == ["page.png"]


def test_full_disk(mount_disk: Callable[[int], Path]) -> None:
    small_disk = mount_disk(SMALL_DISK_BYTES)
    path = small_disk / "page.png"
    write_atomic(path, b"before")
    with pytest.raises(OutputError, match=r"no space left to write .*page\.png; free some"):
        write_atomic(path, bytes(2 * SMALL_DISK_BYTES))
    assert names(small_disk) == ["page.png"]
    assert path.read_bytes() == b"before"
    write_atomic(path, bytes(SMALL_DISK_BYTES // 4))  # nothing left behind that takes the space


@pytest.mark.skipif(sys.platform == "win32", reason="no RLIMIT_FSIZE")
def test_file_size_limit(tmp_path: Path) -> None:
    program = f"""
import pathlib, resource
from fastecg.errors import OutputError
from fastecg.formats.files import write_atomic
resource.setrlimit(resource.RLIMIT_FSIZE, ({SMALL_DISK_BYTES}, {SMALL_DISK_BYTES}))
try:
    write_atomic(pathlib.Path("page.png"), bytes({2 * SMALL_DISK_BYTES}))
except OutputError as error:
    print(error)
"""
    environment = os.environ | {"PYTHONPATH": str(Path(fastecg.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("no space left to write page.png; free some")
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken"), KeyboardInterrupt()])
def test_failing_rename_leaves_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def replace(self: Path, target: Path) -> Path:
        raise error

    path = tmp_path / "page.png"
    path.write_bytes(b"before")
    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OutputError if isinstance(error, OSError) else KeyboardInterrupt):
        write_atomic(path, b"after")
    assert names(tmp_path) == ["page.png"]
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "folder exists and is a folder or a device"),
        ("file/page.png", r"cannot write .*: .*file is a file \(allowed: a folder\)"),
        ("none/page.png", "the folder .*none does not exist; make it first"),
        ("x" * 300, "the name is too long; shorten it"),
        ("a\0b", "cannot write .*null"),
    ],
)
def test_what_stands_in_the_way(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"before")
    with pytest.raises(OutputError, match=message):
        write_atomic(tmp_path / name, b"pixels")
    assert names(tmp_path) == ["file", "folder"]
    assert (tmp_path / "file").read_bytes() == b"before"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX special files")
def test_special_files_are_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="a folder or a device"):
        write_atomic(tmp_path / "pipe", b"pixels")
    assert (tmp_path / "pipe").is_fifo()


@not_root
def test_no_permission(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="no permission to write"):
        write_atomic(folder / "page.png", b"pixels")
    with pytest.raises(OutputError, match="no permission to write"):
        ensure_directory(folder)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.EACCES, "no permission to write .*page.png; change it for .* or choose another output folder"),
        (errno.EROFS, "the disk is read-only; choose another output folder"),
        (errno.ENOSPC, "no space left"),
        (errno.EIO, "cannot write .*; choose another output folder"),
    ],
)
def test_errors_root_does_not_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(OutputError, match=message):
        write_atomic(tmp_path / "page.png", b"")


def test_ensure_directory(tmp_path: Path) -> None:
    ensure_directory(tmp_path / "pages" / "0001")
    ensure_directory(tmp_path / "pages" / "0001")
    assert names(tmp_path / "pages") == ["0001"]
    (tmp_path / "file").write_bytes(b"before")
    in_the_way = re.escape(str(tmp_path / "file"))
    for path in (tmp_path / "file", tmp_path / "file" / "a" / "b"):
        with pytest.raises(OutputError, match=rf"{in_the_way} is a file \(allowed: a folder\)"):
            ensure_directory(path)
    with pytest.raises(OutputError, match="too long"):
        ensure_directory(tmp_path / ("x" * 300))
    assert (tmp_path / "file").read_bytes() == b"before"


def test_a_read_only_disk_is_found_before_the_first_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="no permission to write"):
        ensure_directory(tmp_path)
