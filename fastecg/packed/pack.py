"""pack_records: the records of a source into one file."""

from __future__ import annotations

import contextlib
import os
import uuid
import warnings
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from fastecg.dataset.sources import Source
from fastecg.errors import FastECGError, OutputError, RecordError, RecordWarning
from fastecg.formats.files import TEMPORARY_SUFFIX, ensure_directory
from fastecg.packed.encoding import encode
from fastecg.packed.layout import HEADER_BYTES, SUFFIX, Entry, Header, aligned, checksum, digest
from fastecg.packed.store import is_safe_key
from fastecg.readers._files import plain_reason
from fastecg.sourcing import RecordsLike, iter_sources

_FAILURES_KEPT: Final = 10_000
"""Failures that are kept in full; a source of nothing but wrong records must not fill the memory."""


@dataclass(slots=True)
class Packed:
    """What packing did.

    Parameters
    ----------
    records
        Records in the store.
    failed
        Records left out.
    failures
        Key and reason of those left out, the first 10,000.
    notes
        What was mended in records on the way, the first 10,000.
    """

    records: int = 0
    failed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def pack_records(
    records: RecordsLike,
    path: str | os.PathLike[str],
    *,
    on_record: Callable[[Packed], None] | None = None,
) -> Packed:
    """Write records into one packed store, each bit for bit as it is read from its own files.

    A record that cannot be read is left out and reported. The store appears when it is complete;
    one that was there before is replaced then, and left alone if anything goes wrong.

    Parameters
    ----------
    records
        A folder, a ``RECORDS`` file or a record by its path; records or sources; None for the
        built-in records.
    path
        The store, a file that ends in ``.fecg``.
    on_record
        Called with what was done so far after each record.

    Returns
    -------
    Packed
        How many ``records`` are in the store and how many ``failed``, the ``failures`` with key and
        reason, and ``notes`` on what was mended.

    Raises
    ------
    RecordError
        If the source does not exist, none of its records can be read, or a key comes twice.
    OutputError
        If the store cannot be written.

    Examples
    --------
    >>> import fastecg, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "some.fecg"
    >>> pack_records(fastecg.builtin_records(3), path).records
    3
    """
    target = Path(path)
    if target.suffix.lower() != SUFFIX or (target.exists() and not target.is_file()):
        raise OutputError(f"{target} cannot be a packed store", f"a file that ends in {SUFFIX}")
    ensure_directory(target.parent)
    temporary = target.with_name(f".{uuid.uuid4().hex}{TEMPORARY_SUFFIX}")
    done = Packed()
    try:
        with temporary.open("xb") as file:
            _write(file, iter_sources(records), done, on_record)
            file.flush()
            os.fsync(file.fileno())
        if not done.records:
            raise RecordError(
                f"no record could be packed{f': {done.failures[0][1]}' if done.failures else ''}",
                "at least one that can be read",
            )
        temporary.replace(target)
    except (OSError, ValueError) as error:
        raise OutputError(
            f"cannot write {target}: {plain_reason(error)}", "", "choose a folder on another disk"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return done


def _write(
    file: BinaryIO, sources: Iterator[Source], done: Packed, on_record: Callable[[Packed], None] | None
) -> None:
    file.write(bytes(HEADER_BYTES))
    entries, keys, digests = bytearray(), bytearray(), array("Q")
    end = HEADER_BYTES
    for source in sources:
        block = _block(source, done)
        if block is not None:
            key, facts, samples = block
            start = aligned(end)
            gap = bytes(aligned(start + len(facts)) - start - len(facts))
            entry = Entry(
                start, samples.nbytes, len(keys), len(key), len(facts), checksum(facts, gap, samples)
            )
            file.write(bytes(start - end) + facts + gap)
            file.write(samples)
            entries += entry.pack(key)
            keys += key
            digests.append(digest(key))
            end = entry.end
            done.records += 1
        if on_record is not None:
            on_record(done)
    start = aligned(end)
    hashes = np.array(digests, "<u8")
    order = np.argsort(hashes, kind="stable").astype("<u8")
    header = Header.of(entries, start, len(keys))
    _refuse_twins(hashes[order])
    file.write(bytes(start - end) + entries)
    file.write(hashes[order].tobytes() + order.tobytes())
    file.write(keys)
    file.seek(0)
    file.write(header.pack())


def _block(source: Source, done: Packed) -> tuple[bytes, bytes, memoryview] | None:
    """Return key, facts and samples of a record; None if it cannot be packed, which is noted."""
    try:
        if not is_safe_key(source.key):
            raise RecordError(f"the record has the key {source.key!r}", "a relative name with /")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", RecordWarning)
            record = source.read()
        facts, samples = encode(record)
    except Exception as error:  # noqa: BLE001 - whatever a file holds must not stop the others
        message = str(error) if isinstance(error, FastECGError) else f"{type(error).__name__}: {error}"
        done.failed += 1
        if len(done.failures) < _FAILURES_KEPT:
            done.failures.append((source.key, message))
        return None
    if len(done.notes) < _FAILURES_KEPT:
        done.notes += [
            f"{source.key}: {each.message}" for each in caught if issubclass(each.category, RecordWarning)
        ]
    return source.key.encode(), facts, samples.data.cast("B")


def _refuse_twins(hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> None:
    if (hashes[1:] == hashes[:-1]).any():
        raise RecordError("two of the records have the same key", "a key of its own for each")
