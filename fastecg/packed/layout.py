"""The bytes of a packed store: what lies where, and how damage is found.

::

    header      64 bytes: magic, version, number of records, where the sections begin, size, checksum
    blocks      one per record, each at a multiple of 64: facts as JSON, zeros up to a multiple of 64, samples
    entries     40 bytes per record, in the order of the source
    digests     8 bytes per record: hashes of the keys, sorted
    positions   8 bytes per record: the number of the record that each digest belongs to
    keys        UTF-8, one after another

All numbers are little-endian. The header has a checksum of its own, an entry one of itself and its key,
and a block one in its entry; so opening a store costs the same whatever it holds, and yet nothing
that is read goes unchecked.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

from isal import isal_zlib

from fastecg.errors import RecordError

SUFFIX: Final = ".fecg"
VERSION: Final = 1
ALIGNMENT: Final = 64
"""Blocks and their samples begin at multiples of this: a line of the processor's cache."""

_MAGIC: Final = b"FECGPACK"
_HEADER: Final = struct.Struct("<8sIIQQQQQ4xI")
_ENTRY: Final = struct.Struct("<QQQIII")
_CHECK: Final = struct.Struct("<I")
HEADER_BYTES: Final = _HEADER.size
ENTRY_BYTES: Final = _ENTRY.size + _CHECK.size
NUMBER_BYTES: Final = 8
"""Size of a digest and of a position."""


@dataclass(frozen=True, slots=True)
class Header:
    """How many records there are, where each section begins, and how long the file is.

    ``content`` is the checksum of the entries, which hold those of all blocks: two stores that differ in
    anything differ in it.
    """

    content: int
    count: int
    entries: int
    digests: int
    keys: int
    file_bytes: int

    @classmethod
    def of(cls, entries_bytes: bytes | bytearray, entries: int, key_bytes: int) -> Header:
        """Return the header of a store from its entries and the place where they begin."""
        count = len(entries_bytes) // ENTRY_BYTES
        digests = entries + count * ENTRY_BYTES
        keys = digests + 2 * count * NUMBER_BYTES
        return cls(checksum(entries_bytes), count, entries, digests, keys, keys + key_bytes)

    def pack(self) -> bytes:
        """Return the header as bytes, its checksum last."""
        sealed = _HEADER.pack(_MAGIC, VERSION, *astuple(self), 0)[: -_CHECK.size]
        return sealed + _CHECK.pack(checksum(sealed))


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the block and the key of a record are, and the checksum of the block."""

    start: int
    samples_bytes: int
    key_start: int
    key_bytes: int
    facts_bytes: int
    checksum: int

    @property
    def samples(self) -> int:
        """Where the samples begin."""
        return aligned(self.start + self.facts_bytes)

    @property
    def end(self) -> int:
        """Where the block ends."""
        return self.samples + self.samples_bytes

    def pack(self, key: bytes) -> bytes:
        """Return the entry as bytes, with a checksum of itself and its key."""
        data = _ENTRY.pack(*astuple(self))
        return data + _CHECK.pack(checksum(data, key))


def read_header(data: bytes, size: int, path: Path) -> Header:
    """Return the header of a store from its first bytes.

    Parameters
    ----------
    data
        The first ``HEADER_BYTES`` of the file, or fewer if it is shorter.
    size
        Size of the file in bytes.
    path
        The file, for messages.

    Raises
    ------
    RecordError
        If it is no store, one of a later version, damaged or truncated.
    """
    if data[: len(_MAGIC)] != _MAGIC:
        raise RecordError(f"{path} is no packed store", "a file made by fastecg pack")
    if len(data) < HEADER_BYTES:
        raise _truncated(path, size, f"at least {HEADER_BYTES}")
    _, version, *numbers, check = _HEADER.unpack(data)
    if version != VERSION:
        raise RecordError(
            f"packed store {path} has version {version}",
            f"version {VERSION}",
            "update fastecg, or pack the records again",
        )
    if check != checksum(data[: -_CHECK.size]):
        raise RecordError(
            f"the header of packed store {path} is damaged (its checksum is wrong)",
            "",
            "copy the file again, or pack the records again",
        )
    header = Header(*numbers)
    if size != header.file_bytes:
        raise _truncated(path, size, str(header.file_bytes))
    return header


def _truncated(path: Path, size: int, wanted: str) -> RecordError:
    return RecordError(
        f"packed store {path} has {size} bytes",
        f"{wanted} as it was written",
        "copy the file again, or pack the records again",
    )


def read_entry(data: bytes) -> tuple[Entry, int]:
    """Return an entry from its bytes, and the checksum that it and its key should have."""
    return Entry(*_ENTRY.unpack(data[: -_CHECK.size])), _CHECK.unpack(data[-_CHECK.size :])[0]


def checksum(*parts: bytes | bytearray | memoryview) -> int:
    """Return the CRC-32 of parts one after another.

    Examples
    --------
    >>> checksum(b"12345", b"6789") == 0xCBF43926
    True
    """
    value = 0
    for part in parts:
        value = isal_zlib.crc32(part, value)
    return value


def digest(key: bytes) -> int:
    """Return the 64-bit hash by which a key is looked up."""
    return int.from_bytes(hashlib.blake2b(key, digest_size=NUMBER_BYTES).digest(), "little")


def aligned(position: int) -> int:
    """Return the first place at or after a position at which a block or its samples may begin."""
    return -(-position // ALIGNMENT) * ALIGNMENT
