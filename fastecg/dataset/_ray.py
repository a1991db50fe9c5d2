"""The one doorway to Ray: units of a plan as tasks of a cluster, which may lose workers and machines."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from fastecg.dataset.place import STATE, Place
from fastecg.dataset.plan import Plan, versions
from fastecg.dataset.pool import DEATHS, Pool
from fastecg.dataset.records import Records
from fastecg.dataset.request import Work
from fastecg.dataset.unit import Maker, StoppedError, UnitResult, Watch, failure_of
from fastecg.dataset.worker import ONE_THREAD, Setup, Task, limit_memory, most_memory_mb
from fastecg.errors import FastECGError, MissingExtraError, OutputError
from fastecg.formats.writer import Writer

_FAST: Final = 2
"""Times that a task is lost before its units are tried one by one, each in a process that is watched."""
_CAREFUL: Final = 3
"""Times that such a unit is lost before it has failed."""
_PER_CPU: Final = 2
"""Tasks for each processor of the cluster: one that it is at, one that waits; no more are handed out."""
_GPU_SHARE: Final = 0.25
"""Of a GPU for each task on the backend ``cuda``: Ray hides GPUs from tasks that ask for none."""
_LOOK_S: Final = 5.0
_TICK_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker of the cluster has to know; it is sent to each machine once."""

    id: str
    plan: Plan
    place: Place
    writer: Writer
    work: Work


@dataclass(slots=True)
class _Flight:
    """A task that is handed out, and how often it was lost."""

    task: Task
    careful: bool = False
    lost: int = 0


@dataclass(slots=True)
class RayPool:
    """The workers of a Ray cluster, and what becomes of the work of those that are lost.

    Parameters
    ----------
    plan
        The plan.
    place
        Where files go; every machine of the cluster must see it.
    writer
        The format.
    work
        Address, workers, timeout and the like.
    on_death
        Called with words about each worker that was lost.
    """

    plan: Plan
    place: Place
    writer: Writer
    work: Work
    on_death: Callable[[str], None] = lambda _: None
    _flights: dict[Any, _Flight] = field(default_factory=dict)
    _again: deque[_Flight] = field(default_factory=deque)
    _deaths: dict[int, int] = field(default_factory=dict)
    _room: int = 0
    _looked: float = 0.0

    def run(self, tasks: Iterator[Task], stopping: Callable[[], bool]) -> Generator[UnitResult, None, None]:
        """Yield results as they come, in any order, until the tasks end or the run is to stop.

        Raises
        ------
        MissingExtraError
            If Ray is not installed.
        OutputError
            If there is no such cluster, or its workers cannot begin.
        """
        ray = _ray()
        with _connected(ray, self.work.address):
            try:
                yield from self._fly(ray, tasks, stopping)
            finally:
                for ref in self._flights:  # the run is being left in the middle
                    with contextlib.suppress(Exception):
                        ray.cancel(ref, force=True)

    def _fly(self, ray: Any, tasks: Iterator[Task], stopping: Callable[[], bool]) -> Iterator[UnitResult]:  # noqa: ANN401 - Ray is optional, and so are its types
        plan = Plan(self.plan.head, self.plan.source, _inlined(self.plan.records))
        job = ray.put(Job(f"{plan.id}-{os.urandom(8).hex()}", plan, self.place, self.writer, self.work))
        gpus = _GPU_SHARE if self.work.backend == "cuda" else 0
        make = ray.remote(make_task).options(num_cpus=1, num_gpus=gpus, max_retries=0)
        halted = False
        while True:
            if not halted and stopping():
                halted = True
                for ref in self._flights:  # those under way end their page
                    ray.cancel(ref, force=False)
            while not halted and len(self._flights) < self._most(ray):
                flight = self._next(tasks)
                if flight is None:
                    break
                record = self.plan.record_of(self.plan.pages_of(flight.task.units.start).start)
                deaths = {record: self._deaths.get(record, 0)} if flight.careful else None
                self._flights[make.remote([job], flight.task, deaths)] = flight
            if not self._flights:
                return
            for ref in _landed(ray, list(self._flights)):
                yield from self._take(ray, ref, halted=halted)

    def _most(self, ray: Any) -> int:  # noqa: ANN401 - as above
        """Return how many tasks to hand out; a cluster may grow."""
        if self.work.workers is not None:
            return self.work.workers
        if not self._room or time.monotonic() - self._looked > _LOOK_S:
            self._looked = time.monotonic()
            self._room = max(1, _PER_CPU * int(ray.cluster_resources().get("CPU", 1)))
        return self._room

    def _next(self, tasks: Iterator[Task]) -> _Flight | None:
        while self._again:
            flight = self._again.popleft()
            if self.plan.unit > 1 or self._deaths.get(self._record(flight.task.units.start), 0) < DEATHS:
                return flight
        task = next(tasks, None)
        return None if task is None else _Flight(task)

    def _take(self, ray: Any, ref: Any, *, halted: bool) -> Iterator[UnitResult]:  # noqa: ANN401 - as above
        flight = self._flights.pop(ref)
        try:
            results, deaths = _got(ray, ref)
        except ray.exceptions.TaskCancelledError:
            return
        except ray.exceptions.RayError as error:
            self.on_death(f"a worker of the cluster was lost at {_units(flight.task)}: {_words(error)}")
            if not halted:
                yield from self._lost(flight, error)
            return
        for words in deaths:
            self.on_death(words)
        for result in results:
            self._count(result)
            yield result

    def _count(self, result: UnitResult) -> None:
        for failure in result.failures:
            if failure.error in ("WorkerDied", "TimeoutError"):
                record = self.plan.record_of(failure.first)
                self._deaths[record] = DEATHS if failure.record else self._deaths.get(record, 0) + 1

    def _lost(self, flight: _Flight, error: Exception) -> Iterator[UnitResult]:
        """Hand out again what a worker took with it; what takes worker after worker with it fails."""
        flight.lost += 1
        if not flight.careful and flight.lost < _FAST:
            self._again.append(flight)
        elif not flight.careful:
            for unit in flight.task.units:
                task = replace(flight.task, units=range(unit, unit + 1))
                self._again.append(_Flight(task, careful=True))
        elif flight.lost < _CAREFUL:
            self._again.append(flight)
        else:
            unit = flight.task.units.start
            failure = failure_of(self.plan, self.plan.pages_of(unit), error)
            message = f"the worker ended: {_words(error)}"
            yield UnitResult(unit, failures=(replace(failure, error="WorkerDied", message=message),))

    def _record(self, unit: int) -> int:
        return self.plan.record_of(self.plan.pages_of(unit).start)


