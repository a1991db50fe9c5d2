"""The backends that kernels are tested on: the same test bodies for all of them."""

from __future__ import annotations

import os
from typing import Any, Final, cast

import numpy as np
import pytest

from fastecg_kernels import Kernels, cpu
from fastecg_kernels.cuda import CudaKernels, open_cuda
from fastecg_kernels.cuda._host import HostDevice
from fastecg_kernels.errors import BackendError
from tests.cuda.sanitized import SWITCH

GPU: Final = pytest.param("cuda", marks=pytest.mark.gpu)
BACKENDS: Final = ("numba", "cuda-host", GPU)
"""``cuda-host`` runs the CUDA kernels on the CPU."""
IN_ANY_ORDER: Final = ("numba", "cuda-host", "cuda-reversed", GPU)
"""``cuda-reversed`` runs their threads last to first, which shows where they do not wait for each other."""
BATCHES: Final = ("cuda-host", "cuda-reversed", GPU)
"""Those that take batches of pages."""


class RoundTrip:
    """Lets kernels of a GPU change NumPy arrays in place, as the others do: copies them there and back."""

    def __init__(self, kernels: CudaKernels) -> None:
        self._kernels = kernels

    def __getattr__(self, name: str) -> Any:
        device, method = self._kernels.device, getattr(self._kernels, name)

        def call(*args: Any) -> Any:
            there = [device.send(arg, arg.dtype) if isinstance(arg, np.ndarray) else arg for arg in args]
            result = method(*there)
            for arg, moved in zip(args, there, strict=True):
                if isinstance(arg, np.ndarray) and arg.flags.writeable:
                    arg[...] = device.fetch(moved)
            return device.fetch(result) if hasattr(result, "get") else result

        return call


def load_kernels(name: str) -> Kernels:
    """Return the kernels of a backend; skip where it cannot run."""
    try:
        if name == "cuda":
            return cast(Kernels, RoundTrip(open_cuda()))
        if name.startswith("cuda-"):
            sanitize = os.environ.get(SWITCH, "0") == "1"
            return cast(Kernels, CudaKernels(HostDevice(reverse=name == "cuda-reversed", sanitize=sanitize)))
    except BackendError as error:
        if name.startswith("cuda-") and os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"{error}")
        pytest.skip(f"{error}")
    return cast(Kernels, cpu)


@pytest.fixture(scope="session", params=BACKENDS)
def kernels(request: pytest.FixtureRequest) -> Kernels:
    """Return one backend after the other, to be called with NumPy arrays."""
    return load_kernels(request.param)


@pytest.fixture(scope="session", params=IN_ANY_ORDER)
def any_order(request: pytest.FixtureRequest) -> Kernels:
    """Return one backend after the other, as ``kernels``; for the main comparisons with the reference."""
    return load_kernels(request.param)


@pytest.fixture(scope="session", params=BATCHES)
def batches(request: pytest.FixtureRequest) -> Kernels:
    """Return one backend after the other that takes a batch of pages, to be called with NumPy arrays."""
    return load_kernels(request.param)
