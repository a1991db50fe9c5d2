"""The host shim: it runs kernels as a GPU would, and sees the mistakes it is there for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastecg_kernels.cuda._host import HostDevice
from fastecg_kernels.errors import BackendError
from tests.cuda.sanitized import sanitized

TOYS = """
// Turn every 64 numbers round, through memory that the threads of a block share.
#define TURN(BARRIER)                                                               \\
    __shared__ int kept[64];                                                        \\
    const int k = threadIdx.y * blockDim.x + threadIdx.x, first = 64 * blockIdx.x;  \\
    kept[k] = values[first + k];                                                    \\
    BARRIER;                                                                        \\
    turned[first + k] = kept[63 - k];
extern "C" __global__ void turn(const int* values, int* turned) { TURN(__syncthreads()) }
extern "C" __global__ void turn_at_once(const int* values, int* turned) { TURN() }

extern "C" __global__ void last(int* winner) { *winner = threadIdx.x + 10 * blockIdx.x; }

extern "C" __global__ void leave_early() {
    if (threadIdx.x == 3) return;
    __syncthreads();
}

extern "C" __global__ void wait_apart() {
    if (threadIdx.x > 3)
        __syncthreads();
    else
        __syncthreads();
}

extern "C" __global__ void count(unsigned int* seen, int width, int height) {
    const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    const int z = blockIdx.z * blockDim.z + threadIdx.z;
    atomicAdd(&seen[(z * height + y) * width + x], 1u);
    atomicAdd(&seen[width * height * gridDim.z * blockDim.z], 1u);
}

extern "C" __global__ void __launch_bounds__(64) scale(float* out, const float* in, int n, float by) {
    if (threadIdx.x < n) out[threadIdx.x] = by * in[threadIdx.x];
}
"""
SCALE_LINE = TOYS[: TOYS.index("by * in[")].count("\n") + 1
FLOATS = np.ones(4, np.float32)
TURNED = np.arange(192).reshape(3, 64)[:, ::-1].ravel()


@pytest.fixture(scope="module")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toys")
    (folder / "toy.cu").write_text(TOYS, encoding="utf-8")
    return folder


@pytest.fixture(params=[False, True], ids=["forwards", "backwards"])
def device(toys: Path, request: pytest.FixtureRequest) -> HostDevice:
    return HostDevice(folder=toys, reverse=request.param)


def run_turn(device: HostDevice, kernel: str) -> np.ndarray[Any, Any]:
    values, result = np.arange(192, dtype=np.int32), np.zeros(192, np.int32)
    device.launch("toy", kernel, (3,), (16, 4), (values, result))
    return result


def test_threads_wait_for_each_other_at_a_barrier(device: HostDevice) -> None:
    assert run_turn(device, "turn").tolist() == TURNED.tolist()


def test_a_missing_barrier_shows(device: HostDevice) -> None:
    """In either order half of the threads read what nobody has written yet: rubbish, never a lucky zero."""
    wrong = run_turn(device, "turn_at_once") != TURNED
    assert wrong.reshape(3, 64).sum(axis=1).tolist() == [32, 32, 32]


def test_the_order_of_threads_and_blocks_can_be_turned(toys: Path) -> None:
    winner = np.zeros(1, np.int32)
    for reverse, expected in ((False, 24), (True, 0)):
        HostDevice(folder=toys, reverse=reverse).launch("toy", "last", (3,), (5,), (winner,))
        assert winner[0] == expected


@pytest.mark.parametrize(
    ("kernel", "complaint"), [("leave_early", "others have ended"), ("wait_apart", "two barriers")]
)
def test_threads_that_disagree_on_a_barrier_are_an_error(
    device: HostDevice, kernel: str, complaint: str
) -> None:
    with pytest.raises(RuntimeError, match=complaint):
        device.launch("toy", kernel, (2,), (8,), ())
    assert run_turn(device, "turn").tolist() == TURNED.tolist()


def test_atomics_and_three_axes_reach_every_thread_once(device: HostDevice) -> None:
    seen = np.zeros(8 * 6 * 4 + 1, np.uint32)
    device.launch("toy", "count", (2, 3, 2), (4, 2, 2), (seen, np.int32(8), np.int32(6)))
    assert (seen[:-1] == 1).all()
    assert seen[-1] == 8 * 6 * 4


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((FLOATS, FLOATS, np.int32(4)), "takes 4 arguments, not 3"),
        ((FLOATS, FLOATS.astype(float), np.int32(4), np.float32(2)), "points to f4, but the array"),
        ((FLOATS, FLOATS, np.int64(4), np.float32(2)), "has to be a NumPy scalar i4"),
        ((FLOATS, FLOATS, np.int32(4), 2.0), "has to be a NumPy scalar f4"),
        ((FLOATS[::2], FLOATS, np.int32(4), np.float32(2)), "C-contiguous"),
        ((np.broadcast_to(FLOATS, (1, 4)), FLOATS, np.int32(4), np.float32(2)), "read-only"),
    ],
)
def test_wrong_arguments_are_an_error(device: HostDevice, args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        device.launch("toy", "scale", (1,), (64,), args)


@pytest.mark.parametrize(
    ("grid", "block"), [((0,), (8,)), ((1, 70000), (8,)), ((1,), (33, 32)), ((1,), (1, 1, 65))]
)
def test_sizes_that_no_gpu_takes_are_an_error(
    device: HostDevice, grid: tuple[int, ...], block: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="is not possible"):
        device.launch("toy", "scale", grid, block, ())


def test_code_that_does_not_compile_says_where(tmp_path: Path) -> None:
    (tmp_path / "toy.cu").write_text('extern "C" __global__ void broken() { nonsense; }', encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"toy\.cu:1:\d+: error"):
        HostDevice(folder=tmp_path).launch("toy", "broken", (1,), (1,), ())


def test_no_compiler_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(BackendError, match=r"no g\+\+.*install it"):
        HostDevice()


OVERRUN = """
import sys
from pathlib import Path
import numpy as np
from fastecg_kernels.cuda._host import HostDevice
host = HostDevice(folder=Path(sys.argv[1]), sanitize=True)
out, values = np.zeros(60, np.float32), np.ones(60, np.float32)
for written in (60, 61):
    host.launch("toy", "scale", (1,), (64,), (out, values, np.int32(written), np.float32(2)))
    print("fine", written, flush=True)
"""


@pytest.mark.slow
def test_the_sanitizer_sees_a_write_past_the_end(toys: Path) -> None:
    done = sanitized("-c", OVERRUN, str(toys))
    assert done.stdout == "fine 60\n"
    assert "heap-buffer-overflow" in done.stderr
    assert f"toy.cu:{SCALE_LINE}" in done.stderr
