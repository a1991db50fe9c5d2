"""The heart rate of a record, cheaply: what a device would print above the traces."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.record import Record

_RATE_HZ: Final = 100
_SHORTEST_S, _LONGEST_S = 0.3, 1.6
_SMOOTH: Final = np.full(5, 0.2, np.float32)
_LEADS: Final = ("II", "V5", "V2", "I", "MLII")


def heart_rate(record: Record, start_sample: int, duration_s: float) -> int | None:
    """Return the beats per minute in a part of a record; None where beats do not come regularly.

    The distance of beats is the first lag at which the slope's size resembles itself.

    Parameters
    ----------
    record
        The record; lead II is looked at, or another one if it is missing.
    start_sample, duration_s
        The part: its first sample, and its length in seconds.

    Examples
    --------
    >>> from fastecg.synthesis import builtin_record
    >>> heart_rate(builtin_record(0).record, 0, 10.0) is None
    False
    """
    lead = next((name for name in _LEADS if name in record.leads), record.leads[0])
    end = start_sample + round(duration_s * record.sampling_rate_hz)
    signal = record.lead(lead)[start_sample:end]
    step = max(round(record.sampling_rate_hz / _RATE_HZ), 1)
    rate = record.sampling_rate_hz / step
    whole = len(signal) // step * step
    if whole / record.sampling_rate_hz < 2 * _LONGEST_S:
        return None
    coarse = signal[:whole].reshape(-1, step) @ np.full(step, 1 / step, np.float32)
    slope = np.convolve(np.abs(coarse[1:] - coarse[:-1]), _SMOOTH, mode="same")
    mean = float(slope.mean())
    if math.isnan(mean):  # a gap counts as rest
        slope = np.nan_to_num(slope, nan=0.0)
        mean = float(slope.mean())
    return _from_slope(slope - mean, rate)


def _from_slope(slope: NDArray[np.float64], rate: float) -> int | None:
    first, last = int(_SHORTEST_S * rate), int(_LONGEST_S * rate)
    size = -(-(len(slope) + last + 1) // 240) * 240  # many small factors make a fast transform
    spectrum = np.fft.rfft(slope, size)
    likeness = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[: last + 1]
    if likeness[0] <= 0:
        return None
    # Fewer pairs of samples lie far apart; without this, distant beats would seem less alike.
    part = likeness[first:] / (1 - np.arange(first, last + 1) / len(slope)) / likeness[0]
    peaks = np.flatnonzero((part[1:-1] >= part[:-2]) & (part[1:-1] > part[2:])) + 1
    if not peaks.size or part[peaks].max() < 0.35:
        return None
    lag = int(peaks[part[peaks] >= 0.75 * part[peaks].max()][0])
    before, at, after = part[lag - 1 : lag + 2].tolist()
    bent = before - 2 * at + after
    exact = first + lag + (0.5 * (before - after) / bent if bent < 0 else 0.0)
    return round(60 * rate / exact)
