"""Each kernel beside its NumPy reference, on a small page; what the gate watches."""

from __future__ import annotations

import time
from functools import partial

import pytest

from bench.gate import Beside, Job
from bench.kernel_cases import CASES, READ_ONLY
from fastecg_kernels import cpu, reference

pytestmark = pytest.mark.benchmark(group="each kernel", timer=time.thread_time)


def caller(module: object, name: str) -> Job:
    """Return a call of a kernel, which gets what it changes as it was, each time."""
    kernel, (first, *others) = getattr(module, name), CASES[name]()
    if name in READ_ONLY:
        return partial(kernel, first, *others)
    return lambda: kernel(first.copy(), *others)


@pytest.mark.parametrize("name", sorted(CASES))
def test_kernel(beside: Beside, name: str) -> None:
    """Numba beside NumPy."""
    beside(caller(cpu, name), caller(reference, name))
