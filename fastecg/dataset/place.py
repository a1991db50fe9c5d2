"""Where a dataset is written: whole files below one folder, never outside it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from fastecg.errors import OutputError
from fastecg.formats.files import TEMPORARY_SUFFIX, ensure_directory, explained

STATE: Final = ".fastecg"
"""Folder in a dataset that holds its plan, what is done, and files that are being written."""
_SCRATCH: Final = "tmp"


class Entry(NamedTuple):
    """A finished file: its path below the dataset's folder with ``/``, its bytes and its SHA-256."""

    path: str
    size: int
    sha256: str


class Place(Protocol):
    """Somewhere that files of a dataset can be written, each whole or not at all."""

    def write(self, path: str, chunks: Iterable[bytes | memoryview]) -> Entry:
        """Write a file, replacing one of that name, and return what it is.

        Raises
        ------
        OutputError
            If it cannot be written or its path leads out of the place.
        """

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine as the place of a dataset.

    Files are written beside the others in ``.fastecg/tmp``, reach the disk, and only then get
    their name; so a killed run leaves half files there and nowhere else.

    Parameters
    ----------
    root
        The dataset's folder.
    scratch
        Name of a folder in ``.fastecg/tmp`` for unfinished files: runs at the same time each have
        their own, which the next of that name may empty.

    Examples
    --------
    >>> import tempfile
    >>> place = Folder(Path(tempfile.mkdtemp()))
    >>> place.write("a/b.txt", [b"whole"]).size
    5
    >>> place.write("../b.txt", [b""])
    Traceback (most recent call last):
    fastecg.errors.OutputError: '../b.txt' leads out of the dataset's folder (allowed: a path in it)
    """

    root: Path
    scratch: str = "main"
    _checked: set[str] = field(default_factory=set)

    @property
    def unfinished(self) -> Path:
        """Where files are until they are whole."""
        return self.root / STATE / _SCRATCH / self.scratch

    def write(self, path: str, chunks: Iterable[bytes | memoryview]) -> Entry:
        """Write a file; see :class:`Place`."""
        parent, _, name = safe(path).rpartition("/")
        target = self.root / path
        temporary = self.unfinished / f"{uuid.uuid4().hex}{TEMPORARY_SUFFIX}"
        self._make_folder(parent, target)
        if not self.unfinished.is_dir():
            self._make_folder(f"{STATE}/{_SCRATCH}/{self.scratch}", target)
        digest, size = hashlib.sha256(), 0
        try:
            if target.exists() and not target.is_file():  # a rename would replace a device file
                raise OutputError(
                    f"{target} exists and is a folder or a device",
                    "a file",
                    "remove it or choose another path",
                )
            try:
                with temporary.open("xb") as file:
                    for chunk in chunks:
                        file.write(chunk)
                        digest.update(chunk)
                        size += len(chunk)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(target)
            except BaseException:
                with contextlib.suppress(OSError):
                    temporary.unlink()
                raise
        except (OSError, ValueError) as error:
            raise explained(error, self.root / parent / name) from error
        return Entry(path, size, digest.hexdigest())

    def prepare(self) -> None:
        """Make the folder and the one in it that holds what is known of the dataset.

        Raises
        ------
        OutputError
            If that is not possible.
        """
        ensure_directory(self.root)
        self._make_folder(STATE, self.root / STATE)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        with contextlib.suppress(OSError):
            (self.root / safe(path)).unlink()

    def tidy(self) -> None:
        """Remove what a killed run left unfinished."""
        with contextlib.suppress(OSError):
            for leftover in self.unfinished.iterdir():
                with contextlib.suppress(OSError):
                    leftover.unlink()
            self.unfinished.rmdir()
            self.unfinished.parent.rmdir()

    def _make_folder(self, folder: str, target: Path) -> None:
        """Make a folder in the dataset, unless a link on the way leads out of it."""
        if folder in self._checked:
            return
        whole = self.root / folder
        real, root = os.path.realpath(whole), os.path.realpath(self.root)
        if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
            raise OutputError(
                f"cannot write {target}: {whole} is a link that leads out of {self.root}",
                "a folder in it",
                "remove the link",
            )
        ensure_directory(whole)
        self._checked.add(folder)


def safe(path: str) -> str:
    """Return a path below a place, if it is one.

    Raises
    ------
    OutputError
        If it leads out of it.
    """
    names = path.split("/")
    odd = any(name in ("", ".", "..") or "\0" in name for name in names)
    if odd or (os.name == "nt" and any(mark in path for mark in "\\:")):
        raise OutputError(f"{path!r} leads out of the dataset's folder", "a path in it")
    return path
