"""Records that bring down whoever reads them; workers import this file by its name."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from fastecg.record import Record
from fastecg.synthesis import builtin_record


@dataclass(frozen=True)
class Faulty:
    """The first built-in record, or what ``fault`` says instead."""

    key: str
    fault: str = ""
    marks: Path | None = None

    def read(self) -> Record:
        # not where the run counts windows, which is in the process of the test
        if self.fault and "FASTECG_TEST" in os.environ and int(os.environ["FASTECG_TEST"]) != os.getpid():
            if self.marks is not None:
                (self.marks / f"{self.key.replace('/', '_')}-{time.monotonic_ns()}").touch()
            getattr(self, f"_{self.fault}")()
        return builtin_record(0).record

    def _segfault(self) -> None:
        ctypes.string_at(0)

    def _loop(self) -> None:
        while True:
            pass

    def _memory(self) -> None:
        held = []
        while True:
            held.append(bytearray(64 << 20))

    def _exit(self) -> None:
        os._exit(3)

    def _chatter(self) -> None:
        os.write(1, b"printed by a library, not by us\n")
        sys.stdout.write("this too")

    def _threads(self) -> None:
        import cv2
        import orjson

        from fastecg.dataset.worker import ONE_THREAD

        said = {
            "opencv": cv2.getNumThreads(),
            "environment": [os.environ[name] for name in ONE_THREAD],
        }
        assert self.marks is not None
        (self.marks / "threads.json").write_bytes(orjson.dumps(said))
