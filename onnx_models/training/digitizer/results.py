"""Digitize pages of unseen records, whole: ``python -m training.digitizer.results --help``.

Each page becomes a line of ``results.jsonl``; run it again to go on. The tables are ``results.md``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

import fastecg
from fastecg.digitize.assembly import digitize
from fastecg.digitize.read_out import StripReader, open_reader
from fastecg.errors import DigitizeError
from fastecg.evaluate import compare_records
from fastecg.page import Page
from fastecg.pipeline import Generator
from fastecg.record import Record
from training.digitizer.crops import RECIPES
from training.digitizer.results_table import tables
from training.digitizer.split import builtin, real_records

SEED: Final = 17
"""Of the pages' values; no page of training was drawn from it."""

POOR_DB: Final = 5.0
"""A page whose leads reach less on average counts as failed, as one that is refused does."""


@dataclass(frozen=True, order=True, slots=True)
class Case:
    """One page: how it is made."""

    recipe: str
    dpi: int
    rate_hz: int
    number: int


def cases(recipes: list[str], dpis: list[int], rates_hz: list[int], pages: int) -> list[Case]:
    """Return all pages of the tables, those that tell most first."""
    return [
        Case(recipe, dpi, rate_hz, number)
        for number, recipe, dpi, rate_hz in product(range(pages), recipes, dpis, rates_hz)
    ]


@cache
def records(folder: Path | None) -> tuple[Record, ...]:
    """Return the test records in a fixed mixed order."""
    found = real_records(folder, "test") if folder else list(builtin(64))
    return tuple(found[k] for k in np.random.default_rng(4).permutation(len(found)))


@cache
def generator(recipe: str, dpi: int) -> Generator:
    """Return what draws a recipe's pages."""
    return fastecg.Generator(recipe, overrides={"page.dpi": dpi})


@cache
def reader(model: Path | None) -> StripReader:
    """Return what reads strips, on one thread."""
    cv2.setNumThreads(1)
    if model is None:
        return open_reader()
    from fastecg.digitize.read_out import NetworkReader  # noqa: PLC0415 - needs ONNX Runtime

    return NetworkReader("int8", folder=model)


def at_rate(record: Record, rate_hz: int) -> Record:
    """Return a record with another number of samples per second, filtered first."""
    from scipy.signal import resample_poly  # noqa: PLC0415 - 0.8 s to import

    if round(record.sampling_rate_hz) == rate_hz:
        return record
    known = np.nan_to_num(record.signals_mv.astype(np.float64))
    signals = resample_poly(known, rate_hz, round(record.sampling_rate_hz), axis=1, padtype="line")
    return dataclasses.replace(record, signals_mv=signals.astype(np.float32), sampling_rate_hz=float(rate_hz))


def page_of(case: Case, folder: Path | None) -> Page:
    """Render a case's page."""
    pool = records(folder)
    record = at_rate(pool[case.number % len(pool)], case.rate_hz)
    draws = generator(case.recipe, case.dpi)
    return draws.render_spec(record, draws.draw(record, seed=SEED, copy=case.number // len(pool)))


def outcome(case: Case, folder: Path | None, model: Path | None) -> dict[str, Any]:
    """Digitize a case's page and compare it with its truth."""
    page = page_of(case, folder)
    truth = page.truth.drawn_record(mask_unplotted=True)
    since = time.process_time()
    refused, warnings, found = "", [], None
    try:
        read = digitize(
            page.image, name=truth.name, sampling_rate_hz=truth.sampling_rate_hz, reader=reader(model)
        )
        found, warnings = read.record, read.report["warnings"]
    except DigitizeError as error:
        refused = str(error)
    seconds = time.process_time() - since
    result = compare_records(truth, found)
    beats = [lead.beats for lead in result.leads if lead.beats is not None]
    return {
        **dataclasses.asdict(case),
        "key": truth.name,
        "layout": page.spec.layout.name,
        "refused": refused,
        "warnings": warnings,
        "leads": {lead.lead: round(float(lead.score_2024.snr_db), 2) for lead in result.leads},
        "unread": sorted(set(truth.leads) - set(found.leads if found else ())),
        "snr_raw_db": result.snr_raw_db,
        "snr_2024_db": result.snr_2024_db,
        "ratio_2025": result.ratio_2025,
        "mse_mv2": result.mean("mse_mv2"),
        "psnr_db": result.mean("psnr_db"),
        "missed": sum(pairs.missed for pairs in beats),
        "beats": sum(pairs.beats for pairs in beats),
        "ms": {
            name: [round(v, 1) for pairs in beats for v in pairs.differences_ms[name]]
            for name in ("RR", "QT", "QRS")
        },
        "cpu_s": round(seconds, 3),
    }


def _task(given: tuple[Case, Path | None, Path | None]) -> str:
    return json.dumps(outcome(*given))


def run(todo: list[Case], wanted: argparse.Namespace) -> Iterator[str]:
    """Yield a line for each page, as they come."""
    given = [(case, wanted.records, wanted.model) for case in todo]
    if wanted.workers < 2:
        yield from map(_task, given)
        return
    os.environ["OMP_NUM_THREADS"] = "1"
    with multiprocessing.get_context("spawn").Pool(wanted.workers) as pool:
        yield from pool.imap_unordered(_task, given)


def done(path: Path) -> list[dict[str, Any]]:
    """Return the lines that are there; a torn last one is done again."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def main() -> None:
    """Read the command line, digitize what is not done yet, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, help="folder of real records; else the built-in ones")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=100, help="of each recipe, resolution and rate")
    parser.add_argument("--recipes", default=",".join(RECIPES))
    parser.add_argument("--dpi", default="200")
    parser.add_argument("--rates", default="500")
    parser.add_argument("--model", type=Path, help="folder of a model; else the shipped one")
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    dpis, rates_hz = ([int(v) for v in text.split(",")] for text in (wanted.dpi, wanted.rates))
    every = cases(wanted.recipes.split(","), dpis, rates_hz, wanted.pages)
    wanted.out.mkdir(parents=True, exist_ok=True)
    path = wanted.out / "results.jsonl"
    there = {Case(*(line[field.name] for field in dataclasses.fields(Case))) for line in done(path)}
    with path.open("a") as lines:
        for line in run([case for case in every if case not in there], wanted):
            lines.write(line + "\n")
            lines.flush()
    (wanted.out / "results.md").write_text(tables(done(path), POOR_DB))


if __name__ == "__main__":
    main()
