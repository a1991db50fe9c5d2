"""A dataset run: every page of every record to files; a bad record is reported, never fatal."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Final

from fastecg.backends import check_backend, gpu_kernels
from fastecg.dataset._ray import RayPool
from fastecg.dataset.away import Away
from fastecg.dataset.claim import SUMS, claim
from fastecg.dataset.finish import finish, unreadable, write_failures
from fastecg.dataset.ledger import Ledger, LedgerWriter, gaps
from fastecg.dataset.lock import FINISHING, PLANNING, WHOLE, Lock, busy
from fastecg.dataset.place import STATE, Folder
from fastecg.dataset.plan import Plan, shard_of
from fastecg.dataset.pool import Pool
from fastecg.dataset.remote import Remote, at_hand
from fastecg.dataset.request import Run, SourceLike, Work
from fastecg.dataset.sources import find_sources
from fastecg.dataset.todo import Todo
from fastecg.dataset.unit import Failure, Maker, StoppedError, UnitResult, Watch
from fastecg.dataset.worker import Setup, Task, most_memory_mb
from fastecg.errors import OutputError, RecipeError

KEPT: Final = 1000
"""Failures and notes that a summary lists; all failures are in failures.jsonl."""
_GIVE_UP_AFTER: Final = 3
"""Pages in a row that cannot be written before the run stops: the disk is full, not one name wrong."""

Listener = Callable[[dict[str, Any]], None]
"""Is called with what happens, as plain JSON; see docs/datasets.md for the keys."""


@dataclass(slots=True)
class Summary:
    """What a run did.

    Parameters
    ----------
    written, skipped
        Pages that were made, and that were there already.
    failed
        Records and pages that failed.
    failures, notes
        The first of them, and of what was mended in records.
    noted
        How many notes there are.
    seconds
        How long it took.
    stopped
        Why it ended before its end; empty if it did not.
    left
        Units that are left to other shards.
    """

    written: int = 0
    skipped: int = 0
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    noted: int = 0
    seconds: float = 0.0
    stopped: str = ""
    left: int = 0

    @property
    def ok(self) -> bool:
        """Whether every page is there, but for those of other shards."""
        return not self.failed and not self.stopped


def generate(
    source: SourceLike,
    run: Run,
    work: Work | None = None,
    *,
    on_event: Listener | None = None,
    stop: threading.Event | None = None,
) -> Summary:
    """Write a dataset: the pages of all records.

    What is to be made is fixed first, in a plan in the output folder. A run that was stopped, in
    whatever way, goes on where it was when it is started again, and ends with the same bytes. One
    run at a time in a folder, or several with a shard each.

    Parameters
    ----------
    source
        A folder, a ``RECORDS`` file or a record; None for the built-in records; or objects with
        ``key`` and ``read()``, which workers must be able to unpickle.
    run
        Which pages to make, and where to put them.
    work
        How to make them.
    on_event
        Called with what happens.
    stop
        Once it is set the run ends the pages that it is at, and returns.

    Raises
    ------
    RecordError
        If there are no such records.
    RecipeError
        If a value is out of range.
    OutputError
        If the output folder cannot be used, another run is at work in it, or it holds the pages of
        another run.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     generate(None, Run(Path(folder) / "pages", limit=1), Work(workers=0)).written
    1
    """
    work = work or Work()
    if run.remote:  # shards have notes of their own
        run = replace(run, output=run.output / _scratch(work))
    _check(source, run, work)
    Folder(run.output).prepare()
    with closing(Lock(run.output)) as lock:
        alone = work.shard == (1, 1)
        if alone and not lock.take(WHOLE):
            raise busy(run.output)
        if not lock.take(PLANNING, wait=not alone):
            raise busy(run.output)
        away = Away(run.output, Remote(run.remote), work.shard) if run.remote else None
        with away.at_work() if away else contextlib.nullcontext():
            plan = claim(source, run, alone=alone)
            if away:
                away.push()
            lock.release(PLANNING)
            span = shard_of(plan.units(), work.shard)
            if not (alone or lock.take(span)):
                raise busy(run.output)
            job = _Job(plan, run, work, span, on_event or _silent, stop or threading.Event(), away)
            return job.run_all(lock)


def _check(source: SourceLike, run: Run, work: Work) -> None:
    """Raise what is wrong before anything is done."""
    run.loaded()
    check_backend(work.backend)
    if work.engine == "local" and work.backend == "cuda":
        gpu_kernels(work.backend)
    if source is None or isinstance(source, str | os.PathLike):
        root = None if source is None else at_hand(source)
        find_sources(root, seed=run.seed, limit=run.limit, output=run.output)
    if run.remote.startswith("memory:") and (work.processes or work.engine != "local"):
        raise RecipeError(f"{run.remote} is in the memory of this process", "", "use no workers (0)")


def _scratch(work: Work) -> str:
    """Return a name for what only this run uses."""
    part, parts = work.shard
    return "main" if parts == 1 else f"{part}-of-{parts}"


def _silent(event: dict[str, Any]) -> None:
    """Listen to nothing."""


@dataclass(slots=True)
class _Job:
    """A run under way."""

    plan: Plan
    run: Run
    work: Work
    span: range
    tell: Listener
    stop: threading.Event
    away: Away | None = None
    summary: Summary = field(default_factory=Summary)
    _began: float = field(default_factory=time.monotonic)
    _in_a_row: int = 0
    _records: set[str] = field(default_factory=set)

    @property
    def place(self) -> Folder | Away:
        """Where the files of this run go."""
        return self.away or Folder(self.run.output, _scratch(self.work))

    def run_all(self, lock: Lock) -> Summary:
        """Make what is missing, then complete the dataset."""
        ledger = Ledger(self.run.output / STATE, self.plan.id)
        ledger.read(self._holds)
        self.place.tidy()
        todo = Todo(self.plan, ledger, self.span, self.work.processes)
        self.summary.skipped = ledger.pages_in(self.span)
        self._say("start", **self._start())
        if self.work.shard[0] == 1:
            for failure in unreadable(self.plan):
                self._fail(failure)
        try:
            if todo.empty and (self.run.output / SUMS).exists():
                return self.summary
            self._make(todo)
            self._complete(lock)
        finally:
            self.place.tidy()
            self.summary.seconds = time.monotonic() - self._began
            self._say("end", **self._end())
        return self.summary

    def _holds(self, result: UnitResult) -> bool:
        """Return whether a unit's files are there and whole, as far as their sizes tell."""
        if result.unit not in self.span:
            return True
        if self.away:
            return self.away.holds(result)
        root = str(self.run.output)
        try:
            return all(os.stat(f"{root}/{one.path}").st_size == one.size for one in result.files)  # noqa: PTH116
        except OSError:
            return False

    def _make(self, todo: Todo) -> None:
        with contextlib.suppress(FileNotFoundError):
            (self.run.output / SUMS).unlink()  # it vouches for a dataset that is complete
        name = _scratch(self.work)
        if self.away:
            self.away.far.remove(SUMS)
            name = f"{name}-{self.away.id}"  # as other machines write there too
        ledger = LedgerWriter(self.run.output / STATE, self.plan.id, name)
        with closing(ledger), closing(self._results(iter(todo))) as results:
            for result in results:
                self._take(result, todo, ledger)

    def _results(self, tasks: Iterator[Task]) -> Generator[UnitResult, None, None]:
        if self.work.processes == 0:
            return self._here(tasks)
        if self.work.engine == "ray":
            folder = Folder(self.run.output.absolute(), _scratch(self.work))
            place = self.away.far if self.away else folder
            return RayPool(self.plan, place, self.run.files, self.work, self._worker_died).run(
                tasks, self._stopping
            )
        setup = Setup(
            self.run.output,
            _scratch(self.work),
            self.work.backend,
            self.run.files,
            self.work.memory_mb or most_memory_mb(),
            self.away.far if self.away else None,
        )
        pool = Pool(
            self.plan, setup, self.work.processes, self.work.timeout_s, self._worker_died, self._page_begun
        )
        return pool.run(tasks, self._stopping)

    def _here(self, tasks: Iterator[Task]) -> Generator[UnitResult, None, None]:
        """Make units in this process."""
        maker = Maker(self.plan, self.place, self.run.files, self.work.backend)
        watch = Watch(self._page_begun, self._stopping)
        for task in tasks:
            maker.sources = task.sources
            for unit in task.units:
                try:
                    result = maker.make(unit, task.skip, task.mend, watch)
                except StoppedError:
                    return
                yield result
                if self.plan.unit == 1 and any(failure.record for failure in result.failures):
                    break

    def _take(self, result: UnitResult, todo: Todo, ledger: LedgerWriter) -> None:
        """Write a result down."""
        for note in result.notes:
            self.summary.noted += 1
            if len(self.summary.notes) < KEPT:
                self.summary.notes.append(note)
        for failure in result.failures:
            self._fail(failure)
        if result.stops:
            self._in_a_row += 1
            if self._in_a_row >= (_GIVE_UP_AFTER if self.plan.unit == 1 else 1):
                what = "pages in a row" if self.plan.unit == 1 else "unit"
                self._give_up(f"{self._in_a_row} {what} could not be written")
            return
        self._in_a_row = 0
        taken = todo.taken(result)
        if taken is None:
            return
        if not taken.kept:
            try:
                ledger.append(taken)
                if self.away:
                    self.away.took(taken, ledger)
            except OutputError as error:  # its files are there, but it is made again
                self._give_up(str(error))
                return
        self.summary.written += 0 if taken.kept else taken.pages
        self._say_unit(taken)

    def _say_unit(self, result: UnitResult) -> None:
        pages = (
            self.plan.pages_of(result.unit + result.count - 1).stop - self.plan.pages_of(result.unit).start
        )
        size = sum(entry.size for entry in result.files)
        missing = pages - result.pages
        self._say("unit", unit=result.unit, pages=result.pages, failed=missing, bytes=size)

    def _fail(self, failure: Failure) -> None:
        """Count a failure; that of a record once, though each of its units has it."""
        if failure.record:
            if failure.key in self._records:
                return
            self._records.add(failure.key)
        self.summary.failed += 1
        if len(self.summary.failures) < KEPT:
            self.summary.failures.append(failure)
        self._say("failure", record=failure.key, error=failure.error, message=failure.message)

    def _give_up(self, why: str) -> None:
        self.summary.stopped = self.summary.stopped or why

    def _stopping(self) -> bool:
        return self.stop.is_set() or bool(self.summary.stopped)

    def _worker_died(self, words: str) -> None:
        self._say("worker", message=words)

    def _page_begun(self, page: int) -> None:
        if self.plan.unit > 1:  # else the unit, which comes right after it, says the same
            self._say("page", page=page)

    def _complete(self, lock: Lock) -> None:
        """Finish the dataset if nothing is missing; else say what failed so far."""
        ledger = Ledger(self.run.output / STATE, self.plan.id)
        if self.stop.is_set():
            self._give_up("interrupted")
        try:
            if self.away:
                self.away.meet()
            if not self.summary.stopped and lock.take(FINISHING, wait=True):
                ledger.read(self._holds)
                units = self.plan.units()
                left = gaps(ledger.known(), 0, len(units))
                self.summary.left = sum(stop - start for start, stop in left)
                if not left:
                    finish(self.plan, ledger, self.place, self.run.files, self.run.output)
                return
            write_failures(self.run.output, self.summary.failures)
            if self.away:
                self.away.push()
        except OutputError as error:
            self._give_up(self.summary.stopped)
            self.summary.stopped = f"{self.summary.stopped}; {error}".removeprefix("; ")

    def _say(self, event: str, **fields: Any) -> None:  # noqa: ANN401 - plain JSON
        self.tell({"event": event, "t": round(time.monotonic() - self._began, 3), **fields})

    def _start(self) -> dict[str, Any]:
        pages = [self.plan.pages_of(unit) for unit in (self.span[0], self.span[-1])] if self.span else []
        return {
            "output": self.run.where,
            "records": len(self.plan.records),
            "pages": pages[1].stop - pages[0].start if pages else 0,
            "skipped": self.summary.skipped,
            "workers": self.work.processes,
            "shard": list(self.work.shard),
        }

    def _end(self) -> dict[str, Any]:
        one = self.summary
        return {
            "written": one.written,
            "skipped": one.skipped,
            "failed": one.failed,
            "stopped": one.stopped,
            "left": one.left,
        }
