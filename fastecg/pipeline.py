"""Generator: records and specs to pages; keeps what consecutive pages share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastecg.drawing import Drawing, draw_page
from fastecg.errors import RecipeError
from fastecg.page import Page
from fastecg.recipe import RecipeLike, load_recipe
from fastecg.record import Record
from fastecg.spec import PageSpec
from fastecg.stages.plot import draw_ink, paint_paper
from fastecg.stages.text import Typesetter, print_onto
from fastecg.truth import Camera, Truth
from fastecg_kernels import load_backend

BACKENDS = ("auto", "cpu", "reference")
KEPT_PAPER_BYTES = 64 << 20
"""Memory for papers kept for the next pages; a 2200 x 1700 one is 11 MB."""


class Generator:
    """Renders pages by one recipe on one backend.

    It keeps papers, glyphs and scratch memory from page to page, so use one for many pages;
    use one per thread.

    Parameters
    ----------
    recipe
        Name of a built-in recipe, path of a YAML file, or a Recipe.
    backend
        ``auto`` or ``cpu`` (Numba), or ``reference`` (NumPy, slow and obvious).
    overrides
        Values by dotted name that replace the recipe's, such as ``{"page.dpi": 300}``.

    Raises
    ------
    RecipeError
        If the recipe or the backend is unknown, or a value is out of range.

    Examples
    --------
    >>> import fastecg
    >>> generator = Generator("clean", overrides={"page.dpi": 100})
    >>> [page.image.shape for page in generator.render([fastecg.builtin_record(0).record], seed=7)]
    [(850, 1100, 3)]
    """

    def __init__(
        self,
        recipe: RecipeLike = "clean",
        backend: str = "auto",
        overrides: dict[str, Any] | None = None,
    ) -> None:
        if backend not in BACKENDS:
            raise RecipeError(f"backend {backend!r} is not known", ", ".join(BACKENDS))
        self.recipe = load_recipe(recipe, overrides)
        self._kernels = load_backend("cpu" if backend == "auto" else backend)
        self._typesetter = Typesetter()
        self._papers: dict[str, NDArray[np.uint8]] = {}
        self._ink = np.zeros((0, 0), np.uint8)

    def windows(self, record: Record) -> int:
        """Return how many pages a record fills: whole windows, and a last one of at least half."""
        if self.recipe.windows == "first":
            return 1
        return max(1, int(record.duration_s / self.recipe.window_s + 0.5))

    def draw(
        self, record: Record, *, key: str | None = None, seed: int = 0, copy: int = 0, window: int = 0
    ) -> PageSpec:
        """Draw the values of one page; the record's name is its key unless another is given."""
        spec = self.recipe.draw(record.name if key is None else key, seed=seed, copy=copy, window=window)
        start = round(window * self.recipe.window_s * record.sampling_rate_hz)
        if not 0 <= start < record.samples:
            raise RecipeError(
                f"window {window} begins after the end of record {record.name!r}",
                f"0 to {self.windows(record) - 1}",
            )
        placed = spec.window.model_copy(update={"start_sample": start})
        return spec.model_copy(update={"window": placed})

    def render_spec(self, record: Record, spec: PageSpec) -> Page:
        """Render the page of a spec: the same record and spec give the same bytes."""
        drawing = draw_page(record, spec, self._typesetter.fonts)
        names = [trace.name for trace in drawing.traces if trace.name is not None]
        prints = tuple(self._typesetter.set_line(line) for line in (*names, *drawing.texts))
        image = self._paper(drawing, spec).copy()
        ink = self._take_layer(drawing)
        draw_ink(self._kernels, drawing, ink)
        for line in prints:
            print_onto(ink, line)
        self._kernels.composite(image, ink, np.array(spec.plot.ink, np.uint8), True)
        self._ink = ink
        return Page(image, Truth(record, spec, drawing, Camera(), prints))

    def render(self, records: Iterable[Record], *, seed: int = 0, copies: int = 1) -> Iterator[Page]:
        """Render the pages of records: every window, ``copies`` times, in order.

        Parameters
        ----------
        records
            The records; their names are their keys.
        seed
            Seed of the dataset.
        copies
            Pages per window, each drawn anew.
        """
        for record in records:
            for window in range(self.windows(record)):
                for copy in range(copies):
                    yield self.render_spec(record, self.draw(record, seed=seed, copy=copy, window=window))

    def _take_layer(self, drawing: Drawing) -> NDArray[np.uint8]:
        """Return an empty ink layer; compositing leaves it empty again.

        It is taken out, and put back only after that: an interrupted page leaves no ink behind.
        """
        ink, self._ink = self._ink, np.zeros((0, 0), np.uint8)
        shape = drawing.height, drawing.width
        return ink if ink.shape == shape else np.zeros(shape, np.uint8)

    def _paper(self, drawing: Drawing, spec: PageSpec) -> NDArray[np.uint8]:
        """Return the paper of a spec, painted anew only if the last few pages had none like it."""
        key = f"{spec.page!r}{spec.paper!r}{drawing.geometry.frame}"
        paper = self._papers.pop(key, None)
        if paper is None:
            paper = paint_paper(self._kernels, drawing, spec)
        self._papers[key] = paper
        while len(self._papers) > 1 and sum(p.nbytes for p in self._papers.values()) > KEPT_PAPER_BYTES:
            del self._papers[next(iter(self._papers))]
        return paper


def render(
    record: Record,
    recipe: RecipeLike = "clean",
    *,
    seed: int = 0,
    copy: int = 0,
    window: int = 0,
    **overrides: Any,  # noqa: ANN401 - any value of a recipe
) -> Page:
    """Render one page of a record.

    Parameters
    ----------
    record
        The record; a window of it is drawn.
    recipe
        Name of a built-in recipe, path of a YAML file, or a Recipe.
    seed, copy, window
        Which page: seed of the dataset, number of the copy, number of the window.
    **overrides
        Sections that replace or extend the recipe's: ``layout="6x2"``, ``page={"dpi": 300}``.

    Raises
    ------
    FastECGError
        If the recipe, a value or the window is not possible.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record, seed=7, layout="6x2")
    >>> page.image.shape, page.spec.layout.name
    ((1700, 2200, 3), '6x2')
    """
    generator = Generator(recipe, overrides=overrides)
    return generator.render_spec(record, generator.draw(record, seed=seed, copy=copy, window=window))
