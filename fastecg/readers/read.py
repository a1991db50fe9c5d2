"""read_record: one WFDB record to a Record."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fastecg.errors import RecordError, RecordWarning
from fastecg.leads import normalize_lead_name
from fastecg.readers.header import Header, read_header
from fastecg.readers.samples import count_frames, read_samples
from fastecg.readers.segments import read_segments, reference_header
from fastecg.record import Record, validated

MAX_SAMPLES: Final = 1 << 31
"""Most samples of a lead: what a header promises costs no bytes, but plans and memory believe it."""

_SUFFIXES: Final = frozenset({".hea", ".dat", ".mat"})


def read_record(path: str | os.PathLike[str], *, leads: Sequence[str] | None = None) -> Record:
    r"""Read a WFDB record: every signal format, one or several segments, any spelling of leads and units.

    Parameters
    ----------
    path
        The record, with or without ``.hea``, ``.dat`` or ``.mat``.
    leads
        Names of the leads wanted, in the order wanted, in any spelling; by default all leads
        measured in volts. A record with more than 15 leads needs this.

    Returns
    -------
    Record
        Leads in mV, NaN where nothing was recorded, named after the file. ``header`` has the
        comments of the header file and its ``Date`` and ``Time`` as written there.

    Raises
    ------
    RecordError
        If the header or a signal file is missing, damaged or truncated, a gain is zero, the rate
        is impossible, or the leads are not there.

    Warns
    -----
    RecordWarning
        If something was mended: a wrong record name, a missing gain or rate, signals that are no voltages.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.hea").write_text("a 1 500 4\na.dat 16 1000/mV 16 0 0 0 0 avr\n")
    >>> np.array([0, 1000, -32768, 500], "<i2").tofile(folder / "a.dat")
    >>> record = read_record(folder / "a")
    >>> record.leads, record.signals_mv.tolist()
    (('aVR',), [[0.0, 1.0, nan, 0.5]])
    """
    header_path = header_path_of(path)
    header = read_header(header_path)
    record, notes = _read(header_path, header, leads)
    for note in (*header.notes, *notes):
        warnings.warn(note, RecordWarning, stacklevel=2)
    return validated(record)


def _read(header_path: Path, header: Header, leads: Sequence[str] | None) -> tuple[Record, list[str]]:
    """Return the record, not validated yet, and notes on what was mended in the samples."""
    reference = reference_header(header_path, header)
    chosen, notes = _choose(reference, leads, header_path)
    names = tuple(reference.signals[index].lead for index in chosen)
    if header.segments:
        samples = read_segments(header_path, header, names)
    else:
        samples = read_samples(header_path, header, chosen)
    record = Record(
        name=header_path.stem,
        signals_mv=samples.signals_mv,
        leads=names,
        sampling_rate_hz=samples.rate_hz,
        header=dict(header.comments),
        adc=samples.adc or None,
    )
    return record, [*notes, *samples.notes]


def record_duration_s(path: str | os.PathLike[str]) -> float:
    r"""Return how long a record is in seconds, from its header and the sizes of its files.

    Parameters
    ----------
    path
        The record, with or without ``.hea``, ``.dat`` or ``.mat``.

    Raises
    ------
    RecordError
        If the header cannot be read, or a signal file is missing or truncated.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.hea").write_text("a 1 500 1000\na.dat 16 1000/mV 16 0 0 0 0 avr\n")
    >>> _ = (folder / "a.dat").write_bytes(bytes(2000))
    >>> record_duration_s(folder / "a")
    2.0
    """
    header_path = header_path_of(path)
    header = read_header(header_path)
    reference = reference_header(header_path, header)
    chosen, _ = _choose(reference, None, header_path)
    if header.segments:
        frames = sum(segment.samples for segment in header.segments)
    else:
        frames = count_frames(header_path, header, chosen)
    if frames > MAX_SAMPLES:
        raise RecordError(f"{header_path} promises {frames} samples per lead", f"at most {MAX_SAMPLES}")
    rate_hz = reference.rate_hz
    return frames / rate_hz if 0 < rate_hz < math.inf else 0.0  # reading says what is wrong with the rate


def header_path_of(path: str | os.PathLike[str]) -> Path:
    """Return the header file of a record given with or without a suffix.

    Raises
    ------
    RecordError
        If the path is a folder.
    """
    given = Path(path)
    stem = given.with_suffix("") if given.suffix.lower() in _SUFFIXES else given
    header_path = stem.with_name(f"{stem.name}.hea") if stem.name else stem
    if given.is_dir() and not header_path.is_file():
        raise RecordError(
            f"{path} is a folder", "a record", "use walk_records to read all records of a folder"
        )
    if not header_path.is_file() and header_path.with_suffix(".HEA").is_file():  # copied from a CD
        return header_path.with_suffix(".HEA")
    return header_path


def _choose(header: Header, leads: Sequence[str] | None, path: Path) -> tuple[list[int], list[str]]:
    """Return the positions of the signals to read, and a note on those left out."""
    names = [line.lead for line in header.signals]
    if leads is None:
        chosen = [i for i, line in enumerate(header.signals) if line.millivolts_per_unit is not None]
        others = [f"{line.lead} ({line.unit})" for line in header.signals if line.millivolts_per_unit is None]
        if not chosen:
            raise RecordError(
                f"{path} has no lead measured in volts, only {', '.join(others)}", "V, mV, uV, nV"
            )
        return chosen, [
            f"{path} has signals that are no voltages; left out: {', '.join(others)}"
        ] if others else []
    wanted = [normalize_lead_name(name) for name in ([leads] if isinstance(leads, str) else leads)]
    for name in wanted:
        if name not in names:
            raise RecordError(f"{path} has no lead {name!r}", ", ".join(names))
        if names.count(name) > 1:
            raise RecordError(f"{path} names lead {name!r} more than once", "unique lead names")
    return [names.index(name) for name in wanted], []
