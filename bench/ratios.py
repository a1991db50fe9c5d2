"""Ratios of times taken by turns, so that what else the machine does falls on both sides."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Job = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A job's time over a yardstick's: the median of the rounds, the lowest and the highest."""

    name: str
    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"  {self.median:6.2f} x ({self.low:.2f} to {self.high:.2f})  {self.name}"


def seconds(job: Job, times: int = 1, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return how long a job takes by a clock: the median of so many times."""
    taken = []
    for _ in range(times):
        start = clock()
        job()
        taken.append(clock() - start)
    return statistics.median(taken)


def ratios(jobs: Mapping[str, Job], yardstick: Job, rounds: int = 9) -> list[Ratio]:
    """Time each job right before the yardstick, round by round, after one call of each."""
    for job in (*jobs.values(), yardstick):
        job()
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            found[name].append(seconds(job) / seconds(yardstick))
    return [Ratio(name, statistics.median(each), min(each), max(each)) for name, each in found.items()]


def at_once(*jobs: Job) -> None:
    """Do jobs at the same time, each on a thread of its own."""
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
