"""pages: an iterator over rendered pages, on one thread or several, always in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from fastecg.errors import RecipeError
from fastecg.page import Page
from fastecg.recipe import RecipeLike
from fastecg.record import Record
from fastecg.serving import PageMaker
from fastecg.sourcing import RecordsLike, iter_sources

AHEAD: Final = 2
"""Pages rendered or waiting for each thread: enough that none idles, few enough to hold in memory."""

OnError = Callable[[str, Exception], None]
_Job = Callable[[], Page]


def pages(
    records: RecordsLike = None,
    recipe: RecipeLike = "clean",
    *,
    seed: int = 0,
    copies: int | None = None,
    workers: int = 1,
    on_error: OnError | None = None,
    **overrides: Any,  # noqa: ANN401 - any value of a recipe
) -> Iterator[Page]:
    """Render pages as they are asked for: every window of every record, ``copies`` times, in order.

    Nothing is rendered before the first page is asked for. More workers than one render ahead, two pages
    each. Closing the iterator, or breaking off, ends them after the pages that they are at.

    Parameters
    ----------
    records
        A folder, a ``RECORDS`` file, a record or a packed store by its path; records or sources; None
        for the built-in records.
    recipe
        Name of a built-in recipe, path of a YAML file, or a Recipe.
    seed
        Seed of the dataset.
    copies
        Pages per window, each drawn anew; as many as the recipe says unless given.
    workers
        Threads that render, 1 or more. Kernels do not hold the interpreter's lock.
    on_error
        Called with the key of a record and the error if it cannot be read or drawn; the others go on.
        Without it the error is raised.
    **overrides
        Sections that replace or extend the recipe's: ``layout="6x2"``, ``page={"dpi": 300}``.

    Raises
    ------
    FastECGError
        If the recipe, a value or the source is not possible, or a record is bad and there is no ``on_error``.

    Examples
    --------
    >>> import fastecg
    >>> [page.truth.record.name for page in fastecg.pages(fastecg.builtin_records(2), page={"dpi": 50})]
    ['synthetic-0000', 'synthetic-0001']
    """
    maker = PageMaker(recipe, seed=seed, overrides=overrides)
    wanted = maker.recipe.copies if copies is None else copies
    if wanted < 1:
        raise RecipeError(f"{wanted} copies are asked for", "1 or more")
    if workers < 1:
        raise RecipeError(f"{workers} workers are asked for", "1 or more")
    jobs = _jobs(records, maker, wanted)
    return _one_by_one(jobs, on_error) if workers == 1 else _ahead(jobs, on_error, workers)


def _jobs(records: RecordsLike, maker: PageMaker, copies: int) -> Iterator[tuple[str, _Job]]:
    """Yield key and job of each page; a record that cannot be read is one job, which says so."""
    for source in iter_sources(records, seed=maker.seed):
        try:
            record = source.read()
            windows = maker.generator.windows(record)
        except Exception as error:  # noqa: BLE001 - whatever a file holds must not stop the others
            yield source.key, partial(_fail, error)
            continue
        yield from _pages_of(record, source.key, windows, copies, maker)


def _pages_of(
    record: Record, key: str, windows: int, copies: int, maker: PageMaker
) -> Iterator[tuple[str, _Job]]:
    for window in range(windows):
        for copy in range(copies):
            yield key, partial(maker.make, record, key, window, copy)


def _fail(error: Exception) -> Page:
    raise error


def _one_by_one(jobs: Iterator[tuple[str, _Job]], on_error: OnError | None) -> Iterator[Page]:
    for key, job in jobs:
        page = _done(key, job, on_error)
        if page is not None:
            yield page


def _ahead(jobs: Iterator[tuple[str, _Job]], on_error: OnError | None, workers: int) -> Iterator[Page]:
    pool = ThreadPoolExecutor(workers, "fastecg-page")
    waiting: deque[tuple[str, Future[Page]]] = deque()
    try:
        for key, job in jobs:
            waiting.append((key, pool.submit(job)))
            if len(waiting) == AHEAD * workers:
                yield from _next(waiting, on_error)
        while waiting:
            yield from _next(waiting, on_error)
    finally:
        pool.shutdown(cancel_futures=True)


def _next(waiting: deque[tuple[str, Future[Page]]], on_error: OnError | None) -> Iterator[Page]:
    key, future = waiting.popleft()
    page = _done(key, future.result, on_error)
    if page is not None:
        yield page


def _done(key: str, result: _Job, on_error: OnError | None) -> Page | None:
    """Return a page, or None where it failed and somebody was told."""
    try:
        return result()
    except Exception as error:
        if on_error is None:
            raise
        on_error(key, error)
        return None
