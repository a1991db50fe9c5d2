"""Samples of a single-segment record: signal files to millivolts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import RecordError
from fastecg.readers._files import size_of
from fastecg.readers.fmt16 import SAMPLE_TYPES, read_fmt16
from fastecg.readers.header import DEFAULT_GAIN, NULL_FILE, NULL_FORMAT, Header, SignalLine
from fastecg.readers.wfdb_fallback import read_with_wfdb
from fastecg.record import Adc

_BITS: Final = {8: 8, 16: 16, 24: 24, 32: 32, 61: 16, 80: 8, 160: 16, 212: 12}
"""Stored bits per sample of the formats that pack samples without gaps (signal(5))."""
_THREE_IN_FOUR: Final = frozenset({310, 311})
"""Formats that pack three samples into four bytes."""
_COMPRESSED: Final = {508: 8, 516: 16, 524: 24}
"""FLAC formats by resolution in bits."""
_INVALID: Final = {
    **{fmt: -(1 << (bits - 1)) for fmt, bits in (_BITS | _COMPRESSED).items() if fmt != 8},
    **dict.fromkeys(_THREE_IN_FOUR, -512),
}
"""Digital value that means "nothing recorded"; format 8 stores differences and has none."""


@dataclass(frozen=True, eq=False, slots=True)
class Samples:
    """Millivolts of the chosen signals, shape (signals, samples), and the rate they have."""

    signals_mv: NDArray[np.float32]
    rate_hz: float
    per_frame: int
    adc: tuple[Adc, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """One signal file with the positions in the header of all its signals and of the chosen ones."""

    path: Path
    members: tuple[int, ...]
    chosen: tuple[int, ...]


def read_samples(header_path: Path, header: Header, chosen: Sequence[int]) -> Samples:
    """Read the chosen signals of a single-segment record.

    Where all chosen signals have the same number of samples per frame, every sample is kept and
    the rate is that many times the frame rate; otherwise frames are averaged to the frame rate.

    Parameters
    ----------
    header_path
        The ``.hea`` file.
    header
        Its content.
    chosen
        Positions of the signals in the header, in the order wanted.

    Raises
    ------
    RecordError
        If a file is missing, truncated, of an unknown format, or a gain is zero.
    """
    files = _files(header_path.parent, header, chosen)
    frames = _frames(files, header)
    digital: dict[int, NDArray[Any]] = {}
    for file in files:
        digital.update(_digital(file, header_path, header, frames))
    lines = [header.signals[index] for index in chosen]
    per_frame = {line.samples_per_frame for line in lines}
    keep = per_frame.pop() if len(per_frame) == 1 else 1
    notes: list[str] = []
    if per_frame:
        notes.append(
            f"leads of {header_path} have several sampling rates; they are averaged to {header.rate_hz:g} Hz"
        )
    signals_mv = np.empty((len(lines), frames * keep), dtype=np.float32)
    adc: list[Adc] = []
    for row, index, line in zip(signals_mv, chosen, lines, strict=True):
        adc.append(_adc(line, header_path, notes))
        _fill(row, digital.get(index), line, adc[-1])
    return Samples(signals_mv, header.rate_hz * keep, keep, tuple(adc), tuple(notes))


def count_frames(header_path: Path, header: Header, chosen: Sequence[int]) -> int:
    """Return how many frames reading would give, looking at the sizes of the files only.

    Parameters
    ----------
    header_path, header, chosen
        As for :func:`read_samples`.

    Raises
    ------
    RecordError
        If a file is missing, truncated or of an unknown format.
    """
    return _frames(_files(header_path.parent, header, chosen), header)


def _files(folder: Path, header: Header, chosen: Sequence[int]) -> list[_File]:
    members: dict[str, list[int]] = {}
    for index, line in enumerate(header.signals):
        members.setdefault(line.file, []).append(index)
    wanted = dict.fromkeys(header.signals[index].file for index in chosen)
    return [
        _File(folder / name, tuple(members[name]), tuple(i for i in members[name] if i in set(chosen)))
        for name in wanted
        if name != NULL_FILE
    ]


def _frames(files: Sequence[_File], header: Header) -> int:
    """Return the number of frames: what the header promises if all files hold it, else what they hold."""
    held = {file.path: _frames_held(file, header) for file in files}
    if header.samples is None:
        known = [frames for frames in held.values() if frames is not None]
        if not known:
            raise RecordError(
                "the header does not say how many samples there are", "a number after the sampling rate"
            )
        return min(known)
    for path, frames in held.items():
        if frames is not None and frames < header.samples:
            raise RecordError(
                f"file {path} holds {frames} samples per lead",
                f"{header.samples} as the header says",
                "copy the file again or correct the header",
            )
    return header.samples


def _frames_held(file: _File, header: Header) -> int | None:
    """Return how many whole frames a file can hold; None if it is compressed."""
    first = header.signals[file.members[0]]
    formats = {header.signals[index].fmt for index in file.members}
    if len(formats) > 1:
        raise RecordError(f"file {file.path} has signals of formats {sorted(formats)}", "one format per file")
    size = size_of(file.path)
    if first.fmt in _COMPRESSED:
        return None
    data = max(size - first.byte_offset, 0)
    if first.fmt in _THREE_IN_FOUR:
        samples = data // 4 * 3 + (0, 0, 1, 2)[data % 4]
    elif first.fmt in _BITS:
        samples = data * 8 // _BITS[first.fmt]
    else:
        known = sorted([*_BITS, *_THREE_IN_FOUR, *_COMPRESSED])
        raise RecordError(f"file {file.path} has format {first.fmt}", ", ".join(map(str, known)))
    return samples // _width(file, header)


def _width(file: _File, header: Header) -> int:
    return sum(header.signals[index].samples_per_frame for index in file.members)


def _digital(file: _File, header_path: Path, header: Header, frames: int) -> dict[int, NDArray[Any]]:
    """Return the stored numbers of the chosen signals of one file, by position in the header."""
    lines = [header.signals[index] for index in file.members]
    if lines[0].fmt not in SAMPLE_TYPES or any(line.skew for line in lines):
        wanted = sorted(file.chosen)
        decoded = read_with_wfdb(header_path, wanted)
        return {
            i: values[: frames * header.signals[i].samples_per_frame]
            for i, values in zip(wanted, decoded, strict=True)
        }
    matrix = read_fmt16(file.path, lines[0].fmt, lines[0].byte_offset, frames, _width(file, header))
    columns: dict[int, NDArray[Any]] = {}
    start = 0
    for index, line in zip(file.members, lines, strict=True):
        stop = start + line.samples_per_frame
        if index in file.chosen:
            columns[index] = matrix[:, start] if stop == start + 1 else matrix[:, start:stop].reshape(-1)
        start = stop
    return columns


def _adc(line: SignalLine, header_path: Path, notes: list[str]) -> Adc:
    gain = line.gain
    if gain is None:
        note = (
            f"header {header_path} gives no gain for {line.lead}; {DEFAULT_GAIN:g} per {line.unit} is taken"
        )
        notes.append(note)
        gain = DEFAULT_GAIN
    if gain == 0.0:
        raise RecordError(
            f"lead {line.lead} of {header_path} has a gain of 0",
            "ADC units per mV",
            "correct the header or leave the lead out with read_record(path, leads=[...])",
        )
    scale = line.millivolts_per_unit
    if scale is None:
        raise RecordError(
            f"lead {line.lead} of {header_path} is in {line.unit!r}, which is no voltage", "V, mV, uV, nV"
        )
    return Adc(gain / scale, line.baseline)


def _fill(row: NDArray[np.float32], digital: NDArray[Any] | None, line: SignalLine, adc: Adc) -> None:
    """Write one lead in mV into ``row``; frames of several samples are averaged if the row is shorter."""
    if digital is None or line.fmt == NULL_FORMAT:
        row[:] = np.nan
        return
    values = np.subtract(digital, adc.baseline, dtype=np.float64)
    values /= adc.gain_per_mv
    invalid = _INVALID.get(line.fmt)
    if invalid is not None:
        gap = digital == invalid
        if gap.any():
            values[gap] = np.nan
    if values.size != row.size:
        values = values.reshape(row.size, -1).mean(axis=1)
    with np.errstate(over="ignore"):  # a tiny gain; validated() makes infinity a gap
        row[:] = values
