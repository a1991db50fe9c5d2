"""The fast path: 16-bit samples straight from the file.

Nearly every 12-lead collection stores format 16, and this reads a 10 s record six to nine times
as fast as wfdb (``bench/bench_record.py``, group ``read_record``). Format 61 is the same with the
bytes swapped; wfdb 4.3 cannot return its stored numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import RecordError
from fastecg.readers._files import plain_reason

SAMPLE_TYPES: Final[Mapping[int, str]] = MappingProxyType({16: "<i2", 61: ">i2"})
"""Formats read here, and how a sample is stored."""


def read_fmt16(path: Path, fmt: int, byte_offset: int, frames: int, width: int) -> NDArray[np.int16]:
    """Read interleaved 16-bit samples.

    Parameters
    ----------
    path
        The signal file.
    fmt
        16 or 61.
    byte_offset
        Bytes before the first sample.
    frames
        Number of frames.
    width
        Samples in a frame, all signals of the file together.

    Returns
    -------
    ndarray
        Shape (frames, width), int16.

    Raises
    ------
    RecordError
        If the file cannot be read to the end of the frames.
    """
    wanted = frames * width
    try:
        values = np.fromfile(path, dtype=SAMPLE_TYPES[fmt], count=wanted, offset=byte_offset)
    except OSError as error:
        raise RecordError(f"file {path} cannot be read ({plain_reason(error)})") from None
    if values.size < wanted:
        raise RecordError(f"file {path} ended after {values.size} samples", f"{wanted} samples")
    return values.reshape(frames, width)
