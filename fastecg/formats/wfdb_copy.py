"""WFDB copies of records: a header and a file of 16-bit samples, readable by every WFDB tool."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import OutputError
from fastecg.formats.files import write_atomic
from fastecg.record import Adc, Record

_INVALID: Final = -32_768  # what format 16 stores where nothing was recorded
_LARGEST: Final = 32_767
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_FINEST_GAIN: Final = 1e6  # steps of 1 nV; what is smaller is flat
_GAIN_WITHOUT_SIGNAL: Final = 1000.0
# float32 millivolts of a 16-bit value lie within 65534 · 2**-24 = 0.004 of it
_ON_GRID: Final = 0.01


def write_wfdb(directory: Path, name: str, record: Record, *, with_header: bool = True) -> None:
    """Write a record as ``name.dat`` (format 16) and ``name.hea``, the header last.

    Samples are stored as they were digitised if the record knows how and they fit, without any
    loss; otherwise in the finest steps of 1, 2 or 5 · 10ᵏ per mV that hold the lead's peak (2 µV
    up to 65 mV, better than 1 µV up to 32 mV). NaN is stored as −32768.

    Parameters
    ----------
    directory
        An existing folder.
    name
        Record name: letters, digits, ``_`` and ``-``.
    record
        The record.
    with_header
        Write ``record.header`` as comments; leave it out to keep patient data out.

    Raises
    ------
    OutputError
        If the name is not as above, or a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> record = Record.from_array(np.array([[0.0, 0.5], [-1.0, 1.5]]), ["I", "II"], 257)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_wfdb(Path(folder), "copy", record)
    ...     print((Path(folder) / "copy.hea").read_text(), end="")
    copy 2 257 2
    copy.dat 16 50000(0)/mV 16 0 0 25000 0 I
    copy.dat 16 20000(0)/mV 16 0 -20000 10000 0 II

    References
    ----------
    G. B. Moody, WFDB Applications Guide: header(5), and signal(5) for format 16.
    """
    header, samples = encode_wfdb(name, record, with_header=with_header)
    write_atomic(directory / f"{name}.dat", samples)
    write_atomic(directory / f"{name}.hea", header)  # last: where there is a header, there are samples


def encode_wfdb(name: str, record: Record, *, with_header: bool = True) -> tuple[bytes, bytes]:
    """Return the contents of the ``.hea`` and the ``.dat`` file; see :func:`write_wfdb`.

    Written here since ``wfdb.wrsamp`` takes 35 ms, several pages' worth, and this 0.7 ms
    (bench_formats.py, group wfdb); nor does it know temporary names.

    Raises
    ------
    OutputError
        If the name holds anything but letters, digits, ``_`` and ``-``.
    """
    if not _NAME.fullmatch(name):
        raise OutputError(f"the record name is {name!r}", "letters, digits, _ and -", "rename it")
    known: tuple[Adc | None, ...] = record.adc or (None,) * len(record.leads)
    stored = np.empty((record.samples, len(record.leads)), "<i2")
    lines = [f"{name} {len(record.leads)} {_number(record.sampling_rate_hz)} {record.samples}"]
    for index, lead in enumerate(record.leads):
        samples, adc = _digitised(record.signals_mv[index], known[index])
        stored[:, index] = samples
        checksum = (int(samples.sum(dtype=np.int64)) + 0x8000) % 0x10000 - 0x8000  # as a signed 16-bit sum
        lines.append(
            f"{name}.dat 16 {_number(adc.gain_per_mv)}({adc.baseline})/mV 16 0 "
            f"{samples[0]} {checksum} 0 {' '.join(lead.split())}"
        )
    if with_header:
        lines += (f"# {_one_line(key)}: {_one_line(value)}".rstrip() for key, value in record.header.items())
    return ("\n".join(lines) + "\n").encode(), stored.tobytes()


def _digitised(signal_mv: NDArray[np.float32], adc: Adc | None) -> tuple[NDArray[np.int16], Adc]:
    """Return one lead as format 16 stores it, and how."""
    exact = None if adc is None else _on_grid(signal_mv, adc)
    if adc is None or exact is None:
        adc = Adc(_finest_gain(signal_mv), 0)
        exact = np.rint(signal_mv.astype(np.float64) * adc.gain_per_mv)
    return np.where(np.isnan(exact), _INVALID, exact).astype(np.int16), adc


def _on_grid(signal_mv: NDArray[np.float32], adc: Adc) -> NDArray[np.float64] | None:
    """Return the digital values the samples were made from; None if they are none or too large."""
    if adc.gain_per_mv == 0 or not math.isfinite(adc.gain_per_mv):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        values = signal_mv.astype(np.float64) * adc.gain_per_mv + adc.baseline
        whole = np.rint(values)
        fits = np.isnan(values) | ((np.abs(whole) <= _LARGEST) & (np.abs(values - whole) <= _ON_GRID))
    return whole if fits.all() else None


def _finest_gain(signal_mv: NDArray[np.float32]) -> float:
    """Return the largest 1, 2 or 5 · 10ᵏ steps per mV with which all samples fit 16 bits.

    Examples
    --------
    >>> [_finest_gain(np.array([peak], np.float32)) for peak in (0, 1.5, 50, 1000)]
    [1000.0, 20000.0, 500.0, 20.0]
    """
    peak = float(np.nanmax(np.abs(signal_mv), initial=0.0))
    if peak == 0:
        return _GAIN_WITHOUT_SIGNAL
    limit = min(_LARGEST / peak, _FINEST_GAIN)
    decade = math.floor(math.log10(limit))
    return next(gain for gain in (float(f"{m}e{decade}") for m in (5, 2, 1, 0.5)) if gain <= limit)


def _number(value: float) -> str:
    """Return a number so that reading it gives the same one, whole ones without a point."""
    return repr(float(value)).removesuffix(".0")


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())
