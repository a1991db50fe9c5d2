"""A clean page: ours beside matplotlib's, in memory and on disk, with the ratios of one run at the end.

2200 × 1700 pixels, 12 leads of 10 s at 500 Hz, 3x4+1. Ours includes laying out the leads and, where
it says "with truth", the annotations as values. matplotlib is handed the vectors and makes no
truth (see bench/reference), and its JSON is ours turned into lists before the clock starts: both
favour it. What ours keeps from page to page (paper, glyphs) is kept, as in a dataset.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import orjson
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

import fastecg
from bench.reference.matplotlib_page import careful_figure, careful_page, plain_figure, plain_page
from fastecg.dataset.files import Files
from fastecg.drawing import Drawing, draw_page
from fastecg.spec import PageSpec

ROUNDS: Final = 7
"""Of what takes a second; pytest-benchmark chooses for the rest."""

COMPARED: Final = {
    "in memory, truth as values": "memory",
    "in memory, truth as vectors": "memory",
    "in memory, into memory of the page before": "memory",
    "PNG and JSON on disk": "disk",
}
Medians = dict[str, float]
R = TypeVar("R")
Draw = Callable[[Drawing, PageSpec], NDArray[np.uint8]]
Lay = Callable[[Drawing, PageSpec], Figure]


@pytest.fixture(scope="module")
def generator() -> fastecg.Generator:
    """Return the generator of the measured page."""
    return fastecg.Generator("clean")


@pytest.fixture(scope="module")
def record() -> fastecg.Record:
    """Return 12 leads of 10 s at 500 Hz."""
    return fastecg.builtin_record(0).record


@pytest.fixture(scope="module")
def page(generator: fastecg.Generator, record: fastecg.Record) -> fastecg.Page:
    """Return the measured page."""
    return generator.render_spec(record, generator.draw(record))


@pytest.fixture(scope="module")
def medians() -> Medians:
    """Collect the medians of a run."""
    return {}


class Timed:
    """Times a function under a name: once before the clock, then as often as it takes."""

    def __init__(self, benchmark: BenchmarkFixture, medians: Medians) -> None:
        self._benchmark: Any = benchmark
        self._medians = medians

    def __call__(self, name: str, function: Callable[[], R], rounds: int = 0) -> R:
        """Return what the function returned; ``rounds`` is for what takes long."""
        function()
        run = self._benchmark
        result: R = run.pedantic(function, rounds=rounds) if rounds else run(function)
        if run.stats is not None:  # None with --benchmark-disable
            self._medians[name] = run.stats.stats.median
        return result


@pytest.fixture
def timed(benchmark: BenchmarkFixture, medians: Medians) -> Timed:
    """Time a function: ``result = timed(name, function)``."""
    return Timed(benchmark, medians)


@pytest.mark.benchmark(group="page in memory")
def test_ours_with_truth_as_values(
    timed: Timed, generator: fastecg.Generator, record: fastecg.Record, page: fastecg.Page
) -> None:
    """Lay out, rasterise, and annotate."""

    def run() -> dict[str, Any]:
        return generator.render_spec(record, page.spec).truth.to_dict()

    assert len(timed("in memory, truth as values", run)["leads"]) == 13


@pytest.mark.benchmark(group="page in memory")
def test_ours_with_truth_as_vectors(
    timed: Timed, generator: fastecg.Generator, record: fastecg.Record, page: fastecg.Page
) -> None:
    """The same, but the truth stays what the page was drawn from: ``page.truth`` without ``to_dict``."""
    made = timed("in memory, truth as vectors", lambda: generator.render_spec(record, page.spec))
    assert np.array_equal(made.image, page.image)


@pytest.mark.benchmark(group="page in memory")
def test_ours_into_memory_that_is_there(
    timed: Timed, generator: fastecg.Generator, record: fastecg.Record, page: fastecg.Page
) -> None:
    """With truth as values, and the image written over that of the page before."""
    out = np.empty_like(page.image)

    def run() -> dict[str, Any]:
        return generator.render_spec(record, page.spec, out=out).truth.to_dict()

    timed("in memory, into memory of the page before", run)
    assert np.array_equal(out, page.image)


@pytest.mark.benchmark(group="page in memory")
@pytest.mark.parametrize(("name", "draw"), [("plain", plain_page), ("careful", careful_page)])
def test_matplotlib(timed: Timed, name: str, draw: Draw, record: fastecg.Record, page: fastecg.Page) -> None:
    """By matplotlib's Agg, its grid as ticks (plain) or as collections of lines (careful)."""
    drawing = draw_page(record, page.spec)
    image = timed(f"{name}, memory", lambda: draw(drawing, page.spec), ROUNDS)
    assert image.shape == page.image.shape


@pytest.mark.benchmark(group="page on disk")
def test_ours_on_disk(
    timed: Timed, generator: fastecg.Generator, record: fastecg.Record, page: fastecg.Page, tmp_path: Path
) -> None:
    """Page, PNG and JSON, each written whole or not at all."""
    files = Files()
    timed(
        "PNG and JSON on disk",
        lambda: files.write(generator.render_spec(record, page.spec), tmp_path, "page"),
    )
    assert json.loads((tmp_path / "page.json").read_bytes())["image"]["file"] == "page.png"


@pytest.mark.benchmark(group="page on disk")
@pytest.mark.parametrize(("name", "lay"), [("plain", plain_figure), ("careful", careful_figure)])
def test_matplotlib_on_disk(
    timed: Timed, name: str, lay: Lay, record: fastecg.Record, page: fastecg.Page, tmp_path: Path
) -> None:
    """By matplotlib's savefig and json.dump."""
    drawing, truth = draw_page(record, page.spec), orjson.loads(page.truth.to_json("page.png"))

    def run() -> None:
        lay(drawing, page.spec).savefig(tmp_path / "page.png", dpi=page.spec.page.dpi)
        with (tmp_path / "page.json").open("w", encoding="utf-8") as file:
            json.dump(truth, file)

    timed(f"{name}, disk", run, ROUNDS)
    assert (tmp_path / "page.png").stat().st_size > 10_000


def test_ratios(medians: Medians, capsys: pytest.CaptureFixture[str]) -> None:
    """Print how many times faster ours is, by the medians above."""
    lines = []
    for ours, where in COMPARED.items():
        for theirs in (f"plain, {where}", f"careful, {where}"):
            if ours in medians and theirs in medians:
                ratio = medians[theirs] / medians[ours]
                lines.append(f"  {ratio:6.0f} x  {ours} ({medians[ours] * 1e3:.1f} ms), over {theirs}")
    if not lines:
        pytest.skip("nothing was timed to be compared")
    with capsys.disabled():
        print("\n\nTimes faster than matplotlib:", *lines, sep="\n")  # noqa: T201 - the result of the run
