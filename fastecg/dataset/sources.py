"""Where the records of a dataset come from: a folder, a file, or the built-in ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from fastecg.errors import OutputError, RecipeError
from fastecg.packed.store import PackedSource, RecordStore, is_store
from fastecg.readers import RecordSource, walk_records
from fastecg.readers.read import record_duration_s
from fastecg.record import Record
from fastecg.synthesis import builtin_record

BUILTIN_DURATION_S: Final = 10.0
"""Length of the built-in records."""
BUILTIN_COUNT: Final = 10
"""Built-in records of a dataset that names neither a source nor a limit."""
MAX_SEED: Final = 2**64 - 1
"""Largest whole number that JSON writers and random generators take."""


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
        return builtin_record(self.index, seed=self.seed, duration_s=BUILTIN_DURATION_S).record


def find_sources(
    root: str | os.PathLike[str] | None, *, seed: int, limit: int | None, output: Path | None = None
) -> Iterator[Source]:
    """Yield the records of a folder, a RECORDS file or a single path; built-in ones without a root.

    Parameters
    ----------
    root
        Folder, file, record or packed store; None for the built-in records.
    seed
        Seed of the built-in records: another seed is other people.
    limit
        Most records to yield; None for all (10 built-in ones).
    output
        Folder of the dataset. It may lie in the root: the WFDB copies in it are no records.

    Raises
    ------
    RecordError
        If the root does not exist or holds no records.
    RecipeError
        If the limit is less than 1, or the seed is not 0 to 2**64 - 1.
    OutputError
        If the output is the root.

    Examples
    --------
    >>> [source.key for source in find_sources(None, seed=0, limit=2)]
    ['synthetic-0000', 'synthetic-0001']
    """
    check_seed(seed)
    if limit is not None and limit < 1:
        raise RecipeError(f"the limit is {limit} records", "1 or more", "leave it out for all records")
    if root is None:
        count = BUILTIN_COUNT if limit is None else limit
        return (BuiltinSource(f"synthetic-{i:04d}", i, seed) for i in range(count))
    if is_store(root):
        return islice(RecordStore(root), limit)
    found: Iterator[RecordSource] = walk_records(root)
    if output is not None:
        within, inside = Path(os.path.realpath(root)), Path(os.path.realpath(output))
        if within == inside:
            raise OutputError(
                f"{output} is the folder of the records", "another folder, which may be one in it"
            )
        if inside.is_relative_to(within):
            real = cache(os.path.realpath)  # millions of records have few folders
            found = (one for one in found if not Path(real(one.path.parent)).is_relative_to(inside))
    return islice(found, limit)


def duration_s(source: Source) -> float:
    """Return how long a record is in seconds, without reading its samples where that is possible.

    Raises
    ------
    RecordError
        If it cannot be read.
    """
    if isinstance(source, BuiltinSource):
        return BUILTIN_DURATION_S
    if isinstance(source, PackedSource):
        return source.outline().duration_s
    if isinstance(source, RecordSource) and source.error is None:
        return record_duration_s(source.path)
    return source.read().duration_s


def check_seed(seed: int) -> None:
    """Refuse a seed that is negative or too large.

    Raises
    ------
    RecipeError
        If the seed is not 0 to 2**64 - 1.
    """
    if not 0 <= seed <= MAX_SEED:
        raise RecipeError(f"the seed is {seed}", f"0 to {MAX_SEED}", "choose another seed")
