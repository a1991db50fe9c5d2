"""Runs of ECG-Image-Kit's scripts: their flags become a source, a recipe and a format of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from fastecg.dataset.claim import RUN, SUMS
from fastecg.dataset.ledger import LEDGER
from fastecg.dataset.lock import WHOLE, Lock
from fastecg.dataset.place import STATE
from fastecg.dataset.plan import PLAN, head_of, load_plan, source_head
from fastecg.dataset.request import Run, SourceLike, Work
from fastecg.dataset.sources import MAX_SEED, Source, duration_s, find_sources
from fastecg.errors import FastECGError, RecordError
from fastecg.formats.kit import KitFiles
from fastecg.kit.flags import Flags
from fastecg.kit.recipe import kit_recipe
from fastecg.readers import RecordSource
from fastecg.recipe import Recipe
from fastecg.record import Record

_ALL: Final = -1
"""What ``--max_num_images`` says when there is no limit."""

Generate = Callable[[SourceLike, Run, Work], int]


@dataclass(frozen=True, slots=True)
class PartSource:
    """A part of a record: samples from ``first`` on, at most as many seconds as given."""

    source: Source
    first: int
    length_s: float

    @property
    def key(self) -> str:
        """Name of the record."""
        return self.source.key

    def read(self) -> Record:
        """Read the record and cut it.

        Raises
        ------
        RecordError
            If there are no samples where it is to begin.
        """
        record = self.source.read()
        if not 0 <= self.first < record.samples - 1:
            raise RecordError(
                f"--start_index is {self.first}", f"0 to {record.samples - 2} for {record.name!r}"
            )
        last = self.first + round(self.length_s * record.sampling_rate_hz)
        return replace(record, signals_mv=record.signals_mv[:, self.first : last].copy())


def run_kit(flags: Flags, generate: Generate) -> int:
    """Make what the flags of one of the scripts ask for; return the exit code.

    Parameters
    ----------
    flags
        As :func:`fastecg.kit.flags.parse_flags` returns them.
    generate
        Makes a dataset and returns the exit code, such as
        :func:`fastecg.cli.generating.generate_with_progress`.

    Raises
    ------
    FastECGError
        If a flag has no such value, or there are no such records.
    """
    recipe = kit_recipe(flags)
    files = KitFiles(flags.store_config, flags.lead_bbox, flags.lead_name_bbox, flags.mask_unplotted_samples)
    run = Run(Path(flags.output_directory), recipe, seed=flags.seed & MAX_SEED, copies=1, files=files)
    source = _source(flags, recipe)
    _forget_others(source, run)
    return generate(source, run, Work(workers=0 if flags.single else flags.workers))


def _source(flags: Flags, recipe: Recipe) -> SourceLike:
    if flags.single:
        header = Path(flags.header_file)
        for path, name in ((header, "--header_file"), (Path(flags.input), "--input_file")):
            if not path.is_file():
                raise RecordError(f"{name} {path} does not exist", "a WFDB record's file")
        record = RecordSource(header.stem, header.with_suffix(""))
        return [PartSource(record, flags.start_index, recipe.window_s)]
    if not Path(flags.input).is_dir():
        raise RecordError(f"--input_directory {flags.input} does not exist", "a folder of WFDB records")
    if flags.max_num_images == _ALL:
        return flags.input
    if flags.max_num_images < 1:
        raise FastECGError(f"--max_num_images is {flags.max_num_images}", "1 or more, or -1 for all")
    found = find_sources(flags.input, seed=0, limit=None, output=Path(flags.output_directory))
    return list(_first_pages(found, recipe, flags.max_num_images))


def _first_pages(sources: Iterator[Source], recipe: Recipe, most: int) -> Iterator[Source]:
    """Yield as many records as fill some number of pages, the last one cut if need be."""
    for source in sources:
        pages = 0
        with contextlib.suppress(FastECGError):  # the run says what is wrong with a record
            pages = recipe.windows_in(duration_s(source))
        yield source if pages <= most else PartSource(source, 0, most * recipe.window_s)
        most -= pages
        if most <= 0:
            return


def _forget_others(source: SourceLike, run: Run) -> None:
    """Forget the plan of another command that wrote into the same folder: the kit overwrites its pages."""
    try:
        found = load_plan(run.output)
    except FastECGError:
        return
    if found is None:
        return
    recipe, copies = run.loaded()
    head = head_of(recipe, run.files, seed=run.seed, copies=copies)
    if found.head == head and found.source == source_head(source, run):
        return
    with closing(Lock(run.output)) as lock:
        if not lock.take(WHOLE):
            return  # another run is at work there, which the next step says
        state = run.output / STATE
        for path in (state / PLAN, run.output / RUN, run.output / SUMS, *state.glob(f"{LEDGER}*")):
            path.unlink(missing_ok=True)
