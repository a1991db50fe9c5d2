"""generate's progress and summary on the terminal."""

from __future__ import annotations

import collections.abc
from contextlib import closing

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from fastecg.dataset.run import FAILURES, Run, Summary, generate
from fastecg.dataset.sources import Source, find_sources
from fastecg.pipeline import Generator

_SHOWN = 5
"""Failures and warnings printed in full; all failures are in failures.jsonl."""


class _PagesPerSecond(ProgressColumn):
    """Pages a second since the start."""

    def render(self, task: Task) -> Text:
        """Return the cell."""
        pages, seconds = task.fields["pages"], task.elapsed or 0.0
        return Text(f"{pages / seconds:.1f} pages/s" if seconds else "- pages/s", style="cyan")


def generate_with_progress(source: str | None, limit: int | None, generator: Generator, run: Run) -> bool:
    """Run generate under a progress bar and print what it did; return whether all went well."""
    console = Console(stderr=True, soft_wrap=True)
    sources = list(find_sources(source, seed=run.seed, limit=limit, output=run.output))
    progress = Progress(
        TextColumn("records"),
        BarColumn(),
        MofNCompleteColumn(),
        _PagesPerSecond(),
        TimeRemainingColumn(),
        console=console,
    )
    task = progress.add_task("records", total=len(sources), pages=0)

    def begun() -> collections.abc.Generator[Source, None, None]:
        with progress:  # not before the output folder is found fit: its error comes alone
            yield from sources

    def advance(summary: Summary) -> None:
        progress.update(task, advance=1, pages=summary.written + summary.skipped)

    try:
        with closing(begun()) as watched:
            summary = generate(watched, generator, run, advance)
    except KeyboardInterrupt:
        console.print("stopped; run the same command again to go on")
        return False
    _print_summary(console, summary, run)
    return summary.ok


def _print_summary(console: Console, summary: Summary, run: Run) -> None:
    rate = summary.written / summary.seconds if summary.seconds else 0.0
    console.print(
        f"{summary.written} pages written to {escape(str(run.output))} ({rate:.1f} pages/s), "
        f"{summary.skipped} skipped (there already), {len(summary.failures)} failed",
        highlight=False,
    )
    for note in summary.notes[:_SHOWN]:
        console.print(f"[yellow]warning:[/] {escape(note)}", highlight=False)
    if len(summary.notes) > _SHOWN:
        console.print(f"  … and {len(summary.notes) - _SHOWN} more warnings", highlight=False)
    for failure in summary.failures[:_SHOWN]:
        console.print(f"[red]failed:[/] {escape(failure.key)}: {escape(failure.message)}", highlight=False)
    if len(summary.failures) > _SHOWN:
        console.print(f"  … and {len(summary.failures) - _SHOWN} more", highlight=False)
    if summary.failures and (run.output / FAILURES).exists():  # not on a full disk
        console.print(f"all failures: {escape(str(run.output / FAILURES))}", highlight=False)
    if summary.stopped:
        console.print(f"[bold red]stopped:[/] {escape(summary.stopped)}", highlight=False)
