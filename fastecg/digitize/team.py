"""Processes that digitize pages: each kept busy by a thread, and replaced where it dies or hangs."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from fastecg.dataset.worker import ONE_THREAD, receive, send
from fastecg.digitize.jobs import Job
from fastecg.errors import FastECGError, OutputError

if TYPE_CHECKING:
    from fastecg.digitize.batch import Way

TRIES: Final = 2
"""Times that a page is tried whose process ends: the machine may have been short of memory."""
TICK_S: Final = 0.2


class _Process:
    """A process that digitizes one page after another."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._inner = subprocess.Popen(
            [sys.executable, "-c", "from fastecg.digitize.batch import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for the run
        )
        self.late = False
        try:
            self._say(way)
            receive(self._inner.stdout)  # type: ignore[arg-type] # it is a pipe
        except (EOFError, OSError):
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip()[-500:]
            self.close()
            raise OutputError(f"a worker cannot be started ({said})", "", "try --workers 0") from None

    def ask(self, job: Job) -> Any:  # noqa: ANN401 - a report or an error
        """Return what it answers; None where it ends instead."""
        clock = threading.Timer(self._way.timeout_s, self._too_late)
        clock.start()
        try:
            self._say(job)
            return receive(self._inner.stdout)  # type: ignore[arg-type] # it is a pipe
        except (EOFError, OSError):
            return None
        finally:
            clock.cancel()

    def _say(self, message: object) -> None:
        send(self._inner.stdin, message)  # type: ignore[arg-type] # it is a pipe

    def _too_late(self) -> None:
        self.late = True
        self._inner.kill()

    def kill(self) -> None:
        """End it in the middle of its page."""
        self._inner.kill()

    def close(self) -> str:
        """Let it end; return how it did."""
        for pipe in (self._inner.stdin, self._inner.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        try:
            code = self._inner.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._inner.kill()
            code = self._inner.wait()
        self._errors.close()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


class Team:
    """Threads that each keep a process busy.

    Parameters
    ----------
    jobs
        Pages to digitize.
    way
        How.
    size
        How many processes.
    """

    def __init__(self, jobs: Sequence[Job], way: Way, size: int) -> None:
        self._way = way
        self._size = size
        self._todo: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            self._todo.put(job)
        self._done: queue.SimpleQueue[tuple[Job, dict[str, Any]] | BaseException | None] = queue.SimpleQueue()
        self._halted = threading.Event()
        self._busy: set[_Process] = set()

    def run(self, stopping: Callable[[], bool]) -> Iterator[tuple[Job, dict[str, Any]]]:
        """Yield pages with their reports as they come, until all are done or no other is to be begun.

        Raises
        ------
        OutputError
            If processes cannot be started, or nothing can be written.
        """
        threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(self._size)]
        for thread in threads:
            thread.start()
        left = len(threads)
        try:
            while left:
                if stopping():
                    self._halted.set()
                with contextlib.suppress(queue.Empty):
                    found = self._done.get(timeout=TICK_S)
                    if found is None:
                        left -= 1
                    elif isinstance(found, BaseException):
                        raise found
                    else:
                        yield found
        finally:
            self._halted.set()
            for process in list(self._busy):
                process.kill()
            for thread in threads:
                thread.join(timeout=10)

    def _serve(self) -> None:
        """Have pages done, one after another, until there are none."""
        process: _Process | None = None
        try:
            while not self._halted.is_set():
                process = self._do(self._todo.get_nowait(), process)
        except queue.Empty:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where the pages are waited for
            self._done.put(error)
        finally:
            if process is not None:
                process.close()
            self._done.put(None)

    def _do(self, job: Job, process: _Process | None) -> _Process | None:
        """Have a page done; return the process if it still lives."""
        reason = ""
        for _ in range(TRIES):
            process = process or _Process(self._way)
            self._busy.add(process)
            answer = process.ask(job)
            self._busy.discard(process)
            if isinstance(answer, FastECGError):
                process.close()
                raise answer
            if answer is not None:
                self._done.put((job, answer))
                return process
            late, reason = process.late, f"the process that read it ended: {process.close()}"
            process = None
            if self._halted.is_set():
                return None
            if late:
                reason = f"it takes more than {self._way.timeout_s:g} s"
                break
        self._done.put((job, {**job.source(), "error": reason}))
        return None
