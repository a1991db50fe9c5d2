"""What digitizing a page takes, step by step beside one warp of its pixels, and how workers share pages.

A page of 200 dpi, one thread; the yardstick is OpenCV's warpPerspective of the page with cubic interpolation.
What is printed wants ``-s``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg
from bench.ratios import Job, ratios, seconds
from fastecg.digitize.assembly import digitize
from fastecg.digitize.batch import Way, digitize_page, digitize_pages
from fastecg.digitize.flat import lay_flat
from fastecg.digitize.jobs import find_files, plan_jobs
from fastecg.digitize.page_reading import understand
from fastecg.digitize.paper import find_paper
from fastecg.digitize.pictures import load_picture
from fastecg.digitize.read_out import open_reader
from fastecg.digitize.rows import find_pulses, find_rows, lines_of_ink
from fastecg.digitize.strips import HALF_MM, X_PX_MM, Y_PX_MM
from fastecg.digitize.words import read_words
from fastecg.formats.files import write_atomic

RECIPES: Final = ("clean", "photo")
PAGES: Final = 8


def page(recipe: str, number: int = 0) -> NDArray[np.uint8]:
    """Return a page of 200 dpi."""
    record = fastecg.builtin_record(number).record
    return fastecg.render(record, recipe, seed=100 + number, page={"dpi": 200}).image


def warp_of(image: NDArray[np.uint8]) -> Job:
    """Return the yardstick: the page's pixels moved once."""
    height, width = image.shape[:2]
    matrix = np.array([[1.0, 0.02, -9.0], [-0.01, 1.01, 4.0], [1e-6, 2e-6, 1.0]])
    return partial(cv2.warpPerspective, image, matrix, (width, height), flags=cv2.INTER_CUBIC)


def steps_of(image: NDArray[np.uint8]) -> dict[str, Job]:
    """Return the steps of the digitizer, each on what the ones before it gave."""
    paper = find_paper(image)
    found = understand(image, paper)
    assert found is not None
    flat = lay_flat(image, paper.rectifier)
    lines = lines_of_ink(flat.ink)
    rows = find_rows(lines)
    first, last = found.segments[0], found.segments[-1]
    box = (first.x0_mm - 3, first.baseline_mm - HALF_MM, last.x1_mm + 3, first.baseline_mm + HALF_MM)
    cut = partial(found.rectifier.resample, image, box, (X_PX_MM, Y_PX_MM))
    strip = cut()
    network, plain = open_reader("network"), open_reader("plain")
    return {
        "grid and map": partial(find_paper, image),
        "page laid flat": partial(lay_flat, image, paper.rectifier),
        "lines and rows": lambda: find_rows(lines_of_ink(flat.ink)),
        "names": partial(read_words, flat.ink),
        "pulses": partial(find_pulses, flat.ink, rows),
        "a row cut": cut,
        "a row read by the network": partial(network.read, strip),
        "a row read plainly": partial(plain.read, strip),
        "all, network": partial(digitize, image, reader=network),
        "all, plain": partial(digitize, image, reader=plain),
    }


@pytest.mark.parametrize("recipe", RECIPES)
def test_steps(recipe: str) -> None:
    """Print what each step takes beside the yardstick, and the whole in seconds."""
    image = page(recipe)
    for found in ratios(steps_of(image), warp_of(image), 5):
        print(found)  # noqa: T201 - what the benchmark is for
    reader = open_reader()
    taken = seconds(lambda: digitize(image, reader=reader), 5)
    print(f"  {taken:.2f} s for a {recipe} page of {image.shape[1]} x {image.shape[0]} pixels")  # noqa: T201


def test_workers(tmp_path: Path) -> None:
    """Print pages a second with processes and with threads, beside one page after another."""
    folder, output = tmp_path / "pages", tmp_path / "out"
    folder.mkdir()
    for k in range(PAGES):
        picture = cv2.imencode(".png", page("clean", k)[:, :, ::-1])[1]
        write_atomic(folder / f"p{k}.png", picture.tobytes())
    count = os.cpu_count() or 1
    reader = open_reader()

    def alone(way: Way) -> None:
        for job in plan_jobs(find_files([folder], output), output):
            digitize_page(job, way, reader)

    def processes(way: Way) -> None:
        list(digitize_pages(plan_jobs(find_files([folder], output), output), way))

    def threads(way: Way) -> None:
        jobs = plan_jobs(find_files([folder], output), output)
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(lambda job: digitize_page(job, way, reader), jobs))

    ways: dict[str, tuple[Callable[[Way], Any], int]] = {
        "one after another": (alone, 0),
        f"{count} processes, their start included": (processes, count),
        f"{count} threads": (threads, 0),
    }
    for name, (run, workers) in ways.items():
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        taken = seconds(partial(run, Way(output, workers=workers)))
        print(f"  {PAGES / taken:.2f} pages/s  {name}")  # noqa: T201 - as above


def test_a_hundred_megapixels(tmp_path: Path) -> None:
    """Print what reading a picture of 100 megapixels takes beside one of a page."""
    large = np.repeat(np.repeat(page("clean"), 5, axis=0), 5, axis=1)[:8700, :11_400]
    path = tmp_path / "large.png"
    write_atomic(path, cv2.imencode(".png", large[:, :, ::-1])[1].tobytes())
    small = tmp_path / "small.png"
    write_atomic(small, cv2.imencode(".png", page("clean"))[1].tobytes())
    for found in ratios({"100 megapixels": partial(load_picture, path)}, partial(load_picture, small), 3):
        print(found)  # noqa: T201 - as above
