"""What the CUDA kernels run on: a GPU through CuPy, or, for tests, the CPU through the host shim."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

FOLDER: Final = Path(__file__).parent
"""Where the .cu and .cuh files are."""

Array = Any
"""An array of a device: a ``cupy.ndarray`` on a GPU, a ``numpy.ndarray`` on the host."""


class Device(Protocol):
    """Runs kernels and keeps arrays."""

    @property
    def name(self) -> str:
        """Name of the GPU, for reports."""

    def launch(
        self, source: str, kernel: str, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]
    ) -> None:
        """Run a kernel of ``<source>.cu`` over a grid of blocks.

        Parameters
        ----------
        source
            Name of the file in ``FOLDER``, without its ending.
        kernel
            Name of an ``extern "C" __global__`` function in it.
        grid, block
            Blocks of the grid and threads of a block, along x, y and z.
        args
            What the kernel takes: C-contiguous arrays of the device, and scalars of NumPy, with exactly the
            types that the kernel declares.
        """

    def active(self) -> AbstractContextManager[Any]:
        """Return a context in which arrays of the device may be worked on."""

    def stream(self) -> AbstractContextManager[Any]:
        """Return a queue of launches and copies beside the others, to be entered any number of times."""

    def free(self) -> None:
        """Give back the memory of arrays that nobody holds any more."""

    def wait(self) -> None:
        """Wait until everything that was launched is done, on all streams."""

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return an array of the device, with anything in it.

        Raises
        ------
        MemoryError
            If the device has no room for it; so do ``send`` and ``launch``.
        """

    def send(self, values: ArrayLike | Array, dtype: DTypeLike) -> Array:
        """Return values as a C-contiguous array of the device; one that is there already stays as it is."""

    def fetch(self, array: Array) -> np.ndarray[Any, np.dtype[Any]]:
        """Return a copy of an array of the device in the memory of the host."""


def blocks(length: int, size: int) -> int:
    """Return how many blocks of a size cover a length.

    Examples
    --------
    >>> blocks(33, 16)
    3
    """
    return -(-length // size)


def fingerprint(*extra: str) -> str:
    """Return what all sources, and some words more, hash to: compiled code is kept under it.

    Examples
    --------
    >>> len(fingerprint("-O1"))
    16
    """
    state = hashlib.sha256("\0".join(extra).encode())
    for path in sorted((*FOLDER.glob("*.cu"), *FOLDER.glob("*.cuh"), *FOLDER.glob("host/*.h"))):
        state.update(path.name.encode())
        state.update(path.read_bytes())
    return state.hexdigest()[:16]
