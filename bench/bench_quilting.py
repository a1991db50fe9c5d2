"""Wrinkles: quilting beside plain Python, relief and light beside OpenCV's perspective; ratios at the end.

The yardstick is quilting as a reader of the paper would write it (bench/reference/plain_quilting.py), with
the same blocks, search and hash; a test holds both to the same sheet. The others are timed beside one
cv2.warpPerspective (linear) of 2200 × 1700 RGB. Everything is timed by turns on one thread, in its own time,
which other programs leave alone; but for the lines that say two, which need two idle processors.
"""

from __future__ import annotations

import statistics
import time
from itertools import count
from typing import Any, Final

import cv2
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.ratios import Job, seconds
from bench.reference.plain_quilting import plain_quilt
from fastecg.layers import Relief
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.quilting import Quilting, quilt
from fastecg.stages.wrinkle_atlas import CRUMPLED_PX, Atlas, _quilting
from fastecg.stages.wrinkles import wrinkle
from fastecg_kernels import load_backend

SHAPE: Final = (1700, 2200)
ROUNDS: Final = 7


RATIOS: Final = (
    # Title, the faster job, how often it is timed a round, the slower one.
    ("quilting, all places searched, over plain Python", "small, all", 9, "small, all, plain"),
    ("quilting, 600 places searched, over plain Python", "small, 600", 9, "small, 600, plain"),
    ("two threads over one, a sheet of an atlas, all places", "sheet, all, 2 threads", 1, "sheet, all"),
    ("two threads over one, a sheet of an atlas, 600 places", "sheet, 600, 2 threads", 3, "sheet, 600"),
    ("relief from the atlas over one warpPerspective", "relief, atlas", 9, "warpPerspective"),
    ("relighting a page over one warpPerspective", "relight", 9, "warpPerspective"),
    ("relief from the atlas over a fresh one", "relief, atlas", 9, "relief, fresh"),
)


def page_spec(key: int, **values: Any) -> PageSpec:  # noqa: ANN401 - any value of a page
    """Return a page of 2200 × 1700 pixels with wrinkles."""
    return make_spec({"key": key, "wrinkles": {"enabled": True, **values}})


@pytest.fixture(scope="module")
def jobs() -> dict[str, Job]:
    """Return what is timed, by name."""
    kernels = load_backend("cpu")
    atlas, relief, keys = Atlas(kernels), Relief.flat(*SHAPE), count()
    spec = page_spec(0)
    texture = atlas.texture(spec.wrinkles, 0)
    # Small enough for plain Python: 3 × 3 blocks out of a ninth of a texture.
    part = np.ascontiguousarray(texture[:96, :96])
    rows = part.tolist()
    small = {places: Quilting(24, 6, 0.1, places, 7) for places in (0, 600)}
    large = {places: _quilting(page_spec(0, candidates=places).wrinkles, 7) for places in (0, 600)}
    side = (1280, 1280)
    image = np.random.default_rng(1).integers(0, 256, (*SHAPE, 3), np.uint8)
    view = np.array([[0.98, 0.02, 10], [-0.02, 0.97, 20], [1e-6, 2e-6, 1]])
    wrinkle(relief, spec, atlas)
    assert texture.shape == (CRUMPLED_PX, CRUMPLED_PX, 3)

    def plain(places: int) -> Job:
        return lambda: plain_quilt(rows, 3, 3, 24, 6, (0.1, places, 7))

    def ours(places: int) -> Job:
        return lambda: quilt(kernels, part, (60, 60), small[places])

    def sheet(places: int, threads: int) -> Job:
        return lambda: quilt(kernels, texture, side, large[places], threads)

    return {
        "small, all": ours(0),
        "small, all, plain": plain(0),
        "small, 600": ours(600),
        "small, 600, plain": plain(600),
        "sheet, all": sheet(0, 1),
        "sheet, all, 2 threads": sheet(0, 2),
        "sheet, 600": sheet(600, 1),
        "sheet, 600, 2 threads": sheet(600, 2),
        # Another page each time; sheets and textures are kept, as in a dataset.
        "relief, atlas": lambda: wrinkle(relief, page_spec(next(keys), sheets=1), atlas),
        "relief, fresh": lambda: wrinkle(relief, page_spec(next(keys), sheets=1, fresh=True), atlas),
        "relight": lambda: kernels.relight(image, relief.shade),
        "warpPerspective": lambda: cv2.warpPerspective(image, view, SHAPE[::-1], flags=cv2.INTER_LINEAR),
    }


@pytest.mark.parametrize("name", ["sheet, all", "sheet, 600", "sheet, 600, 2 threads"])
@pytest.mark.benchmark(group="quilting a sheet of 320 × 320 mm")
def test_sheet(benchmark: BenchmarkFixture, jobs: dict[str, Job], name: str) -> None:
    """What an atlas quilts, from a texture that is there already."""
    jobs[name]()
    benchmark(jobs[name])


@pytest.mark.benchmark(group="first sheet of an atlas")
def test_first_sheet(benchmark: BenchmarkFixture, jobs: dict[str, Job]) -> None:
    """Crumpled paper, quilting and slopes: what the first page of each sheet waits for."""
    spec = page_spec(0)
    jobs["relief, atlas"]()  # compiles kernels
    benchmark(lambda: Atlas(load_backend("cpu")).sheet(spec, 0))


@pytest.mark.parametrize("name", ["relief, atlas", "relief, fresh", "relight", "warpPerspective"])
@pytest.mark.benchmark(group="relief of a page")
def test_relief(benchmark: BenchmarkFixture, jobs: dict[str, Job], name: str) -> None:
    """Shade and shift of a page, and its light."""
    jobs[name]()
    benchmark(jobs[name])


def test_ratios(jobs: dict[str, Job], capsys: pytest.CaptureFixture[str]) -> None:
    """Print how many times faster: the median of the rounds, and the lowest and highest."""
    lines = []
    for title, fast, times, slow in RATIOS:
        jobs[fast]()
        rounds, clock = 3 if "plain" in slow else ROUNDS, time.thread_time
        if "2 threads" in fast:
            clock = time.perf_counter
        ratios = sorted(
            seconds(jobs[slow], 1, clock) / seconds(jobs[fast], times, clock) for _ in range(rounds)
        )
        middle, low, high = statistics.median(ratios), ratios[0], ratios[-1]
        lines.append(f"  {middle:7.3g} x ({low:.3g} to {high:.3g})  {title}")
    assert len(lines) == len(RATIOS)
    with capsys.disabled():
        print("\n\nTimes faster:", *lines, sep="\n")  # noqa: T201 - the result of the run
