"""Two records compared lead by lead, and two folders of them record by record."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import RecordError
from fastecg.evaluate.challenge2024 import Score2024, mean_2024_db, score_2024
from fastecg.evaluate.intervals import BeatPairs, compare_beats
from fastecg.evaluate.kaggle2025 import Power2025, power_2025, ratio_2025
from fastecg.evaluate.signals import Errors, errors
from fastecg.formats.names import wfdb_name
from fastecg.readers import RecordSource, walk_records
from fastecg.record import Record

_PAGE = re.compile(r"(?P<record>.+)-0(?:-copy\d+)?")
"""What fastecg calls the pages that show a record from its beginning."""


@dataclass(frozen=True, slots=True)
class LeadResult:
    """One lead of one record, by every measure; ``beats`` is None if they were not asked for."""

    lead: str
    errors: Errors
    score_2024: Score2024
    power_2025: Power2025
    beats: BeatPairs | None


@dataclass(frozen=True, slots=True)
class RecordResult:
    """One record by every measure.

    Parameters
    ----------
    key
        Name of the reference.
    estimate
        Name of the estimate; None if there is none.
    leads
        The leads that the reference has samples of. Without an estimate they are compared with nothing.
    reason
        Why there is no comparison; None if there is one.
    """

    key: str
    estimate: str | None
    leads: tuple[LeadResult, ...]
    reason: str | None = None

    @property
    def snr_raw_db(self) -> float:
        """Mean over the leads, dB; leads that are equal or have no ratio do not count."""
        return mean_2024_db(lead.errors.snr_db for lead in self.leads if math.isfinite(lead.errors.snr_db))

    @property
    def snr_2024_db(self) -> float:
        """Mean over the leads, dB."""
        return mean_2024_db(lead.score_2024.snr_db for lead in self.leads)

    @property
    def ratio_2025(self) -> float:
        """Ratio of the sums over all leads, not in dB."""
        return ratio_2025(lead.power_2025 for lead in self.leads)

    def mean(self, name: str) -> float:
        """Return the mean of one of the plain errors over the leads that have it."""
        values = (float(getattr(lead.errors, name)) for lead in self.leads)
        return mean_2024_db(value for value in values if math.isfinite(value))


def compare_records(
    reference: Record, estimate: Record | None, *, intervals: bool = True, resample: bool = False
) -> RecordResult:
    """Compare a record with what was read from its page.

    Parameters
    ----------
    reference
        The truth, NaN where a lead is not drawn; leads without any sample are passed over.
    estimate
        The reading; leads it lacks, and all if it is None, are compared with nothing.
    intervals
        Compare the intervals of beats too.
    resample
        Take the estimate to the reference's sampling rate by straight lines, if it has another.

    Raises
    ------
    RecordError
        If the sampling rates differ and ``resample`` is not set.

    Examples
    --------
    >>> from fastecg.synthesis import builtin_record
    >>> record = builtin_record(0).record
    >>> late = np.roll(0.99 * record.signals_mv, 10, axis=1)
    >>> found = compare_records(record, Record.from_array(late, record.leads, 500))
    >>> found.snr_2024_db > found.snr_raw_db, found.leads[0].score_2024.lag_s
    (True, 0.02)
    """
    rate = reference.sampling_rate_hz
    if estimate is not None and estimate.sampling_rate_hz != rate:
        if not resample:
            raise RecordError(
                f"the estimate has {estimate.sampling_rate_hz:g} Hz and the reference {rate:g} Hz",
                "the same rate",
                "write it at that rate, or resample it",
            )
        estimate = resampled(estimate, rate)
    results = []
    for lead in reference.leads:
        truth = reference.lead(lead).astype(np.float64)
        if not np.isfinite(truth).any():
            continue
        there = estimate is not None and lead in estimate.leads
        reading = (
            estimate.lead(lead).astype(np.float64) if estimate and there else np.full(truth.size, np.nan)
        )
        score = score_2024(truth, reading, rate)
        lag_s = score.lag_s if score.moved else 0.0
        beats = compare_beats(truth, reading, rate, lag_s) if intervals else None
        results.append(
            LeadResult(lead, errors(truth, reading), score, power_2025(truth, reading, rate), beats)
        )
    return RecordResult(reference.name, estimate.name if estimate else None, tuple(results))


def compare_folders(
    reference: str | Path,
    estimate: str | Path,
    *,
    intervals: bool = True,
    resample: bool = False,
    on_record: Callable[[RecordResult], None] | None = None,
) -> tuple[tuple[RecordResult, ...], tuple[str, ...]]:
    """Compare all records of a folder, or one, with those of the same names elsewhere.

    The estimate of ``a/REC`` is ``a/REC``, or what datasets without folders call it, or ``REC``, or its
    first page, ``REC-0``. Two single records are compared whatever their names are.

    Parameters
    ----------
    reference, estimate
        A folder, a ``RECORDS`` file or one record each.
    intervals, resample
        As for :func:`compare_records`.
    on_record
        Called with every result.

    Returns
    -------
    tuple
        The results in the order of the references, and the estimates that belong to none.

    Raises
    ------
    RecordError
        If there is no record in one of the places.

    Examples
    --------
    >>> import tempfile
    >>> from fastecg import builtin_records
    >>> from fastecg.formats.wfdb_copy import write_wfdb
    >>> folder = Path(tempfile.mkdtemp())
    >>> for record in builtin_records(2):
    ...     write_wfdb(folder, record.name, record)
    >>> results, extra = compare_folders(folder, folder)
    >>> len(results), results[0].snr_2024_db, extra  # a perfect lead has no score
    (2, nan, ())
    """
    references, estimates = list(walk_records(reference)), list(walk_records(estimate))
    if len(references) == len(estimates) == 1 and not (Path(reference).is_dir() or Path(estimate).is_dir()):
        pairs: Iterable[tuple[RecordSource, RecordSource | None]] = [(references[0], estimates[0])]
        extra: tuple[str, ...] = ()
    else:
        matches = matched([source.key for source in references], [source.key for source in estimates])
        by_key = {source.key: source for source in estimates}
        pairs = [(source, by_key.get(matches.get(source.key, ""))) for source in references]
        extra = tuple(sorted(set(by_key) - set(matches.values())))
    results = []
    for result in _compared(pairs, intervals=intervals, resample=resample):
        results.append(result)
        if on_record is not None:
            on_record(result)
    return tuple(results), extra


def matched(references: Iterable[str], estimates: Iterable[str]) -> Mapping[str, str]:
    """Return the estimate of each reference, by keys; each estimate belongs to one at most.

    Examples
    --------
    >>> dict(matched(["a/r1", "r2", "r3", "r4"], ["r1", "r2-0", "r3-1", "r4", "r4-0"]))
    {'r4': 'r4', 'a/r1': 'r1', 'r2': 'r2-0'}
    """
    free = dict.fromkeys(estimates)
    open_keys = list(references)
    first_pages: dict[str, str] = {}
    for key in free:
        page = _PAGE.fullmatch(key)
        if page:
            first_pages.setdefault(page["record"], key)
    names = [key.rpartition("/")[2] for key in open_keys]
    ways: tuple[Callable[[str], str | None], ...] = (
        lambda key: key,
        wfdb_name,
        lambda key: name if names.count(name := key.rpartition("/")[2]) == 1 else None,
        first_pages.get,
        lambda key: first_pages.get(wfdb_name(key)),
        lambda key: first_pages.get(name) if names.count(name := key.rpartition("/")[2]) == 1 else None,
    )
    found: dict[str, str] = {}
    for way in ways:
        for key in open_keys:
            name = way(key)
            if key not in found and name is not None and name in free:
                found[key] = name
                del free[name]
    return found


def resampled(record: Record, rate_hz: float) -> Record:
    """Return a record at another sampling rate, by straight lines between samples, NaN beside a NaN.

    Examples
    --------
    >>> record = Record.from_array([[0.0, 1.0, 2.0, 3.0]], ["I"], 100)
    >>> resampled(record, 200).signals_mv[0].tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.0]
    """
    length = round(record.samples * rate_hz / record.sampling_rate_hz)
    places = np.arange(length) * (record.sampling_rate_hz / rate_hz)
    grid = np.arange(record.samples)
    rows: list[NDArray[np.float64]] = [np.interp(places, grid, row) for row in record.signals_mv]
    return replace(record, signals_mv=np.array(rows, np.float32), sampling_rate_hz=rate_hz, adc=None)


def _compared(
    pairs: Iterable[tuple[RecordSource, RecordSource | None]], *, intervals: bool, resample: bool
) -> Iterator[RecordResult]:
    for source, other in pairs:
        name = other.key if other else None
        try:
            truth = source.read()
        except RecordError as error:
            yield RecordResult(source.key, name, (), f"reference: {error}")
            continue
        reason = None if other else "there is no estimate"
        result = None
        if other:
            try:
                result = compare_records(truth, other.read(), intervals=intervals, resample=resample)
            except RecordError as error:
                reason = str(error)
        if result is None:
            result = compare_records(truth, None, intervals=intervals)
        yield replace(result, key=source.key, estimate=name, reason=reason)
