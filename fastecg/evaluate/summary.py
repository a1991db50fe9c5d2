"""What many comparisons amount to: mean, spread, median, worst and histogram of every measure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fastecg.evaluate.challenge2024 import mean_2024_db
from fastecg.evaluate.compare import RecordResult
from fastecg.evaluate.intervals import INTERVALS, Agreement, Interval, agreement
from fastecg.evaluate.kaggle2025 import snr_2025_db

_BARS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Measure:
    """How one measure is called, and how its values are read from a record.

    Parameters
    ----------
    name, unit
        Such as ``SNR 2024`` and ``dB``.
    key
        Its name in files.
    low_is_bad
        Whether the lowest value is the worst.
    """

    name: str
    unit: str
    key: str
    low_is_bad: bool = True

    def of(self, result: RecordResult) -> float:
        """Return the value of one record, NaN if it has none."""
        if self.key == "snr_2025_db":
            return snr_2025_db([result.ratio_2025])
        if self.key in {"snr_raw_db", "snr_2024_db"}:
            return float(getattr(result, self.key))
        scale = {"mse_uv2": ("mse_mv2", 1e6), "mae_uv": ("mae_mv", 1e3)}
        field, factor = scale.get(self.key, (self.key, 1.0))
        return factor * result.mean(field)


MEASURES: Final = (
    Measure("SNR raw", "dB", "snr_raw_db"),
    Measure("SNR 2024", "dB", "snr_2024_db"),
    Measure("SNR 2025", "dB", "snr_2025_db"),
    Measure("PSNR", "dB", "psnr_db"),
    Measure("MSE", "µV²", "mse_uv2", low_is_bad=False),
    Measure("MAE", "µV", "mae_uv", low_is_bad=False),
    Measure("correlation", "", "correlation"),
    Measure("coverage", "", "coverage"),
)


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of one measure over all records that have one.

    Parameters
    ----------
    measure
        The measure.
    values
        One value a record.
    mean, sd, median, worst
        NaN if there are too few values.
    worst_key
        The record with the worst value.
    """

    measure: Measure
    values: tuple[float, ...]
    mean: float
    sd: float
    median: float
    worst: float
    worst_key: str


@dataclass(frozen=True, slots=True)
class Summary:
    """All records together.

    Parameters
    ----------
    records, missing, failed
        References; those without an estimate; those that could not be compared.
    leads
        Leads compared.
    snr_2024_db
        The Challenge's score: the mean over all leads of all records.
    snr_2025_db
        The competition's score: the logarithm of the mean ratio of all records.
    spreads
        One for each of ``MEASURES``, over the records.
    beats, beats_missed, beats_extra
        Beats of the references, and the errors among them.
    intervals
        Bias and limits of agreement of each interval, ms, over all beats.
    differences_ms
        What these are of.
    """

    records: int
    missing: int
    failed: int
    leads: int
    snr_2024_db: float
    snr_2025_db: float
    spreads: tuple[Spread, ...]
    beats: int
    beats_missed: int
    beats_extra: int
    intervals: Mapping[Interval, Agreement]
    differences_ms: Mapping[Interval, tuple[float, ...]]


def summarize(results: Sequence[RecordResult]) -> Summary:
    """Put the results of many records together; what is missing counts as the two scores say.

    Examples
    --------
    >>> summarize([]).records
    0
    """
    readable = [result for result in results if result.leads]
    leads = [lead for result in readable for lead in result.leads]
    beats = [lead.beats for lead in leads if lead.beats is not None]
    differences: dict[Interval, tuple[float, ...]] = {
        name: tuple(value for pairs in beats for value in pairs.differences_ms[name]) for name in INTERVALS
    }
    return Summary(
        len(results),
        sum(result.estimate is None for result in results),
        sum(result.estimate is not None and result.reason is not None for result in results),
        len(leads),
        mean_2024_db(lead.score_2024.snr_db for lead in leads),
        snr_2025_db(result.ratio_2025 for result in readable),
        tuple(_spread(measure, readable) for measure in MEASURES),
        sum(pairs.beats for pairs in beats),
        sum(pairs.missed for pairs in beats),
        sum(pairs.extra for pairs in beats),
        {name: agreement(values) for name, values in differences.items()},
        differences,
    )


def histogram(values: Iterable[float], bins: int = 16) -> tuple[list[int], float, float]:
    """Return how many values lie in each of equal bins, and the range; one of one value is 1 wide.

    Examples
    --------
    >>> histogram([1.0, 1.1, 3.0], 2)
    ([2, 1], 1.0, 3.0)
    """
    array = np.array([value for value in values if math.isfinite(value)], dtype=np.float64)
    if not array.size:
        return [0] * bins, 0.0, 1.0
    low, high = float(array.min()), float(array.max())
    if not high > low:
        low, high = low - 0.5, low + 0.5
    counts, _ = np.histogram(array, bins, (low, high))
    return counts.tolist(), low, high


def sparkline(values: Iterable[float], bins: int = 12) -> str:
    """Return a histogram as a line of blocks, a blank where there is nothing.

    Examples
    --------
    >>> sparkline([0, 0, 0, 1, 3, 3], 4)
    '█▃ ▆'
    """
    counts = histogram(values, bins)[0]
    most = max(counts)
    if not most:
        return " " * bins
    return "".join(_BARS[max(math.ceil(8 * count / most), 1) - 1] if count else " " for count in counts)


def _spread(measure: Measure, results: Sequence[RecordResult]) -> Spread:
    pairs = [(value, result.key) for result in results if math.isfinite(value := measure.of(result))]
    if not pairs:
        return Spread(measure, (), math.nan, math.nan, math.nan, math.nan, "")
    values = np.array([value for value, _ in pairs])
    worst, key = (min if measure.low_is_bad else max)(pairs)
    sd = float(values.std(ddof=1)) if values.size > 1 else math.nan
    return Spread(
        measure, tuple(values.tolist()), float(values.mean()), sd, float(np.median(values)), worst, key
    )
