"""verify and report: what is wrong with a dataset, and what it looks like."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console
from rich.markup import escape

from fastecg.dataset.report import read_pace, write_report
from fastecg.dataset.verify import verify

_SHOWN: Final = 20


def verify_and_print(folder: Path, *, as_json: bool) -> bool:
    """Check a dataset and print what was found; return whether all is well.

    Raises
    ------
    OutputError
        If it is no dataset.
    """
    found = verify(folder)
    if as_json:
        print(orjson.dumps({"ok": found.ok, **asdict(found)}).decode())  # noqa: T201 - for machines
        return found.ok
    console = Console(soft_wrap=True)
    for word, paths in (("missing", found.missing), ("changed", found.changed), ("extra", found.extra)):
        for path in paths[:_SHOWN]:
            console.print(f"[red]{word}:[/] {escape(path)}", highlight=False)
        if len(paths) > _SHOWN:
            console.print(f"  … and {len(paths) - _SHOWN} more {word}", highlight=False)
    console.print(
        f"{found.checked} files checked: {len(found.missing)} missing, {len(found.changed)} changed, "
        f"{len(found.extra)} extra",
        highlight=False,
    )
    if not found.finished:
        console.print("the dataset is not complete: run the command that makes it again")
    elif found.missing or found.changed:
        console.print(
            "remove what is changed and run the command that made it again: it makes what is missing"
        )
    return found.ok


def report_and_print(folder: Path, log: Path | None) -> None:
    """Write a dataset's report and print where it is.

    Raises
    ------
    OutputError
        If it is no dataset, or the log cannot be read.
    """
    path = write_report(folder, None if log is None else read_pace(log))
    Console(soft_wrap=True).print(f"report: {escape(str(path))}", highlight=False)
