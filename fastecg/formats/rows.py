"""Rows that are gone through more than once, without holding a dataset's in memory."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

Row = dict[str, Any]


def rereadable(rows: Iterable[Row]) -> Iterable[Row]:
    """Return rows that can be gone through again and again; an iterator is kept in a temporary file.

    Parameters
    ----------
    rows
        A list or another thing that begins anew each time, which is returned as it is, or an iterator.

    Examples
    --------
    >>> kept = rereadable(iter([{"a": 1}, {"a": 2}]))
    >>> [row["a"] for row in kept], [row["a"] for row in kept]
    ([1, 2], [1, 2])
    """
    return _Kept(rows) if isinstance(rows, Iterator) else rows


class _Kept:
    """Rows in a temporary file that goes when nothing refers to it any more; one reader at a time or many."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the rows
        weakref.finalize(self, self._file.close)
        for row in rows:
            self._file.write(orjson.dumps(row) + b"\n")

    def __iter__(self) -> Iterator[Row]:
        place = 0
        while True:
            self._file.seek(place)
            line = self._file.readline()
            if not line:
                return
            place = self._file.tell()
            yield orjson.loads(line)
