"""A dataset run: every page of every record to files; a bad record is reported, never fatal."""

from __future__ import annotations

import contextlib
import errno
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from fastecg.dataset.files import Files, page_stem
from fastecg.dataset.sources import Source, check_seed
from fastecg.errors import FastECGError, OutputError, RecipeError, RecordWarning
from fastecg.formats.bands import BandMemory
from fastecg.formats.files import TEMPORARY_SUFFIX, ensure_directory, write_atomic
from fastecg.pipeline import Generator
from fastecg.record import Record

FAILURES: Final = "failures.jsonl"
RUN: Final = "run.json"
_GIVE_UP_AFTER: Final = 3
"""Pages in a row that cannot be written before the run stops: the disk is full, not one name wrong."""
_WRONG_NAME: Final = frozenset({errno.ENAMETOOLONG, errno.ENOTDIR, errno.EEXIST, errno.EISDIR})
"""What a system says that refuses one name, though others can be written."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A record or page that failed: its key, the kind of error and the message.

    ``stops`` says that other pages will fail for the same reason, as on a full disk.
    """

    key: str
    error: str
    message: str
    stops: bool = False


@dataclass(slots=True)
class Summary:
    """What a run did; ``skipped`` pages were there already."""

    written: int = 0
    skipped: int = 0
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    stopped: str = ""

    @property
    def ok(self) -> bool:
        """Whether every page is there."""
        return not self.failures and not self.stopped


@dataclass(frozen=True, slots=True)
class Run:
    """What to make of records, and where to put it.

    Parameters
    ----------
    output
        Folder of the dataset; records keep their sub-folders in it.
    seed
        Seed of the dataset, 0 to 2**64 - 1.
    copies
        Pages per window of a record, each drawn anew; 1 or more.
    files
        Which files a page becomes.

    Raises
    ------
    RecipeError
        If the seed or the number of copies is not one of these.
    """

    output: Path
    seed: int = 0
    copies: int = 1
    files: Files = field(default_factory=Files)

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if self.copies < 1:
            raise RecipeError(
                f"{self.copies} copies are asked for", "1 or more", "leave --copies out for one page each"
            )


def generate(
    sources: Iterable[Source],
    generator: Generator,
    run: Run,
    on_record: Callable[[Summary], None] | None = None,
) -> Summary:
    """Write the pages of all records.

    Pages that are there already are left alone, so a run that was stopped goes on where it was;
    unfinished files of one that was killed are removed. One run at a time in a folder.

    Parameters
    ----------
    sources
        The records.
    generator
        Renders the pages.
    run
        What to make of them.
    on_record
        Called with the summary so far after each record.

    Raises
    ------
    OutputError
        If the output folder cannot be used, or holds the pages of another run.

    Examples
    --------
    >>> import tempfile
    >>> from fastecg.dataset.sources import find_sources
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = Run(Path(folder) / "pages")
    ...     generate(find_sources(None, seed=0, limit=1), Generator("clean"), run).written
    1
    """
    ensure_directory(run.output)
    _claim(generator, run)
    summary = Summary()
    job = _Job(generator, run, summary)
    job.tidy(run.output)
    started = time.perf_counter()
    in_a_row = 0
    for source in sources:
        for failure in job.pages_of(source):
            if failure is None:
                in_a_row = 0
                continue
            summary.failures.append(failure)
            in_a_row = in_a_row + 1 if failure.stops else 0
            if in_a_row == _GIVE_UP_AFTER:
                summary.stopped = f"{_GIVE_UP_AFTER} pages in a row could not be written"
                break
        summary.seconds = time.perf_counter() - started
        if on_record is not None:
            on_record(summary)
        if summary.stopped:
            break
    _report_failures(run.output, summary)
    return summary


