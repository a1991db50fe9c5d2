"""What is done: a line for each finished unit, appended as it ends; the last one may be torn."""

from __future__ import annotations

import contextlib
import os
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from fastecg.dataset.place import STATE, Entry, Place
from fastecg.dataset.unit import Failure, UnitResult
from fastecg.formats.files import explained

LEDGER: Final = "ledger"
SUFFIX: Final = ".jsonl"
_SYNC_EVERY_S: Final = 2.0
_COLUMNS: Final = ("unit", "count", "file", "position", "pages", "state")
_WHOLE: Final = 0
_FAILED: Final = 1
_LOST: Final = 2

Spans = list[tuple[int, int]]
"""First units, and those after the last, of spans in their order."""


def to_line(result: UnitResult) -> bytes:
    """Return a result as a line of JSON."""
    fields: dict[str, Any] = {"unit": result.unit}
    if result.count != 1:
        fields["count"] = result.count
    if result.files:
        fields["files"] = [list(entry) for entry in result.files]
        fields["pages"] = result.pages
    if result.rows:
        fields["rows"] = result.rows
    if result.failures:
        fields["failures"] = [
            [one.first, one.count, one.key, one.error, one.message, one.record] for one in result.failures
        ]
    return orjson.dumps(fields) + b"\n"


def from_line(line: bytes) -> UnitResult:
    """Return the result that a line says.

    Raises
    ------
    ValueError, TypeError, KeyError
        If it is none: a torn line.
    """
    fields = orjson.loads(line)
    return UnitResult(
        unit=int(fields["unit"]),
        count=int(fields.get("count", 1)),
        files=tuple(Entry(*file) for file in fields.get("files", ())),
        rows=tuple(fields.get("rows", ())),
        failures=tuple(
            Failure(key, error, message, first, count, record=record)
            for first, count, key, error, message, record in fields.get("failures", ())
        ),
        pages=int(fields.get("pages", 0)),
    )


@dataclass(slots=True)
class LedgerWriter:
    """Appends results to a file of its own.

    Every line is handed to the system at once, so that killing the process loses none; the disk
    is waited for every two seconds and at the end.
    """

    folder: Path
    plan_id: str
    shard: str
    _file: int = -1
    _path: Path = Path()
    _synced: float = 0.0
    _torn: bool = False

    def append(self, result: UnitResult) -> None:
        """Write a line.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        if self._torn:  # what comes after half a line would be lost with it
            return
        try:
            if self._file < 0:
                self._open()
            data = memoryview(to_line(result))
            while data:
                data = data[os.write(self._file, data) :]
            now = time.monotonic()
            if now - self._synced > _SYNC_EVERY_S:
                os.fsync(self._file)
                self._synced = now
        except OSError as error:
            self._torn = True
            raise explained(error, self._path) from error

    def close(self) -> None:
        """Wait for the disk and close the file."""
        if self._file >= 0:
            with contextlib.suppress(OSError):  # a full disk: what is not there is made again
                os.fsync(self._file)
            os.close(self._file)
            self._file = -1

    def _open(self) -> None:
        number = len(list(self.folder.glob(f"{LEDGER}-*{SUFFIX}")))
        while self._file < 0:
            self._path = self.folder / f"{LEDGER}-{number:06d}-{self.shard}{SUFFIX}"
            with contextlib.suppress(FileExistsError):
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
            number += 1
        os.write(self._file, header(self.plan_id))
        self._synced = time.monotonic()


def header(plan_id: str) -> bytes:
    """Return the first line of a ledger: which plan it belongs to."""
    return orjson.dumps({"plan": plan_id}) + b"\n"


@dataclass(slots=True)
class Ledger:
    """All lines of a dataset's ledgers that count, by unit; the last one said of a unit counts.

    Parameters
    ----------
    folder
        The ``.fastecg`` folder.
    plan_id
        The plan; ledgers of another are passed over.
    """

    folder: Path
    plan_id: str
    _paths: list[Path] = field(default_factory=list)
    _spans: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, len(_COLUMNS)), np.int64))

    def read(self, holds: Callable[[UnitResult], bool] = lambda _: True) -> None:
        """Read all ledgers.

        Parameters
        ----------
        holds
            Says whether a result still counts, as while its files are there.
        """
        self._paths = self.files()
        found = array("q")
        for number, path in enumerate(self._paths):
            for position, line in _lines_of(path):
                try:
                    result = from_line(line)
                except (ValueError, TypeError, KeyError):
                    continue  # torn when the run was killed
                good = holds(result)
                found.extend((result.unit, result.count, number, position, result.pages if good else 0))
                found.append(_LOST if not good else _FAILED if result.failures else _WHOLE)
        self._spans = last_said(np.array(found, np.int64).reshape(-1, len(_COLUMNS)))

    def files(self) -> list[Path]:
        """Return the ledgers of this plan, the oldest first: the finished one, then those of runs."""
        finished = self.folder / f"{LEDGER}{SUFFIX}"
        parts = sorted(self.folder.glob(f"{LEDGER}-*{SUFFIX}"))
        return [path for path in (finished, *parts) if self._is_mine(path)]

    def _is_mine(self, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                return file.readline() == header(self.plan_id)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise explained(error, path) from error

    def __iter__(self) -> Iterator[UnitResult]:
        """Yield what counts, in the order of the plan."""
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(path.open("rb")) for path in self._paths]
            for unit, count, number, position, *_ in self._spans.tolist():
                opened[number].seek(position)
                result = from_line(opened[number].readline())
                if (result.unit, result.count) != (unit, count):
                    (failure,) = result.failures  # of a record: what is left of its pages
                    failure = replace(failure, first=unit, count=count)
                    result = UnitResult(unit, count, failures=(failure,))
                yield result

    def pages_in(self, units: range) -> int:
        """Return how many pages of some units are there."""
        inside = (self._spans[:, 0] >= units.start) & (self._spans[:, 0] < units.stop)
        return int(self._spans[inside, 4].sum())

    def whole(self) -> Spans:
        """Return the units that miss no page."""
        return joined(self._spans[self._spans[:, 5] == _WHOLE])

    def known(self) -> Spans:
        """Return the units that were made or failed."""
        return joined(self._spans)

    def failed(self) -> Iterator[UnitResult]:
        """Yield the results that lack pages."""
        some = Ledger(self.folder, self.plan_id, self._paths, self._spans[self._spans[:, 5] == _FAILED])
        yield from some

    def compact(self, place: Place) -> None:
        """Put all lines that count into one file, in the order of the plan, and remove the others.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        lines = (to_line(result) for result in self)
        place.write(f"{STATE}/{LEDGER}{SUFFIX}", chain([header(self.plan_id)], lines))
        for path in self.folder.glob(f"{LEDGER}-*{SUFFIX}"):
            path.unlink(missing_ok=True)
        self.read()


