"""A gate for ratios: how many times a job is as fast as its plain reference, told beside what it once was.

A pytest plugin beside pytest-benchmark. A benchmark asks for the fixture ``beside`` and hands it a job and
its reference. Both are called once outside the clock, then timed by turns, round by round; the ratio is the
median over the rounds of the reference's time over the job's. The job's seconds go to pytest-benchmark as
ever, and the ratio with them (``extra_info``), so ``--benchmark-autosave`` keeps it and
``--benchmark-compare`` still works.

``--renew-baseline`` writes the ratios of a run to this machine's file in ``bench/baselines``. Every other run
compares: a ratio more than 15 % below its baseline is taken again, twice, and fails if the best of the
three is still below. A machine without a file compares nothing, and says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

Job = Callable[[], object]

DROP: Final = 0.15
"""How much of its ratio a job may lose."""

SITTINGS: Final = 3
"""How often a ratio is taken that seems to have dropped, and each one that becomes a baseline."""

ROUND_S: Final = 0.002
"""A round calls a job as often as fills this time."""

ROUNDS: Final = (5, 31)
"""Fewest and most rounds of a sitting."""

SITTING_S: Final = 0.5
"""Time for a sitting, but for its fewest rounds."""

BASELINES: Final = Path(__file__).parent / "baselines"


def machine() -> str:
    """Return the name of this machine's baseline: processor, number of CPUs, version of Python."""
    from fastecg.benchmark import processor

    words = f"{processor()} {os.cpu_count()} cpus python {'.'.join(platform.python_version_tuple()[:2])}"
    return re.sub(r"[^a-z0-9.]+", "-", words.lower()).strip("-")


