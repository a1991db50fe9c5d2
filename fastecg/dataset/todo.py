"""What is left of a plan, as tasks; records that fail as a whole are passed over at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from fastecg.dataset.ledger import Ledger, Spans, gaps
from fastecg.dataset.plan import Plan
from fastecg.dataset.sources import Source
from fastecg.dataset.unit import UnitResult
from fastecg.dataset.worker import Task

_LONGEST: Final = 8
"""Units of a task where each is a page: pages of one record, so that it is read once."""


@dataclass(slots=True)
class Todo:
    """The units of a span that miss pages, as tasks for workers.

    Parameters
    ----------
    plan, ledger
        The plan, and what is done of it.
    span
        The units to look at.
    workers
        How many share them: short tasks where there is little to do.
    """

    plan: Plan
    ledger: Ledger
    span: range
    workers: int
    _gaps: Spans = field(default_factory=list)
    _mend: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _bad: dict[int, int] = field(default_factory=dict)
    _longest: int = 1

    def __post_init__(self) -> None:
        self._gaps = gaps(self.ledger.whole(), self.span.start, self.span.stop)
        left = sum(stop - start for start, stop in self._gaps)
        self._longest = min(_LONGEST, max(1, left // (4 * max(1, self.workers))))
        if self.plan.unit > 1:
            for result in self.ledger.failed():
                failed = {n for one in result.failures for n in range(one.first, one.first + one.count)}
                mine = self.plan.pages_of(result.unit)
                self._mend[result.unit] = tuple(n for n in sorted(failed) if n in mine)

    @property
    def empty(self) -> bool:
        """Whether nothing is left to do."""
        return not self._gaps

    def __iter__(self) -> Iterator[Task]:
        """Yield tasks; which come next depends on what the ones before found."""
        for start, stop in self._gaps:
            unit = start
            while unit < stop:
                units = self._next(unit, stop)
                if self.plan.unit > 1 or self.plan.record_of(unit) not in self._bad:
                    mend = self._mend.get(unit, ())
                    yield Task(units, mend=mend, sources=self._sources(units))
                    unit = units.stop
                else:
                    unit = min(self.plan.pages_of_record(self.plan.record_of(unit)).stop, stop)

    def taken(self, result: UnitResult) -> UnitResult | None:
        """Take note of a result, and return it; for a record that failed it is that of all its units.

        It is None if that was said of the record before, by a worker that had begun with its other pages.
        """
        whole = next((one for one in result.failures if one.record), None)
        if self.plan.unit > 1 or whole is None:
            return result
        record = self.plan.record_of(result.unit)
        end = self._bad.get(record, self.plan.pages_of_record(record).stop)
        end = min(end, next(stop for start, stop in self._gaps if start <= result.unit < stop))
        if result.unit >= end:
            return None
        self._bad[record] = result.unit
        count = end - result.unit
        return replace(result, count=count, failures=(replace(whole, first=result.unit, count=count),))

    def _next(self, unit: int, stop: int) -> range:
        if self.plan.unit > 1:
            return range(unit, unit + 1)
        end = self.plan.pages_of_record(self.plan.record_of(unit)).stop
        return range(unit, min(unit + self._longest, end, stop))

    def _sources(self, units: range) -> dict[int, Source]:
        """Return the sources that only this process has."""
        if not self.plan.given:
            return {}
        pages = [self.plan.pages_of(unit) for unit in (units[0], units[-1])]
        records = range(self.plan.record_of(pages[0].start), self.plan.record_of(pages[1].stop - 1) + 1)
        return {
            record: self.plan.source_of(record) for record in records if self.plan.records.windows_of(record)
        }
