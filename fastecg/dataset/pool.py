"""Workers and their work: one that dies or hangs is replaced, and costs no more than its page."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any, Final

from fastecg.dataset.plan import Plan
from fastecg.dataset.unit import Failure, UnitResult, record_failure
from fastecg.dataset.worker import ONE_THREAD, Begun, Ended, Halt, Ready, Setup, Task, receive, send
from fastecg.errors import OutputError

_AHEAD: Final = 2
"""Tasks of a worker, the one that it is at included: enough to keep it busy, few to lose."""
_STARTS: Final = 3
"""Times that workers may end before they begin, until the run does."""
DEATHS: Final = 3
"""Pages of one record that may be lost with their workers before its others are not tried."""
_START_S: Final = 300.0
_TICK_S: Final = 0.2


@dataclass(slots=True, eq=False)
class _Process:
    """A worker as its run sees it."""

    number: int
    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    tasks: deque[Task] = field(default_factory=deque)
    done: int = 0
    page: int | None = None
    since: float = 0.0
    ready: bool = False
    overdue: bool = False
    reader: threading.Thread | None = None

    def close(self) -> None:
        """Give back what it held, once it has ended."""
        with contextlib.suppress(OSError):
            _stdin(self).close()
        if self.reader is not None:
            self.reader.join(timeout=10)
        self.errors.close()

    @property
    def left(self) -> list[Task]:
        """What it has not made yet, and was to."""
        tasks = list(self.tasks)
        if tasks:
            tasks[0] = replace(tasks[0], units=tasks[0].units[self.done :])
        return [task for task in tasks if task.units]

    def reason(self) -> str:
        """Return how it ended, in plain words."""
        code = self.process.returncode
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"signal {-code} ({signal.Signals(-code).name})"
        return f"exit code {code}"

    def said(self) -> str:
        """Return the end of what it printed."""
        with contextlib.suppress(OSError, ValueError):
            self.errors.seek(0, os.SEEK_END)
            self.errors.seek(max(0, self.errors.tell() - 2000))
            return self.errors.read().decode(errors="replace").strip()
        return ""


@dataclass(slots=True)
class Pool:
    """Processes that make units, and what becomes of the ones that die.

    Parameters
    ----------
    plan
        The plan, which lies in the output's folder.
    setup
        What every worker is told first.
    size
        Most workers at a time.
    timeout_s
        Longest that a page may take.
    on_death
        Called with words about each worker that is replaced.
    on_page
        Called with the number of each page that is begun.
    """

    plan: Plan
    setup: Setup
    size: int
    timeout_s: float
    on_death: Callable[[str], None] = lambda _: None
    on_page: Callable[[int], None] = lambda _: None
    _workers: list[_Process] = field(default_factory=list)
    _inbox: queue.SimpleQueue[tuple[_Process, Any]] = field(default_factory=queue.SimpleQueue)
    _again: deque[Task] = field(default_factory=deque)
    _suspects: set[int] = field(default_factory=set)
    _deaths: dict[int, int] = field(default_factory=dict)
    _started: int = 0
    _unborn: int = 0

    def run(self, tasks: Iterator[Task], stopping: Callable[[], bool]) -> Generator[UnitResult, None, None]:
        """Yield results as they come, in any order, until the tasks end or the run is to stop.

        Raises
        ------
        OutputError
            If workers cannot be started.
        """
        halted = False
        try:
            while True:
                if not halted and stopping():
                    halted = True
                    self._halt()
                if not halted:
                    self._hand_out(tasks)
                if not any(worker.tasks for worker in self._workers):
                    return
                with contextlib.suppress(queue.Empty):
                    yield from self._heard(*self._inbox.get(timeout=_TICK_S), halted=halted)
                self._watch()
        finally:
            self._end()

    def _hand_out(self, tasks: Iterator[Task]) -> None:
        """Give everybody something to do, and start those who are missing; then everybody something more."""
        for wanted in range(1, _AHEAD + 1):
            for number in range(self.size):
                worker = self._workers[number] if number < len(self._workers) else None
                if worker is not None and len(worker.tasks) >= wanted:
                    continue
                task = self._left_over() or next(tasks, None)
                if task is None:
                    return
                if worker is None:
                    worker = self._start()
                if not worker.tasks:
                    worker.since = time.monotonic()
                worker.tasks.append(task)
                with contextlib.suppress(OSError):  # it has died; its reader will say so
                    send(_stdin(worker), task)

    def _left_over(self) -> Task | None:
        """Return work of workers that have died, but for records that brought down too many."""
        while self._again:
            task = self._again.popleft()
            if self.plan.unit > 1 or self._deaths.get(self.plan.record_of(task.units.start), 0) < DEATHS:
                return task
        return None

    def _start(self) -> _Process:
        self._started += 1
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the worker
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", "from fastecg.dataset.worker import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # Ctrl-C is for the run, which lets its workers end their pages
            )
        except OSError as error:
            raise OutputError(f"a worker cannot be started ({error})", "", "try --workers 0") from error
        worker = _Process(self._started, process, errors, since=time.monotonic())
        worker.reader = threading.Thread(target=self._read, args=(worker,), daemon=True)
        worker.reader.start()
        with contextlib.suppress(OSError):
            send(_stdin(worker), self.setup)
        self._workers.append(worker)
        return worker

    def _read(self, worker: _Process) -> None:
        """Take what a worker says until it ends."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._inbox.put((worker, receive(_stdout(worker))))
        _stdout(worker).close()
        self._inbox.put((worker, None))

    def _heard(self, worker: _Process, message: object, *, halted: bool) -> Iterator[UnitResult]:
        if worker not in self._workers:
            return
        worker.since = time.monotonic()
        if isinstance(message, Ready):
            worker.ready = True
        elif isinstance(message, Begun):
            worker.page = message.page
            self.on_page(message.page)
        elif isinstance(message, UnitResult):
            worker.page = None
            worker.done += 1
            self._unborn = 0
            yield message
        elif isinstance(message, Ended):
            worker.tasks.popleft()
            worker.done, worker.page = 0, None
        else:
            yield from self._died(worker, halted=halted)

    def _died(self, worker: _Process, *, halted: bool) -> Iterator[UnitResult]:
        """Bury a worker: its page fails or is tried once more, its other work goes to the others."""
        worker.process.wait()
        self._workers.remove(worker)
        left, page = worker.left, worker.page
        reason, said = worker.reason(), worker.said()
        worker.close()
        if page is None:
            self._unborn += 1
            if self._unborn >= _STARTS:
                raise OutputError(f"workers end before they begin ({reason}): {said}")
        at = "" if page is None else f" at page {page}"
        self.on_death(f"worker {worker.number} ended{at}: " + ("too slow" if worker.overdue else reason))
        if page is not None and left:
            if worker.overdue:
                failure = self._failed(page, "TimeoutError", f"no page after {self.timeout_s:g} s")
            elif page in self._suspects:
                failure = self._failed(page, "WorkerDied", f"the worker ended: {reason}")
            else:
                self._suspects.add(page)
                failure = None
            if failure is not None:
                yield from self._without(left, page, failure)
        if not halted:
            self._again.extendleft(reversed([task for task in left if task.units]))

    def _failed(self, page: int, error: str, message: str) -> Failure:
        record = self.plan.record_of(page)
        self._deaths[record] = self._deaths.get(record, 0) + 1
        if self._deaths[record] >= DEATHS:
            return record_failure(self.plan, record, error, f"{message}; {DEATHS} of its pages did so")
        name = self.plan.page(page)
        return Failure(f"{name.key} window {name.window} copy {name.copy}", error, message, page, 1)

    def _without(self, left: list[Task], page: int, failure: Failure) -> Iterator[UnitResult]:
        """Take a page out of the first task of those left."""
        task = left[0]
        if self.plan.unit > 1:
            left[0] = replace(task, skip={**task.skip, page: failure})
            return
        rest = range(task.units.stop, task.units.stop) if failure.record else task.units[1:]
        left[0] = replace(task, units=rest)
        yield UnitResult(task.units.start, failures=(failure,))

    def _watch(self) -> None:
        """End the workers that take too long."""
        now = time.monotonic()
        for worker in self._workers:
            allowed = self.timeout_s if worker.ready else _START_S
            if worker.tasks and now - worker.since > allowed and not worker.overdue:
                worker.overdue = True
                worker.process.kill()

    def _halt(self) -> None:
        """Tell everybody to end the page that they are at."""
        for worker in self._workers:
            with contextlib.suppress(OSError):
                send(_stdin(worker), Halt())

    def _end(self) -> None:
        """End everybody."""
        for worker in self._workers:
            if worker.tasks:  # the run is being left in the middle
                worker.process.kill()
            with contextlib.suppress(OSError):
                _stdin(worker).close()
        for worker in self._workers:
            try:
                worker.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
            worker.close()


def _stdin(worker: _Process) -> IO[bytes]:
    assert worker.process.stdin is not None
    return worker.process.stdin


def _stdout(worker: _Process) -> IO[bytes]:
    assert worker.process.stdout is not None
    return worker.process.stdout
