"""Models of ECG noise: at the electrodes, then formed into leads; see :mod:`fastecg.noise`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import RecipeError

_ELECTRODES: Final = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")
_BIPOLAR: Final = {"I": (-1.0, 1.0, 0.0), "II": (-1.0, 0.0, 1.0), "III": (0.0, -1.0, 1.0)}
_AUGMENTED: Final = {"aVR": (1.0, -0.5, -0.5), "aVL": (-0.5, 1.0, -0.5), "aVF": (-0.5, -0.5, 1.0)}
_LIMB: Final = _BIPOLAR | _AUGMENTED
_COARSE_HZ: Final = 50.0  # slow curves are computed at this rate and interpolated
_MUSCLE_ORDER: Final = 8
_MUSCLE_BAND_HZ: Final = (20.0, 120.0)  # half-power points


def baseline_wander(
    leads: Sequence[str], samples: int, sampling_rate_hz: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return baseline wander: breathing and slow drift, nearly all below 0.5 Hz.

    Half of the power is a breathing tone of 0.18 to 0.33 Hz with its second harmonic, in step at
    all electrodes; half is drift with a 1/f spectrum from 0.02 to 0.5 Hz, each electrode's own.

    Parameters
    ----------
    leads
        Lead names, one per row of the result.
    samples
        Number of samples, 2 or more.
    sampling_rate_hz
        Samples per second, 50 to 10,000.
    rng
        Source of the noise.

    Returns
    -------
    numpy.ndarray
        Shape (leads, samples), float32, 1 mV root mean square over all of it.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.Philox(1))
    >>> baseline_wander(["I", "II", "III"], 5000, 500.0, rng).shape
    (3, 5000)
    """
    mix = electrode_mix(leads)
    times, coarse = _coarse_times(samples, sampling_rate_hz)
    count: int = mix.shape[1]
    tone_hz = rng.uniform(0.18, 0.33)
    gains = rng.lognormal(0.0, 0.5, (count, 1)) * rng.choice((-1.0, 1.0), (count, 1))
    phases = rng.uniform(0.0, 2.0 * math.pi, 3)
    swell = 1.0 + 0.25 * np.sin(2.0 * math.pi * 0.05 * coarse + phases[0])
    angle = 2.0 * math.pi * tone_hz * coarse
    breath = swell * np.sin(angle + phases[1]) + 0.25 * np.sin(2.0 * angle + phases[2])
    frequencies = np.exp(rng.uniform(math.log(0.02), math.log(0.5), 24))
    drift = _tones(frequencies, count, coarse, rng)
    return finished(mix, _interpolated(gains * breath + drift, coarse, times))


def power_line(
    leads: Sequence[str],
    samples: int,
    sampling_rate_hz: float,
    rng: np.random.Generator,
    *,
    mains_hz: float = 50.0,
) -> NDArray[np.float32]:
    """Return power-line interference: the mains tone with weak harmonics.

    The mains wander by some hundredths of a hertz; all electrodes see the same mains, each in a
    strength and a slightly different phase of its own. Harmonics above the Nyquist frequency are
    left out.

    Parameters
    ----------
    leads, samples, sampling_rate_hz, rng
        As for :func:`baseline_wander`.
    mains_hz
        50 or 60.

    Raises
    ------
    RecipeError
        If the record's sampling rate cannot hold the mains.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.Philox(1))
    >>> power_line(["V1"], 5000, 500.0, rng, mains_hz=60.0).dtype
    dtype('float32')
    """
    if not 0.0 < mains_hz < 0.5 * sampling_rate_hz - 0.5:
        raise RecipeError(
            f"power line of {mains_hz:g} Hz at a sampling rate of {sampling_rate_hz:g} Hz",
            "mains below half of the sampling rate",
            "leave this noise out or resample the record first",
        )
    mix = electrode_mix(leads)
    count: int = mix.shape[1]
    times = np.arange(samples) / sampling_rate_hz
    drift_hz, start = rng.uniform(0.02, 0.1), rng.uniform(0.0, 2.0 * math.pi)
    offset_hz = float(np.clip(rng.normal(0.0, 0.02), -0.06, 0.06))
    wander = 0.02 / drift_hz * np.sin(2.0 * math.pi * drift_hz * times + start)
    phase = 2.0 * math.pi * (mains_hz + offset_hz) * times + wander
    strengths = rng.lognormal(0.0, 0.6, count)
    electrodes = np.zeros((count, samples))
    for order, share in ((1, 1.0), (2, 0.04), (3, 0.15), (5, 0.06)):
        delays = rng.normal(0.0, 0.3, count) + rng.uniform(0.0, 2.0 * math.pi)
        weights = share * strengths * rng.lognormal(0.0, 0.3, count)
        if order * mains_hz < 0.5 * sampling_rate_hz - 0.5:
            # sin(a + b) as a product of (electrodes, 2) and (2, samples): two sines, not one per electrode
            basis = np.stack([np.sin(order * phase), np.cos(order * phase)])
            electrodes += np.stack([weights * np.cos(delays), weights * np.sin(delays)], axis=1) @ basis
    return finished(mix, electrodes)


