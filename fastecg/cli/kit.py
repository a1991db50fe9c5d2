"""The command line of ECG-Image-Kit: ``fastecg kit``, and the script ``fastecg-kit``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Do what the words of a command line of the kit's ask for; return the exit code.

    Parameters
    ----------
    arguments
        The flags, with or without the name of one of the kit's scripts before them.

    Raises
    ------
    FastECGError
        If they ask for what is not possible.
    """
    from fastecg.kit.flags import parse_flags  # noqa: PLC0415 - the other commands need none of it

    flags = parse_flags(arguments)
    from fastecg.cli.generating import generate_with_progress  # noqa: PLC0415 - --help needs none of it
    from fastecg.kit.run import run_kit  # noqa: PLC0415

    return run_kit(flags, lambda source, asked, work: generate_with_progress(source, asked, work, None))


def main() -> None:
    """Run the script ``fastecg-kit``."""
    from fastecg.cli import report_errors  # noqa: PLC0415 - as in fastecg.cli

    with report_errors():
        sys.exit(run(sys.argv[1:]))
