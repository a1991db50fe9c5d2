"""The command digitize: images in; WFDB records, reports and pictures out."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fastecg.cli.stopping import Signals
from fastecg.digitize.batch import Report, Way, digitize_pages
from fastecg.digitize.jobs import REPORT, Job, done_before, find_files, plan_jobs, read_report
from fastecg.errors import FastECGError
from fastecg.formats.files import ensure_directory, write_atomic

REPORT_EVERY_S: Final = 10.0


@dataclass(slots=True)
class _Book:
    """The report of all pages, written now and then and at the end."""

    path: Path
    reports: dict[str, Report]
    written: float = field(default_factory=time.monotonic)

    def note(self, name: str, report: Report) -> None:
        """Take what became of a page."""
        self.reports[name] = report
        if time.monotonic() - self.written > REPORT_EVERY_S:
            self.write()

    def write(self) -> None:
        """Write everything."""
        write_atomic(self.path, json.dumps(self.reports, indent=1).encode())
        self.written = time.monotonic()


def check_way(way: Way) -> None:
    """Refuse what cannot be.

    Raises
    ------
    FastECGError
        If a value is out of its range.
    """
    if not 50 <= way.rate_hz <= 10_000:
        raise FastECGError(f"the rate is {way.rate_hz:g} Hz", "50 to 10000")
    if not 0 <= way.workers <= 1024:
        raise FastECGError(f"{way.workers} workers are asked for", "0 to 1024")
    if not way.timeout_s > 0:
        raise FastECGError(f"the timeout is {way.timeout_s:g} s", "more than 0")
    if way.memory_mb < 1024:
        raise FastECGError(f"the memory limit is {way.memory_mb} MB", "1024 or more")


def digitize_images(paths: list[Path], way: Way, *, overwrite: bool = False) -> int:
    """Digitize images and PDFs into a folder; return the exit code: 0 if all of them could be read.

    Parameters
    ----------
    paths
        Files and folders.
    way
        How, and where to.
    overwrite
        Whether pages that are done are done again.

    Raises
    ------
    FastECGError
        If there is nothing to read, or nothing can be written.
    """
    check_way(way)
    files = find_files(paths, way.output)
    ensure_directory(way.output)
    jobs = plan_jobs(files, way.output)
    done = {} if overwrite else _done(jobs, way)
    book = _Book(way.output / REPORT, read_report(way.output))
    # names are kept for pages that are still to be done, should this run end before
    book.reports |= {job.name: done.get(job.name) or _unread(job) for job in jobs}
    book.write()
    signals, console = Signals(), Console(stderr=True, soft_wrap=True)
    todo = [job for job in jobs if job.name not in done]
    try:
        with signals.caught(), _bar(console) as progress:
            task = progress.add_task("pages", total=len(jobs), completed=len(done))
            for job, report in digitize_pages(todo, way, signals.stop.is_set):
                book.note(job.name, report)
                progress.advance(task)
                _tell(console, job, report)
    except KeyboardInterrupt:
        signals.code = signals.code or 130
    finally:
        book.write()
    _sum_up(console, jobs, book, len(done), way.output)
    if signals.code:
        console.print("stopped; run the same command again to go on")
        return signals.code
    return 1 if any("error" in book.reports[job.name] for job in jobs) else 0


def _done(jobs: list[Job], way: Way) -> dict[str, Report]:
    """Return the reports of pages that are done already."""
    found = ((job.name, done_before(job, way.output, way.rate_hz)) for job in jobs)
    return {name: report for name, report in found if report is not None}


def _unread(job: Job) -> Report:
    return {**job.source(), "error": "it was not reached"}


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("digitizing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


def _tell(console: Console, job: Job, report: dict[str, Any]) -> None:
    """Print what is wrong with a page."""
    for problem in (report.get("error"), *report.get("warnings", ())):
        if problem:
            said = problem if problem.startswith(job.told) else f"{job.told}: {problem}"
            console.print(said, style="yellow", highlight=False, markup=False)


def _sum_up(console: Console, jobs: list[Job], book: _Book, skipped: int, output: Path) -> None:
    failed = sum("error" in book.reports[job.name] for job in jobs)
    before = f", {skipped} of them before" if skipped else ""
    console.print(
        f"{len(jobs) - failed} of {len(jobs)} pages digitized into {output}{before}",
        highlight=False,
        markup=False,
    )