def muscle(
    leads: Sequence[str], samples: int, sampling_rate_hz: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return muscle noise: an autoregressive process, mostly 20 to 150 Hz, that waxes and wanes.

    The model of order 8 solves the Yule-Walker equations for the spectrum
    1 / ((1 + (20/f)^4) (1 + (f/120)^4)) up to the Nyquist frequency, so any sampling rate has the
    same spectrum as far as it reaches. Each electrode has muscles of its own and a slow envelope.

    Parameters
    ----------
    leads, samples, sampling_rate_hz, rng
        As for :func:`baseline_wander`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.Philox(1))
    >>> muscle(["I", "V1"], 2570, 257.0, rng).shape
    (2, 2570)

    References
    ----------
    Farina, Merletti: Comparison of algorithms for estimation of EMG variables during voluntary
    isometric contractions, J. Electromyogr. Kinesiol. 10(5) (2000), on AR models of EMG.
    """
    mix = electrode_mix(leads)
    count: int = mix.shape[1]
    times, coarse = _coarse_times(samples, sampling_rate_hz)
    # dividing a white spectrum by A(f) is the AR recursion without its start-up, in one pass
    length = _fast_length(samples)
    innovations = rng.standard_normal((count, length), dtype=np.float32)
    response = np.fft.rfft(muscle_coefficients(sampling_rate_hz), length).astype(np.complex64)
    electrodes = np.fft.irfft(np.fft.rfft(innovations) / response, length)[:, :samples]
    envelope = np.exp(0.35 * _tones(np.exp(rng.uniform(math.log(0.05), 0.0, 12)), count, coarse, rng))
    strengths = rng.lognormal(0.0, 0.4, (count, 1))
    return finished(mix, electrodes * _interpolated(strengths * envelope, coarse, times))


def muscle_coefficients(sampling_rate_hz: float) -> NDArray[np.float64]:
    """Return the coefficients 1, a1 … a8 of the muscle model at a sampling rate.

    Examples
    --------
    >>> muscle_coefficients(500.0).shape
    (9,)
    """
    low_hz, high_hz = _MUSCLE_BAND_HZ
    bins = 1024
    frequencies = np.arange(bins + 1) * (0.5 * sampling_rate_hz / bins)
    with np.errstate(divide="ignore"):
        spectrum = 1.0 / ((1.0 + (low_hz / frequencies) ** 4) * (1.0 + (frequencies / high_hz) ** 4))
    spectrum += 1e-3  # a floor keeps the equations well conditioned
    correlation: NDArray[np.float64] = np.fft.irfft(spectrum)[: _MUSCLE_ORDER + 1]
    lags = np.abs(np.subtract.outer(np.arange(_MUSCLE_ORDER), np.arange(_MUSCLE_ORDER)))
    return np.concatenate([[1.0], np.linalg.solve(correlation[lags], -correlation[1:])])


def electrode_motion(
    leads: Sequence[str], samples: int, sampling_rate_hz: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return electrode-motion artefacts: jerks that jump and creep back, over a restless baseline.

    Each electrode is pulled at random moments, 0.5 times a second on average. A pull rises within
    15 to 80 ms and decays within 0.15 to 1 s; its size is heavy-tailed, so that a few large
    ones stand out. Most power lies below 5 Hz, where P and T waves are.

    Parameters
    ----------
    leads, samples, sampling_rate_hz, rng
        As for :func:`baseline_wander`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.Philox(1))
    >>> electrode_motion(["I", "II"], 1000, 100.0, rng).shape
    (2, 1000)
    """
    mix = electrode_mix(leads)
    count: int = mix.shape[1]
    lead_in = math.ceil(3.0 * sampling_rate_hz)  # pulls before the record still creep in it
    span = lead_in + samples
    length = _fast_length(span + math.ceil(6.0 * sampling_rate_hz))  # no wrapping round
    times = np.arange(math.ceil(6.0 * sampling_rate_hz)) / sampling_rate_hz
    rise, decay = rng.uniform(0.015, 0.08, (count, 1)), rng.uniform(0.15, 1.0, (count, 1))
    shape = np.exp(-times / decay) - np.exp(-times / rise)
    electrodes = np.empty((count, samples))
    strengths = rng.lognormal(0.0, 0.7, count).tolist()
    for electrode in range(count):
        pulls = np.zeros(span)
        events = max(int(rng.poisson(0.5 * span / sampling_rate_hz)), 1)
        np.add.at(pulls, rng.integers(0, span, events), 2.0 * rng.standard_t(4.0, size=events))
        pulls += rng.standard_normal(span) * math.sqrt(0.5 / sampling_rate_hz)
        spectrum = np.fft.rfft(pulls, length) * np.fft.rfft(shape[electrode], length)
        electrodes[electrode] = strengths[electrode] * np.fft.irfft(spectrum, length)[lead_in:span]
    return finished(mix, electrodes)


