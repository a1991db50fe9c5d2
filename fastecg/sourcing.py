"""What records a caller means: a path, records, or sources that are read later."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fastecg.dataset.sources import Source, find_sources
from fastecg.packed.store import RecordStore, is_store
from fastecg.record import Record

RecordsLike = str | os.PathLike[str] | Record | Iterable[Record | Source] | None
"""A folder, a ``RECORDS`` file, a record or a packed store by its path; records or sources; None for
the built-in records."""


@dataclass(frozen=True, eq=False, slots=True)
class HeldRecord:
    """A record in memory; its name is its key.

    Parameters
    ----------
    record
        The record.
    """

    record: Record

    @property
    def key(self) -> str:
        """Name of the record."""
        return self.record.name

    def read(self) -> Record:
        """Return the record."""
        return self.record


def iter_sources(given: RecordsLike, *, seed: int = 0) -> Iterator[Source]:
    """Yield the sources that a caller means, one by one.

    Parameters
    ----------
    given
        A path, records, sources, or None for the built-in records.
    seed
        Seed of the built-in records.

    Examples
    --------
    >>> import fastecg
    >>> [source.key for source in iter_sources(fastecg.builtin_records(2))]
    ['synthetic-0000', 'synthetic-0001']
    """
    if given is None or isinstance(given, str | os.PathLike):
        yield from find_sources(None if given is None else os.fspath(given), seed=seed, limit=None)
    elif isinstance(given, Record):
        yield HeldRecord(given)
    else:
        for one in given:
            yield HeldRecord(one) if isinstance(one, Record) else one


def list_sources(given: RecordsLike, *, seed: int = 0) -> Sequence[Source]:
    """Return the same sources as a sequence; a packed store is one already, however large."""
    if isinstance(given, str | os.PathLike) and is_store(given):
        return RecordStore(given)
    return given if isinstance(given, RecordStore) else list(iter_sources(given, seed=seed))
