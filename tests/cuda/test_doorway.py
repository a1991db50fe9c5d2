"""The doorway to CuPy: what it says where it cannot open, and what it asks of CuPy where it can."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fastecg_kernels.cuda import CudaKernels, open_cuda
from fastecg_kernels.cuda._cupy import CupyDevice
from fastecg_kernels.errors import BackendError


class DriverError(RuntimeError):
    """Stands for CuPy's error of the same use."""


class Pretended:
    """As much of CuPy as the doorway asks for, with NumPy's arrays; it notes what it was asked."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.modules: list[dict[str, Any]] = []
        self.launches: list[tuple[str, tuple[int, ...], tuple[int, ...], int]] = []
        runtime = SimpleNamespace(getDeviceCount=self.devices, CUDARuntimeError=DriverError)
        self.cuda = SimpleNamespace(runtime=runtime, Device=self.device)
        self.empty, self.asarray, self.ascontiguousarray = np.empty, np.asarray, np.ascontiguousarray
        self.asnumpy = np.array

    def devices(self) -> int:
        if self.count < 0:
            raise DriverError("no driver")
        return self.count

    @contextmanager
    def device(self, index: int) -> Iterator[None]:
        assert 0 <= index < self.count
        yield

    def RawModule(self, **options: Any) -> Any:  # noqa: N802 - CuPy's name
        self.modules.append(options)

        def get_function(name: str) -> Any:
            return lambda grid, block, args: self.launches.append((name, grid, block, len(args)))

        return SimpleNamespace(get_function=get_function)


def pretend(monkeypatch: pytest.MonkeyPatch, count: int) -> Pretended:
    cupy = Pretended(count)
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    return cupy


def test_without_cupy_the_message_has_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)  # as if it were not installed
    with pytest.raises(BackendError) as caught:
        open_cuda()
    for extra in ("gpu-cuda12", "gpu-cuda13"):
        assert f'"fastecg[{extra}]"' in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (BackendError, str(caught.value))


@pytest.mark.parametrize(
    ("count", "index", "message"),
    [
        (-1, 0, "no CUDA device .no driver.; install NVIDIA's driver"),
        (2, 2, "CUDA device 2: the driver sees 2"),
    ],
)
def test_without_a_gpu_the_message_says_so(
    monkeypatch: pytest.MonkeyPatch, count: int, index: int, message: str
) -> None:
    pretend(monkeypatch, count)
    with pytest.raises(BackendError, match=message):
        open_cuda(index)


def test_a_source_is_compiled_once_and_launched_often(monkeypatch: pytest.MonkeyPatch) -> None:
    cupy = pretend(monkeypatch, 1)
    kernels = CudaKernels(CupyDevice())
    image, coverage = np.zeros((2, 5, 7, 3), np.uint8), np.zeros((2, 5, 7), np.uint8)
    for _ in range(2):
        kernels.composite(image, coverage, (1, 2, 3), False)
        kernels.absorb(image, coverage, (1, 2, 3), False)
    assert len(cupy.modules) == 1
    assert 'extern "C" __global__' in cupy.modules[0]["code"]
    assert any(option.startswith("-I") for option in cupy.modules[0]["options"])
    assert cupy.launches == 2 * [("composite", (1,), (256,), 7), ("absorb", (1,), (256,), 7)]


def test_what_is_sent_and_fetched_keeps_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, 1)
    device = CupyDevice()
    there = device.send([[1, 2], [3, 4]], np.float32)
    assert (there.dtype, there.tolist()) == (np.float32, [[1, 2], [3, 4]])
    assert device.send(there, np.float32) is there
    assert device.fetch(there).tolist() == there.tolist()
    assert device.empty((3, 2), np.uint8).shape == (3, 2)
