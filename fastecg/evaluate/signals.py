"""What all measures share: two leads as float64 of one length, and the plain errors between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastecg.errors import RecordError

Lead = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Errors:
    """The plain errors of one lead, over the samples that are numbers in both signals.

    Parameters
    ----------
    snr_db
        Power of the reference over that of the difference, dB; infinite if they are equal, NaN if the
        reference is zero or no sample is in both.
    mse_mv2, mae_mv
        Mean squared and mean absolute difference, mV² and mV.
    psnr_db
        Square of the reference's largest magnitude over the mean squared difference, dB.
    correlation
        Pearson's r; NaN if one of the signals is constant.
    coverage
        Share of the reference's samples that the estimate has too, 0 to 1; NaN if the reference has none.
    """

    snr_db: float
    mse_mv2: float
    mae_mv: float
    psnr_db: float
    correlation: float
    coverage: float


def as_lead(values: ArrayLike, what: str) -> Lead:
    """Return the samples of a lead as float64, NaN for what is not finite.

    Raises
    ------
    RecordError
        If they are no one-dimensional array of numbers.
    """
    try:
        lead = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise RecordError(f"the {what} is no array of numbers ({error})", "one lead in mV") from None
    if lead.ndim != 1:
        raise RecordError(f"the {what} has {lead.ndim} dimensions", "1: the samples of one lead")
    lead[~np.isfinite(lead)] = np.nan
    return lead


def as_pair(reference: ArrayLike, estimate: ArrayLike) -> tuple[Lead, Lead]:
    """Return two leads of one length, the shorter one continued with NaN.

    Raises
    ------
    RecordError
        If one of them is no one-dimensional array of numbers.

    Examples
    --------
    >>> as_pair([1, 2], [1])[1]
    array([ 1., nan])
    """
    first, second = as_lead(reference, "reference"), as_lead(estimate, "estimate")
    length = max(first.size, second.size)
    return lengthened(first, length), lengthened(second, length)


def lengthened(lead: Lead, length: int, fill: float = math.nan) -> Lead:
    """Return a lead of a length, cut or continued with a value."""
    return np.concatenate([lead[:length], np.full(max(length - lead.size, 0), fill)])


def decibels(signal: float, noise: float) -> float:
    """Return a ratio of powers in dB: NaN if there is no signal, infinite if there is no noise.

    Examples
    --------
    >>> decibels(100.0, 1.0), decibels(1.0, 0.0), decibels(0.0, 1.0)
    (20.0, inf, nan)
    """
    if not signal > 0 or math.isnan(noise):
        return math.nan
    return 10.0 * (math.log10(signal) - math.log10(noise)) if noise > 0 else math.inf


def errors(reference: ArrayLike, estimate: ArrayLike) -> Errors:
    """Measure how far an estimate is from its reference, sample by sample, without any alignment.

    Parameters
    ----------
    reference, estimate
        Samples of one lead at one rate, mV, NaN where unknown; the shorter one ends in NaN.

    Raises
    ------
    RecordError
        If one of them is no one-dimensional array of numbers.

    Examples
    --------
    >>> found = errors([0.0, 1.0, 2.0, 1.0], [0.1, 0.9, 2.1, float("nan")])
    >>> round(found.snr_db, 1), round(found.mse_mv2, 3), found.coverage
    (22.2, 0.01, 0.75)
    """
    first, second = as_pair(reference, estimate)
    present = np.isfinite(first)
    both = present & np.isfinite(second)
    share = float(both.sum() / present.sum()) if present.any() else math.nan
    if not both.any():
        return Errors(math.nan, math.nan, math.nan, math.nan, math.nan, share)
    truth, noise = first[both], second[both] - first[both]
    mse = float(np.mean(noise**2))
    peak = float(np.max(np.abs(truth))) ** 2
    return Errors(
        decibels(float(np.mean(truth**2)), mse),
        mse,
        float(np.mean(np.abs(noise))),
        decibels(peak, mse),
        _pearson(truth, second[both]),
        share,
    )


def snr_raw_db(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return the signal-to-noise ratio of one lead in dB, without any alignment; see :class:`Errors`.

    Parameters
    ----------
    reference, estimate
        Samples of one lead at one rate, mV, NaN where unknown.

    Raises
    ------
    RecordError
        If one of them is no one-dimensional array of numbers.

    Examples
    --------
    >>> round(snr_raw_db([1.0, -1.0], [1.1, -1.1]), 6)
    20.0
    """
    return errors(reference, estimate).snr_db


def _pearson(first: Lead, second: Lead) -> float:
    x, y = first - first.mean(), second - second.mean()
    size = math.sqrt(float(x @ x)) * math.sqrt(float(y @ y))
    # rounding of the mean leaves a constant signal a size of its own
    tiny = 1e-12 * first.size * float(np.abs(first).max()) * float(np.abs(second).max())
    return float(np.clip(x @ y / size, -1.0, 1.0)) if size > tiny else math.nan
