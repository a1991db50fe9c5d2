"""Every kernel and every stage has a benchmark with its plain reference, which the gate watches."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench.kernel_cases import CASES as KERNEL_CASES
from fastecg_kernels import Kernels, reference

ROOT: Final = Path(__file__).parents[2]


def without_benchmark(names: Iterable[str], cases: Iterable[str]) -> list[str]:
    """Return what is not timed, and what is timed but is not there any more."""
    return sorted(set(names) ^ set(cases))


def kernels() -> set[str]:
    """Return the names of all kernels, those that backends share and those that are imported alone."""
    return {name for name in vars(Kernels) if not name.startswith("_")} | set(reference.__all__)


def test_every_kernel_is_timed() -> None:
    assert not without_benchmark(kernels(), KERNEL_CASES)


def test_a_new_kernel_without_a_benchmark_is_found() -> None:
    assert without_benchmark({*kernels(), "new_kernel"}, KERNEL_CASES) == ["new_kernel"]
