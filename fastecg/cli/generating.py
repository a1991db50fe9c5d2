"""generate's progress, log and summary on the terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from fastecg.cli.stopping import Signals
from fastecg.dataset.finish import FAILURES
from fastecg.dataset.report import Pace, write_report
from fastecg.dataset.request import Run, SourceLike, Work
from fastecg.dataset.run import Summary, generate
from fastecg.errors import OutputError

_SHOWN: Final = 5
"""Failures and warnings printed in full; all failures are in failures.jsonl."""


class _PagesPerSecond(ProgressColumn):
    """Pages a second since the start; those that were there already count for nothing."""

    def render(self, task: Task) -> Text:
        """Return the cell."""
        pages, seconds = task.fields["written"], task.elapsed or 0.0
        return Text(f"{pages / seconds:.1f} pages/s" if seconds and pages else "- pages/s", style="cyan")


@dataclass(slots=True)
class _Display:
    """A progress bar that follows a run."""

    progress: Progress
    log: IO[bytes] | None
    task: TaskID | None = None
    made: int = 0
    begun: int = 0
    written: int = 0
    failed: int = 0
    pace: Pace = field(default_factory=Pace)

    def __call__(self, event: dict[str, Any]) -> None:
        """Show an event, and write it to the log."""
        self.pace(event)
        if self.log is not None:
            self.log.write(orjson.dumps(event) + b"\n")
            self.log.flush()
        kind = event["event"]
        if kind == "start":
            self.made = self.begun = event["skipped"]
            self.task = self.progress.add_task(
                "pages", total=event["pages"], completed=event["skipped"], written=0, failed=""
            )
            self.progress.start()
        elif self.task is None:
            return
        elif kind == "page":
            self.begun += 1
            self._advance(self.written + max(0, self.begun - self.made))
        elif kind == "unit":
            self.written += event["pages"]
            self.made += event["pages"] + event["failed"]
            self._advance(self.written + max(0, self.begun - self.made))
        elif kind == "failure":
            self.failed += 1
            self.progress.update(self.task, failed=f"[red]{self.failed} failed[/]")
        elif kind == "end":
            self.progress.stop()

    def _advance(self, written: int) -> None:
        if self.task is not None:
            self.progress.update(self.task, completed=max(self.made, self.begun), written=written)


def generate_with_progress(
    source: SourceLike, run: Run, work: Work, log_json: str | None, *, report: bool = False
) -> int:
    """Run generate under a progress bar and print what it did; return the exit code."""
    console = Console(stderr=True, soft_wrap=True)
    progress = Progress(
        TextColumn("pages"),
        BarColumn(),
        MofNCompleteColumn(),
        _PagesPerSecond(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}"),
        console=console,
        disable=log_json == "-",
    )
    signals = Signals()
    with _opened(log_json) as log:
        display = _Display(progress, log)
        try:
            with signals.caught():
                summary = generate(source, run, work, on_event=display, stop=signals.stop)
        except KeyboardInterrupt:
            console.print("stopped at once; run the same command again to go on")
            return signals.code or 130
        finally:
            if progress.live.is_started:  # else it prints an empty line
                progress.stop()
    if report and not signals.code and not run.remote:
        write_report(run.output, display.pace)
    if log_json != "-":
        _print_summary(console, summary, run)
    return signals.code or (0 if summary.ok else 1)


@contextlib.contextmanager
def _opened(log_json: str | None) -> Iterator[IO[bytes] | None]:
    if log_json is None:
        yield None
    elif log_json == "-":
        yield sys.stderr.buffer
    else:
        try:
            file = Path(log_json).open("ab")  # noqa: SIM115 - closed below
        except OSError as error:
            raise OutputError(f"the log {log_json} cannot be written ({error.strerror})") from None
        with file:
            yield file


def _print_summary(console: Console, summary: Summary, run: Run) -> None:
    rate = summary.written / summary.seconds if summary.seconds else 0.0
    console.print(
        f"{summary.written} pages written to {escape(run.where)} ({rate:.1f} pages/s), "
        f"{summary.skipped} skipped (there already), {summary.failed} failed",
        highlight=False,
    )
    for note in summary.notes[:_SHOWN]:
        console.print(f"[yellow]warning:[/] {escape(note)}", highlight=False)
    if summary.noted > _SHOWN:
        console.print(f"  … and {summary.noted - _SHOWN} more warnings", highlight=False)
    for failure in summary.failures[:_SHOWN]:
        console.print(f"[red]failed:[/] {escape(failure.key)}: {escape(failure.message)}", highlight=False)
    if summary.failed > _SHOWN:
        console.print(f"  … and {summary.failed - _SHOWN} more", highlight=False)
    if summary.failed and (run.remote or (run.output / FAILURES).exists()):  # not on a full disk
        console.print(f"all failures: {escape(run.where)}/{FAILURES}", highlight=False)
    if summary.left:
        console.print(f"{summary.left} units are left to other shards", highlight=False)
    if summary.stopped:
        console.print(f"[bold red]stopped:[/] {escape(summary.stopped)}", highlight=False)
        console.print("run the same command again to go on")
