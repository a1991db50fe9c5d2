"""pack's progress and summary on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fastecg.packed.pack import Packed, pack_records

_SHOWN: Final = 5
"""Failures and warnings printed in full."""


def pack_with_progress(source: str, store: Path) -> bool:
    """Pack under a counter and print what was done; return whether every record is in the store."""
    console = Console(stderr=True, soft_wrap=True)
    columns = (TextColumn("records"), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console)
    task = progress.add_task("records", total=None)

    def advance(done: Packed) -> None:
        progress.start()  # not before there is a record: errors of the source or the store come alone
        progress.update(task, completed=done.records + done.failed)

    try:
        done = pack_records(source, store, on_record=advance)
    except KeyboardInterrupt:
        console.print("stopped; nothing was written")
        return False
    finally:
        if progress.live.is_started:  # stopping prints a line
            progress.stop()
    _print_summary(console, done, store)
    return not done.failed


def _print_summary(console: Console, done: Packed, store: Path) -> None:
    size = store.stat().st_size
    console.print(
        f"{done.records} records packed into {escape(str(store))} ({size / 1e6:.1f} MB), "
        f"{done.failed} left out",
        highlight=False,
    )
    for note in done.notes[:_SHOWN]:
        console.print(f"[yellow]warning:[/] {escape(note)}", highlight=False)
    if len(done.notes) > _SHOWN:
        console.print(f"  … and {len(done.notes) - _SHOWN} more warnings", highlight=False)
    for key, message in done.failures[:_SHOWN]:
        console.print(f"[red]left out:[/] {escape(key)}: {escape(message)}", highlight=False)
    if done.failed > _SHOWN:
        console.print(f"  … and {done.failed - _SHOWN} more", highlight=False)
