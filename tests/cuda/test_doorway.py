"""The doorway to CuPy: what it says where it cannot open, and what it asks of CuPy where it can."""

from __future__ import annotations

import pickle
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fastecg_kernels.cuda import CudaKernels, open_cuda
from fastecg_kernels.cuda._cupy import CupyDevice
from fastecg_kernels.errors import BackendError


class DriverError(RuntimeError):
    """Stands for CuPy's error of the same use."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class PretendedGpu:
    """Stands for CuPy's device: it notes when it is waited for."""

    def __init__(self, waits: list[int], index: int) -> None:
        self.waits, self.index = waits, index

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...

    def synchronize(self) -> None:
        self.waits.append(self.index)


class Pretended:
    """As much of CuPy as the doorway asks for, with NumPy's arrays; it notes what it was asked."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.modules: list[dict[str, Any]] = []
        self.launches: list[tuple[str, tuple[int, ...], tuple[int, ...], int]] = []
        runtime = SimpleNamespace(getDeviceCount=self.devices, CUDARuntimeError=DriverError)
        self.waits: list[int] = []
        self.freed: list[int] = []
        self.cuda = SimpleNamespace(runtime=runtime, Device=self.device, Stream=self.stream)
        self.get_default_memory_pool = self.get_default_pinned_memory_pool = self.pool
        self.empty, self.asarray, self.ascontiguousarray = np.empty, np.asarray, np.ascontiguousarray
        self.asnumpy = np.array

    def devices(self) -> int:
        if self.count < 0:
            raise DriverError("no driver")
        return self.count

    def device(self, index: int) -> PretendedGpu:
        assert 0 <= index < self.count
        return PretendedGpu(self.waits, index)

    def stream(self, non_blocking: bool) -> Any:
        assert non_blocking
        return object()

    def pool(self) -> Any:
        return SimpleNamespace(free_all_blocks=lambda: self.freed.append(1))

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


@pytest.mark.parametrize(("status", "kind"), [(2, MemoryError), (700, DriverError)])
def test_no_memory_is_a_memory_error_whoever_says_so(
    monkeypatch: pytest.MonkeyPatch, status: int, kind: type[Exception]
) -> None:
    """2 is said by the runtime and the driver alike, 700 is an illegal address."""
    pretend(monkeypatch, 1)
    with pytest.raises(kind, match="it went wrong"), CupyDevice().active():
        raise DriverError("it went wrong", status)


def test_memory_is_freed_and_streams_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    cupy = pretend(monkeypatch, 2)
    device = CupyDevice(1)
    device.free()
    device.wait()
    assert (cupy.freed, cupy.waits) == ([1, 1], [1])
    assert device.stream() is not device.stream()
