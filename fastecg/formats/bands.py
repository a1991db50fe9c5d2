"""Bands of image rows, deflated each on its own, so that one seen before need not be deflated again.

The pages of a dataset share their paper: half of a clean page's rows hold no ink and are those
of the page before. A band ends with a full flush, so its bytes depend on its rows alone and
the file is the same with and without a memory.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from fastecg_kernels.cpu.png_filter import png_filter_none, rows_equal

# bench_formats.py::test_png_block: at 20 rows of a 2200 px page a band, deflating all of it takes 1.1 of
# the time of one stream and 1.05 of the bytes; with a memory 0.7 of the time. Smaller bands are more
# often free of ink, but cost more.
_BAND_BYTES: Final = 1 << 17
# ISA-L's levels 1 to 3 deflate the same bytes to other ones once in 10,000 times or so, in streaks, by what
# lay in the process's memory before (isal 1.9.1 alone, one-shot and streaming); level 0 did so in none of
# 120,000. It takes 0.8 of level 1's time for 1.2 times the bytes (bench_formats.py::test_png_level).
# zlib-ng's level 1 takes twice the time for 1.3 times the bytes, zlib's four times the time.
LEVEL: Final = 0
"""Of deflate, for all PNG files: the same pixels are to be the same bytes."""
_ADLER_BASE: Final = 65_521
_HEADER: Final = b"\x78\x01"
_LAST_BLOCK: Final = b"\x03\x00"
_KEPT: Final = 4
"""Pages for which a band that came again is kept while others, inked, come in its place."""


@dataclass(slots=True)
class _Band:
    """Rows and what they became; ``credit`` falls when another band comes in their place."""

    rows: NDArray[np.uint8]
    deflated: bytes
    adler: int
    credit: int = 0


class BandMemory:
    """What the bands of the last pages became; one per thread, for :func:`encode_png`.

    Holds about one page of memory. A band that came again stays for a while when pages have ink there.

    Examples
    --------
    >>> import numpy as np
    >>> from fastecg.formats.png import encode_png
    >>> memory, image = BandMemory(), np.zeros((40, 50, 3), np.uint8)
    >>> first, second = (encode_png(image, 200, memory=memory) for _ in range(2))
    >>> first == second == encode_png(image, 200)
    True
    """

    def __init__(self) -> None:
        self._bands: dict[int, _Band] = {}

    def recall(self, start: int, rows: NDArray[np.uint8]) -> _Band | None:
        """Return the band that begins at row ``start`` if it is the one remembered there."""
        known = self._bands.get(start)
        if known is None or known.rows.shape != rows.shape or not rows_equal(known.rows, rows):
            return None
        known.credit = _KEPT
        return known

    def remember(self, start: int, band: _Band) -> None:
        """Keep a band, unless the one kept there has come again lately."""
        known = self._bands.get(start)
        if known is not None and known.credit > 0 and known.rows.shape == band.rows.shape:
            known.credit -= 1
        else:
            band.rows = band.rows.copy()
            self._bands[start] = band


def deflate_bands(rows: NDArray[np.uint8], memory: BandMemory | None) -> list[bytes]:
    """Return rows, shape (H, S), each led by filter 0, as one zlib stream in parts.

    References
    ----------
    RFC 1950 (zlib), section 8 for Adler-32; RFC 1951 (deflate).
    """
    height, stride = rows.shape
    step = max(1, min(height, _BAND_BYTES // stride))
    filtered = np.empty((step, stride + 1), np.uint8)
    parts, adler = [_HEADER], 1
    for start in range(0, height, step):
        taken = rows[start : start + step]
        band = memory.recall(start, taken) if memory else None
        if band is None:
            band = _deflated(taken, filtered[: len(taken)])
            if memory:
                memory.remember(start, band)
        parts.append(band.deflated)
        adler = _adler_of_both(adler, band.adler, taken.size + len(taken))
    return [*parts, _LAST_BLOCK, adler.to_bytes(4, "big")]


def _deflated(rows: NDArray[np.uint8], filtered: NDArray[np.uint8]) -> _Band:
    png_filter_none(rows, filtered)
    stream = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15)
    data = stream.compress(filtered) + stream.flush(zlib.Z_FULL_FLUSH)
    return _Band(rows, data, isal_zlib.adler32(filtered))


def _adler_of_both(first: int, second: int, length: int) -> int:
    """Return the Adler-32 of two stretches put together, the second ``length`` bytes long."""
    low, high = first & 0xFFFF, first >> 16
    sum_low = (low + (second & 0xFFFF) - 1) % _ADLER_BASE
    sum_high = (high + (second >> 16) + length * (low - 1)) % _ADLER_BASE
    return sum_high << 16 | sum_low
