"""Every kernel and every stage has a benchmark with its plain reference, which the gate watches."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench import image_cases, print_cases, stage_cases, user_cases
from bench.cases import JOBS, STAGES
from bench.kernel_cases import CASES as KERNEL_CASES
from fastecg_kernels import Kernels, reference

ROOT: Final = Path(__file__).parents[2]
REGISTERED: Final = (image_cases, print_cases, stage_cases, user_cases)


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


def test_every_stage_is_timed() -> None:
    """That a pair enters the module of its stage, the benchmark itself sees to."""
    modules = {path.stem for path in (ROOT / "fastecg" / "stages").glob("*.py")} - {"__init__"}
    assert not without_benchmark(modules, STAGES)
    assert without_benchmark({*modules, "new_stage"}, STAGES) == ["new_stage"]


def test_what_users_do_is_timed() -> None:
    assert {"page", "photo", "png", "jpeg", "read_record", "read_packed", "pen", "bank", "digitize"} <= set(
        JOBS
    )


def test_a_pair_is_of_two_jobs() -> None:
    for make in (STAGES["temperature"], STAGES["nib"]):
        ours, plain = make()
        ours()
        plain()
