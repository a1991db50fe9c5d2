"""Where the records of a dataset come from: a folder, a file, or the built-in ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from fastecg.readers import walk_records
from fastecg.record import Record
from fastecg.synthesis import builtin_record

BUILTIN_COUNT: Final = 10
"""Built-in records of a dataset that names neither a source nor a limit."""


class Source(Protocol):
    """A record to be read: its key names its files and its random streams."""

    @property
    def key(self) -> str:
        """Safe relative name with ``/``, unique in the dataset."""

    def read(self) -> Record:
        """Read the record."""


@dataclass(frozen=True, slots=True)
class BuiltinSource:
    """One of the built-in synthetic records."""

    key: str
    index: int
    seed: int

    def read(self) -> Record:
        """Make the record."""
        return builtin_record(self.index, seed=self.seed).record


def find_sources(root: str | Path | None, *, seed: int, limit: int | None) -> Iterator[Source]:
    """Yield the records of a folder, a RECORDS file or a single path; built-in ones without a root.

    Parameters
    ----------
    root
        Folder, file or record; None for the built-in records.
    seed
        Seed of the built-in records: another seed is other people.
    limit
        Most records to yield; None for all (10 built-in ones).

    Raises
    ------
    RecordError
        If the root does not exist or holds no records.

    Examples
    --------
    >>> [source.key for source in find_sources(None, seed=0, limit=2)]
    ['synthetic-0000', 'synthetic-0001']
    """
    if root is None:
        count = BUILTIN_COUNT if limit is None else limit
        return (BuiltinSource(f"synthetic-{i:04d}", i, seed) for i in range(count))
    return islice(walk_records(root), limit)
