"""Pages a second on a GPU, and how near the camera comes to a copy; `nox -s gpu` runs it.

What is timed is in the GPU's memory already: flat pages, shades, meshes and light; the images stay there.
The table goes to the file that FASTECG_GPU_RESULTS names (gpu.md unless given), with GPU, driver, date and
command.
"""

from __future__ import annotations

import os
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastecg import Generator, builtin_record
from fastecg.darkroom import Darkroom, Negative
from fastecg.pipeline import _Printed
from fastecg_kernels.cuda import open_cuda
from fastecg_kernels.cuda.camera import camera
from fastecg_kernels.errors import BackendError

pytestmark = pytest.mark.gpu

RECIPES = ("clean", "paper", "photo")
BATCHES = (1, 4, 16, 64, 128, 256)
LETTER = {"page.dpi": 200, "page.size": "letter", "page.orientation": "landscape"}
ROUNDS = 20
DISTINCT = 8
"""Different pages of a batch; more would only take longer to print."""


@dataclass
class Results:
    """The rows of the table, and where it goes."""

    device: str
    rows: list[str] = field(default_factory=list)

    def write(self) -> Path:
        """Write the table, and say where."""
        driver = Path("/proc/driver/nvidia/version")
        said = driver.read_text(encoding="utf-8").splitlines()[0] if driver.exists() else "driver unknown"
        lines = [
            f"GPU: {self.device}",
            f"Driver: {said.strip()}",
            f"Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            f"Command: {shlex.join(sys.argv)}",
            "",
            "| recipe | batch | pages/s | camera alone, pages/s | camera, GB/s | copy, GB/s | of the copy |",
            "|---|---|---|---|---|---|---|",
            *self.rows,
        ]
        path = Path(os.environ.get("FASTECG_GPU_RESULTS", "gpu.md"))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


@pytest.fixture(scope="module")
def room() -> Darkroom:
    """Open the GPU, or skip."""
    try:
        return Darkroom(open_cuda())
    except BackendError as error:
        pytest.skip(f"{error}")


@pytest.fixture(scope="module")
def results(room: Darkroom) -> Iterator[Results]:
    """Collect the rows, and write them at the end."""
    table = Results(room.device_name)
    yield table
    if table.rows:
        table.write()


def printed(recipe: str, overrides: dict[str, Any], count: int = DISTINCT) -> list[Negative]:
    """Return different pages of a recipe that lie before the camera, all of one size."""
    generator = Generator(recipe, "cpu", overrides)
    found = []
    for number in range(count):
        record = builtin_record(number).record
        page: _Printed = generator._print(record, generator.draw(record, seed=number))
        found.append(generator._negative(page))
    return found


def seconds(room: Darkroom, job: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of a job on the GPU, after one that compiles."""
    taken = []
    for _ in range(rounds + 1):
        room.wait()
        start = time.perf_counter()
        job()
        room.wait()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def copy_bytes_per_second(room: Darkroom, size: int) -> float:
    """Return how fast the GPU copies so many bytes within its memory, read and written."""
    device = room._device
    source, target = (device.empty((size,), np.uint8) for _ in range(2))

    def copy() -> None:
        target[...] = source

    return 2 * size / seconds(room, copy)


def measure(room: Darkroom, negatives: list[Negative], recipe: str, batch: int) -> str:
    """Return a row of the table."""
    loaded = room.load(list(islice(cycle(negatives), batch)))
    images = room.expose(loaded)
    whole = seconds(room, lambda: room.expose(loaded))
    alone = seconds(room, lambda: camera(room._device, images, loaded.layers, loaded.roll.shots))
    moved = images.nbytes + loaded.layers.pages.nbytes
    rate, copy = moved / alone, copy_bytes_per_second(room, moved // 2)
    return (
        f"| {recipe} | {batch} | {batch / whole:,.0f} | {batch / alone:,.0f} "
        f"| {rate / 1e9:,.0f} | {copy / 1e9:,.0f} | {rate / copy:.0%} |"
    )


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("recipe", RECIPES)
def test_pages_per_second(room: Darkroom, results: Results, recipe: str, batch: int) -> None:
    """Pages a second from flat pages in the GPU's memory to images there."""
    negatives = printed(recipe, LETTER)
    if len({negative.sizes for negative in negatives}) > 1:
        pytest.fail("the pages differ in size")
    try:
        results.rows.append(measure(room, negatives, recipe, batch))
    except MemoryError as error:
        pytest.skip(f"a batch of {batch} does not fit: {error}")
