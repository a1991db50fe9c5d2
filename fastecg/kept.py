"""Kept: arrays that the next pages may need again, within a bound of memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray


class Kept:
    """Keeps the arrays that were asked for last, as many as fit into a number of bytes.

    Parameters
    ----------
    limit_bytes
        How much is kept; the newest array is, whatever its size.

    Examples
    --------
    >>> import numpy as np
    >>> kept = Kept(1000)
    >>> kept.get("a", lambda: np.zeros(4)) is kept.get("a", lambda: np.ones(4))
    True
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._arrays: dict[str, NDArray[Any]] = {}

    def get(self, key: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """Return the array of a key, made anew only if it is not among those kept."""
        array = self._arrays.pop(key, None)
        if array is None:
            array = make()
        self._arrays[key] = array
        while len(self._arrays) > 1 and sum(kept.nbytes for kept in self._arrays.values()) > self._limit:
            del self._arrays[next(iter(self._arrays))]
        return array