@dataclass(frozen=True, slots=True)
class _Job:
    """A run under way."""

    generator: Generator
    run: Run
    summary: Summary
    tidied: set[Path] = field(default_factory=set)
    memory: BandMemory = field(default_factory=BandMemory)

    def pages_of(self, source: Source) -> Iterator[Failure | None]:
        """Write the pages of a record; yield None for one that is there, a Failure for one that is not."""
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", RecordWarning)
                record = source.read()
            self.summary.notes += [
                f"{source.key}: {w.message}" for w in caught if issubclass(w.category, RecordWarning)
            ]
            windows = range(self.generator.windows(record))
        except Exception as error:  # noqa: BLE001 - whatever a file holds must not stop the others
            yield _failure(source.key, error)
            return
        for window in windows:
            for copy in range(self.run.copies):
                try:
                    self._write_page(source.key, record, window, copy)
                except Exception as error:  # noqa: BLE001 - as above
                    yield _failure(f"{source.key} window {window} copy {copy}", error)
                else:
                    yield None

    def _write_page(self, key: str, record: Record, window: int, copy: int) -> None:
        files = self.run.files
        stem = page_stem(key, window, copy)
        folder = self.run.output.joinpath(*key.split("/")[:-1])
        self.tidy(folder)
        # not Path.is_file, which raises where a name is too long; writing will say so in plain words
        if all(os.path.isfile(folder / name) for name in files.names(stem)):  # noqa: PTH113
            self.summary.skipped += 1
            return
        spec = self.generator.draw(record, key=key, seed=self.run.seed, copy=copy, window=window)
        files.write(self.generator.render_spec(record, spec), folder, stem, self.memory)
        self.summary.written += 1

    def tidy(self, folder: Path) -> None:
        """Remove what a killed run left unfinished in a folder, when its first page comes."""
        if folder in self.tidied:
            return
        self.tidied.add(folder)
        with contextlib.suppress(OSError):  # what is wrong with the folder, writing to it will say
            for leftover in folder.glob(f".*{TEMPORARY_SUFFIX}"):
                leftover.unlink(missing_ok=True)


def _failure(key: str, error: Exception) -> Failure:
    name = type(error).__name__
    message = str(error) if isinstance(error, FastECGError) else f"{name}: {error}"
    cause = error.__cause__
    stops = isinstance(error, OutputError) and isinstance(cause, OSError) and cause.errno not in _WRONG_NAME
    # a file name that is no Unicode has no place in JSON
    return Failure(key, name, message.encode(errors="backslashreplace").decode(), stops)


def _claim(generator: Generator, run: Run) -> None:
    """Write down what the run is; refuse a folder that holds another one's pages."""
    from fastecg import __version__  # noqa: PLC0415 - the package imports this module

    recipe = generator.recipe
    mine = {
        "fastecg": __version__,
        "seed": run.seed,
        "recipe": recipe.name,
        "window_s": recipe.window_s,
        "values": recipe.values,
        "image": run.files.image,
        "quality": run.files.quality if run.files.image == "jpeg" else None,
        "mask_unplotted": run.files.mask_unplotted,
    }
    path = run.output / RUN
    data = orjson.dumps(mine, option=orjson.OPT_INDENT_2)
    try:
        found = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise OutputError(f"{path} cannot be read ({error.strerror})") from None
    if found is not None and found != data:
        raise OutputError(
            f"{run.output} holds the pages of another run",
            "the same recipe, seed, format, quality, mask and version",
            f"choose another folder, or remove this one ({path.name} in it says what it holds)",
        )
    if found is None:
        write_atomic(path, data)


def _report_failures(output: Path, summary: Summary) -> None:
    """Write the failures, one JSON object a line; remove the list of an earlier run if there are none."""
    path = output / FAILURES
    try:
        if summary.failures:
            lines = [
                orjson.dumps({"record": f.key, "error": f.error, "message": f.message})
                for f in summary.failures
            ]
            write_atomic(path, b"\n".join(lines) + b"\n")
        else:
            path.unlink(missing_ok=True)
    except (OutputError, OSError) as error:
        with contextlib.suppress(OSError):  # that of an earlier run would be read as this one's
            path.unlink(missing_ok=True)
        unwritten = f"{FAILURES} could not be written: {error}"
        summary.stopped = f"{summary.stopped}; {unwritten}" if summary.stopped else unwritten
