"""A worker: a process of its own that makes units, told by its input and telling on its output.

Messages are pickles with their length in front. A worker ends when its input does, so none
outlives the run that started it, in whatever way that ended.
"""

from __future__ import annotations

import os
import pickle
import queue
import struct
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from fastecg.dataset.place import Folder, Place
from fastecg.dataset.plan import load_plan
from fastecg.dataset.sources import Source
from fastecg.dataset.unit import Failure, Maker, StoppedError, Watch
from fastecg.formats.writer import Writer

ONE_THREAD: Final[Mapping[str, str]] = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "OPENCV_FOR_THREADS_NUM",
    ),
    "1",
)
"""What keeps a worker to one thread; to be set before it starts."""

_LENGTH: Final = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is told first; the place is the output's folder unless given."""

    output: Path
    scratch: str
    backend: str
    writer: Writer
    memory_mb: int
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Units to make, one after another."""

    units: range
    skip: Mapping[int, Failure] = field(default_factory=dict)
    mend: tuple[int, ...] = ()
    sources: Mapping[int, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has begun."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A worker has begun a page."""

    page: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A worker has ended its task, or given it up."""


@dataclass(frozen=True, slots=True)
class Halt:
    """A worker is to do no more than the page that it is at."""


def send(stream: IO[bytes], message: object) -> None:
    """Write a message."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:  # noqa: ANN401 - any message
    """Read a message.

    Raises
    ------
    EOFError
        If the other side has ended.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)


@dataclass(slots=True)
class _Worker:
    """The worker's side of the conversation."""

    inbox: IO[bytes]
    outbox: IO[bytes]
    tasks: queue.SimpleQueue[Task] = field(default_factory=queue.SimpleQueue)
    halted: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Take messages until there are no more; then nobody waits for this process."""
        while True:
            try:
                message = receive(self.inbox)
            except (EOFError, OSError):
                os._exit(0)
            except Exception:  # noqa: BLE001 - a source that cannot be unpickled: nothing can be done then
                traceback.print_exc()
                os._exit(1)
            if isinstance(message, Halt):
                self.halted.set()
            else:
                self.tasks.put(message)

    def work(self, setup: Setup) -> None:
        """Do tasks for ever."""
        plan = load_plan(setup.output)
        if plan is None:
            raise FileNotFoundError(f"no plan in {setup.output}")
        place = setup.place or Folder(setup.output, setup.scratch)
        maker = Maker(plan, place, setup.writer, setup.backend)
        watch = Watch(lambda page: send(self.outbox, Begun(page)), self.halted.is_set)
        threading.Thread(target=self.listen, daemon=True).start()
        send(self.outbox, Ready())
        while True:
            task = self.tasks.get()
            maker.sources = task.sources
            for unit in task.units:
                try:
                    result = maker.make(unit, task.skip, task.mend, watch)
                except StoppedError:
                    break
                send(self.outbox, result)
                if any(failure.record for failure in result.failures) and plan.unit == 1:
                    break  # the rest of the record
            send(self.outbox, Ended())


def most_memory_mb() -> int:
    """Return four fifths of this machine's memory, MB: what a worker may take unless told."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 1 << 30
    return max(2048, whole * 4 // 5 >> 20)


def limit_memory(megabytes: int) -> None:
    """Refuse this process more memory than that, where the system can."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - not on every system

    limit = megabytes << 20
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def main() -> None:
    """Serve the process that started this one."""
    inbox = os.fdopen(os.dup(0), "rb")
    outbox = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints or asks does not disturb the conversation
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    setup: Setup = receive(inbox)
    limit_memory(setup.memory_mb)
    import cv2  # noqa: PLC0415 - to keep it to one thread

    cv2.setNumThreads(1)
    _Worker(inbox, outbox).work(setup)
