"""Phrases on the command line: found, then printed or written as a phrases file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from fastecg.errors import PhraseError
from fastecg.formats.files import ensure_directory, write_atomic
from fastecg.phrases.find import find_phrases
from fastecg.phrases.tables import to_table


def list_phrases(
    source: str, output: Path | None, *, pipeline: str, labels: Sequence[str], limit: int | None
) -> None:
    """Find phrases and print them, the heaviest first, or write them into a file.

    Raises
    ------
    PhraseError
        If there are none, or the limit is below 1 or labels are given without a pipeline.
    OutputError
        If the file cannot be written.
    """
    if limit is not None and limit < 1:
        raise PhraseError(f"limit is {limit}", "1 or more")
    if labels and not pipeline:
        raise PhraseError(f"--label {labels[0]} without a pipeline", "--pipeline NAME --label LABEL")
    found = find_phrases(source, pipeline=pipeline, labels=labels)
    table = to_table(found.heaviest(len(found) if limit is None else limit))
    if output is None:
        sys.stdout.write(table)
        return
    ensure_directory(output.parent)
    write_atomic(output, table.encode())
    sys.stderr.write(f"{table.count(chr(10)) - 1} phrases in {output}\n")
