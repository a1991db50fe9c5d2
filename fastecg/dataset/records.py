"""The record table of a plan: keys, paths and how many windows each record fills, millions in megabytes."""

from __future__ import annotations

import hashlib
import io
import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import OutputError
from fastecg.formats.files import write_atomic


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record of a plan; ``error`` and ``message`` say why it has no pages."""

    key: str
    path: str = ""
    error: str = ""
    message: str = ""


@dataclass(frozen=True, eq=False)
class Records:
    """All records of a plan: 16 bytes of memory for each, and a line of a file, read when it is needed.

    Parameters
    ----------
    index
        Shape (2, records + 1), int64: where each line begins, and windows before each record.
    lines
        One JSON array a record: key, path where it differs from the key, error and message.
    path
        The file that has the lines instead; it is not held open.
    digest
        What stands for the content; another table has another.

    Examples
    --------
    >>> table = RecordTable()
    >>> table.add(RecordRow("a"), windows=2)
    >>> table.add(RecordRow("b/c", path="b/C.hea"), windows=1)
    >>> records = table.records()
    >>> len(records), records.windows, records[1].key, records.at_window(1), records.at_window(2)
    (2, 3, 'b/c', 0, 1)
    """

    index: NDArray[np.int64]
    lines: bytes
    path: Path | None
    digest: str

    def __len__(self) -> int:
        return int(self.index.shape[1]) - 1

    def __getitem__(self, number: int) -> RecordRow:
        begin, end = self.index[0, number : number + 2].tolist()
        if self.path is None:
            return RecordRow(*json.loads(self.lines[begin:end]))
        with self.path.open("rb") as file:
            file.seek(begin)
            return RecordRow(*json.loads(file.read(end - begin)))

    def __iter__(self) -> Iterator[RecordRow]:
        with io.BytesIO(self.lines) if self.path is None else self.path.open("rb") as file:
            for line in file:
                yield RecordRow(*json.loads(line))

    @property
    def windows(self) -> int:
        """Windows of all records together."""
        return int(self.index[1, -1])

    def windows_of(self, number: int) -> int:
        """Return how many windows a record fills; 0 for one that cannot be read."""
        return int(self.index[1, number + 1] - self.index[1, number])

    def windows_before(self, number: int) -> int:
        """Return how many windows the records before this one fill."""
        return int(self.index[1, number])

    def at_window(self, window: int) -> int:
        """Return the record that a window, counted through all records, belongs to."""
        return int(np.searchsorted(self.index[1], window, side="right")) - 1

    def unreadable(self) -> Iterator[RecordRow]:
        """Yield the records that have no pages."""
        for number in np.flatnonzero(np.diff(self.index[1]) == 0).tolist():
            yield self[number]

    def save(self, folder: Path) -> str:
        """Write the table into a folder, unless it is there, and return its name."""
        name = f"records-{self.digest}"
        index, lines = folder / f"{name}.i64", folder / f"{name}.jsonl"
        if not (index.exists() and lines.exists()):
            write_atomic(lines, self.lines if self.path is None else self.path.read_bytes(), fsync=True)
            write_atomic(index, _bytes_of(self.index), fsync=True)
        return name

    @classmethod
    def load(cls, folder: Path, name: str) -> Records:
        """Return a table that was saved.

        Raises
        ------
        OutputError
            If it is not there.
        """
        path = folder / f"{name}.jsonl"
        try:
            index = np.fromfile(folder / f"{name}.i64", "<i8").astype(np.int64, copy=False).reshape(2, -1)
            whole = path.stat().st_size == index[0, -1]
        except (OSError, ValueError, IndexError) as error:
            raise _unreadable(folder, str(error)) from None
        if not whole:
            raise _unreadable(folder, f"{path.name} has another size than its index says")
        return cls(index, b"", path, name.rpartition("-")[2])


def _unreadable(folder: Path, reason: str) -> OutputError:
    return OutputError(
        f"the plan in {folder} cannot be read ({reason})", "", "remove the folder and begin again"
    )


def _bytes_of(index: NDArray[np.int64]) -> bytes:
    return np.ascontiguousarray(index, "<i8").tobytes()


@dataclass(slots=True)
class RecordTable:
    """A table of records that grows record by record."""

    lines: bytearray = field(default_factory=bytearray)
    offsets: array[int] = field(default_factory=lambda: array("q", [0]))
    windows: array[int] = field(default_factory=lambda: array("q", [0]))

    def add(self, row: RecordRow, windows: int) -> None:
        """Add a record that fills so many windows."""
        fields = [row.key, row.path, row.error, row.message]
        while len(fields) > 1 and not fields[-1]:
            fields.pop()
        self.lines += json.dumps(fields, separators=(",", ":")).encode() + b"\n"
        self.offsets.append(len(self.lines))
        self.windows.append(self.windows[-1] + windows)

    def records(self) -> Records:
        """Return what was added."""
        index = np.array([self.offsets, self.windows], np.int64)
        digest = hashlib.sha256(self.lines + _bytes_of(index)).hexdigest()[:16]
        return Records(index, bytes(self.lines), None, digest)
