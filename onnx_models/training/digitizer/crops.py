"""Make crops of strips to learn from: ``python -m training.digitizer.crops --records FOLDER --out crops``.

Each page becomes one ``.npz``. Run it again to go on; two processes may share the work with ``--stride``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

import numpy as np

import fastecg
from fastecg.errors import FastECGError
from fastecg.page import Page
from fastecg.record import Record
from training.digitizer.rows import Row, Slip, row_of
from training.digitizer.split import Part, real_records, simulated

RECIPES: Final = ("clean", "printed", "paper", "scan-color", "scan-bw", "photo", "stained", "damaged")
LIKELY: Final = (1, 1, 2, 1.5, 1.5, 2, 1.5, 1.5)
CROPS: Final = 10
"""Crops of a page."""

WIDTH: Final = 512
"""Width of a crop in pixels: two windows of training, less or more."""

LAYOUTS: Final = (
    "3x4+1",
    "3x4",
    "3x4+3",
    "6x2",
    "6x2+1",
    "12x1",
    "4x3",
    "3x4+1-cabrera",
    "2x6",
    "6x2-simultaneous",
)
PAPERS: Final = (
    "pink",
    "red",
    "salmon",
    "magenta",
    "green",
    "blue",
    "brown",
    "gray",
    "red-dots",
    "blank",
    "thermal",
)


def values(recipe: str, rng: np.random.Generator) -> dict[str, Any]:
    """Draw what the pages of a recipe differ in here beyond what the recipe lets vary."""
    found: dict[str, Any] = {
        "page.dpi": int(rng.choice([100, 150, 200, 250, 300], p=[0.12, 0.2, 0.43, 0.1, 0.15]))
    }
    if rng.random() < 0.5:
        found["layout"] = str(rng.choice(LAYOUTS))
    if recipe in ("clean", "paper"):
        if rng.random() < 0.7:
            found["paper"] = str(rng.choice(PAPERS))
        found["plot.trace_width_mm"] = float(rng.uniform(0.14, 0.5))
    return found


def record_of(real: list[Record], part: Part, number: int, rng: np.random.Generator) -> Record:
    """Return a record: a real one half of the time; sometimes higher or lower than it was."""
    if real and rng.random() < 0.6:
        record = real[int(rng.integers(len(real)))]
    else:
        record = simulated(
            part, number, float(rng.choice([100.0, 250.0, 500.0, 1000.0], p=[0.15, 0.1, 0.65, 0.1]))
        )
    if rng.random() < 0.3:
        signals = record.signals_mv * np.float32(rng.uniform(0.5, 1.8))
        record = Record(record.name, signals, record.leads, record.sampling_rate_hz, record.header)
    return record


def page_of(real: list[Record], part: Part, number: int) -> Page:
    """Render the n-th page of a part: another recipe, record and look each time, the same whenever asked."""
    rng = np.random.default_rng([17, {"train": 0, "validation": 1, "test": 2}[part], number])
    recipe = str(rng.choice(RECIPES, p=np.array(LIKELY) / sum(LIKELY)))
    generator = fastecg.Generator(recipe, overrides=values(recipe, rng))
    record = record_of(real, part, number, rng)
    window = int(rng.integers(max(1, int(record.duration_s // 10))))
    return generator.render_spec(record, generator.draw(record, seed=number, window=window))


def crops_of(page: Page, count: int, rng: np.random.Generator) -> list[Row]:
    """Cut crops out of a page, from all its rows by turns."""
    drawing = page.truth.drawing
    scale, geometry = drawing.px_per_mm, drawing.geometry
    left = geometry.traces_left - 12
    right = max(trace.origin[0] + trace.width for trace in drawing.traces) / scale + 6
    rows = len(geometry.baselines)
    order = rng.permutation(rows)
    found = []
    for k in range(count):
        x0 = rng.uniform(left, max(left, right - WIDTH / 10))
        found.append(row_of(page, int(order[k % rows]), float(x0), WIDTH, Slip.draw(rng)))
    return found


def save(path: Path, rows: list[Row], recipe: str) -> None:
    """Write crops so that a killed run leaves no half file."""
    partial = path.with_suffix(".part")
    with partial.open("wb") as target:
        np.savez(
            target,
            strip=np.stack([row.strip for row in rows]),
            ink=np.stack([row.ink for row in rows]),
            y_px=np.stack([row.y_px for row in rows]),
            recipe=np.array(recipe),
        )
    partial.replace(path)


def main() -> None:
    """Read the command line and make crops until there are enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, help="folder of real records; without it all are simulated")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", choices=("train", "validation", "test"), default="train")
    parser.add_argument("--pages", type=int, default=700)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--stride", type=int, default=1)
    wanted = parser.parse_args()
    folder = wanted.out / wanted.part
    folder.mkdir(parents=True, exist_ok=True)
    real = real_records(wanted.records, wanted.part) if wanted.records else []
    for number in range(wanted.start, wanted.pages, wanted.stride):
        path = folder / f"{number:05d}.npz"
        if path.exists():
            continue
        try:
            page = page_of(real, wanted.part, number)
            rows = crops_of(page, CROPS, np.random.default_rng([23, number]))
        except FastECGError as error:  # a layout that does not fit this paper
            print(number, error)  # noqa: T201 - a command
            continue
        save(path, rows, page.spec.recipe)


if __name__ == "__main__":
    main()
