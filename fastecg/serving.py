"""Serving pages one at a time: which page is which, who makes it, and with what Generator."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastecg.backends import check_backend
from fastecg.chance import stream
from fastecg.dataset.sources import Source, check_seed
from fastecg.errors import RecipeError
from fastecg.packed.store import PackedSource
from fastecg.page import Page
from fastecg.pipeline import Generator
from fastecg.recipe import RecipeLike, load_recipe
from fastecg.record import Record


@dataclass(frozen=True, slots=True)
class PageName:
    """Which page: the number of the source, the window of its record, and the copy."""

    source: int
    window: int
    copy: int


class PageMaker:
    """Renders pages of sources; threads and processes share one, and each has a Generator of its own.

    A Generator is made when a thread asks for its first page, so a maker is pickled in a few bytes.

    Parameters
    ----------
    recipe, backend, overrides
        As for :class:`fastecg.Generator`.
    seed
        Seed of the dataset.

    Raises
    ------
    RecipeError
        If the recipe or the backend is unknown, or the seed is not possible.
    """

    def __init__(
        self,
        recipe: RecipeLike = "clean",
        *,
        seed: int = 0,
        backend: str = "auto",
        overrides: dict[str, Any] | None = None,
    ) -> None:
        check_backend(backend)
        check_seed(seed)
        self.recipe = load_recipe(recipe, overrides)
        self.seed = seed
        self._backend = backend
        self._own = threading.local()

    @property
    def generator(self) -> Generator:
        """The Generator of this thread."""
        found: Generator | None = getattr(self._own, "generator", None)
        if found is None:
            found = self._own.generator = Generator(self.recipe, self._backend)
        return found

    def read(self, source: Source) -> Record:
        """Read a record, unless this thread has just done so for another page of it."""
        key, record = getattr(self._own, "record", (None, None))
        if record is None or key != source.key:
            record = source.read()
            self._own.record = source.key, record
        found: Record = record
        return found

    def make(self, record: Record, key: str, window: int, copy: int) -> Page:
        """Render one page of a record."""
        generator = self.generator
        spec = generator.draw(record, key=key, seed=self.seed, copy=copy, window=window)
        return generator.render_spec(record, spec)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_own"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _own=threading.local())


class PagePlan:
    """The pages of an epoch by number: every window of every record, some copies of each.

    Copies are counted on from epoch to epoch, so each epoch has pages of its own, and none comes twice.

    Parameters
    ----------
    windows
        Windows of each source; a number if all have as many.
    sources
        How many sources there are.
    copies
        Pages of each window in an epoch, 1 or more.

    Examples
    --------
    >>> plan = PagePlan([1, 2], 2, copies=2)
    >>> len(plan), plan.page(5), plan.page(5, epoch=1)
    (6, PageName(source=1, window=1, copy=1), PageName(source=1, window=1, copy=3))
    """

    def __init__(self, windows: Sequence[int] | int, sources: int, copies: int) -> None:
        if copies < 1:
            raise RecipeError(f"{copies} copies are asked for", "1 or more")
        self._copies = copies
        self._ends: NDArray[np.int64] | None = None
        if isinstance(windows, int):
            self._windows, self._count = windows, sources * windows
        else:
            self._ends = np.cumsum(windows, dtype=np.int64)
            self._windows, self._count = 0, int(self._ends[-1]) if len(self._ends) else 0

    def __len__(self) -> int:
        return self._count * self._copies

    def page(self, number: int, *, epoch: int = 0) -> PageName:
        """Return which page a number stands for in an epoch.

        Raises
        ------
        IndexError
            If there is no such number.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"page {number} of {len(self)}")
        place, copy = divmod(number, self._copies)
        copy += epoch * self._copies
        if self._ends is None:
            return PageName(*divmod(place, self._windows), copy)
        source = int(np.searchsorted(self._ends, place, "right"))
        return PageName(source, place - int(self._ends[source - 1] if source else 0), copy)

    def order(self, epoch: int, seed: int, *, shuffle: bool) -> Sequence[int] | NDArray[np.int64]:
        """Return the numbers of all pages in the order of an epoch, the same for everybody."""
        if not shuffle:
            return range(len(self))
        return stream(f"{seed}/order/{epoch}").permutation(len(self))


def count_windows(sources: Sequence[Source], maker: PageMaker, *, skip_bad: bool) -> Sequence[int] | int:
    """Return how many windows each source has, or one number if the recipe says so.

    A packed store tells without reading samples; records of other sources are read.

    Parameters
    ----------
    sources
        The sources.
    maker
        Its recipe says what a window is.
    skip_bad
        Count one window for a record that cannot be read, rather than raise.
    """
    if maker.recipe.windows == "first":
        return 1
    return [_windows_of(source, maker, skip_bad=skip_bad) for source in sources]


def _windows_of(source: Source, maker: PageMaker, *, skip_bad: bool) -> int:
    try:
        record = source.outline() if isinstance(source, PackedSource) else source.read()
    except Exception:
        if skip_bad:
            return 1
        raise
    return maker.generator.windows(record)