def white(
    leads: Sequence[str],
    samples: int,
    sampling_rate_hz: float,  # noqa: ARG001 - one signature for all noises
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return white Gaussian noise, independent at each electrode.

    Parameters
    ----------
    leads, samples, sampling_rate_hz, rng
        As for :func:`baseline_wander`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.Philox(1))
    >>> white(["V1", "V2"], 1000, 100.0, rng).shape
    (2, 1000)
    """
    mix = electrode_mix(leads)
    return finished(mix, rng.standard_normal((mix.shape[1], samples), dtype=np.float32))


def electrode_mix(leads: Sequence[str]) -> NDArray[np.float64]:
    """Return the weights of each electrode in each lead, shape (leads, electrodes)."""
    others = [name for name in leads if name not in _LIMB and name not in _ELECTRODES]
    mix = np.zeros((len(leads), len(_ELECTRODES) + len(others)))
    for row, name in enumerate(leads):
        if name in _LIMB:
            mix[row, :3] = _LIMB[name]
        elif name in _ELECTRODES:
            mix[row, :3] = -1.0 / 3.0  # Wilson's central terminal
            mix[row, _ELECTRODES.index(name)] = 1.0
        else:
            mix[row, len(_ELECTRODES) + others.index(name)] = 1.0
    return mix


def finished(mix: NDArray[np.float64], electrodes: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the leads of the electrodes' potentials, scaled to 1 mV root mean square."""
    centred = electrodes.astype(np.float32, copy=False)
    centred = centred - centred.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    noise: NDArray[np.float32] = mix.astype(np.float32) @ centred
    rms = math.sqrt(float(np.vdot(noise, noise)) / noise.size)
    return (noise / np.float32(rms)) if rms > 0.0 else noise


def _coarse_times(samples: int, sampling_rate_hz: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the times of the samples and coarser ones that cover them, in seconds."""
    times = np.arange(samples) / sampling_rate_hz
    coarse = np.arange(math.ceil(samples / sampling_rate_hz * _COARSE_HZ) + 2) / _COARSE_HZ
    return times, coarse


def _interpolated(
    curves: NDArray[np.float64], coarse: NDArray[np.float64], times: NDArray[np.float64]
) -> NDArray[np.float32]:
    return np.stack([np.interp(times, coarse, curve).astype(np.float32) for curve in curves])


def _tones(
    frequencies_hz: NDArray[np.float64], count: int, times_s: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return ``count`` sums of tones with random sizes and phases, each of unit variance on average."""
    angles = 2.0 * math.pi * np.outer(frequencies_hz, times_s)
    basis = np.vstack([np.cos(angles), np.sin(angles)])
    weights = rng.standard_normal((count, basis.shape[0])) / math.sqrt(frequencies_hz.size)
    curves: NDArray[np.float64] = weights @ basis
    return curves


def _fast_length(samples: int) -> int:
    """Return the least length of at least ``samples`` that is 2, 3 or 5 times a power of two."""
    return min(base << max(math.ceil(math.log2(samples / base)), 1) for base in (1, 3, 5) if samples > 0)
