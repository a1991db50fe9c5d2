"""A record as facts (JSON) and samples (bytes), and back, without the loss of a bit.

Samples that come from 16-bit files go back to their stored numbers, half the size of float32, if
these give the very same millivolts; all others stay float32.
"""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.record import Adc, Record

_GAP: Final = -32768
"""Stored number that means "nothing recorded", as in WFDB's format 16."""
_EXACT_BASELINE: Final = 1 << 23
"""Below this the difference of a 16-bit number and a baseline is a float32 without rounding."""


def encode(record: Record) -> tuple[bytes, NDArray[Any]]:
    """Return what a store keeps of a record: its facts as JSON, and its samples, int16 or float32.

    Parameters
    ----------
    record
        The record.

    Examples
    --------
    >>> import numpy as np
    >>> signals = np.array([[0.5, np.nan, -0.25]], np.float32)
    >>> facts, samples = encode(Record("a", signals, ("I",), 500.0, {}, (Adc(1000.0, 0),)))
    >>> samples.tolist(), decode(facts, samples.tobytes()).signals_mv.tolist()
    ([[500, -32768, -250]], [[0.5, nan, -0.25]])
    """
    digital = None if record.adc is None else _digital(record.signals_mv, record.adc)
    samples = np.ascontiguousarray(record.signals_mv, "<f4") if digital is None else digital
    facts = {
        "name": record.name,
        "leads": record.leads,
        "rate_hz": record.sampling_rate_hz,
        "header": dict(record.header),
        "gains": None if record.adc is None else [adc.gain_per_mv for adc in record.adc],
        "baselines": None if record.adc is None else [adc.baseline for adc in record.adc],
        "dtype": samples.dtype.str,
        "gaps": bool(digital is not None and (digital == _GAP).any()),
    }
    # json, not orjson: the name of a file may be no Unicode, and its escape is a lone surrogate
    return json.dumps(facts, separators=(",", ":")).encode("ascii"), samples


def decode(facts: bytes | memoryview, samples: bytes | memoryview) -> Record:
    """Return the record that was encoded, bit for bit."""
    known = json.loads(bytes(facts))
    stored = np.frombuffer(samples, known["dtype"]).reshape(len(known["leads"]), -1)
    if stored.dtype.kind == "f":
        signals = stored.astype(np.float32)  # a copy: the file is not the caller's to change
    else:
        gains, baselines = np.array(known["gains"]), np.array(known["baselines"])
        signals = _millivolts(stored, gains, baselines, gaps=known["gaps"])
    return _record(known, signals)


def outline(facts: bytes | memoryview, samples_bytes: int) -> Record:
    """Return the record with NaN for samples, all of them one number in memory."""
    known = json.loads(bytes(facts))
    leads = len(known["leads"])
    samples = samples_bytes // np.dtype(known["dtype"]).itemsize // leads
    return _record(known, np.broadcast_to(np.float32(np.nan), (leads, samples)))


def _record(known: dict[str, Any], signals: NDArray[np.float32]) -> Record:
    gains, baselines = known["gains"], known["baselines"]
    adc = None
    if gains is not None:
        adc = tuple(Adc(gain, baseline) for gain, baseline in zip(gains, baselines, strict=True))
    return Record(known["name"], signals, tuple(known["leads"]), known["rate_hz"], known["header"], adc)


def _digital(signals_mv: NDArray[np.float32], adc: tuple[Adc, ...]) -> NDArray[np.int16] | None:
    """Return the stored numbers that give exactly these millivolts; None if there are none."""
    gains = np.array([one.gain_per_mv for one in adc])
    baselines = np.array([one.baseline for one in adc])
    gaps = np.isnan(signals_mv)
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.rint(signals_mv * gains[:, None] + baselines[:, None])
        values[gaps] = _GAP
        if not ((values >= _GAP) & (values <= 32767)).all():
            return None
        digital = values.astype("<i2")
        back = _millivolts(digital, gains, baselines, gaps=bool((digital == _GAP).any()))
    return digital if np.array_equal(back.view(np.int32), signals_mv.view(np.int32)) else None


def _millivolts(
    digital: NDArray[Any], gains: NDArray[np.float64], baselines: NDArray[np.int64], *, gaps: bool
) -> NDArray[np.float32]:
    """Return ``(digital - baseline) / gain``, rounded once to float32.

    Where both sides of the division are float32 already, float32 gives the same bits as float64 rounded
    to float32, and takes half the time: S. A. Figueroa, "When is double rounding innocuous?", ACM
    SIGNUM Newsletter 30(3), 1995: 53 bits are more than twice 24 and one.
    """
    exact = bool(np.all(gains.astype(np.float32) == gains)) and int(np.abs(baselines).max()) < _EXACT_BASELINE
    kind = np.float32 if exact else np.float64
    values: NDArray[Any] = digital.astype(kind)
    if baselines.any():
        values = np.subtract(values, baselines[:, None].astype(kind), out=values)
    with np.errstate(over="ignore"):
        values = np.divide(values, gains[:, None].astype(kind), out=values)
        signals = values.astype(np.float32, copy=False)
    if gaps:
        signals[digital == _GAP] = np.nan
    return signals
