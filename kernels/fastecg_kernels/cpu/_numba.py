"""The one doorway to Numba: the ``kernel`` decorator every CPU kernel is compiled with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

import numba
import numpy as np
from llvmlite import ir
from numba.core import config
from numba.extending import intrinsic
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")


@overload
def kernel(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def kernel(*, fastmath: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def kernel(
    function: Callable[P, R] | None = None, /, *, fastmath: bool = False
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a function of arrays and scalars to machine code at its first call.

    Kernels release the GIL and run on one thread: pages are what is spread over threads.
    Machine code is kept on disk between runs, where there is a place for it. Numba's own
    switches work: ``NUMBA_DISABLE_JIT=1`` runs the plain Python, ``NUMBA_BOUNDSCHECK=1``
    raises IndexError for an index out of range.

    Parameters
    ----------
    function
        The function, where the decorator is written without brackets.
    fastmath
        Allow sums to be reordered and assume that no value is NaN or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> @kernel
    ... def total(values):
    ...     result = 0
    ...     for value in values:
    ...         result += value
    ...     return result
    >>> int(total(np.arange(4)))
    6
    """

    def compile_lazily(body: Callable[P, R]) -> Callable[P, R]:
        # Cached code does not remember whether it checks bounds, so a checking run neither reads nor
        # leaves any.
        if not vars(config)["BOUNDSCHECK"]:  # set at import, so a type checker does not see it
            try:
                return _njit(body, fastmath=fastmath, cache=True)
            except RuntimeError:  # nowhere to write: neither the package's folder nor the user's cache
                pass
        return _njit(body, fastmath=fastmath, cache=False)

    return compile_lazily if function is None else compile_lazily(function)


def _njit(body: Callable[P, R], *, fastmath: bool, cache: bool) -> Callable[P, R]:
    compiled: Callable[P, R] = numba.njit(
        cache=cache, nogil=True, parallel=False, error_model="numpy", fastmath=fastmath
    )(body)
    return compiled


def load_eight_plainly(values: NDArray[np.uint8], offset: int) -> np.uint64:
    """Return eight bytes from ``offset`` on as one little-endian number; see ``load_eight``."""
    result = np.uint64(0)
    for k in range(8):
        result |= np.uint64(values[offset + k]) << np.uint64(8 * k)
    return result


@intrinsic
def _load_eight(_typing: Any, values: Any, offset: Any) -> Any:  # noqa: ANN401 - numba's own types
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        array = context.make_array(signature.args[0])(context, builder, args[0])
        start = builder.gep(array.data, [args[1]])
        return builder.load(builder.bitcast(start, ir.IntType(64).as_pointer()), align=1)

    return numba.uint64(values, offset), generate


_CHECKED = vars(config)["DISABLE_JIT"] or vars(config)["BOUNDSCHECK"]

load_eight: Any = kernel(load_eight_plainly) if _CHECKED else _load_eight
"""One unaligned load of eight bytes, to be called within kernels: ``load_eight(bytes, offset)``.

Indexing has no such load, and byte by byte it took four times as long. It checks no bounds, and only works
where numbers are little-endian, as on every machine that numba has wheels for.
"""
