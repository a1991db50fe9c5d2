"""ECG noise: baseline wander, power line, muscle, electrode motion, white, and recorded noise.

Noise is made at the electrodes (RA, LA, LL, V1 to V6; one each for any other lead) and leads are
formed from them as an electrocardiograph does. So the limb leads share their noise, the chest
leads share that of Wilson's terminal, and a 12-lead record with noise added still obeys Einthoven
and Goldberger. Every function returns noise of 1 mV root mean square over all leads and samples;
:func:`add_noise` brings it to a signal-to-noise ratio.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastecg.errors import RecordError
from fastecg.noise_models import (
    baseline_wander,
    electrode_mix,
    electrode_motion,
    finished,
    muscle,
    power_line,
    white,
)
from fastecg.record import Record

__all__ = [
    "add_noise",
    "baseline_wander",
    "electrode_motion",
    "muscle",
    "power_line",
    "quiet",
    "recorded_noise",
    "white",
]


def quiet(
    leads: Sequence[str], samples: int, sampling_rate_hz: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return what a good recording still holds: 80 % baseline wander, 15 % muscle, 5 % white, by power.

    Parameters
    ----------
    leads, samples, sampling_rate_hz, rng
        As for :func:`baseline_wander`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.Philox(1))
    >>> quiet(["V1", "V2"], 1000, 100.0, rng).shape
    (2, 1000)
    """
    total = math.sqrt(0.80) * baseline_wander(leads, samples, sampling_rate_hz, rng)
    total += math.sqrt(0.15) * muscle(leads, samples, sampling_rate_hz, rng)
    total += math.sqrt(0.05) * white(leads, samples, sampling_rate_hz, rng)
    return total.astype(np.float32, copy=False)


def recorded_noise(
    source: str | Path | ArrayLike,
    leads: Sequence[str],
    samples: int,
    sampling_rate_hz: float,
    rng: np.random.Generator,
    *,
    source_rate_hz: float | None = None,
) -> NDArray[np.float32]:
    """Return noise cut from a recording, resampled; each electrode gets an excerpt of its own.

    Parameters
    ----------
    source
        A WFDB record without extension (``nstdb/em``), a ``.mat`` file that holds one matrix, or
        an array of shape (channels, samples). An array with more rows than columns is taken as
        (samples, channels), and a column that counts the samples is dropped. Any unit will do.
    leads, samples, sampling_rate_hz, rng
        As for :func:`baseline_wander`.
    source_rate_hz
        Rate of the source; None takes it from the WFDB header, and 360 Hz, that of the MIT-BIH
        Noise Stress Test Database, for anything else.

    Raises
    ------
    RecordError
        If the source cannot be read, is too short, or holds no noise.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.Philox(1))
    >>> tape = rng.standard_normal((2, 10_000)).cumsum(axis=1)
    >>> recorded_noise(tape, ["I", "II", "III"], 2570, 257.0, rng).shape
    (3, 2570)
    """
    from fastecg.noise_sources import excerpts, read_source  # noqa: PLC0415 - it needs scipy.signal, 0.8 s

    channels, rate_hz = read_source(source, source_rate_hz)
    mix = electrode_mix(leads)
    ratio = Fraction(sampling_rate_hz / rate_hz).limit_denominator(2000)
    return finished(mix, excerpts(channels, mix.shape[1], samples, ratio, rng))


def add_noise(record: Record, noise: NDArray[np.float32], snr_db: float) -> Record:
    """Return the record with noise added at an exact signal-to-noise ratio.

    SNR = 10 log10(Ps / Pn). Ps is the mean over all leads' finite samples of the squared record,
    each lead less its mean; Pn is the same of the noise at the same samples. One factor scales
    the noise of all leads, so that relations between leads stay.

    Parameters
    ----------
    record
        The record; NaN stays NaN.
    noise
        Shape (leads, samples), any scale, such as the sum of several of this module's noises.
    snr_db
        Ratio wanted, in dB.

    Raises
    ------
    RecordError
        If the shapes differ, the noise is not finite, or record or noise has no power.

    Examples
    --------
    >>> import numpy as np
    >>> record = Record.from_array(np.sin(np.arange(1000) / 9.0)[None], ["II"], 100)
    >>> rng = np.random.Generator(np.random.Philox(1))
    >>> noisy = add_noise(record, white(record.leads, 1000, 100.0, rng), 20.0)
    >>> round(float(np.std(record.signals_mv) / np.std(noisy.signals_mv - record.signals_mv)), 3)
    10.0
    """
    if noise.shape != record.signals_mv.shape:
        raise RecordError(
            f"noise of shape {noise.shape} for record {record.name!r}", f"{record.signals_mv.shape}"
        )
    if not (np.isfinite(noise).all() and math.isfinite(snr_db)):
        raise RecordError(f"noise for record {record.name!r} or its SNR is not finite", "finite values")
    valid = np.isfinite(record.signals_mv)
    signal_power, noise_power = _power(record.signals_mv, valid), _power(noise, valid)
    if signal_power <= 0.0 or noise_power <= 0.0:
        what = "the signal" if signal_power <= 0.0 else "the noise"
        raise RecordError(
            f"{what} for record {record.name!r} has no power, so no SNR", "a signal that varies"
        )
    factor = math.sqrt(signal_power / noise_power) * 10.0 ** (-snr_db / 20.0)
    return replace(record, signals_mv=record.signals_mv + np.float32(factor) * noise)


def _power(values: NDArray[np.float32], valid: NDArray[np.bool_]) -> float:
    """Return the mean square of the valid samples, each row less its mean."""
    total = 0.0
    for row, kept in zip(values, valid, strict=True):
        chosen = row[kept].astype(np.float64)
        if chosen.size:
            total += float(np.square(chosen - chosen.mean()).sum())
    return total / max(int(valid.sum()), 1)
