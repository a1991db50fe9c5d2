"""Makes pages of all recipes for a long time, and fails if memory or open files grow.

Run as ``python -m nox -s soak -- --minutes 30``; Linux tells what is measured. The first third of the time is
for caches to fill. After that, memory may be 5 % and 20 MB higher at the end than it was, taken as medians of
a tenth of the time each, and the number of open files and threads may not be higher at all.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import fastecg
from fastecg.digitize.assembly import digitize
from fastecg.digitize.read_out import open_reader
from fastecg.errors import FastECGError
from fastecg.formats.registry import make_writer
from fastecg.formats.writer import PageName
from fastecg.presets import preset_names
from fastecg.recipe import load_recipe

SELF = Path("/proc/self")
GROWTH_SHARE, GROWTH_MB = 0.05, 20.0
PAGES_A_RECIPE = 5
RECORDS = 40


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds at a time."""

    time_s: float
    memory_mb: float
    files: int
    threads: int


def sample(started: float) -> Sample:
    """Return what the process holds now."""
    lines = dict(line.split(":", 1) for line in (SELF / "status").read_text(encoding="utf-8").splitlines())
    memory = int(lines["VmRSS"].split()[0]) * 1024 / 1e6
    files = sum(1 for _ in (SELF / "fd").iterdir())
    return Sample(time.monotonic() - started, memory, files, threading.active_count())


def work(folder: Path, names: Sequence[str]) -> Iterator[str]:
    """Go on making pages of some recipes, with one generator as a worker has, and read records and pages."""
    recipes = [load_recipe(name, {"page.dpi": 100}) for name in names]
    generator, clean, numbers = fastecg.Generator("clean"), load_recipe("clean", {"page.dpi": 100}), count()
    writer, reader = make_writer("files", annotations=("json", "wfdb", "masks")), open_reader("plain")
    bad = folder / "bad.hea"
    for turn in count():
        for recipe in recipes:
            for _ in range(PAGES_A_RECIPE):
                number = next(numbers)
                record = fastecg.builtin_record(number % RECORDS).record
                page = generator.render_spec(record, recipe.draw(record.name, seed=number))
                for piece in writer.encode(page, PageName(number, record.name, 0, 0)).files:
                    (folder / f"page{Path(piece.path).suffix}").write_bytes(piece.content)
                yield recipe.name
            bad.write_text(f"bad 1 500 4\nnone{number}.dat 16 1000/mV\n", encoding="utf-8")
            with suppress(FastECGError):
                fastecg.read_record(bad)
        if turn % 4 == 0:
            record = fastecg.builtin_record(0).record
            with suppress(FastECGError):
                digitize(generator.render_spec(record, clean.draw("a")).image, reader=reader)
            yield "a page read back"


def grown(samples: Sequence[Sample]) -> list[str]:
    """Return what grew from the end of the first third to the end.

    Examples
    --------
    >>> steady = [Sample(t, 300.0, 9, 1) for t in range(60)]
    >>> grown(steady)
    []
    >>> grown([Sample(t, 300.0 + 2 * t, 9 + t // 30, 1) for t in range(60)])
    ['memory grew from 342 to 415 MB', 'files grew from 9 to 10']
    """
    tenth = max(len(samples) // 10, 1)
    third = len(samples) // 3
    early, late = samples[third : third + tenth], samples[-tenth:]
    before, after = (statistics.median(one.memory_mb for one in part) for part in (early, late))
    found = []
    if after > before * (1 + GROWTH_SHARE) and after > before + GROWTH_MB:
        found.append(f"memory grew from {before:.0f} to {after:.0f} MB")
    for name in ("files", "threads"):
        before, after = (statistics.median(getattr(one, name) for one in part) for part in (early, late))
        if after > before:
            found.append(f"{name} grew from {before:.0f} to {after:.0f}")
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Work for so many minutes, print what is held now and then, and return 1 if it grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--recipes", default=",".join(preset_names("recipes")))
    given = parser.parse_args(words)
    warnings.simplefilter("ignore", fastecg.errors.RecordWarning)
    samples: list[Sample] = []
    started, pages = time.monotonic(), 0
    every = max(given.minutes * 60 / 300, 0.2)
    with tempfile.TemporaryDirectory() as folder:
        for _ in work(Path(folder), given.recipes.split(",")):
            pages += 1
            if not samples or time.monotonic() - started - samples[-1].time_s > every:
                samples.append(sample(started))
                if len(samples) % 30 == 1:
                    print(f"{samples[-1]}, {pages} steps", flush=True)  # noqa: T201 - what it is for
            if time.monotonic() - started > given.minutes * 60:
                break
    found = grown(samples)
    print(f"{pages} steps in {given.minutes:g} minutes:", *(found or ["nothing grew"]), sep="\n  ")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
