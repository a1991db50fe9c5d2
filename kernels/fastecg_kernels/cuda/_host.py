"""Runs the unchanged .cu files on the CPU, for tests on machines without a GPU.

A C++ compiler builds them with ``host/cuda_host.h``, which says what a run here shows and what it cannot.
Beside that, every launch is checked: the number and the types of the arguments, arrays that a kernel
changes though they are read-only, and sizes that no GPU allows.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import tempfile
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fastecg_kernels.cuda._device import FOLDER, Array, fingerprint
from fastecg_kernels.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, DTypeLike

FLAGS: Final = (
    *("-std=c++17", "-O2", "-g1", "-fPIC", "-shared"),
    *("-ffp-contract=off", "-fno-strict-aliasing"),
    *("-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas", "-Wno-sign-compare"),
)
SANITIZERS: Final = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
KERNEL: Final = re.compile(r'extern "C" __global__ void(?: __launch_bounds__\([^)]*\))?\s+(\w+)\(')
MOST_THREADS: Final = 1024
MOST_BLOCKS: Final = (2**31 - 1, 65535, 65535)


class HostDevice:
    """The CPU, as if it were a GPU; its arrays are NumPy's.

    Parameters
    ----------
    reverse
        Run blocks, and the threads of a block, last to first: a missing barrier shows in one order or both.
    sanitize
        Build with the address and the undefined-behaviour sanitizer; the process has to run with
        ``libasan`` preloaded.
    folder
        Where the .cu files are.

    Raises
    ------
    BackendError
        If there is no C++ compiler.
    """

    name = "the host"

    def __init__(self, *, reverse: bool = False, sanitize: bool = False, folder: Path = FOLDER) -> None:
        compiler = os.environ.get("CXX") or shutil.which("g++")
        if compiler is None or os.name != "posix":
            raise BackendError("there is no g++ to build the CUDA kernels with", "install it, or set CXX")
        self._compiler = compiler
        self._flags = (*FLAGS, *(SANITIZERS if sanitize else ()))
        self._reverse = reverse
        self._folder = folder
        self._libraries: dict[str, ctypes.CDLL] = {}
        self._lock = threading.Lock()  # the shim has one grid, kept in static variables

    def launch(
        self, source: str, kernel: str, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]
    ) -> None:
        """Run a kernel over a grid of blocks; see ``Device``."""
        shape = _shape(kernel, grid, block)
        with self._lock:
            library = self._library(source)
            signature = getattr(library, f"host_signature_{kernel}")
            signature.restype = ctypes.c_char_p
            cells = _cells(kernel, signature().decode().split(), args)
            addresses = (ctypes.c_void_p * len(cells))(*(ctypes.addressof(cell) for cell in cells))
            run = getattr(library, f"host_launch_{kernel}")
            run.restype = ctypes.c_char_p
            complaint = run((ctypes.c_uint * 6)(*shape), addresses, ctypes.c_int(self._reverse))
        if complaint:
            raise RuntimeError(f"{kernel}: {complaint.decode()}")

    def active(self) -> AbstractContextManager[Any]:
        """Return a context that does nothing; see ``Device``."""
        return nullcontext()

    def stream(self) -> AbstractContextManager[Any]:
        """Return a context that does nothing; see ``Device``."""
        return nullcontext()

    def free(self) -> None:
        """Do nothing: NumPy gives memory back by itself; see ``Device``."""

    def wait(self) -> None:
        """Do nothing: a launch is over when it returns; see ``Device``."""

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return an array filled with rubbish, as a GPU may have it; see ``Device``."""
        array = np.empty(shape, dtype)
        array.reshape(-1).view(np.uint8)[:] = 0xA5
        return array

    def send(self, values: ArrayLike | Array, dtype: DTypeLike) -> Array:
        """Return values as a C-contiguous array; see ``Device``."""
        return np.ascontiguousarray(values, dtype)

    def fetch(self, array: Array) -> np.ndarray[Any, np.dtype[Any]]:
        """Return a copy of an array; see ``Device``."""
        return np.array(array)

    def _library(self, source: str) -> ctypes.CDLL:
        if source not in self._libraries:
            self._libraries[source] = ctypes.CDLL(str(self._build(source)))
        return self._libraries[source]

    def _build(self, source: str) -> Path:
        """Return the compiled form of a file, kept under the hash of all that it is made of."""
        path = self._folder / f"{source}.cu"
        kernels = KERNEL.findall(path.read_text(encoding="utf-8"))
        unit = [f'#include "{FOLDER / "host" / "cuda_host.h"}"', f'#include "{path}"']
        unit += [f"HOST_KERNEL({name})" for name in kernels]
        state = fingerprint(self._compiler, *self._flags, path.read_text(encoding="utf-8"))
        built = _cache() / f"{source}-{state}.so"
        if not built.exists():
            with tempfile.TemporaryDirectory(dir=built.parent) as folder:
                code, fresh = Path(folder, f"{source}.cpp"), Path(folder, built.name)
                code.write_text("\n".join(unit) + "\n", encoding="utf-8")
                command = [self._compiler, *self._flags, f"-I{self._folder}", str(code), "-o", str(fresh)]
                done = subprocess.run(command, check=False, capture_output=True, text=True)
                if done.returncode:
                    raise RuntimeError(f"{source}.cu does not compile:\n{done.stderr}")
                fresh.replace(built)  # in one step, as other processes build the same
        return built


