"""Backends by name: what renders pages, and what there is on this machine."""

from __future__ import annotations

from typing import Final

from fastecg.errors import DeviceError, MissingExtraError, RecipeError
from fastecg_kernels import Kernels, load_backend
from fastecg_kernels.cuda import CudaKernels, has_cupy, open_cuda
from fastecg_kernels.errors import BackendError

BACKENDS: Final = ("auto", "cpu", "cuda", "reference")


def check_backend(name: str) -> None:
    """Raise what is wrong with the name of a backend.

    Raises
    ------
    RecipeError
        If there is no such backend.

    Examples
    --------
    >>> check_backend("cpu")
    """
    if name not in BACKENDS:
        raise RecipeError(f"backend {name!r} is not known", ", ".join(BACKENDS))


def host_kernels(name: str) -> Kernels:
    """Return the kernels on the CPU that a backend works with; those of ``cuda`` make its flat pages.

    Examples
    --------
    >>> host_kernels("auto").__name__
    'fastecg_kernels.cpu'
    """
    return load_backend("reference" if name == "reference" else "cpu")


def gpu_kernels(name: str) -> CudaKernels | None:
    """Return the kernels on the GPU that a backend asks for; None if it asks for none.

    Parameters
    ----------
    name
        One of ``BACKENDS``; for ``auto`` there are some if there is a GPU, and CuPy to use it.

    Raises
    ------
    MissingExtraError
        If ``cuda`` is asked for without CuPy; the message has the pip line.
    DeviceError
        If ``cuda`` is asked for without a GPU, or without its driver.

    Examples
    --------
    >>> gpu_kernels("cpu") is None
    True
    """
    if name not in ("auto", "cuda") or (name == "auto" and not has_cupy()):
        return None
    try:
        return open_cuda()
    except BackendError as error:
        if name == "auto":
            return None
        missing = isinstance(error.__cause__, ImportError)
        raise (MissingExtraError if missing else DeviceError)(error.given, action=error.action) from error
