"""walk_records: all records of a folder, a RECORDS file or a single path."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from fastecg.errors import RecordError
from fastecg.readers._files import plain_reason, read_bytes
from fastecg.readers.header import read_header
from fastecg.readers.read import header_path_of, read_record
from fastecg.record import Record

RECORDS_FILE: Final = "RECORDS"
"""Name of the list of records in a PhysioNet folder."""

_MAX_LIST_BYTES: Final = 1 << 30
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|%\ud800-\udfff]')
_UNREADABLE: Final = "(unreadable)"
_LOOKED_FOR: Final = "a folder with .hea files or a RECORDS file, a RECORDS file, or one record"


@dataclass(frozen=True, slots=True)
class RecordSource:
    """A record that can be read: what a dataset run is made of.

    Parameters
    ----------
    key
        Safe relative name with ``/`` and without suffix, such as ``ptbxl/HR00001``; unique in a walk.
    path
        The record, without suffix.
    error
        Why it cannot be read, if the walk knows already.

    Examples
    --------
    >>> RecordSource("gone", Path("gone"), "gone is listed but missing").read()
    Traceback (most recent call last):
    fastecg.errors.RecordError: gone is listed but missing
    """

    key: str
    path: Path
    error: str | None = None

    def read(self, *, leads: Sequence[str] | None = None) -> Record:
        """Read the record; see :func:`fastecg.read_record`.

        Raises
        ------
        RecordError
            If the record cannot be read, or the walk found it wrong already.
        """
        if self.error is not None:
            raise RecordError(self.error)
        return read_record(self.path, leads=leads)


def walk_records(root: str | os.PathLike[str]) -> Iterator[RecordSource]:
    """Find all records under a folder, sorted by name.

    A folder with a ``RECORDS`` file is read by that list, whose entries may name folders
    (``subset/``) with lists of their own; other folders are searched for ``.hea`` files. Hidden
    files and segments of multi-segment records are passed over. What cannot be read does not stop
    the walk: it comes as a source whose ``read`` raises.

    Parameters
    ----------
    root
        A folder, a ``RECORDS`` file, or one record.

    Raises
    ------
    RecordError
        If there is no such folder or record, or no record in it.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "b").mkdir()
    >>> for name in ("a.hea", "b/c.hea", "a.dat"):
    ...     (folder / name).touch()
    >>> [source.key for source in walk_records(folder)]
    ['a', 'b/c']
    """
    path = Path(root)
    if path.is_dir():
        sources = _folder(path, (), frozenset())
    elif path.name.startswith(RECORDS_FILE) and path.is_file():
        sources = _listed(path, (), frozenset())
    elif header_path_of(path).is_file():
        stem = header_path_of(path).with_suffix("")
        sources = iter([RecordSource(_key((stem.name,)), stem)])
    else:
        raise RecordError(
            f"there is no record or folder {path}", _LOOKED_FOR, "check the path and its spelling"
        )
    first = next(sources, None)
    if first is None:
        raise RecordError(f"{path} holds no records", _LOOKED_FOR, "point at the folder with the .hea files")
    if first.key == _UNREADABLE and first.error is not None:
        raise RecordError(first.error, _LOOKED_FOR)
    return chain([first], sources)


def _folder(folder: Path, parts: tuple[str, ...], above: frozenset[str]) -> Iterator[RecordSource]:
    """Walk a folder; ``above`` are the real paths of the folders on the way, against loops of links."""
    try:
        real = os.path.realpath(folder)
        if real in above:
            return
        above |= {real}
        with os.scandir(folder) as entries:
            found = [(entry.name, _is_folder(entry)) for entry in entries if not entry.name.startswith(".")]
    except (OSError, ValueError) as error:
        yield _unreadable(folder, parts, error)
        return
    if (RECORDS_FILE, False) in found:
        yield from _listed(folder / RECORDS_FILE, parts, above)
        return
    files = {name for name, is_folder in found if not is_folder}
    records = _record_names(folder, files)
    # "a/" sorts after "a-1": so folders and records come in the order of their whole keys
    for name in sorted([f"{name}/" for name, is_folder in found if is_folder] + records):
        if name.endswith("/"):
            yield from _folder(folder / name[:-1], (*parts, name[:-1]), above)
        else:
            yield RecordSource(_key((*parts, name)), folder / name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder; a link in a circle is none, and no reason to lose the others."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _record_names(folder: Path, files: set[str]) -> list[str]:
    """Return the records among the files of a folder, without segments of other records."""
    stems = {name[:-4] for name in files if name.lower().endswith(".hea") and len(name) > 4}
    lower = {name.lower() for name in files}
    segments: set[str] = set()
    for stem in stems:
        # only a header without signals of its own can be a multi-segment one: no need to open the others
        if not {f"{stem.lower()}.dat", f"{stem.lower()}.mat"} & lower:
            segments.update(_segments_of(folder / f"{stem}.hea"))
    return sorted(stems - segments)


def _segments_of(header_path: Path) -> list[str]:
    try:
        return [segment.name for segment in read_header(header_path).segments]
    except RecordError:  # reading the record will say what is wrong
        return []


def _listed(list_path: Path, parts: tuple[str, ...], above: frozenset[str]) -> Iterator[RecordSource]:
    """Walk the entries of a RECORDS file, sorted; entries that end in ``/`` are folders."""
    try:
        text = read_bytes(list_path, _MAX_LIST_BYTES).decode("utf-8-sig", errors="surrogateescape")
    except RecordError as error:
        yield RecordSource(_key((*parts, _UNREADABLE)), list_path, str(error))
        return
    lines = {line.strip().replace("\\", "/") for line in text.splitlines()}
    entries = {_normalized(line) for line in lines if line and not line.startswith("#")}
    seen: set[str] = set()  # "a/" and "a/x" may both be listed
    for entry in sorted(entries - {"", "/"}):
        for source in _entry(entry, list_path, parts, above):
            if source.key not in seen:
                seen.add(source.key)
                yield source


def _entry(
    entry: str, list_path: Path, parts: tuple[str, ...], above: frozenset[str]
) -> Iterator[RecordSource]:
    names = tuple(name for name in entry.split("/") if name)
    path = list_path.parent.joinpath(*names)
    if entry.startswith("/") or ".." in names or re.match(r"[A-Za-z]:", entry):
        root = ("/",) if entry.startswith("/") else ()
        error = f"{list_path} lists {entry!r}, which leads out of its folder"
        yield RecordSource(_key((*parts, *root, *names)), path, error)
    elif entry.endswith("/"):
        yield from _folder(path, (*parts, *names), above)
    else:
        yield RecordSource(_key((*parts, *names)), path)


def _normalized(entry: str) -> str:
    """Write an entry one way, so that the same record is found once: no ``./``, ``//`` or ``.hea``."""
    names = [name for name in entry.split("/") if name not in ("", ".")]
    folder = entry.endswith("/")
    if names and not folder:
        names[-1] = re.sub(r"(?<=.)\.hea$", "", names[-1], flags=re.IGNORECASE)
    return "/" * entry.startswith("/") + "/".join(names) + "/" * (folder and bool(names))


def _unreadable(folder: Path, parts: tuple[str, ...], error: Exception) -> RecordSource:
    reason = f"folder {folder} cannot be opened ({plain_reason(error)})"
    return RecordSource(_key((*parts, _UNREADABLE)), folder, reason)


def _key(parts: tuple[str, ...]) -> str:
    """Join parts to a name that is safe as an output path; different parts give different keys.

    Examples
    --------
    >>> _key(("..", "a:b", "c"))
    '%2E%2E/a%3Ab/c'
    """
    return "/".join(_safe(part) for part in parts)


def _safe(part: str) -> str:
    text = _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", part)
    if text.strip(". ") == "":
        return "".join(f"%{ord(letter):02X}" for letter in text)
    return text if text[-1] not in ". " else f"{text[:-1]}%{ord(text[-1]):02X}"  # Windows drops these
