"""The end of a run: the files that list the dataset, its failures, and the checksums of all."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from fastecg.dataset.claim import RUN, SUMS
from fastecg.dataset.ledger import Ledger
from fastecg.dataset.place import Entry, Place
from fastecg.dataset.plan import Plan
from fastecg.dataset.unit import Failure
from fastecg.errors import OutputError
from fastecg.formats.files import write_atomic
from fastecg.formats.writer import Writer

FAILURES: Final = "failures.jsonl"


def finish(plan: Plan, ledger: Ledger, place: Place, writer: Writer, output: Path) -> None:
    """Complete a dataset; the checksums, which come last, say that it is.

    Parameters
    ----------
    plan, ledger
        The plan, and what was done of it: all.
    place, output
        The dataset's folder.
    writer
        The format.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    ledger.compact(place)
    lists = [place.write(path, chunks) for path, chunks in writer.dataset_files(_rows(ledger))]
    write_failures(output, _failures(plan, ledger))
    others = [_entry(output, name) for name in (FAILURES, RUN) if (output / name).exists()]
    place.write(SUMS, _sums(ledger, [*lists, *others]))


def write_failures(output: Path, failures: Iterable[Failure]) -> None:
    """Write the failures, one JSON object a line; remove the list of an earlier run if there are none.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    path = output / FAILURES
    lines = [_line(failure) for failure in without_repeats(failures)]
    try:
        if lines:
            write_atomic(path, b"".join(lines))
        else:
            path.unlink(missing_ok=True)
    except (OutputError, OSError) as error:
        with contextlib.suppress(OSError):  # that of an earlier run would be read as this one's
            path.unlink(missing_ok=True)
        raise OutputError(f"{FAILURES} could not be written: {error}") from error


def without_repeats(failures: Iterable[Failure]) -> Iterator[Failure]:
    """Yield failures; of those of a whole record, which each of its pages has, one."""
    last = ""
    for failure in failures:
        if not (failure.record and failure.key == last):
            yield failure
        last = failure.key if failure.record else ""


def unreadable(plan: Plan) -> Iterator[Failure]:
    """Yield the records of a plan that have no pages."""
    return (Failure(row.key, row.error, row.message, record=True) for row in plan.records.unreadable())


def _failures(plan: Plan, ledger: Ledger) -> Iterator[Failure]:
    yield from unreadable(plan)
    for result in ledger.failed():
        yield from result.failures


def _line(failure: Failure) -> bytes:
    return orjson.dumps({"record": failure.key, "error": failure.error, "message": failure.message}) + b"\n"


def _rows(ledger: Ledger) -> Iterator[dict[str, Any]]:
    for result in ledger:
        yield from result.rows


def _entry(output: Path, name: str) -> Entry:
    data = (output / name).read_bytes()
    return Entry(name, len(data), hashlib.sha256(data).hexdigest())


def _sums(ledger: Ledger, others: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the lines that ``sha256sum --check`` reads: pages in the order of the plan, then the rest."""
    for result in ledger:
        for entry in result.files:
            yield f"{entry.sha256}  {entry.path}\n".encode()
    for entry in others:
        yield f"{entry.sha256}  {entry.path}\n".encode()
