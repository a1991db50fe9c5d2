"""RR, PR, QT and QRS width in two signals of one lead, beat by beat, and how well they agree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from fastecg.evaluate.delineation import Beat, delineate

Interval = Literal["RR", "PR", "QT", "QRS"]
INTERVALS: Final[tuple[Interval, ...]] = ("RR", "PR", "QT", "QRS")

_SAME_BEAT_S: Final = 0.075


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two ways to measure agree, by the differences: estimate less reference.

    Parameters
    ----------
    count
        Differences.
    bias, sd
        Their mean and standard deviation; NaN if there are too few.
    low, high
        Limits of agreement: bias less and plus 1.96 standard deviations.
    """

    count: int
    bias: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BeatPairs:
    """The beats of one lead in two signals.

    Parameters
    ----------
    beats, missed, extra
        Beats in the reference, those not found in the estimate, and those in the estimate only.
    differences_ms
        Of each interval, what the estimate has more than the reference, beat by beat, ms.
    """

    beats: int
    missed: int
    extra: int
    differences_ms: Mapping[Interval, tuple[float, ...]]


def compare_beats(
    reference: ArrayLike, estimate: ArrayLike, sampling_rate_hz: float, lag_s: float = 0.0
) -> BeatPairs:
    """Delineate both signals of a lead the same way and compare the intervals of each beat.

    Parameters
    ----------
    reference, estimate
        Samples of one lead, mV, NaN where unknown.
    sampling_rate_hz
        Samples per second of both.
    lag_s
        How much later the estimate is: beats are the same if they are less than 75 ms apart otherwise.

    Raises
    ------
    RecordError
        If a signal is no one-dimensional array of numbers, or the rate is below 50.

    Examples
    --------
    >>> from fastecg.synthesis import simulate
    >>> lead = simulate(seed=1).record.lead("II")
    >>> found = compare_beats(lead, lead, 500)
    >>> found.missed, found.extra, set(found.differences_ms["QT"])
    (0, 0, {0.0})
    """
    first = delineate(reference, sampling_rate_hz)
    second = delineate(estimate, sampling_rate_hz)
    pairs = _paired(first, second, lag_s)
    found: dict[Interval, list[float]] = {name: [] for name in INTERVALS}
    for one, other in pairs:
        for name in ("PR", "QT", "QRS"):
            _note(found[name], _interval(other, name) - _interval(one, name))
    for (before, moved_before), (after, moved_after) in pairwise(pairs):
        if first.index(after) == first.index(before) + 1:
            _note(found["RR"], (moved_after.r_s - moved_before.r_s) - (after.r_s - before.r_s))
    return BeatPairs(
        len(first),
        len(first) - len(pairs),
        len(second) - len(pairs),
        {name: tuple(values) for name, values in found.items()},
    )


def agreement(differences: Iterable[float]) -> Agreement:
    """Return bias and limits of agreement of differences.

    Examples
    --------
    >>> found = agreement([1.0, 2.0, 3.0])
    >>> found.count, found.bias, found.sd, round(found.high, 2)
    (3, 2.0, 1.0, 3.96)

    References
    ----------
    J. M. Bland, D. G. Altman, "Statistical methods for assessing agreement between two methods of clinical
    measurement", Lancet 327, 1986.
    """
    values = np.array(list(differences), dtype=np.float64)
    if not values.size:
        return Agreement(0, math.nan, math.nan, math.nan, math.nan)
    bias = float(values.mean())
    sd = float(values.std(ddof=1)) if values.size > 1 else math.nan
    return Agreement(values.size, bias, sd, bias - 1.96 * sd, bias + 1.96 * sd)


def _interval(beat: Beat, name: Interval) -> float:
    begin = beat.p_on_s if name == "PR" else beat.qrs_on_s
    end = {"PR": beat.qrs_on_s, "QT": beat.t_off_s}.get(name, beat.qrs_off_s)
    return end - begin


def _note(values: list[float], seconds: float) -> None:
    if not math.isnan(seconds):
        values.append(round(1000.0 * seconds, 6) + 0.0)  # no rest of the subtraction, and no -0.0


def _paired(first: tuple[Beat, ...], second: tuple[Beat, ...], lag_s: float) -> list[tuple[Beat, Beat]]:
    """Return the beats that are in both, each once, the nearest first."""
    near = sorted(
        (distance, i, j)
        for i, one in enumerate(first)
        for j, other in enumerate(second)
        if (distance := abs(other.r_s - lag_s - one.r_s)) <= _SAME_BEAT_S
    )
    taken: dict[int, int] = {}
    for _, i, j in near:
        if i not in taken and j not in taken.values():
            taken[i] = j
    return [(first[i], second[j]) for i, j in sorted(taken.items())]
