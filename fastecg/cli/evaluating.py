"""evaluate: the tables on the terminal, and the report files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from fastecg.evaluate.compare import RecordResult, compare_folders
from fastecg.evaluate.report import as_csv, as_html, as_json, counts
from fastecg.evaluate.summary import Summary, sparkline, summarize
from fastecg.formats.files import write_atomic

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Files:
    """Where reports go; None for none."""

    json: Path | None = None
    csv: Path | None = None
    html: Path | None = None


def evaluate_and_print(
    reference: str, estimate: str, files: Files, *, intervals: bool, resample: bool
) -> bool:
    """Compare, print the tables, write the files; return whether everything could be compared."""
    errors = Console(stderr=True, soft_wrap=True)
    columns = (TextColumn("records"), TextColumn("{task.completed:.0f}"), TimeElapsedColumn())
    progress = Progress(*columns, console=errors, transient=True)
    task = progress.add_task("records", total=None)

    def advance(_: RecordResult) -> None:
        progress.start()  # not before there is a record: errors of the folders come alone
        progress.advance(task)

    try:
        results, extra = compare_folders(
            reference, estimate, intervals=intervals, resample=resample, on_record=advance
        )
    finally:
        if progress.live.is_started:
            progress.stop()
    summary = summarize(results)
    console = Console(soft_wrap=True)
    _print_tables(console, summary, intervals=intervals)
    _print_problems(errors, results, extra)
    _write(files, results, summary, (extra, f"{estimate} compared with {reference}"))
    return not (summary.missing or summary.failed or any(not result.leads for result in results))


def _print_tables(console: Console, summary: Summary, *, intervals: bool) -> None:
    console.print(counts(summary), highlight=False)
    console.print(
        f"PhysioNet Challenge 2024: {_number(summary.snr_2024_db)} dB   "
        f"Kaggle 2025: {_number(summary.snr_2025_db)} dB",
        highlight=False,
    )
    table = Table("measure", "mean", "sd", "median", "worst", "low … high", "worst record")
    table.columns[5].no_wrap = True
    for column in table.columns[1:5]:
        column.justify = "right"
    for spread in summary.spreads:
        name = f"{spread.measure.name} {spread.measure.unit}".strip()
        values = [_number(value) for value in (spread.mean, spread.sd, spread.median, spread.worst)]
        table.add_row(name, *values, sparkline(spread.values), escape(spread.worst_key))
    console.print(table)
    if not intervals:
        return
    beats = Table("interval", "beats", "bias ms", "sd ms", "limits of agreement ms", "low … high")
    beats.columns[5].no_wrap = True
    for name, found in summary.intervals.items():
        limits = f"{_number(found.low)} … {_number(found.high)}"
        row = (name, str(found.count), _number(found.bias), _number(found.sd), limits)
        beats.add_row(*row, sparkline(summary.differences_ms[name]))
    console.print(beats)


def _print_problems(console: Console, results: Sequence[RecordResult], extra: Sequence[str]) -> None:
    wrong = [f"[red]not compared:[/] {escape(f'{r.key}: {r.reason}')}" for r in results if r.reason]
    wrong += [
        f"[red]not compared:[/] {escape(r.key)}: it has no samples"
        for r in results
        if not (r.reason or r.leads)
    ]
    for line in wrong[:_SHOWN]:
        console.print(line, highlight=False)
    if len(wrong) > _SHOWN:
        console.print(f"  … and {len(wrong) - _SHOWN} more", highlight=False)
    if extra:
        names = ", ".join(extra[:_SHOWN]) + (" …" if len(extra) > _SHOWN else "")
        console.print(
            f"[yellow]warning:[/] {len(extra)} estimates belong to no reference: {escape(names)}",
            highlight=False,
        )


def _write(
    files: Files, results: Sequence[RecordResult], summary: Summary, about: tuple[Sequence[str], str]
) -> None:
    extra, title = about
    if files.json is not None:
        write_atomic(files.json, as_json(results, summary, extra))
    if files.csv is not None:
        write_atomic(files.csv, as_csv(results).encode())
    if files.html is not None:
        write_atomic(files.html, as_html(results, summary, title).encode())


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"
