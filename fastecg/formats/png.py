"""PNG files: our own thin writer over ISA-L's deflate, several times faster than libpng's."""

from __future__ import annotations

import struct
from typing import Final, Literal

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from fastecg.formats._checks import checked_dpi, checked_image
from fastecg.formats.bands import LEVEL, BandMemory, deflate_bands
from fastecg_kernels.cpu.png_filter import png_filter_up

RowFilter = Literal["auto", "none", "up"]

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# No version: the bytes of a page stay the same from one release to the next.
_SOFTWARE: Final = b"Software\0fastecg"
_GREY, _RGB = 0, 2
_INCH_M: Final = 0.0254
# Filtered and compressed while in the cache. bench_formats.py::test_png_block: 0.9 of the time of the
# page at once when clean and 10 MB less memory; smaller blocks cost noisy pages more than they save.
_BLOCK_BYTES: Final = 1 << 20
_SAMPLED_ROWS: Final = 16


def encode_png(
    image: NDArray[np.uint8],
    dpi: float,
    *,
    row_filter: RowFilter = "auto",
    memory: BandMemory | None = None,
) -> bytes:
    r"""Return an image as a PNG file: 8 bits per channel, lossless, the same bytes every time.

    Parameters
    ----------
    image
        Pixels, shape (H, W, 3) for RGB or (H, W) for grey, uint8; any strides.
    dpi
        Pixels per inch, 1 to 65,535, written in whole pixels per metre.
    row_filter
        ``"up"`` stores the difference from the row above, smaller and faster for noise and
        shading; ``"none"`` suits drawn pages, whose rows repeat; ``"auto"`` looks at some rows.
    memory
        Passed from page to page it saves a third of the time where they share their paper (filter
        ``"none"``); the bytes are the same without it.

    Raises
    ------
    OutputError
        If the image or the dpi is not as above.

    Examples
    --------
    >>> import numpy as np
    >>> encode_png(np.zeros((2, 3, 3), np.uint8), dpi=200)[:8]
    b'\x89PNG\r\n\x1a\n'

    References
    ----------
    PNG Specification (Third Edition), W3C 2025: sections 5 (chunks), 9 (filters), 11.3 (pHYs, tEXt).
    """
    density = round(checked_dpi(dpi) / _INCH_M)
    pixels = checked_image(image)
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    if row_filter == "auto":
        row_filter = "none" if _rows_repeat(rows) else "up"
    colour = _GREY if pixels.ndim == 2 else _RGB
    chunks = [
        _SIGNATURE,
        *_chunk(b"IHDR", [struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)]),
        *_chunk(b"pHYs", [struct.pack(">IIB", density, density, 1)]),
        *_chunk(b"tEXt", [_SOFTWARE]),
        *_chunk(b"IDAT", _deflated_up(rows) if row_filter == "up" else deflate_bands(rows, memory)),
        *_chunk(b"IEND", []),
    ]
    return b"".join(chunks)


def _rows_repeat(rows: NDArray[np.uint8]) -> bool:
    """Return whether many rows are nearly the ones above them, as on a page without noise or light.

    Measured by bench_formats.py::test_png_filter: where they are, filter 0 takes the same time
    as Up and 0.85 to 0.9 of the bytes; on noisy and shaded pages Up takes 0.65 to 0.8 of its time.
    A quarter suffices since the rows of an antialiased horizontal line differ from their neighbours.
    """
    height, stride = rows.shape
    below = np.linspace(1, height - 1, _SAMPLED_ROWS).astype(np.intp) if height > 1 else np.zeros(1, np.intp)
    equal = np.count_nonzero(rows[below] == rows[below - 1], axis=1)
    return bool(np.mean(equal >= 0.9 * stride) >= 0.25)


def _deflated_up(rows: NDArray[np.uint8]) -> list[bytes]:
    """Return the rows, each led by filter 2, as one zlib stream in parts."""
    height, stride = rows.shape
    step = max(1, min(height, _BLOCK_BYTES // stride))
    block = np.empty((step + 1, stride + 1), np.uint8)
    stream = isal_zlib.compressobj(LEVEL)
    parts = []
    for start in range(0, height, step):
        above = 1 if start > 0 else 0  # one row more, which is not written again
        taken = rows[start - above : start + step]
        filtered = block[: len(taken)]
        png_filter_up(taken, filtered)
        parts.append(stream.compress(filtered[above:]))
    parts.append(stream.flush())
    return parts


def _chunk(kind: bytes, parts: list[bytes]) -> list[bytes]:
    """Return a chunk as parts to be joined: length, kind, data, CRC-32 of kind and data."""
    crc = isal_zlib.crc32(kind)
    for part in parts:
        crc = isal_zlib.crc32(part, crc)
    return [struct.pack(">I", sum(map(len, parts))), kind, *parts, struct.pack(">I", crc)]
