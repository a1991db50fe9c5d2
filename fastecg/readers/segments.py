"""Multi-segment records: several records in a row, with gaps (header(5), "Multi-segment records")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from fastecg.errors import RecordError
from fastecg.readers.header import NULL_FILE, Header, SegmentLine, read_header
from fastecg.readers.samples import Samples, read_samples
from fastecg.record import Adc

_MAX_VALUES: Final = 1 << 31
"""Most samples of all leads together; a gap costs no bytes in the file, but does in memory."""


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    """One segment: which leads it has, at which frame it starts, and its samples."""

    rows: list[int]
    start: int
    samples: Samples


def reference_header(header_path: Path, header: Header) -> Header:
    """Return the header that names the leads: the record's own, its layout's or its first segment's.

    Raises
    ------
    RecordError
        If no segment has a header, or it cannot be read.
    """
    if not header.segments:
        return header
    for segment in header.segments:
        if segment.name != NULL_FILE:
            return _segment_header(header_path, segment)
    raise RecordError(f"every segment of {header_path} is a gap", "at least one with samples")


def read_segments(header_path: Path, header: Header, leads: Sequence[str]) -> Samples:
    """Read the named leads of all segments; NaN where a segment is a gap or lacks the lead.

    Parameters
    ----------
    header_path
        The ``.hea`` file of the whole record.
    header
        Its content.
    leads
        Lead names in standard spelling.

    Raises
    ------
    RecordError
        If a segment cannot be read, is too short, or has another sampling rate.
    """
    total = sum(segment.samples for segment in header.segments)
    if total * len(leads) > _MAX_VALUES:
        raise RecordError(
            f"{header_path} promises {total} samples per lead", f"{_MAX_VALUES} for all leads together"
        )
    parts: list[_Part] = []
    start = 0
    for segment in header.segments:
        if segment.name != NULL_FILE and segment.samples:
            part = _read_segment(header_path, segment, leads, start)
            parts += [part] if part.rows else []
        start += segment.samples
    rates = {part.samples.rate_hz for part in parts}
    widths = {part.samples.per_frame for part in parts}
    if len(rates) != 1 or len(widths) != 1:
        raise RecordError(f"the segments of {header_path} have sampling rates {sorted(rates)} Hz", "one rate")
    width = widths.pop()
    signals_mv = np.full((len(leads), total * width), np.nan, dtype=np.float32)
    for part in parts:
        values = part.samples.signals_mv
        begin = part.start * width
        signals_mv[part.rows, begin : begin + values.shape[1]] = values
    notes = tuple(note for part in parts for note in part.samples.notes)
    return Samples(signals_mv, rates.pop(), width, _common_adc(parts, len(leads)), notes)


def _common_adc(parts: Sequence[_Part], count: int) -> tuple[Adc, ...]:
    """Return how each lead was digitised; empty if that differs from segment to segment."""
    found: list[set[Adc]] = [set() for _ in range(count)]
    for part in parts:
        for row, adc in zip(part.rows, part.samples.adc, strict=True):
            found[row].add(adc)
    return tuple(adcs.pop() for adcs in found) if all(len(adcs) == 1 for adcs in found) else ()


def _read_segment(header_path: Path, segment: SegmentLine, leads: Sequence[str], start: int) -> _Part:
    header = _segment_header(header_path, segment)
    names = [line.lead for line in header.signals]
    rows = [row for row, lead in enumerate(leads) if lead in names]
    path = _segment_path(header_path, segment)
    samples = read_samples(path, header, [names.index(leads[row]) for row in rows])
    held = samples.signals_mv.shape[1] // samples.per_frame
    if held < segment.samples:
        raise RecordError(
            f"segment {segment.name} of {header_path} holds {held} samples per lead",
            f"{segment.samples} as the header says",
        )
    cut = samples.signals_mv[:, : segment.samples * samples.per_frame]
    return _Part(rows, start, replace(samples, signals_mv=cut))


def _segment_path(header_path: Path, segment: SegmentLine) -> Path:
    return header_path.with_name(f"{segment.name}.hea")


def _segment_header(header_path: Path, segment: SegmentLine) -> Header:
    header = read_header(_segment_path(header_path, segment))
    if header.segments:
        raise RecordError(f"segment {segment.name} of {header_path} has segments itself", "signals")
    return header
