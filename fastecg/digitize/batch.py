"""Many pages digitized by processes: one that dies or hangs costs its page, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.dataset.worker import limit_memory, receive, send
from fastecg.digitize.assembly import Digitized, digitize, overlay
from fastecg.digitize.jobs import Job
from fastecg.digitize.pictures import load_picture
from fastecg.digitize.read_out import StripReader, open_reader
from fastecg.digitize.team import Team
from fastecg.errors import FastECGError
from fastecg.formats.files import write_atomic
from fastecg.formats.wfdb_copy import write_wfdb

OVERLAY_PX: Final = 3600
"""Longest side of the picture of what was read."""
Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """How pages are digitized.

    Parameters
    ----------
    output
        The folder, which exists.
    rate_hz
        Samples per second of the records.
    workers
        Processes of one thread each; 0 for none but this one.
    timeout_s
        Longest that a page may take; needs workers.
    memory_mb
        Most memory of a worker, where the system can hold it to that.
    """

    output: Path
    rate_hz: float = 500.0
    workers: int = 0
    timeout_s: float = 300.0
    memory_mb: int = 4096


def digitize_page(job: Job, way: Way, reader: StripReader) -> Report:
    """Digitize a page and write what came of it; whatever is wrong with it goes into its report.

    Raises
    ------
    OutputError
        If nothing can be written.
    """
    source = job.source()
    try:
        picture = load_picture(job.path, job.page)
        result = digitize(
            picture.image, name=job.name, sampling_rate_hz=way.rate_hz, dpi=picture.dpi, reader=reader
        )
    except FastECGError as error:
        return {**source, "error": str(error)}
    except MemoryError:
        return {**source, "error": "it takes too much memory; make the picture smaller"}
    except Exception as error:  # noqa: BLE001 - a picture that breaks the digitizer leaves the others
        return {**source, "error": f"{type(error).__name__}: {error}"}
    warnings = [*picture.notes, *result.report["warnings"]]
    report = {**source, "sampling_rate_hz": way.rate_hz, **result.report, "warnings": warnings}
    _write(picture.image, result, report, job.name, way.output)
    return report


def _write(image: NDArray[np.uint8], result: Digitized, report: Report, name: str, output: Path) -> None:
    """Write a record, its picture and, when they are whole, its report."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    (output / f"{name}.json").unlink(missing_ok=True)
    write_wfdb(output, name, result.record)
    picture = overlay(image, result, longest_px=OVERLAY_PX)
    data = cv2.imencode(".png", picture[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
    write_atomic(output / f"{name}-overlay.png", data.tobytes())
    write_atomic(output / f"{name}.json", json.dumps(report, indent=1).encode())


def digitize_pages(
    jobs: Sequence[Job], way: Way, stopping: Callable[[], bool] = lambda: False
) -> Iterator[tuple[Job, Report]]:
    """Digitize pages; yield each with its report as it is done, in any order.

    Parameters
    ----------
    jobs
        What is to be done.
    way
        How.
    stopping
        Whether no other page is to be begun.

    Raises
    ------
    OutputError
        If nothing can be written.
    """
    if not way.workers:
        reader = open_reader()
        for job in jobs:
            if stopping():
                return
            yield job, digitize_page(job, way, reader)
        return
    yield from Team(jobs, way, min(way.workers, max(len(jobs), 1))).run(stopping)


def serve(way: Way, inbox: IO[bytes], outbox: IO[bytes]) -> None:
    """Digitize the pages that come in until no more do."""
    limit_memory(way.memory_mb)
    import cv2  # noqa: PLC0415 - to keep it to one thread

    cv2.setNumThreads(1)
    reader = open_reader()
    send(outbox, None)
    while True:
        job: Job = receive(inbox)
        try:
            answer: Report | FastECGError = digitize_page(job, way, reader)
        except FastECGError as error:
            answer = error
        send(outbox, answer)


def main() -> None:
    """Serve the process that started this one, and end with it."""
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not disturb the conversation
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with contextlib.suppress(EOFError, BrokenPipeError):
        serve(receive(inbox), inbox, outbox)
