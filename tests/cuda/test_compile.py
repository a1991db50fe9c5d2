"""The kernels compiled for real GPUs, without one: by NVRTC, as CuPy does it, and by nvcc.

A warning is an error, and no kernel may take more registers than let a multiprocessor (65,536 of them) hold
the blocks that keep it busy, nor lay registers off into memory.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from fastecg_kernels.cuda._cupy import OPTIONS
from fastecg_kernels.cuda._device import FOLDER
from fastecg_kernels.cuda._host import KERNEL

pytestmark = pytest.mark.nvcc

SOURCES: Final = sorted(path.stem for path in FOLDER.glob("*.cu"))
GPUS: Final = ("sm_75", "sm_80", "sm_90", "sm_100")
"""From Turing, the oldest that CUDA 13 knows, to Blackwell."""

REGISTERS: Final = 64
"""Of a thread: four blocks of 256 threads find room on a multiprocessor."""
MORE_REGISTERS: Final = {"polyline_coverage": 80, "stroke_coverage": 104, "camera": 72}
"""Kernels for which three or two blocks are enough: they compute more than they load, or load far ahead."""

USED: Final = re.compile(
    r"Compiling entry function '(\w+)'.*?(\d+) bytes spill stores, (\d+) bytes spill loads"
    r".*?Used (\d+) registers",
    re.DOTALL,
)


def with_nvrtc(code: str, gpu: str) -> str:
    """Compile for a GPU, and return what the compiler says."""
    nvrtc = pytest.importorskip(
        "cupy_backends.cuda.libs.nvrtc", reason="no NVRTC: install cupy-cuda12x or cupy-cuda13x"
    )
    try:
        program = nvrtc.createProgram(code, "kernels.cu", [], [])
    except RuntimeError as error:  # CuPy is there, the library is not
        pytest.skip(f"no NVRTC: {error}")
    try:
        nvrtc.compileProgram(program, [*OPTIONS, f"--gpu-architecture={gpu}", "--ptxas-options=-v"])
    except nvrtc.NVRTCError:
        pytest.fail(nvrtc.getProgramLog(program))
    log: str = nvrtc.getProgramLog(program)
    return log


def with_nvcc(code: str, gpu: str) -> str:
    """Compile for a GPU, and return what the compiler says."""
    nvcc = shutil.which("nvcc") or shutil.which("nvcc", path="/usr/local/cuda/bin")
    if nvcc is None:
        pytest.skip("no nvcc in the PATH nor in /usr/local/cuda/bin")
    options = [option if option.startswith(("--", "-I")) else f"-{option}" for option in OPTIONS]
    command = [nvcc, *options, f"-arch={gpu}", "-Werror", "all-warnings", "-cubin", "-Xptxas", "-v"]
    done = subprocess.run(
        [*command, "-x", "cu", "-", "-o", os.devnull], input=code, check=False, capture_output=True, text=True
    )
    if done.returncode:
        pytest.fail(done.stderr)
    return done.stderr


@pytest.fixture(params=[with_nvrtc, with_nvcc], ids=["nvrtc", "nvcc"])
def compiled(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    compiler: Callable[[str, str], str] = request.param
    return compiler


@pytest.mark.parametrize("gpu", GPUS)
@pytest.mark.parametrize("source", SOURCES)
def test_kernels_compile_within_their_budget(
    compiled: Callable[[str, str], str], source: str, gpu: str
) -> None:
    code = (FOLDER / f"{source}.cu").read_text(encoding="utf-8")
    log = compiled(code, gpu)
    assert "warning" not in log
    found = {name: (int(spilt) + int(again), int(used)) for name, spilt, again, used in USED.findall(log)}
    assert set(found) == set(KERNEL.findall(code))
    for name, (spilt, used) in found.items():
        assert spilt == 0, f"{name} lays {spilt} bytes of registers off"
        assert used <= MORE_REGISTERS.get(name, REGISTERS), f"{name} takes {used} registers"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('extern "C" __global__ void k(int* out) { int unused; *out = 1; }', "never referenced"),
        ('extern "C" __global__ void k(int* out) { *out = nonsense; }', 'identifier "nonsense" is undefined'),
    ],
)
def test_a_warning_or_an_error_fails(compiled: Callable[[str, str], str], code: str, message: str) -> None:
    try:
        log = compiled(code, "sm_90")
    except pytest.fail.Exception as failure:
        log = str(failure)
    assert message in log
    assert "warning" in log or "error" in log


def test_every_kernel_stands_in_a_source_that_the_tests_find() -> None:
    """A kernel declared in another way would be compiled, but neither run on the host nor measured here."""
    for path in (*FOLDER.glob("*.cu"), *FOLDER.glob("*.cuh")):
        code = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        assert code.count("__global__") == len(KERNEL.findall(code)), path.name
    assert all(Path(FOLDER, f"{source}.py").exists() for source in SOURCES)
