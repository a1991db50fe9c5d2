"""The checksum CRC-32C, many bytes side by side, and the masked form that is stored beside data."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

POLYNOMIAL: Final = 0x82F63B78  # 0x1EDC6F41 with its bits reversed
MASK: Final = 0xA282EAD8
LANES: Final = 1024
FULL: Final = np.uint32(0xFFFFFFFF)

Words = NDArray[np.uint32]


def crc32c(content: bytes) -> int:
    """Compute a CRC-32C.

    Parameters
    ----------
    content : bytes
        Any number of bytes.

    Returns
    -------
    int
        0 to 2**32 - 1.

    Notes
    -----
    The polynomial is G. Castagnoli's (IEEE Trans. Commun. 41, 1993; RFC 3720, appendix B.4). The content is
    cut into lanes that advance together. A CRC is linear, so the lanes are joined afterwards: what came
    before a lane is carried over as many zero bytes as the lane has.

    Examples
    --------
    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    data = np.frombuffer(content, np.uint8)
    length = len(data) // LANES
    crc = np.array([FULL])
    if length:
        lanes = _advanced(np.zeros(LANES, np.uint32), data[: length * LANES].reshape(LANES, length))
        carried = _carry(length)
        for lane in lanes:
            parts = np.frombuffer(crc.astype("<u4").tobytes(), np.uint8)
            crc = np.bitwise_xor.reduce(carried[np.arange(4), parts])[None] ^ lane
    return int((_advanced(crc, data[None, length * LANES :]) ^ FULL)[0])


def masked(crc: int) -> int:
    """Give the form of a checksum that is stored in a file.

    Parameters
    ----------
    crc : int
        0 to 2**32 - 1.

    Notes
    -----
    LevelDB's rule: rotated by 15 bits to the right, then a constant is added, because a checksum of data
    that holds checksums would be weak.

    Examples
    --------
    >>> hex(masked(0))
    '0xa282ead8'
    """
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


@cache
def _table() -> Words:
    """Return what each byte changes."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> 1 ^ np.uint32(POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


def _advanced(crc: Words, rows: NDArray[np.uint8]) -> Words:
    """Advance one checksum by each row."""
    table = _table()
    for column in np.ascontiguousarray(rows.T):
        crc = table[(crc ^ column) & 255] ^ (crc >> 8)
    return crc


def _carry(zeros: int) -> Words:
    """Return what each of the four bytes of a checksum becomes after so many zero bytes, shape (4, 256)."""
    starts = np.arange(256, dtype=np.uint32)[None] << np.array([[0], [8], [16], [24]], np.uint32)
    nothing = np.zeros((1, zeros), np.uint8)
    return _advanced(starts.ravel(), nothing).reshape(4, 256)
