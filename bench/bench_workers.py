"""Datasets by workers: pages a second by how many, the cost of a page by how many there are, and memory.

Run as ``python -m bench.bench_workers`` (as part of ``pytest bench`` it makes a few pages only):
``--pages 400 --long 4000`` and ``--recipe photo`` are its options.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.formats.registry import make_writer
from fastecg.recipe import load_recipe

ROUNDS = 3
_RECORDS = 50
"""Records of a run; the copies of each make the number of pages."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run took: seconds from its first page to its last, all seconds, and workers' memory in MB."""

    steady_s: float
    whole_s: float
    pages: int
    early_mb: float
    late_mb: float

    @property
    def rate(self) -> float:
        """Pages a second once all workers were at work."""
        return self.pages / self.steady_s


def taken(recipe: str, image: str, pages: int, workers: int, dpi: int | None = None) -> Taken:
    """Make a dataset in a folder for the time, and return what it took."""
    loaded = load_recipe(recipe, {} if dpi is None else {"page.dpi": dpi})
    times: list[float] = []
    memory: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            memory.append(_workers_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder:
            records = min(_RECORDS, pages)
            files = make_writer("files", image=image)
            run = Run(Path(folder), loaded, copies=pages // records, limit=records, files=files)
            generate(None, run, Work(workers=workers), on_event=lambda _: times.append(time.monotonic()))
    finally:
        done.set()
        watcher.join()
    first, last = min(len(times) // 4, 2 * workers + 2), len(times) - workers - 2
    whole = time.monotonic() - started
    quarter = max(1, len(memory) // 4)
    early, late = memory[quarter : 2 * quarter] or [0.0], memory[-quarter:-1] or [0.0]
    mb = statistics.median(early), statistics.median(late)
    return Taken(times[last] - times[first], whole, last - first, *mb)


def _workers_mb() -> float:
    """Return the memory of this process's children, where Linux tells."""
    total = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        except (OSError, ValueError):
            continue
        if int(lines["PPid"]) == _own_pid() and "VmRSS" in lines:
            total += int(lines["VmRSS"].split()[0]) * 1024 / 1e6
    return total


def _own_pid() -> int:
    return int(Path("/proc/self").resolve().name)


def main(words: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="photo")
    parser.add_argument("--format", default="jpeg")
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--long", type=int, default=0)
    parser.add_argument("--dpi", type=int)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(words)
    ratios = []
    for _ in range(given.rounds):  # by turns, so that what else the machine does falls on both
        one, two = (taken(given.recipe, given.format, given.pages, n, given.dpi) for n in (1, 2))
        ratios.append(two.rate / one.rate)
        print(f"1 worker {one.rate:.2f} pages/s, 2 workers {two.rate:.2f}, {ratios[-1]:.2f} x")  # noqa: T201
    print(f"median {statistics.median(ratios):.2f} x ({min(ratios):.2f} to {max(ratios):.2f})")  # noqa: T201
    if given.long:
        long = taken(given.recipe, given.format, given.long, 2, given.dpi)
        growth = 100 * (long.late_mb / long.early_mb - 1)
        print(  # noqa: T201
            f"{given.long} pages: {long.rate:.2f} pages/s, a page takes {two.rate / long.rate:.3f} of one of "
            f"{given.pages}; workers {long.early_mb:.0f} MB, then {long.late_mb:.0f} ({growth:+.1f} %)"
        )


@pytest.mark.parametrize("workers", [1, 2])
def test_rate(workers: int) -> None:
    """A few small pages, to see that the figures can be taken."""
    assert taken("clean", "jpeg", 24, workers, dpi=60).rate > 0


if __name__ == "__main__":
    main()
