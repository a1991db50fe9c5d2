"""The one doorway to CuPy: finds a GPU, keeps arrays on it and compiles the kernels for it.

CuPy hands each .cu file to NVRTC, once for every kind of GPU, and keeps the machine code in its own cache
on disk (``CUPY_CACHE_DIR``, else ``~/.cupy/kernel_cache``).
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from fastecg_kernels.cuda._device import FOLDER, Array, fingerprint
from fastecg_kernels.errors import BackendError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, DTypeLike

INSTALL: Final = (
    'install it with pip install "fastecg[gpu-cuda12]", or "fastecg[gpu-cuda13]" for a driver of CUDA 13'
)

OPTIONS: Final = ("--std=c++17", f"-I{FOLDER}", "-fmad=false")
"""For NVRTC. Without fused multiply-adds the GPU rounds as the host does, and the pages of both agree."""


OUT_OF_MEMORY: Final = 2
"""cudaErrorMemoryAllocation, and CUDA_ERROR_OUT_OF_MEMORY of the driver."""


class CupyDevice:
    """One GPU.

    Launches and copies go to CuPy's current stream: enter a ``cupy.cuda.Stream`` to choose another.

    Parameters
    ----------
    index
        Which GPU, from 0.

    Raises
    ------
    BackendError
        If CuPy is not installed, or finds no such GPU.
    """

    def __init__(self, index: int = 0) -> None:
        self._cupy = _open(index)
        self.index = index
        self._kernels: dict[tuple[str, str], Any] = {}
        self._modules: dict[str, Any] = {}

    @cached_property
    def name(self) -> str:
        """Name of the GPU, for reports."""
        found: bytes = self._cupy.cuda.runtime.getDeviceProperties(self.index)["name"]
        return found.decode()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Return a context in which CuPy works on this GPU; no memory is a MemoryError there."""
        try:
            with self._cupy.cuda.Device(self.index):
                yield
        except RuntimeError as error:  # of the runtime and of the driver alike
            if getattr(error, "status", None) == OUT_OF_MEMORY:
                raise MemoryError(str(error)) from error
            raise

    def stream(self) -> AbstractContextManager[Any]:
        """Return a queue of launches and copies beside the others; see ``Device``."""
        with self.active():
            stream: AbstractContextManager[Any] = self._cupy.cuda.Stream(non_blocking=True)
        return stream

    def free(self) -> None:
        """Give back the memory of arrays that nobody holds any more; see ``Device``."""
        with self.active():
            self._cupy.get_default_memory_pool().free_all_blocks()
            self._cupy.get_default_pinned_memory_pool().free_all_blocks()

    def wait(self) -> None:
        """Wait until everything that was launched is done, on all streams; see ``Device``."""
        with self.active():
            self._cupy.cuda.Device(self.index).synchronize()

    def launch(
        self, source: str, kernel: str, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]
    ) -> None:
        """Run a kernel over a grid of blocks; see ``Device``."""
        with self.active():
            if (source, kernel) not in self._kernels:
                self._kernels[source, kernel] = self._module(source).get_function(kernel)
            self._kernels[source, kernel](grid, block, args)

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return an array of the GPU, with anything in it; see ``Device``."""
        with self.active():
            return self._cupy.empty(shape, dtype)

    def send(self, values: ArrayLike | Array, dtype: DTypeLike) -> Array:
        """Return values as an array of the GPU; see ``Device``."""
        with self.active():
            return self._cupy.ascontiguousarray(self._cupy.asarray(values, dtype))

    def fetch(self, array: Array) -> np.ndarray[Any, np.dtype[Any]]:
        """Return a copy of an array of the GPU; see ``Device``."""
        with self.active():
            found: np.ndarray[Any, np.dtype[Any]] = self._cupy.asnumpy(array)
        return found

    def _module(self, source: str) -> Any:  # noqa: ANN401 - a class of CuPy
        if source not in self._modules:
            code = (FOLDER / f"{source}.cu").read_text(encoding="utf-8")
            # CuPy's cache looks at the code and the options, not at the files that the code includes.
            options = (*OPTIONS, f"-DFASTECG_SOURCES=0x{fingerprint()}")
            self._modules[source] = self._cupy.RawModule(code=code, options=options, backend="nvrtc")
        return self._modules[source]


def is_installed() -> bool:
    """Say whether CuPy is there to be imported."""
    return importlib.util.find_spec("cupy") is not None


def _open(index: int) -> Any:  # noqa: ANN401 - the module
    """Import CuPy and look for a GPU."""
    try:
        cupy = importlib.import_module("cupy")
    except ImportError as error:
        raise BackendError(f"the backend cuda needs CuPy ({error})", INSTALL) from error
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        given = f"CuPy finds no CUDA device ({error})"
        raise BackendError(given, "install NVIDIA's driver, or use the backend cpu") from error
    if not 0 <= index < count:
        given = f"there is no CUDA device {index}: the driver sees {count}"
        raise BackendError(given, "choose another, look at CUDA_VISIBLE_DEVICES, or use the backend cpu")
    return cupy
