"""Generator: records and specs to pages; keeps what consecutive pages share."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.backends import check_backend, host_kernels
from fastecg.camera import Camera
from fastecg.darkroom import Darkroom, Gpu, Negative
from fastecg.drawing import draw_page
from fastecg.errors import RecipeError
from fastecg.layers import NEUTRAL as NEUTRAL_SHADE
from fastecg.layers import Relief
from fastecg.masks import Masks
from fastecg.page import Page
from fastecg.press import Press
from fastecg.recipe import RecipeLike, load_recipe
from fastecg.record import Record
from fastecg.spec import PageSpec
from fastecg.stages.creases import Creases
from fastecg.stages.damage import Damage
from fastecg.stages.handwriting import Handwriting
from fastecg.stages.handwriting_notes import plan_writing
from fastecg.stages.imaging import Imaging, process, take
from fastecg.stages.light import light_map
from fastecg.stages.wrinkles import Wrinkles
from fastecg.studio import Studio
from fastecg.truth import Truth

NEUTRAL: Final = {
    "handwriting": Handwriting(),
    "wrinkles": Wrinkles(),
    "creases": Creases(),
    "damage": Damage(),
    "imaging": Imaging(),
}
"""Everything off that changes a page but not where things are on it."""

WRITTEN_AHEAD: Final = 8
"""Pages whose fresh words are written side by side: enough of them to fill the network's lanes."""


@dataclass(frozen=True, eq=False, slots=True)
class _Printed:
    """A page that lies before the camera: the flat page, its relief, and the truth."""

    paper: NDArray[np.uint8]
    relief: Relief | None
    truth: Truth

    @property
    def camera(self) -> Camera:
        return self.truth.camera


