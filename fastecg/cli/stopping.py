"""Ctrl-C and SIGTERM: what is begun is ended first."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

_SIGNALS: Final = {signal.SIGINT: 130, signal.SIGTERM: 143}
"""What stops a run, and the exit code then: 128 and the number of the signal, as shells have it."""


@dataclass(slots=True)
class Signals:
    """Turns the first Ctrl-C or SIGTERM into a wish to stop; the second one stops at once."""

    stop: threading.Event = field(default_factory=threading.Event)
    code: int = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        del frame
        if self.stop.is_set():
            raise KeyboardInterrupt
        self.code = _SIGNALS[signal.Signals(number)]
        self.stop.set()

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Take signals as long as the block runs, where that is possible."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