def _lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the whole lines of a ledger but its first, and where each begins."""
    with path.open("rb") as file:
        position = len(file.readline())
        for line in file:
            if line.endswith(b"\n"):
                yield position, line
            position += len(line)


def last_said(spans: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for every unit the last span that has it, sorted; spans of several units fill the rest.

    Parameters
    ----------
    spans
        Shape (spans, 6), the oldest first; the first two columns are unit and count.

    Examples
    --------
    >>> spans = np.zeros((3, 6), np.int64)
    >>> spans[:, :2] = [[2, 1], [0, 9], [4, 1]]
    >>> last_said(spans)[:, :2].tolist()
    [[0, 2], [2, 1], [3, 1], [4, 1], [5, 4]]
    """
    order = np.arange(len(spans))
    single = spans[:, 1] == 1
    backwards = order[single][::-1]
    _, first = np.unique(spans[backwards, 0], return_index=True)
    kept = spans[backwards[first]]  # sorted by unit
    kept = kept[kept[:, 5] != _LOST]
    pieces: list[NDArray[np.int64]] = []
    newer: Spans = []
    for number in order[~single][::-1].tolist():
        begin, count = spans[number, :2].tolist()
        one, other = np.searchsorted(kept[:, 0], (begin, begin + count))
        taken = [*newer, *joined(kept[one:other])]
        for start, stop in gaps(sorted(taken), begin, begin + count):
            piece = spans[number].copy()
            piece[:2] = start, stop - start
            pieces.append(piece)
        newer.append((begin, begin + count))
    found = np.concatenate([kept, np.array(pieces, np.int64).reshape(-1, spans.shape[1])])
    return found[np.argsort(found[:, 0], kind="stable")]


def joined(spans: NDArray[np.int64]) -> Spans:
    """Return sorted spans (unit and count in the first two columns) with neighbours made one."""
    if not len(spans):
        return []
    begin, end = spans[:, 0], spans[:, 0] + spans[:, 1]
    breaks = np.flatnonzero(begin[1:] != end[:-1])
    first, last = np.append(0, breaks + 1), np.append(breaks, len(spans) - 1)
    return list(zip(begin[first].tolist(), end[last].tolist(), strict=True))


def gaps(spans: Spans, begin: int, end: int) -> Spans:
    """Return what sorted spans leave out between two units.

    Examples
    --------
    >>> gaps([(2, 4), (3, 5), (9, 12)], 0, 10)
    [(0, 2), (5, 9)]
    """
    found: Spans = []
    for start, stop in spans:
        if min(start, end) > begin:
            found.append((begin, min(start, end)))
        begin = max(begin, stop)
        if begin >= end:
            return found
    return [*found, (begin, end)] if begin < end else found
