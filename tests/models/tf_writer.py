"""Writes TensorFlow checkpoints as their format says, apart from the code that reads them.

LevelDB's doc/table_format.md for the table, TensorFlow's tensor_bundle.proto for what stands in it.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = bytes.fromhex("57fb808b247547db")
Crc = Callable[[bytes], int]


def slow_crc(content: bytes) -> int:
    """Compute a CRC-32C bit by bit."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def mask(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) % 2**32


def varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def entry(array: NDArray[Any], offset: int, crc: Crc, kind: int = 1) -> bytes:
    """Describe a tensor; protocol buffers leave zeros out."""
    content = array.tobytes()
    shape = b"".join(field(2, field(1, size)) for size in array.shape)
    parts = field(1, kind) + field(2, shape)
    parts += field(4, offset) if offset else b""
    return parts + field(5, len(content)) + b"\x35" + struct.pack("<I", mask(crc(content)))


def header(shards: int = 1, endian: int = 0) -> bytes:
    return field(1, shards) + (field(2, endian) if endian else b"") + field(3, field(1, 1))


def block(pairs: list[tuple[bytes, bytes]], interval: int) -> bytes:
    content, restarts, before = b"", [], b""
    for i, (key, value) in enumerate(pairs):
        shared = 0
        if i % interval == 0:
            restarts.append(len(content))
        else:
            both = itertools.takewhile(lambda two: two[0] == two[1], zip(before, key, strict=False))
            shared = len(list(both))
        own = key[shared:]
        content += varint(shared) + varint(len(own)) + varint(len(value)) + own + value
        before = key
    restarts = restarts or [0]
    return content + struct.pack(f"<{len(restarts) + 1}I", *restarts, len(restarts))


def table(values: Mapping[bytes, bytes], *, compressed: int = 0, per_block: int = 20) -> bytes:
    """Write a sorted table in blocks of a few entries."""
    pairs = sorted(values.items())
    whole = b""

    def add(content: bytes) -> bytes:
        nonlocal whole
        handle = varint(len(whole)) + varint(len(content))
        typed = content + bytes([compressed])
        whole += typed + struct.pack("<I", mask(slow_crc(typed)))
        return handle

    groups = [pairs[i : i + per_block] for i in range(0, len(pairs), per_block)]
    handles = [(group[-1][0] + b"~", add(block(group, 16))) for group in groups]
    places = add(block([], 16)) + add(block(handles, 1))
    return whole + places.ljust(40, b"\0") + MAGIC


def write(
    path: Path,
    tensors: Mapping[str, NDArray[Any]],
    crc: Crc = slow_crc,
    other: Mapping[str, bytes] | None = None,
) -> None:
    """Write a checkpoint of one data file; ``other`` replaces or adds raw values of the index by name."""
    values, data = {b"": header()}, b""
    for name, array in sorted(tensors.items()):
        values[name.encode()] = entry(array, len(data), crc)
        data += array.tobytes()
    values |= {name.encode(): value for name, value in (other or {}).items()}
    path.with_name(f"{path.name}.index").write_bytes(table(values))
    path.with_name(f"{path.name}.data-00000-of-00001").write_bytes(data)


def model(width: int, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """Return tensors as Grzego's model-29 names and shapes them (width 400), of chance."""
    sizes: dict[str, tuple[int, ...]] = {}
    for number, below in ((0, 0), (1, width), (2, width)):
        sizes[f"rnn/rnn_model/lstm_{number}/lstm_cell/kernel"] = (3 + 80 + below + width, 4 * width)
        sizes[f"rnn/rnn_model/lstm_{number}/lstm_cell/bias"] = (4 * width,)
    for part in ("alpha", "beta", "kappa"):
        sizes |= {f"rnn/rnn_model/window/{part}/{kind}": size for kind, size in dense(width, 10).items()}
    for part in ("pi", "mu1", "mu2", "std1", "std2", "rho"):
        sizes |= {f"mixture_output/{part}/{kind}": size for kind, size in dense(width, 20).items()}
    sizes |= {f"mixture_output/e/{kind}": size for kind, size in dense(width, 1).items()}
    sizes |= {"training/Variable": (), "rnn/Variable": (64, width), "mixture_output/e/bias/Adam": (1,)}
    return {
        f"model/{name}": rng.normal(0, 1.5 / np.sqrt(width), size).astype(np.float32)
        for name, size in sizes.items()
    }


def dense(inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {"kernel": (inputs, outputs), "bias": (outputs,)}