def make_task(
    job: list[Any], task: Task, deaths: dict[int, int] | None
) -> tuple[list[UnitResult], list[str]]:
    """Make units in a worker of the cluster; return what became of them, and words about dead processes.

    Parameters
    ----------
    job
        The job's reference, in a list: as it is, it would be read for every task.
    task
        The units.
    deaths
        Makes the units in a process of their own, as the local engine does; pages that were lost so far by
        their records.

    Raises
    ------
    OutputError
        If this machine has other versions than the plan says.
    """
    ray = _ray()
    worker = _workers.get(job[0].hex())
    if worker is None:
        _workers.clear()
        worker = _workers[job[0].hex()] = _Worker(ray.get(job[0]))
    stopping = threading.Event()

    def stop(*_: object) -> None:
        stopping.set()

    before = signal.signal(signal.SIGINT, stop)  # it is how Ray tells a task that it is not wanted any more
    try:
        if deaths is None:
            return worker.make(task, stopping), []
        return worker.make_apart(task, deaths, stopping)
    finally:
        signal.signal(signal.SIGINT, before)


class _Worker:
    """A worker of the cluster, between tasks."""

    def __init__(self, job: Job) -> None:
        from fastecg import __version__  # noqa: PLC0415 - the package imports this module

        self.job = job
        _check_versions({"fastecg": __version__, **versions()}, job.plan)
        limit_memory(self.memory_mb)
        import cv2  # noqa: PLC0415 - to keep it to one thread

        cv2.setNumThreads(1)
        self.maker = Maker(job.plan, job.place, job.writer, job.work.backend)
        self.folder: tempfile.TemporaryDirectory[str] | None = None
        self.due = float("inf")
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def memory_mb(self) -> int:
        return self.job.work.memory_mb or most_memory_mb()

    def make(self, task: Task, stopping: threading.Event) -> list[UnitResult]:
        self.maker.sources = task.sources
        results: list[UnitResult] = []
        try:
            for unit in task.units:
                watch = Watch(self._begin, stopping.is_set)
                results.append(self.maker.make(unit, task.skip, task.mend, watch))
                if self.job.plan.unit == 1 and any(failure.record for failure in results[-1].failures):
                    break  # the rest of the record
        except StoppedError:
            pass
        finally:
            self.due = float("inf")
        return results

    def make_apart(
        self, task: Task, deaths: dict[int, int], stopping: threading.Event
    ) -> tuple[list[UnitResult], list[str]]:
        if self.folder is None:
            self.folder = tempfile.TemporaryDirectory()
            (Path(self.folder.name) / STATE).mkdir()
            self.job.plan.save(Path(self.folder.name))
        job, died = self.job, list[str]()
        setup = Setup(Path(self.folder.name), "ray", job.work.backend, job.writer, self.memory_mb, job.place)
        pool = Pool(job.plan, setup, 1, job.work.timeout_s, died.append, _deaths=deaths)
        return list(pool.run(iter([task]), stopping.is_set)), died

    def _begin(self, page: int) -> None:
        del page
        self.due = time.monotonic() + self.job.work.timeout_s

    def _watch(self) -> None:
        """End this process if a page takes too long; the page is then made where that is said of it."""
        while time.monotonic() < self.due:
            time.sleep(_TICK_S)
        os._exit(70)


