"""RecordStore: the records of a packed file, each read when it is asked for."""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, overload

import numpy as np

from fastecg.errors import RecordError
from fastecg.leads import normalize_lead_name
from fastecg.packed.encoding import decode, outline
from fastecg.packed.layout import (
    ENTRY_BYTES,
    HEADER_BYTES,
    NUMBER_BYTES,
    SUFFIX,
    Entry,
    Header,
    checksum,
    digest,
    read_entry,
    read_header,
)
from fastecg.readers._files import plain_reason, size_of
from fastecg.record import Record

_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|\ud800-\udfff]')


@dataclass(frozen=True, slots=True)
class PackedSource:
    """One record of a store, to be read; it can be sent to another process.

    Parameters
    ----------
    store
        The store.
    number
        Its place in the store.
    key
        Its safe name with ``/``, as in the folder that was packed.
    """

    store: RecordStore
    number: int
    key: str

    def read(self, *, leads: Sequence[str] | None = None) -> Record:
        """Read the record, or some of its leads in the order wanted.

        Raises
        ------
        RecordError
            If it is damaged, or has no such lead.
        """
        record = self.store.read(self.number)
        return record if leads is None else _chosen(record, leads)

    def outline(self) -> Record:
        """Return the record with NaN for samples, which takes neither memory nor time.

        Raises
        ------
        RecordError
            If the record is damaged.
        """
        return self.store.outline(self.number)


class RecordStore(Sequence[PackedSource]):
    """The records of a packed store, a file written by ``fastecg pack`` or :func:`fastecg.pack_records`.

    Opening one takes the same time whatever it holds. The file is mapped into memory, so many
    processes share one copy of it; a store can be pickled, and used by many threads.

    Parameters
    ----------
    path
        The ``.fecg`` file.

    Raises
    ------
    RecordError
        If it cannot be read, is no store, is damaged or truncated, or of a later version.

    Examples
    --------
    >>> import fastecg, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "two.fecg"
    >>> _ = fastecg.pack_records(fastecg.builtin_records(2), path)
    >>> with RecordStore(path) as store:
    ...     record = store[1].read()
    ...     len(store), store[0].key, record.signals_mv.shape
    (2, 'synthetic-0000', (12, 5000))
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        size = size_of(self.path)
        try:
            with self.path.open("rb") as file:
                start = file.read(HEADER_BYTES)
                self._header = read_header(start, size, self.path)
                self._map = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise RecordError(f"file {self.path} cannot be read ({plain_reason(error)})") from None

    def __len__(self) -> int:
        return self._header.count

    @overload
    def __getitem__(self, number: int) -> PackedSource: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[PackedSource]: ...
    def __getitem__(self, number: int | slice) -> PackedSource | Sequence[PackedSource]:
        """Return a source, or a list of them; their records are not read yet."""
        places = range(len(self))[number]  # also what says that a number is too large
        if isinstance(places, range):
            return [self[place] for place in places]
        return PackedSource(self, places, self._entry(places)[1])

    def find(self, key: str) -> PackedSource:
        """Return the source of a key, without a search through all of them.

        Raises
        ------
        RecordError
            If there is none.
        """
        wanted = key.encode(errors="surrogatepass")
        header, number = self._header, np.uint64(digest(wanted))
        digests = np.frombuffer(self._map, "<u8", header.count, header.digests)
        positions = np.frombuffer(
            self._map, "<u8", header.count, header.digests + header.count * NUMBER_BYTES
        )
        first, last = (int(np.searchsorted(digests, number, side)) for side in ("left", "right"))
        for place in positions[first:last].tolist():
            if place < header.count and self._entry(place)[1] == key:
                return PackedSource(self, place, key)
        raise RecordError(f"packed store {self.path} has no record {key!r}", "a key of the packed folder")

    def read(self, number: int) -> Record:
        """Return a record, bit for bit what reading its own files gave.

        Raises
        ------
        RecordError
            If its part of the file is damaged.
        """
        entry, key = self._entry(number)
        with memoryview(self._map) as whole, whole[entry.start : entry.end] as block:
            if len(block) != entry.end - entry.start or checksum(block) != entry.checksum:
                raise self._damaged(f"record {key!r}")
            begin = entry.samples - entry.start
            with block[: entry.facts_bytes] as facts, block[begin:] as samples:
                return decode(facts, samples)

    def outline(self, number: int) -> Record:
        """Return a record with NaN for samples: everything else about it, without reading them."""
        entry, key = self._entry(number)
        try:
            return outline(self._map[entry.start : entry.start + entry.facts_bytes], entry.samples_bytes)
        except (ValueError, KeyError, TypeError):  # only a whole block has a checksum
            raise self._damaged(f"record {key!r}") from None

    def close(self) -> None:
        """Let go of the file; sources of this store cannot be read any more."""
        self._map.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[object, tuple[Path, Header]]:
        return _reopened, (self.path.absolute(), self._header)

    def _entry(self, number: int) -> tuple[Entry, str]:
        """Return where a record is, and its key, both checked."""
        if not 0 <= number < self._header.count:
            raise IndexError(f"record {number} of {self._header.count}")
        place = self._header.entries + number * ENTRY_BYTES
        entry, check = read_entry(self._map[place : place + ENTRY_BYTES])
        begin = self._header.keys + entry.key_start
        key = self._map[begin : begin + entry.key_bytes]
        if check != checksum(self._map[place : place + ENTRY_BYTES - 4], key):
            raise self._damaged(f"the entry of record {number}")
        name = key.decode()
        if not is_safe_key(name):  # it names files: a store from elsewhere must not write where it likes
            raise RecordError(f"packed store {self.path} has a record of the key {name!r}", "a relative name")
        return entry, name

    def _damaged(self, what: str) -> RecordError:
        return RecordError(
            f"{what} in packed store {self.path} is damaged (its checksum is wrong)",
            "",
            "copy the file again, or pack the records again",
        )


def is_store(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is that of a packed store, going by its suffix.

    Examples
    --------
    >>> is_store("ptbxl.fecg"), is_store("ptbxl")
    (True, False)
    """
    return Path(path).suffix.lower() == SUFFIX and not Path(path).is_dir()


def is_safe_key(key: str) -> bool:
    """Return whether a key can name a file below a folder on any system.

    Examples
    --------
    >>> is_safe_key("ptbxl/HR00001"), is_safe_key("../HR00001"), is_safe_key("/etc/passwd")
    (True, False, False)
    """
    return not _UNSAFE.search(key) and all(part and part[-1] not in ". " for part in key.split("/"))


def _reopened(path: Path, header: Header) -> RecordStore:
    store = RecordStore(path)
    if store._header != header:
        store.close()
        raise RecordError(
            f"packed store {path} is not the one that was there before", "", "start again with the new one"
        )
    return store


def _chosen(record: Record, leads: Sequence[str]) -> Record:
    wanted = [normalize_lead_name(name) for name in ([leads] if isinstance(leads, str) else leads)]
    for name in wanted:
        if name not in record.leads:
            raise RecordError(f"record {record.name!r} has no lead {name!r}", ", ".join(record.leads))
    rows = [record.leads.index(name) for name in wanted]
    adc = None if record.adc is None else tuple(record.adc[row] for row in rows)
    signals = np.ascontiguousarray(record.signals_mv[rows])
    return Record(record.name, signals, tuple(wanted), record.sampling_rate_hz, record.header, adc)