@dataclass(slots=True)
class Gate:
    """The ratios of a run, and those of the machine's baseline."""

    path: Path
    renew: bool
    baseline: dict[str, float]
    found: dict[str, float] = field(default_factory=dict)

    def floor(self, name: str) -> float:
        """Return the least that a ratio may be; 0 where there is no baseline."""
        return 0.0 if self.renew else (1 - DROP) * self.baseline.get(name, 0.0)

    def store(self) -> None:
        """Write the ratios of the run into the baseline; those of jobs that were not run stay."""
        ratios = {name: float(f"{ratio:.4g}") for name, ratio in self.found.items()}
        text = json.dumps({"ratios": dict(sorted({**self.baseline, **ratios}.items()))}, indent=1)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(text + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Turns:
    """How a job and its reference are timed by turns: by what clock, and calls of each in a round."""

    job: Job
    plain: Job
    timer: Callable[[], float]
    calls: tuple[int, int]
    rounds: int

    @classmethod
    def of(cls, job: Job, plain: Job, timer: Callable[[], float]) -> Turns:
        """Call both until each has filled a round, which also warms them up."""
        calls, seconds = [], 0.0
        for one in (job, plain):
            one()
            count, taken = 1, _seconds(one, 1, timer)
            while taken < ROUND_S:
                count *= 2
                taken = _seconds(one, count, timer)
            calls.append(count)
            seconds += taken
        fewest, most = ROUNDS
        return cls(job, plain, timer, (calls[0], calls[1]), min(max(fewest, int(SITTING_S / seconds)), most))

    def plain_s(self) -> float:
        """Return the seconds that a call of the reference takes now."""
        return _seconds(self.plain, self.calls[1], self.timer) / self.calls[1]

    def sit(self) -> list[float]:
        """Return the ratio of each round."""
        count = self.calls[0]
        return [self.plain_s() * count / _seconds(self.job, count, self.timer) for _ in range(self.rounds)]


class Beside:
    """Times a job by turns with its plain reference, and compares their ratio with the baseline."""

    def __init__(self, benchmark: BenchmarkFixture, gate: Gate) -> None:
        self._benchmark: Any = benchmark  # its pedantic is not typed
        self._gate = gate

    def __call__(self, job: Job, plain: Job) -> None:
        """Fail if the job has become slower beside its reference than the gate lets pass."""
        if self._benchmark.disabled:
            self._benchmark.pedantic(job)
            plain()
            return
        name = re.sub(r"^.*/", "", self._benchmark.fullname)
        turns = Turns.of(job, plain, self._benchmark._timer)
        ratio = self._first(turns)
        if self._gate.renew:
            others = [statistics.median(turns.sit()) for _ in range(SITTINGS - 1)]
            ratio = statistics.median([ratio, *others])
        floor = self._gate.floor(name)
        for _ in range(SITTINGS - 1):
            if ratio >= floor:
                break
            ratio = max(ratio, statistics.median(turns.sit()))
        self._gate.found[name] = self._benchmark.extra_info["ratio"] = ratio
        if ratio < floor:
            before = self._gate.baseline[name]
            pytest.fail(
                f"{ratio:.3g} times as fast as its reference, once {before:.3g}: "
                f"{1 - ratio / before:.0%} lost, and {DROP:.0%} may be",
                pytrace=False,
            )

    def _first(self, turns: Turns) -> float:
        """Take the first sitting through pytest-benchmark, which keeps the job's seconds."""
        plain: list[float] = []
        self._benchmark.pedantic(
            turns.job,
            rounds=turns.rounds,
            iterations=turns.calls[0],
            teardown=lambda: plain.append(turns.plain_s()),
        )
        ours: list[float] = self._benchmark.stats.stats.data
        ratios = [theirs / one for theirs, one in zip(plain, ours, strict=False)]
        self._benchmark.extra_info["ratio of each round, lowest and highest"] = [min(ratios), max(ratios)]
        return statistics.median(ratios)


def _seconds(job: Job, count: int, timer: Callable[[], float]) -> float:
    start = timer()
    for _ in range(count):
        job()
    return timer() - start


GATE: Final = pytest.StashKey[Gate]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the gate."""
    group = parser.getgroup("ratios")
    group.addoption(
        "--baseline", type=Path, help="File of the ratios to compare with (default: the machine's)."
    )
    group.addoption("--renew-baseline", action="store_true", help="Write the ratios of this run into it.")


def keep_freed_memory() -> None:
    """Let malloc keep what it is given back, where that can be set.

    glibc maps large blocks anew until some have been freed: NumPy's temporaries then cost twice the time in
    the first benchmarks of a process, and a ratio would depend on which were run before.
    """
    trim_threshold, mmap_threshold, largest = -1, -3, 32 << 20  # malloc.h; a larger one is refused
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        mallopt(mmap_threshold, largest)
        mallopt(trim_threshold, 2**31 - 1)


def pytest_configure(config: pytest.Config) -> None:
    """Read the baseline."""
    keep_freed_memory()
    path = config.getoption("--baseline", None) or BASELINES / f"{machine()}.json"
    baseline: dict[str, float] = {}
    with contextlib.suppress(FileNotFoundError):
        baseline = json.loads(path.read_text(encoding="utf-8"))["ratios"]
    config.stash[GATE] = Gate(path, bool(config.getoption("--renew-baseline", False)), baseline)


@pytest.fixture
def beside(benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> Beside:
    """Time a job beside its plain reference: ``beside(job, plain)``."""
    return Beside(benchmark, request.config.stash[GATE])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the ratios beside those of the baseline, and write them where that was asked for."""
    gate = config.stash[GATE]
    if not gate.found:
        return
    write = terminalreporter.write_line
    terminalreporter.section("times as fast as the plain reference")
    for name, ratio in gate.found.items():
        before = gate.baseline.get(name)
        change = "new" if before is None else f"{ratio / before - 1:+.0%}"
        write(f"{ratio:10.3g} x {change:>6}  {name}")
    if gate.renew:
        gate.store()
        write(f"{len(gate.found)} ratios are now the baseline {gate.path.name}")
    elif not gate.baseline:
        write(f"nothing was compared: there is no baseline {gate.path.name}; --renew-baseline writes it")
