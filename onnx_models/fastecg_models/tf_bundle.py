"""Reads a TensorFlow checkpoint (a "tensor bundle") without TensorFlow.

``model.index`` is a sorted table in LevelDB's format, from names to small protocol buffers that say where a
tensor lies in ``model.data-00000-of-00001``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_models.crc32c import crc32c, masked
from fastecg_models.errors import ModelError

MAGIC: Final = 0xDB4775248B80FB57
FOOTER: Final = 48
TRAILER: Final = 5  # behind each block: one byte of type, four of checksum
DT_FLOAT: Final = 1
LARGEST_INDEX: Final = 64_000_000
VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5

Fields = dict[int, list[int | bytes]]


class _BrokenError(ValueError):
    """The bytes do not follow the format; the message says where."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a tensor lies."""

    kind: int
    """TensorFlow's number of the type: 1 is float32."""
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int
    """Masked CRC-32C of its bytes."""
    sliced: bool


class Bundle:
    """The tensors of a checkpoint.

    Parameters
    ----------
    path : Path
        The name that the files have in common (``…/model-29``), its ``.index`` file, or a folder with one
        checkpoint.

    Raises
    ------
    ModelError
        If there is no checkpoint, or its index is damaged or of a kind that is not read here: big-endian,
        compressed or spread over several data files.

    Notes
    -----
    The formats: LevelDB's doc/table_format.md, and TensorFlow's tensor_bundle.proto and types.proto.

    Examples
    --------
    >>> Bundle(Path("nowhere/model"))
    Traceback (most recent call last):
    fastecg_models.errors.ModelError: there is no checkpoint nowhere/model: nowhere/model.index cannot be read
    """

    def __init__(self, path: Path) -> None:
        index = _index_of(path)
        self._data = index.with_suffix(".data-00000-of-00001")
        try:
            with index.open("rb") as file:
                content = file.read(LARGEST_INDEX + 1)
        except OSError as error:
            raise ModelError(f"there is no checkpoint {path}: {index} cannot be read") from error
        if len(content) > LARGEST_INDEX:
            raise ModelError(f"{index} is too large for an index (allowed: {LARGEST_INDEX} bytes)")
        try:
            values = dict(_table(content))
            _check_header(values.pop(b"", None), index)
            self._entries = {name.decode(): _entry(_fields(value)) for name, value in values.items()}
        except (_BrokenError, UnicodeDecodeError) as error:
            raise ModelError(
                f"{index} is no index of a TensorFlow checkpoint, or it is damaged: {error}; fetch it again"
            ) from error

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all tensors, sorted."""
        return tuple(self._entries)

    def shape(self, name: str) -> tuple[int, ...]:
        """Give the shape of a tensor.

        Parameters
        ----------
        name : str
            One of ``names``.
        """
        return self._entries[name].shape

    def tensor(self, name: str) -> NDArray[np.float32]:
        """Read a tensor and compare it with its checksum.

        Parameters
        ----------
        name : str
            One of ``names``.

        Raises
        ------
        ModelError
            If it is not float32, lies in slices or another data file, is cut short or damaged.
        """
        entry = self._entries[name]
        if entry.kind != DT_FLOAT or entry.sliced or entry.shard:
            raise ModelError(
                f"{name} is no float32 tensor in one piece and file, and only those are read here"
            )
        if entry.size != 4 * prod(entry.shape):
            raise ModelError(f"{name} has {entry.size} bytes, which does not fit its shape {entry.shape}")
        try:
            with self._data.open("rb") as file:
                if entry.offset + entry.size > self._data.stat().st_size:
                    raise ModelError(f"{self._data} is cut short: it ends before {name} does; fetch it again")
                file.seek(entry.offset)
                content = file.read(entry.size)
        except OSError as error:
            raise ModelError(
                f"{self._data} cannot be read: {error.strerror}; put it beside the index"
            ) from error
        if masked(crc32c(content)) != entry.checksum:
            raise ModelError(f"{self._data} is damaged: the checksum of {name} is wrong; fetch it again")
        return np.frombuffer(content, "<f4").astype(np.float32).reshape(entry.shape)


def _index_of(path: Path) -> Path:
    if not path.is_dir():
        return path if path.suffix == ".index" else path.with_name(f"{path.name}.index")
    found = sorted(path.glob("*.index"))
    if len(found) != 1:
        names = ", ".join(each.name for each in found) or "none"
        raise ModelError(f"{path} holds {len(found)} checkpoints ({names}); name one of them")
    return found[0]


def _table(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of a table."""
    if len(content) < FOOTER or int.from_bytes(content[-8:], "little") != MAGIC:
        raise _BrokenError("it does not end as a table does")
    at = 0
    handles = []
    for _ in range(4):
        number, at = _varint(content[-FOOTER:], at)
        handles.append(number)
    list(_block(content, handles[0], handles[1]))  # of no use here, but it has a checksum
    for _, handle in _block(content, handles[2], handles[3]):
        offset, at = _varint(handle, 0)
        size, _ = _varint(handle, at)
        yield from _block(content, offset, size)