_workers: dict[str, _Worker] = {}
"""The last job of this process, if it is a worker of a cluster."""


def _check_versions(here: dict[str, str], plan: Plan) -> None:
    wanted = {"fastecg": plan.head["fastecg"], **plan.head["versions"]}
    for name, version in wanted.items():
        if here.get(name) != version:
            raise OutputError(
                f"a worker of the cluster has {name} {here.get(name) or '(none)'}",
                f"{version}, as where the run was started",
                "install the same versions on all its machines: others may make other bytes",
            )


@contextlib.contextmanager
def _connected(ray: Any, address: str | None) -> Iterator[None]:  # noqa: ANN401 - as above
    """Connect to a cluster, or start one of this machine alone, as long as the block runs."""
    if ray.is_initialized():  # by who calls us, who is to end it
        yield
        return
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    variables = dict(ONE_THREAD)
    options: dict[str, Any] = {"logging_level": logging.CRITICAL, "log_to_driver": False}
    if address == "local":
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        options["include_dashboard"] = False
    try:
        ray.init(address=address, runtime_env={"env_vars": variables}, namespace="fastecg", **options)
    except Exception as error:
        raise OutputError(
            f"there is no Ray cluster at {address} ({_words(error)})", "", "check --address and RAY_ADDRESS"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _landed(ray: Any, refs: list[Any]) -> list[Any]:  # noqa: ANN401 - as above
    """Return the tasks that have ended, after waiting a moment for one."""
    done, rest = ray.wait(refs, num_returns=1, timeout=_TICK_S)
    if done and rest:
        done += ray.wait(rest, num_returns=len(rest), timeout=0)[0]
    return list(done)


def _got(ray: Any, ref: Any) -> tuple[list[UnitResult], list[str]]:  # noqa: ANN401 - as above
    """Return what a task did; where it could not do anything, raise why."""
    try:
        results, deaths = ray.get(ref)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, FastECGError):
            raise error.cause from None
        raise OutputError(
            f"a worker of the cluster cannot go on ({_words(error.cause)})",
            "",
            "install the same version of fastecg on all its machines",
        ) from error
    except ray.exceptions.RuntimeEnvSetupError as error:
        raise OutputError(f"workers of the cluster cannot begin ({_words(error)})") from error
    return results, deaths


def _inlined(records: Records) -> Records:
    """Return a table of records that needs no file."""
    lines = records.lines if records.path is None else records.path.read_bytes()
    return Records(records.index, lines, None, records.digest)


def _units(task: Task) -> str:
    return f"unit {task.units.start}" + (f" to {task.units[-1]}" if len(task.units) > 1 else "")


def _words(error: object) -> str:
    """Return the first line of what an error says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _ray() -> Any:  # noqa: ANN401 - as above
    try:
        import ray  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise MissingExtraError("engine ray needs Ray", "", "python -m pip install 'fastecg[ray]'") from error
    return ray
