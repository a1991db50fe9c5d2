"""Pages on two threads beside one: fastecg.pages, by turns in one run.

Both iterators are warm: what a Generator makes once, such as an atlas of wrinkles, it has made. The clock
starts when those pages are taken that were ready, and while the other is timed nothing is left to render
ahead.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any, Final

import pytest

import fastecg
from bench.ratios import Ratio
from fastecg.streaming import AHEAD
from fastecg.synthesis import builtin_records

RECIPES: Final = ("clean", "printed", "photo")
PAGES: Final = 16
ROUNDS: Final = 7


def seconds(stream: Iterator[fastecg.Page], ready: int) -> float:
    """Return how long some pages take, after those that are ready; then wait for what was begun."""
    for _ in range(ready):
        next(stream)
    start = time.perf_counter()
    for _ in range(PAGES):
        next(stream)
    taken = time.perf_counter() - start
    time.sleep(2 * ready * taken / PAGES)
    return taken


def two_over_one(recipe: str) -> Ratio:
    """Time a recipe on one thread and on two."""
    records = list(builtin_records(8))
    overrides: dict[str, Any] = {"page": {"dpi": 200}}
    one, two = (fastecg.pages(cycle(records), recipe, workers=workers, **overrides) for workers in (1, 2))
    ready = 2 * AHEAD
    found = [seconds(one, 0) / seconds(two, ready) for _ in range(ROUNDS + 1)][1:]
    two.close()  # type: ignore[attr-defined]
    return Ratio(f"{recipe}, one thread", statistics.median(found), min(found), max(found))


def test_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    """Print the time of one thread over that of two, iterator and all."""
    found = [two_over_one(recipe) for recipe in RECIPES]
    assert all(ratio.low > 0 for ratio in found)
    with capsys.disabled():
        print("\n\nTimes of the same pages on two threads:", *found, sep="\n")  # noqa: T201 - the result of the run