def _cache() -> Path:
    """Return a folder of temporary files that nobody else can write to."""
    folder = Path(tempfile.gettempdir(), f"fastecg-cuda-host-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise BackendError(f"{folder} belongs to somebody else", "set TMPDIR to a folder of your own")
    return folder


def _shape(kernel: str, grid: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, ...]:
    """Return the six sizes of a launch, if a GPU would take them."""
    sizes = (*grid, 1, 1)[:3]
    threads = (*block, 1, 1)[:3]
    if not all(1 <= size <= most for size, most in zip(sizes, MOST_BLOCKS, strict=True)):
        raise ValueError(f"{kernel}: a grid of {grid} blocks is not possible")
    if min(threads) < 1 or int(np.prod(threads)) > MOST_THREADS or threads[2] > 64:
        raise ValueError(f"{kernel}: a block of {block} threads is not possible")
    return (*sizes, *threads)


def _cells(kernel: str, kinds: Sequence[str], args: tuple[Any, ...]) -> list[Any]:
    """Return the C values of a kernel's arguments, if they are what the kernel declares."""
    if len(kinds) != len(args):
        raise TypeError(f"{kernel} takes {len(kinds)} arguments, not {len(args)}")
    cells: list[Any] = []
    for nth, (kind, value) in enumerate(zip(kinds, args, strict=True)):
        where = f"argument {nth} of {kernel}"
        if kind[0] in "*&":
            if not isinstance(value, np.ndarray) or not value.flags.c_contiguous:
                raise TypeError(f"{where} has to be a C-contiguous array, not {type(value).__name__}")
            if kind[0] == "*" and not value.flags.writeable:
                raise TypeError(f"{where} is changed by the kernel, but it is read-only")
            if kind[1] != "V" and kind[1:] != _kind(value.dtype):
                raise TypeError(f"{where} points to {kind[1:]}, but the array holds {value.dtype}")
            cells.append(ctypes.c_void_p(value.ctypes.data))
        else:
            if not isinstance(value, np.generic) or _kind(value.dtype) != kind:
                raise TypeError(f"{where} has to be a NumPy scalar {kind}, not {value!r}")
            code: Any = value.dtype.str
            cells.append(np.ctypeslib.as_ctypes_type(code)(value.item()))
    return cells


def _kind(dtype: np.dtype[Any]) -> str:
    """Return a type as the shim names it; a bool of C is an unsigned number."""
    return dtype.str[1:].replace("b", "u")
