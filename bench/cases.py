"""What the gate watches: by name, what gives a job and its plain reference."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import fastecg
from bench.gate import Job
from fastecg.drawing import Drawing, draw_page
from fastecg.spec import PageSpec, make_spec
from fastecg_kernels import Kernels, load_backend

Pair = tuple[Job, Job]

CPU: Final = load_backend("cpu")
REFERENCE: Final = load_backend("reference")

STAGES: Final[dict[str, Callable[[], Pair]]] = {}
"""By a module of ``fastecg.stages``."""

JOBS: Final[dict[str, Callable[[], Pair]]] = {}
"""By what a user does: a page, a file, a record, a word, a page read back."""


def stage(make: Callable[[], Pair]) -> Callable[[], Pair]:
    """Register the pair of the stage that a function is named after."""
    STAGES[make.__name__.removesuffix("_")] = make
    return make


def job(make: Callable[[], Pair]) -> Callable[[], Pair]:
    """Register the pair of a job that a function is named after."""
    JOBS[make.__name__] = make
    return make


def both(make: Callable[[Kernels], Job]) -> Pair:
    """Return a job with the Numba kernels, and the same with the NumPy ones."""
    return make(CPU), make(REFERENCE)


def in_turn(*jobs: Job) -> Job:
    """Return a job that does some jobs one after another."""

    def do() -> None:
        for one in jobs:
            one()

    return do


def spec_of(dpi: int = 50, **values: Any) -> PageSpec:  # noqa: ANN401 - any value of a page
    """Return the values of a small page; the references take their time."""
    return make_spec({"key": 7, "page": {"dpi": dpi}, **values})


@cache
def record() -> fastecg.Record:
    """Return the record on all pages."""
    return fastecg.builtin_record(0).record


def drawing_of(spec: PageSpec) -> Drawing:
    """Return the drawing of a page of the record."""
    return draw_page(record(), spec)


def paper(spec: PageSpec) -> NDArray[np.uint8]:
    """Return a page's paper with a little noise."""
    return np.random.default_rng(1).integers(215, 245, (*spec.page.shape_px, 3), np.uint8)


def ink(spec: PageSpec) -> NDArray[np.uint8]:
    """Return a mask with lines of ink."""
    mask = np.zeros(spec.page.shape_px, np.uint8)
    mask[::12] = mask[:, ::30] = 255
    return mask
