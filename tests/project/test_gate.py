"""The gate of the benchmarks: it fails on a planted slowdown, through pytest and pytest-benchmark themselves.

The benchmark is made up, and so is its clock, which goes on only when work is done: what comes out is known.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]

CLOCK: Final = """
time_s = 0.0

def now():
    return time_s

def work(seconds):
    global time_s
    time_s += seconds
"""

BENCHMARKS: Final = """
from itertools import count
import pytest
import made_up_clock as clock

calls = count()

@pytest.mark.parametrize(("job", "plain"), {pairs})
def test_job(beside, job, plain):
    beside(lambda: clock.work(job), lambda: clock.work(plain))

def test_hiccup(beside):
    beside(lambda: clock.work(0.02 if next(calls) < {hiccup} else 0.01), lambda: clock.work(0.03))
"""

JOBS: Final = ("as before", "a little slower", "faster", "planted slowdown", "slow machine")
BEFORE: Final = dict.fromkeys(JOBS, (0.01, 0.03))
AFTER: Final = {
    "as before": (0.01, 0.03),
    "a little slower": (0.0112, 0.03),
    "faster": (0.004, 0.03),
    "planted slowdown": (0.0125, 0.03),
    "slow machine": (0.04, 0.12),
}


def bench(
    folder: Path, seconds: dict[str, tuple[float, float]], *options: str, hiccup: int = 0
) -> tuple[int, str]:
    """Run the benchmarks in a process of their own; return pytest's exit code and what it printed."""
    (folder / "made_up_clock.py").write_text(CLOCK, encoding="utf-8")
    pairs = ", ".join(f"pytest.param({job}, {plain}, id={name!r})" for name, (job, plain) in seconds.items())
    source = BENCHMARKS.format(pairs=f"[{pairs}]", hiccup=hiccup)
    (folder / "test_made_up.py").write_text(source, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "pytest_benchmark.plugin",
        "-p",
        "bench.gate",
        "--rootdir=.",
    ]
    command += ["--benchmark-timer=made_up_clock.now", "--baseline=ratios.json", *options, "test_made_up.py"]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env = alone | {
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT), str(ROOT / "kernels")]),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # the others cost a second
    }
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def ratios(folder: Path) -> dict[str, float]:
    found: dict[str, Any] = json.loads((folder / "ratios.json").read_text(encoding="utf-8"))
    return {name: float(ratio) for name, ratio in found["ratios"].items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a baseline: each job three times as fast as its reference; saved seconds too."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "ratios.json").write_text('{"ratios": {"test_other.py::test_other": 5.0}}', encoding="utf-8")
    code, said = bench(folder, BEFORE, "--renew-baseline", "--benchmark-autosave")
    assert code == 0, said
    return folder


@pytest.fixture(scope="module")
def later(folder: Path) -> str:
    """Return what a run says that is compared with the baseline, the first sitting of one job disturbed."""
    code, said = bench(folder, AFTER, "--benchmark-compare=0001", hiccup=15)
    assert code == 1
    return said


def test_renewing_writes_the_ratios_and_keeps_those_not_taken(folder: Path) -> None:
    jobs = [*(f"test_job[{name}]" for name in JOBS), "test_hiccup"]
    taken = dict.fromkeys((f"test_made_up.py::{job}" for job in jobs), 3.0)
    assert ratios(folder) == taken | {"test_other.py::test_other": 5.0}


def test_a_planted_slowdown_fails_and_nothing_else(later: str) -> None:
    """Not the job that lost 11 %, nor the one on a machine that is four times as slow at everything."""
    assert "2.4 times as fast as its reference, once 3: 20% lost, and 15% may be" in later
    failed = [line for line in later.splitlines() if line.startswith("FAILED")]
    assert [line.split(" - ")[0] for line in failed] == ["FAILED test_made_up.py::test_job[planted slowdown]"]


@pytest.mark.parametrize(
    ("job", "change"),
    [
        ("job[a little slower]", "-11%"),
        ("job[faster]", "+150%"),
        ("job[slow machine]", "+0%"),
        ("hiccup", "+0%"),
    ],
)
def test_changes_are_told(later: str, job: str, change: str) -> None:
    (line,) = (line for line in later.splitlines() if f" x {change:>6}  test_made_up.py::test_{job}" in line)
    assert float(line.split()[0]) == pytest.approx(3 * (1 + float(change[:-1]) / 100), rel=0.01)


def test_pytest_benchmark_saves_seconds_and_ratios_and_compares(folder: Path, later: str) -> None:
    (saved,) = (folder / ".benchmarks").rglob("*.json")
    for job in json.loads(saved.read_text(encoding="utf-8"))["benchmarks"]:
        assert job["extra_info"]["ratio"] == pytest.approx(3)
        assert job["stats"]["median"] == pytest.approx(0.01)
    assert "(0001_" in later


def test_a_machine_without_a_baseline_says_so(tmp_path: Path) -> None:
    code, said = bench(tmp_path, {"new": (0.01, 0.03)})
    assert code == 0, said
    assert "nothing was compared: there is no baseline ratios.json" in said
