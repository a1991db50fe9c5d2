"""The signal-to-noise ratio of the Kaggle competition "PhysioNet - Digitization of ECG Images" of 2025."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from fastecg.errors import RecordError
from fastecg.evaluate.signals import Lead, as_pair

LONGEST_LAG_S: Final = 0.2
BEST_RATIO: Final = 384.0
"""The largest ratio of an image in the competition, 25.84 dB: that of a perfect one."""

_TIE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Power2025:
    """What one lead adds to the sums of its image.

    Parameters
    ----------
    signal_mv2, noise_mv2
        Sums of squares, mV², of the reference and of its difference to the aligned estimate.
    lag_s, offset_mv
        How much later and higher the estimate was, seconds and mV.
    """

    signal_mv2: float
    noise_mv2: float
    lag_s: float
    offset_mv: float


def power_2025(reference: ArrayLike, estimate: ArrayLike, sampling_rate_hz: float) -> Power2025:
    """Align one lead as the Kaggle competition of 2025 does, and sum its powers.

    Only the drawn part counts, from the first to the last sample of the reference that is a number. The
    lag, of at most 0.2 s, is where the correlation of both signals less their means is greatest; then the
    mean difference of what lies on each other is taken away. What the shift leaves empty is 0 mV. The
    competition takes no NaN: in an estimate it is 0 mV here, and in the reference it does not count.

    Parameters
    ----------
    reference, estimate
        Samples of one lead, mV, NaN where not drawn or not known; the shorter one ends in NaN.
    sampling_rate_hz
        Samples per second of both.

    Raises
    ------
    RecordError
        If a signal is no one-dimensional array of numbers, or the rate is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> beat = np.exp(-0.5 * ((np.arange(500) - 250) / 8) ** 2)
    >>> found = power_2025(beat, np.roll(beat, 20) + 0.3, 500)
    >>> found.lag_s, round(found.offset_mv, 6), round(found.noise_mv2, 6)
    (0.04, 0.3, 0.0)

    References
    ----------
    kaggle.com/competitions/physionet-ecg-image-digitization, its metric "PhysioNet ECG signal extraction".
    """
    if not sampling_rate_hz > 0:
        raise RecordError(f"the sampling rate is {sampling_rate_hz} Hz", "more than 0")
    first, second = as_pair(reference, estimate)
    drawn = np.flatnonzero(np.isfinite(first))
    if not drawn.size:
        return Power2025(0.0, 0.0, 0.0, 0.0)
    part = slice(int(drawn[0]), int(drawn[-1]) + 1)
    first, second = first[part], np.nan_to_num(second[part], nan=0.0)
    counts = np.isfinite(first)
    first = np.where(counts, first, 0.0)
    late = _lag(first, second, counts, int(LONGEST_LAG_S * sampling_rate_hz))
    there = np.arange(first.size) + late
    inside = (there >= 0) & (there < first.size)
    moved = np.where(inside, second[np.clip(there, 0, first.size - 1)], 0.0)
    overlap = inside & counts
    offset = float(np.mean(moved[overlap] - first[overlap])) if overlap.any() else 0.0
    noise = np.where(inside, moved - offset, 0.0) - first
    return Power2025(
        float(np.sum(first**2)), float(np.sum(noise[counts] ** 2)), late / sampling_rate_hz, offset
    )


def ratio_2025(powers: Iterable[Power2025], best: float = BEST_RATIO) -> float:
    """Return the ratio of an image, not in dB: all leads' signals over all leads' noise.

    Parameters
    ----------
    powers
        The leads of one image.
    best
        The largest ratio, given to a perfect image too; ``math.inf`` for no limit.

    Examples
    --------
    >>> ratio_2025([Power2025(9.0, 0.5, 0, 0), Power2025(1.0, 0.5, 0, 0)])
    10.0
    >>> ratio_2025([Power2025(9.0, 0.0, 0, 0)])
    384.0
    """
    leads = list(powers)
    signal, noise = math.fsum(lead.signal_mv2 for lead in leads), math.fsum(lead.noise_mv2 for lead in leads)
    if noise == 0:
        return best
    return min(signal / noise, best)


def snr_2025_db(ratios: Iterable[float]) -> float:
    """Return the score of a set of images: the mean of their ratios, then the logarithm; NaN for none.

    Good images outweigh bad ones: the mean of 1,000 and 0 is worth 27 dB. No score is below -384 dB.

    Parameters
    ----------
    ratios
        What :func:`ratio_2025` says of each image.

    Examples
    --------
    >>> round(snr_2025_db([300.0, 100.0]), 6), snr_2025_db([0.0])
    (23.0103, -384.0)
    """
    values = list(ratios)
    if not values:
        return math.nan
    mean = math.fsum(values) / len(values)
    return max(10.0 * math.log10(mean), -BEST_RATIO) if mean > 0 else -BEST_RATIO


def _lag(first: Lead, second: Lead, counts: np.ndarray, longest: int) -> int:
    """Return the samples by which the second lead is later where both are most alike."""
    from scipy.fft import irfft, next_fast_len, rfft  # noqa: PLC0415 - 40 ms that few commands need

    longest = min(longest, first.size - 1)
    x = np.where(counts, first - first[counts].mean(), 0.0)
    y = second - second.mean()
    size = next_fast_len(first.size + longest, real=True)
    circle = irfft(np.conj(rfft(x, size)) * rfft(y, size), size)
    lags = np.arange(-longest, longest + 1)
    likeness = circle[lags]
    best = np.flatnonzero(likeness >= likeness.max() - _TIE * max(float(np.abs(likeness).max()), _TIE))
    # the competition's lag has the other sign: of two as near to 0 it takes its lower one
    return int(min(lags[best].tolist(), key=lambda lag: (abs(lag), -lag)))
