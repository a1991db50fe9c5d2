"""The record table of a plan: keys, paths and how many windows each record fills, millions in megabytes."""

from __future__ import annotations

import hashlib
import json
import mmap
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    """All records of a plan, in memory or mapped from a file; nothing but 16 bytes and a line for each.

    Parameters
    ----------
    lines
        One JSON array a record: key, path where it differs from the key, error and message.
    index
        Shape (2, records + 1), int64: where each line begins, and windows before each record.

    Examples
    --------
    >>> table = RecordTable()
    >>> table.add(RecordRow("a"), windows=2)
    >>> table.add(RecordRow("b/c", path="b/C.hea"), windows=1)
    >>> records = table.records()
    >>> len(records), records.windows, records[1].key, records.at_window(1), records.at_window(2)
    (2, 3, 'b/c', 0, 1)
    """

    lines: bytes | mmap.mmap
    index: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.index.shape[1]) - 1

    def __getitem__(self, number: int) -> RecordRow:
        begin, end = self.index[0, number : number + 2].tolist()
        return RecordRow(*json.loads(self.lines[begin:end]))

    def __iter__(self) -> Iterator[RecordRow]:
        return (self[number] for number in range(len(self)))

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

    def digest(self) -> str:
        """Return what stands for the content of the table."""
        hashed = hashlib.sha256(self.lines)
        hashed.update(np.ascontiguousarray(self.index, "<i8").tobytes())
        return hashed.hexdigest()[:16]

    def save(self, folder: Path) -> str:
        """Write the table into a folder, unless it is there, and return its name."""
        name = f"records-{self.digest()}"
        index, lines = folder / f"{name}.npy", folder / f"{name}.jsonl"
        if not (index.exists() and lines.exists()):
            write_atomic(lines, self.lines[:], fsync=True)
            write_atomic(index, np.ascontiguousarray(self.index, "<i8").tobytes(), fsync=True)
        return name

    @classmethod
    def load(cls, folder: Path, name: str) -> Records:
        """Map a table that was saved; every process that does so shares its memory.

        Raises
        ------
        OutputError
            If it is not there.
        """
        try:
            index = np.fromfile(folder / f"{name}.npy", "<i8").astype(np.int64, copy=False).reshape(2, -1)
            with (folder / f"{name}.jsonl").open("rb") as file:
                empty = index.shape[1] == 1
                lines = b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise OutputError(
                f"the plan in {folder} cannot be read ({error})", "", "remove the folder and begin again"
            ) from None
        return cls(lines, index)

    def __reduce__(self) -> tuple[type[Records], tuple[Any, ...]]:
        return Records, (self.lines[:], np.array(self.index))


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
        return Records(bytes(self.lines), np.array([self.offsets, self.windows], np.int64))