class Generator:
    """Renders pages by one recipe on one backend.

    It keeps papers, glyphs and scratch memory from page to page, so use one for many pages.
    Threads may share one, but then render by turns: for speed, give each its own.

    Parameters
    ----------
    recipe
        Name of a built-in recipe, path of a YAML file, or a Recipe.
    backend
        ``cpu`` (Numba), ``cuda`` (a GPU takes the pictures), ``auto`` (``cuda`` if there is a GPU and CuPy,
        else ``cpu``), or ``reference`` (NumPy, slow and obvious).
    overrides
        Values by dotted name that replace the recipe's, such as ``{"page.dpi": 300}``.

    Raises
    ------
    RecipeError
        If the recipe or the backend is unknown, or a value is out of range.
    MissingExtraError, DeviceError
        If the backend is ``cuda``, and CuPy, a GPU or its driver is not there.

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
        check_backend(backend)
        self.recipe = load_recipe(recipe, overrides)
        self._kernels = host_kernels(backend)
        self._gpu = Gpu(backend)
        self._press = Press(self._kernels)
        self._studio = Studio(self._kernels)
        self._in_use = threading.Lock()

    def windows(self, record: Record) -> int:
        """Return how many pages a record fills."""
        return self.recipe.windows_in(record.duration_s)

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
        with self._in_use:
            return self._render_spec(record, spec)

    def _render_spec(self, record: Record, spec: PageSpec) -> Page:
        page = self._print(record, spec)
        room = self._gpu.darkroom
        if room is None:
            self._studio.crumple(page.paper, page.relief)
            image = take(self._studio.photograph(page.paper, page.camera, spec), spec, self._kernels)
            return Page(image, page.truth)
        (image,) = room.develop([self._negative(page)])
        return self._processed(page, image)

    def _print(self, record: Record, spec: PageSpec) -> _Printed:
        """Return a page that lies before the camera."""
        drawing = draw_page(record, spec, self._press.fonts, self._press.scribe)
        prints = self._press.set_lines(drawing)
        paper = self._press.print_page(drawing, spec, prints)
        relief = self._studio.relief(spec)
        camera = self._studio.camera(spec, relief)
        return _Printed(paper, relief, Truth(record, spec, drawing, camera, prints))

    def _negative(self, page: _Printed) -> Negative:
        shade = None if page.relief is None else page.relief.shade
        spec = page.truth.spec
        scene = self._studio.scene(page.paper.shape[:2], page.camera, spec)
        return Negative(page.paper, shade, page.camera, scene, spec)

    def _processed(self, page: _Printed, image: NDArray[np.uint8]) -> Page:
        return Page(process(image, page.truth.spec, self._kernels), page.truth)

    def _print_next(
        self, pages: Iterator[tuple[Record, PageSpec]], count: int
    ) -> list[tuple[_Printed, Negative]]:
        some = list(islice(pages, count))
        with self._in_use:
            printed = [self._print(record, spec) for record, spec in some]
            return [(page, self._negative(page)) for page in printed]

    def _render_side_by_side(
        self, pages: Iterator[tuple[Record, PageSpec]], room: Darkroom
    ) -> Iterator[Page]:
        """Render pages on the GPU in batches; while one is there, the next one is printed here."""
        with ThreadPoolExecutor(1) as pool:
            some = self._print_next(pages, room.batch)
            while some:
                images = pool.submit(room.develop, [negative for _, negative in some])
                following = self._print_next(pages, room.batch)
                for (page, _), image in zip(some, images.result(), strict=True):
                    yield self._processed(page, image)
                some = following

    def camera(self, spec: PageSpec) -> Camera:
        """Return the map between page pixels and image pixels of a spec's page."""
        with self._in_use:
            return self._studio.camera(spec, self._studio.relief(spec))

    def render(
        self, records: Iterable[Record], *, seed: int = 0, copies: int | None = None
    ) -> Iterator[Page]:
        """Render the pages of records: every window, ``copies`` times, in order.

        Parameters
        ----------
        records
            The records; their names are their keys.
        seed
            Seed of the dataset.
        copies
            Pages per window, each drawn anew; as many as the recipe says unless given.
        """
        wanted = self.recipe.copies if copies is None else copies
        pages = (
            (record, self.draw(record, seed=seed, copy=copy, window=window))
            for record in records
            for window in range(self.windows(record))
            for copy in range(wanted)
        )
        yield from self.render_specs(pages)

    def render_specs(self, pages: Iterable[tuple[Record, PageSpec]]) -> Iterator[Page]:
        """Render the pages of specs in order, on a GPU in batches; each is what ``render_spec`` returns.

        Parameters
        ----------
        pages
            Records, each with the spec of one page.
        """
        foreseen, room = self._foreseen(iter(pages)), self._gpu.darkroom
        if room is not None:
            yield from self._render_side_by_side(foreseen, room)
            return
        for page in foreseen:
            yield self.render_spec(*page)

    def prepare(self, pages: Iterable[tuple[Record, PageSpec]]) -> None:
        """Write the fresh words of pages that will be rendered next, all side by side.

        Pages are the same without it, which is slower where ``handwriting.fresh`` is above 0.
        """
        scribe = self._press.scribe
        with self._in_use:
            plans = (
                (plan_writing(record, spec, scribe), spec) for record, spec in pages if _writes_anew(spec)
            )
            scribe.write_ahead((plan.words, spec.handwriting, plan.style, spec.key) for plan, spec in plans)

    def _foreseen(self, pages: Iterator[tuple[Record, PageSpec]]) -> Iterator[tuple[Record, PageSpec]]:
        """Yield the pages as they come; where words are written anew, some at a time are prepared."""
        for page in pages:
            some = [page, *islice(pages, WRITTEN_AHEAD - 1)] if _writes_anew(page[1]) else [page]
            if len(some) > 1:
                self.prepare(some)
            yield from some


def _writes_anew(spec: PageSpec) -> bool:
    return spec.handwriting.enabled and spec.handwriting.fresh > 0


def clean_twin(truth: Truth, *, seen: bool = False) -> NDArray[np.uint8]:
    """Return a page with nothing but paper and ink; see ``Page.clean``."""
    kernels = truth.camera.kernels
    spec = truth.spec.model_copy(update=NEUTRAL)
    page = Press(kernels).print_page(truth.drawing, spec, truth.prints)
    return Studio(kernels).photograph(page, truth.camera, spec) if seen else page


def light_on(truth: Truth) -> NDArray[np.float32]:
    """Return the light on an image; see ``Page.light``."""
    spec, camera = truth.spec, truth.camera
    light = light_map(spec, camera.shape)
    relief = Studio(camera.kernels).relief(spec)
    if relief is None:
        return light
    shade = Masks(truth).seen(relief.shade).astype(np.float32) / NEUTRAL_SHADE
    shade[Masks(truth).paper() < 255] = 1.0  # the surface has no folds, and the page's edge little of them
    light *= shade[:, :, None]
    return light


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