def _block(content: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of a block; a key leaves out what it shares with the one before."""
    whole = content[offset : offset + size + TRAILER]
    if len(whole) < size + TRAILER or size < 4:
        raise _BrokenError(f"it has no block of {size} bytes at {offset}")
    if masked(crc32c(whole[:-4])) != int.from_bytes(whole[-4:], "little"):
        raise _BrokenError(f"the checksum of the block at {offset} is wrong")
    if whole[size]:
        raise _BrokenError(f"the block at {offset} is compressed, which is not read here")
    restarts = int.from_bytes(whole[size - 4 : size], "little")
    end = size - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = _varint(whole, at)
        own, at = _varint(whole, at)
        length, at = _varint(whole, at)
        if shared > len(key) or at + own + length > end:
            raise _BrokenError(f"an entry of the block at {offset} is longer than the block")
        key = key[:shared] + whole[at : at + own]
        yield key, whole[at + own : at + own + length]
        at += own + length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """Read a number of 7 bits a byte, the lowest first; return it and where it ends."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(content):
            break
        byte = content[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise _BrokenError("a number does not end")


def _fields(content: bytes) -> Fields:
    """Read the fields of a protocol buffer by their numbers."""
    found: Fields = {}
    at = 0
    while at < len(content):
        tag, at = _varint(content, at)
        value: int | bytes
        if tag & 7 == VARINT:
            value, at = _varint(content, at)
        else:
            if tag & 7 == BYTES:
                length, at = _varint(content, at)
            elif tag & 7 in {FIXED_32, FIXED_64}:
                length = 4 if tag & 7 == FIXED_32 else 8
            else:
                raise _BrokenError(f"a field has the unknown kind {tag & 7}")
            if at + length > len(content):
                raise _BrokenError("a field is longer than its message")
            raw = content[at : at + length]
            value = raw if tag & 7 == BYTES else int.from_bytes(raw, "little")
            at += length
        found.setdefault(tag >> 3, []).append(value)
    return found


def _number(fields: Fields, field: int) -> int:
    """Return a number; a field that is left out is 0."""
    value = fields.get(field, [0])[-1]
    if not isinstance(value, int):
        raise _BrokenError(f"field {field} is no number")
    return value


def _messages(fields: Fields, field: int) -> list[Fields]:
    values = fields.get(field, [])
    return [_fields(value) for value in values if isinstance(value, bytes)]


def _check_header(value: bytes | None, index: Path) -> None:
    if value is None:
        raise _BrokenError("it has no header")
    header = _fields(value)
    if _number(header, 2):
        raise ModelError(f"{index} is big-endian, which is not read here; save it on another machine")
    if _number(header, 1) != 1:
        raise ModelError(f"{index} has {_number(header, 1)} data files (allowed: 1); save it as one")


def _entry(fields: Fields) -> Entry:
    dimensions = [_number(each, 1) for shape in _messages(fields, 2) for each in _messages(shape, 2)]
    kind, shard, offset, size, checksum = (_number(fields, field) for field in (1, 3, 4, 5, 6))
    return Entry(kind, tuple(dimensions), shard, offset, size, checksum, 7 in fields)
