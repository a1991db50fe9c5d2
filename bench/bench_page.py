"""A clean page: ours beside matplotlib's, in memory and on disk, and the ratios at the end.

2200 × 1700 pixels, 12 leads of 10 s at 500 Hz, 3x4+1. Ours includes laying out the leads and, where
it says so, the annotations as values. matplotlib is handed the vectors and makes no truth (see
bench/reference), and its JSON is ours turned into lists before the clock starts: both favour it.
What ours keeps from page to page (paper, glyphs) is kept, as in a dataset.

The ratios are timed by turns, ours and theirs in each round, so that what else the machine does
falls on both.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from matplotlib.figure import Figure
from pytest_benchmark.fixture import BenchmarkFixture

import fastecg
from bench.ratios import Job, seconds
from bench.reference.matplotlib_page import careful_figure, careful_page, plain_figure, plain_page
from fastecg.dataset.files import Files
from fastecg.drawing import Drawing, draw_page
from fastecg.formats.bands import BandMemory
from fastecg.spec import PageSpec

ROUNDS: Final = 7
OURS_A_ROUND: Final = 9
"""Ours is so much shorter than theirs that each round takes the median of a few."""


MEMORY: Final = ("truth as values", "truth as vectors")
RATIOS: Final = {
    "page in memory": (MEMORY, ("matplotlib plain", "matplotlib careful")),
    "page on disk": (("PNG and JSON",), ("matplotlib plain, disk", "matplotlib careful, disk")),
}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Job]:
    """Return what is timed, by name."""
    generator, record = fastecg.Generator("clean"), fastecg.builtin_record(0).record
    spec = generator.draw(record)
    page = generator.render_spec(record, spec)
    assert page.image.shape == (1700, 2200, 3)
    folder = tmp_path_factory.mktemp("pages")
    drawing, truth = draw_page(record, spec), orjson.loads(page.truth.to_json("page.png"))

    records = [(one, generator.draw(one)) for one in fastecg.builtin_records(8)]
    pages = enumerate(cycle(records))
    memory = BandMemory()

    def annotated() -> dict[str, Any]:
        # Not a bound method of a page made beforehand: the page is what is timed.
        page = generator.render_spec(record, spec)
        return page.truth.to_dict()

    def written() -> None:
        # Another page and name every time, as in a dataset: file systems make replacing a file slow.
        number, (one, drawn) = next(pages)
        Files().write(generator.render_spec(one, drawn), folder, f"ours{number}", memory)

    return {
        "truth as values": annotated,
        "truth as vectors": lambda: generator.render_spec(record, spec),
        "PNG and JSON": written,
        "matplotlib plain": lambda: plain_page(drawing, spec),
        "matplotlib careful": lambda: careful_page(drawing, spec),
        "matplotlib plain, disk": lambda: save(plain_figure, drawing, spec, truth, folder),
        "matplotlib careful, disk": lambda: save(careful_figure, drawing, spec, truth, folder),
    }


def save(
    lay: Callable[[Drawing, PageSpec], Figure],
    drawing: Drawing,
    spec: PageSpec,
    truth: dict[str, Any],
    folder: Path,
) -> None:
    """Write a page with matplotlib's savefig and json.dump."""
    name = f"theirs{time.perf_counter_ns()}"  # a new file every time, as ours
    lay(drawing, spec).savefig(folder / f"{name}.png", dpi=spec.page.dpi)
    with (folder / f"{name}.json").open("w", encoding="utf-8") as file:
        json.dump(truth, file)


@pytest.mark.parametrize("name", [*MEMORY, "matplotlib plain", "matplotlib careful"])
@pytest.mark.benchmark(group="page in memory")
def test_memory(benchmark: BenchmarkFixture, jobs: dict[str, Job], name: str) -> None:
    """Lay out and rasterise; ours with its truth."""
    jobs[name]()  # compiles kernels, fills caches
    benchmark(jobs[name])


@pytest.mark.parametrize("name", ["PNG and JSON", "matplotlib plain, disk", "matplotlib careful, disk"])
@pytest.mark.benchmark(group="page on disk")
def test_disk(benchmark: BenchmarkFixture, jobs: dict[str, Job], name: str) -> None:
    """The same, with the image and the truth as files; ours whole or not at all."""
    jobs[name]()
    benchmark(jobs[name])


def test_ratios(jobs: dict[str, Job], capsys: pytest.CaptureFixture[str]) -> None:
    """Print how many times faster ours is: the median of the rounds, and the lowest and highest."""
    lines = []
    for title, (ours, theirs) in RATIOS.items():
        rounds = [
            {name: seconds(jobs[name], OURS_A_ROUND if name in ours else 1) for name in (*ours, *theirs)}
            for _ in range(ROUNDS + 1)
        ][1:]
        for name in ours:
            for other in theirs:
                ratios = sorted(times[other] / times[name] for times in rounds)
                middle, low, high = statistics.median(ratios), ratios[0], ratios[-1]
                lines.append(f"  {middle:5.0f} x ({low:.0f} to {high:.0f})  {title}, {name}, over {other}")
        assert all(times[name] > 0 for times in rounds for name in times)
    with capsys.disabled():
        print("\n\nTimes faster than matplotlib:", *lines, sep="\n")  # noqa: T201 - the result of the run
