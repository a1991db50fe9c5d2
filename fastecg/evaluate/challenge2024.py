"""The signal-to-noise ratio of the George B. Moody PhysioNet Challenge 2024."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastecg.errors import RecordError
from fastecg.evaluate.signals import Lead, as_lead, lengthened
from fastecg_kernels import load_backend

LEVELS: Final = 256
"""Steps of amplitude that curves are compared in."""

LONGEST_LAG_S: Final = 0.5
LARGEST_OFFSET_MV: Final = 1.0
_SIGMA: Final = 0.5
_REACH: Final = 2  # samples and levels: four sigmas


@dataclass(frozen=True, slots=True)
class Score2024:
    """The score of one lead, and how its signals were aligned for it.

    Parameters
    ----------
    snr_db
        The score, dB times coverage; NaN if the signals are equal or the reference is zero.
    lag_s
        How much later the estimate is at the best match, seconds.
    offset_mv
        How much higher it is, mV.
    moved
        Whether the estimate was moved by these: only if it is by at most 0.5 s and 1 mV.
    coverage
        Share of the reference's samples that the estimate has after the move, 0 to 1.
    """

    snr_db: float
    lag_s: float
    offset_mv: float
    moved: bool
    coverage: float


def score_2024(
    reference: ArrayLike, estimate: ArrayLike, sampling_rate_hz: float, *, align: bool = True
) -> Score2024:
    """Score one lead as the PhysioNet Challenge 2024 does.

    The estimate is aligned once, by the peak of the correlation of both curves' pictures
    (256 levels between the common lowest and highest value, Gaussian of sigma 0.5). The ratio of mean
    powers over the samples in both signals, in dB, is multiplied by the share of the reference's samples
    that the estimate has. An estimate that shares none scores 0.

    Parameters
    ----------
    reference, estimate
        Samples of one lead, mV, NaN where unknown; each of its own length.
    sampling_rate_hz
        Samples per second of both.
    align
        Align the estimate first, as the Challenge does unless told otherwise.

    Raises
    ------
    RecordError
        If a signal is no one-dimensional array of numbers, or the rate is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> beat = np.exp(-0.5 * ((np.arange(500) - 250) / 8) ** 2)
    >>> found = score_2024(beat, np.roll(beat, 20) + 0.3, 500)
    >>> found.lag_s, round(found.offset_mv, 2), found.moved, found.coverage
    (0.04, 0.3, True, 0.96)

    References
    ----------
    Evaluation of the Challenge, ``align_signals`` and ``compute_snr``:
    github.com/physionetchallenges/evaluation-2024, commit 733b003, August 2024: that of the Challenge. Since
    commit 1a51354, October 2025, it keeps only k samples of an estimate that is k samples early.
    """
    if not sampling_rate_hz > 0:
        raise RecordError(f"the sampling rate is {sampling_rate_hz} Hz", "more than 0")
    first, second = as_lead(reference, "reference"), as_lead(estimate, "estimate")
    late, offset_mv, moved = 0, 0.0, False
    if align and np.isfinite(first).any() and np.isfinite(second).any():
        late, offset_mv = _match(first, second)
        # half a second is rounded to samples as the Challenge does
        moved = abs(late) <= np.rint(LONGEST_LAG_S * sampling_rate_hz) and abs(offset_mv) <= LARGEST_OFFSET_MV
    if moved:
        second = _shifted(second, late) - offset_mv
    snr_db, coverage = _score(first, second)
    return Score2024(snr_db, late / sampling_rate_hz, offset_mv, moved, coverage)


def snr_2024_db(reference: ArrayLike, estimate: ArrayLike, sampling_rate_hz: float) -> float:
    """Return the score of one lead as :func:`score_2024` finds it.

    Parameters
    ----------
    reference, estimate
        Samples of one lead, mV, NaN where unknown.
    sampling_rate_hz
        Samples per second of both.

    Raises
    ------
    RecordError
        If a signal is no one-dimensional array of numbers, or the rate is not positive.

    Examples
    --------
    >>> snr_2024_db([1.0, 2.0], [float("nan"), float("nan")], 500)
    0.0
    """
    return score_2024(reference, estimate, sampling_rate_hz).snr_db


def mean_2024_db(scores_db: Iterable[float]) -> float:
    """Return the mean of all scores that are numbers: of all leads of all records; NaN if there is none.

    Examples
    --------
    >>> mean_2024_db([10.0, float("nan"), 20.0])
    15.0
    """
    scores = [score for score in scores_db if not math.isnan(score)]
    return math.fsum(scores) / len(scores) if scores else math.nan


def _match(first: Lead, second: Lead) -> tuple[int, float]:
    """Return the samples that the second lead is later, and the mV that it is higher."""
    low = min(np.nanmin(first), np.nanmin(second))
    high = max(np.nanmax(first), np.nanmax(second))
    length = max(first.size, second.size)
    curves = [_curve(lengthened(lead, length), low, high) for lead in (first, second)]
    present = np.flatnonzero((curves[0] >= 0) | (curves[1] >= 0))
    # What is empty beside the curves does not count; but the smoothing of the first and last samples of a
    # picture is another, so no other sample may become first or last.
    start, end = max(int(present[0]) - _REACH, 0), int(present[-1]) + _REACH + 1
    taps = np.exp(-0.5 * (np.arange(-_REACH, _REACH + 1) / _SIGMA) ** 2)
    late, levels, _ = load_backend("cpu").curve_shift(
        curves[0][start:end], curves[1][start:end], LEVELS, taps / taps.sum()
    )
    return int(late), float(levels / (LEVELS - 1) * (high - low))


def _curve(lead: Lead, low: float, high: float) -> NDArray[np.int32]:
    """Return the level of each sample, 0 to 255, -1 where there is none."""
    span = high - low
    if span > 0:
        levels = np.rint((LEVELS - 1) * (lead - low) / span + 1) - 1  # counted from 1 while rounding
    else:
        levels = np.where(np.isnan(lead), np.nan, 0.0)
    curve: NDArray[np.int32] = np.where(np.isnan(lead), -1, np.clip(levels, 0, LEVELS - 1)).astype(np.int32)
    return curve


def _shifted(lead: Lead, late: int) -> Lead:
    """Return a lead that begins ``late`` samples earlier; it loses none where it begins later."""
    return lead[late:] if late >= 0 else np.concatenate([np.full(-late, np.nan), lead])


def _score(first: Lead, second: Lead) -> tuple[float, float]:
    length = max(first.size, second.size)
    first, second = lengthened(first, length), lengthened(second, length)
    present = np.isfinite(first)
    both = present & np.isfinite(second)
    if not present.any():
        return math.nan, math.nan
    if not both.any():
        return 0.0, 0.0
    coverage = float(both.sum() / present.sum())
    signal = float(np.mean(first[both] ** 2))
    noise = float(np.mean((first[both] - second[both]) ** 2))
    if not (signal > 0 and noise > 0):
        return math.nan, coverage
    return 10.0 * math.log10(signal / noise) * coverage, coverage
