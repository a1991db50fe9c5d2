"""Kept arrays: made once, the oldest let go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg.kept import Kept


def test_the_arrays_used_last_are_kept_within_the_bound() -> None:
    made: list[str] = []

    def make(name: str) -> NDArray[np.uint8]:
        made.append(name)
        return np.zeros(400, np.uint8)

    kept = Kept(1000)
    for name in "ababcac":
        kept.get(name, lambda name=name: make(name))  # type: ignore[misc]
    assert made == ["a", "b", "c", "a"]  # a and b fit; c pushes out a, and a pushes out b


def test_one_array_beyond_the_bound_is_kept_nevertheless() -> None:
    kept = Kept(10)
    big = kept.get("big", lambda: np.zeros(100))
    assert kept.get("big", lambda: np.ones(100)) is big
