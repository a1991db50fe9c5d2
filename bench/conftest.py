"""One thread, a warm-up call before the clock starts, and a line that says which machine was timed."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import version
from typing import ParamSpec, TypeVar

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

pytest_plugins = ("bench.gate",)

P = ParamSpec("P")
R = TypeVar("R")

THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def pytest_configure() -> None:
    """Set what numpy and numba read once, when they are first imported."""
    os.environ.update(dict.fromkeys(THREAD_COUNTS, "1"))


def pytest_report_header() -> str:
    """Name the machine and what was timed on it."""
    packages = ("numpy", "numba", "opencv-python-headless", "isal")
    from fastecg.benchmark import processor

    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return f"bench: {processor()}, {os.cpu_count()} CPUs, one thread used; {versions}"


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Keep OpenCV to one thread."""
    import cv2

    cv2.setNumThreads(1)


class Measure:
    """Times a function after one call outside the clock, which compiles kernels and fills caches."""

    def __init__(self, benchmark: BenchmarkFixture) -> None:
        self._benchmark = benchmark

    def __call__(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what the function returned, so that a benchmark can check it."""
        function(*args, **kwargs)
        result: R = self._benchmark(function, *args, **kwargs)
        return result

    def per_second(self, unit: str, count: float) -> None:
        """Note how many pages, pixels or samples per second the last median amounts to."""
        if self._benchmark.stats is not None:  # None with --benchmark-disable
            self._benchmark.extra_info[f"{unit}/s"] = count / self._benchmark.stats.stats.median


@pytest.fixture
def measure(benchmark: BenchmarkFixture) -> Measure:
    """Time a function: ``result = measure(function, *args)``."""
    return Measure(benchmark)
