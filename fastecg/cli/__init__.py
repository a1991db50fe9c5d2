"""The command line; each command in a module of its own."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from fastecg.errors import FastECGError


def main() -> None:
    """Run the command line; errors of the user's are one line on stderr, without a traceback."""
    from fastecg.cli.app import app  # noqa: PLC0415 - after the process is known to want it

    with report_errors():
        app(prog_name="fastecg")


@contextlib.contextmanager
def report_errors() -> Iterator[None]:
    """End the process with one line on stderr where the block raises an error of the user's."""
    try:
        yield
    except FastECGError as error:
        Console(stderr=True, soft_wrap=True).print(
            f"[bold red]error:[/] {escape(str(error))}", highlight=False
        )
        sys.exit(1)
