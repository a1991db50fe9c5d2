"""pages: the same on any number of threads, in order, no further ahead than asked, and stopped at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import fastecg
from fastecg.errors import FastECGError, RecordError
from fastecg.record import Record
from fastecg.streaming import AHEAD
from fastecg.synthesis import builtin_record

pytestmark = pytest.mark.pages

SMALL: Final[dict[str, Any]] = {"page": {"dpi": 50}}


@dataclass
class Counted:
    """A built-in record that counts how often any was read."""

    number: int
    reads: list[int]
    bad: bool = False

    @property
    def key(self) -> str:
        return f"r{self.number}"

    def read(self) -> Record:
        self.reads.append(self.number)
        if self.bad:
            raise RecordError(f"{self.key} is bad")
        return builtin_record(self.number % 3).record


def page_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("fastecg-page")]


@pytest.mark.parametrize(("workers", "recipe"), [(1, "paper"), (2, "photo"), (4, "paper")])
def test_pages_are_those_of_a_generator_in_its_order(workers: int, recipe: str) -> None:
    records = list(fastecg.builtin_records(3))
    given = list(fastecg.pages(records, recipe, seed=7, copies=2, workers=workers, **SMALL))
    plain = list(fastecg.Generator(recipe, overrides=SMALL).render(records, seed=7, copies=2))
    assert len(given) == 6
    for page, other in zip(given, plain, strict=True):
        assert page.spec == other.spec
        assert page.image.tobytes() == other.image.tobytes()
        assert page.truth.to_json() == other.truth.to_json()


def test_keys_of_sources_are_kept(tmp_path: Path) -> None:
    fastecg.pack_records(fastecg.builtin_records(2), tmp_path / "s.fecg")
    reads: list[int] = []
    (page,) = fastecg.pages([Counted(1, reads)], "varied", **SMALL)
    record = builtin_record(1).record
    generator = fastecg.Generator("varied", overrides=SMALL)
    assert page.spec == generator.draw(record, key="r1")
    packed = [page.spec for page in fastecg.pages(tmp_path / "s.fecg", "varied", **SMALL)]
    assert packed[1] == generator.draw(record)


def test_nothing_happens_before_the_first_page() -> None:
    reads: list[int] = []
    fastecg.pages((Counted(k, reads) for k in range(9)), workers=2, **SMALL)
    assert not reads
    assert not page_threads()


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_is_read_ahead_than_the_workers_need(workers: int) -> None:
    reads: list[int] = []
    stream = fastecg.pages((Counted(k, reads) for k in range(40)), workers=workers, **SMALL)
    ahead = AHEAD * workers if workers > 1 else 1
    for taken in range(1, 9):
        next(stream)
        assert len(reads) == min(40, taken - 1 + ahead)
    stream.close()  # type: ignore[attr-defined]


def test_closing_ends_the_threads_and_what_waits() -> None:
    reads: list[int] = []
    stream = fastecg.pages((Counted(k, reads) for k in range(40)), workers=3, **SMALL)
    next(stream)
    assert 1 <= len(page_threads()) <= 3  # no thread is started while another idles
    stream.close()  # type: ignore[attr-defined]
    assert not page_threads()
    assert len(reads) == 6
    for page in fastecg.pages((Counted(k, reads) for k in range(40)), workers=2, **SMALL):
        assert page.image.size
        break
    assert not page_threads()  # breaking off closes it as soon as nobody holds it


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT to send")
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_stops_at_once(workers: int) -> None:
    code = (
        "import fastecg, itertools, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "record = fastecg.builtin_record(0).record\n"
        f"for page in fastecg.pages(itertools.repeat(record), workers={workers}, page={{'dpi': 50}}):\n"
        "    print('page', flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "page\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    assert process.returncode in (-signal.SIGINT, 130)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bad_record_is_raised_in_its_place(workers: int) -> None:
    reads: list[int] = []
    stream = fastecg.pages((Counted(k, reads, bad=k == 2) for k in range(9)), workers=workers, **SMALL)
    assert [next(stream).truth.record.name for _ in range(2)] == ["synthetic-0000", "synthetic-0001"]
    with pytest.raises(RecordError, match="r2 is bad"):
        next(stream)
    assert not page_threads()


@pytest.mark.parametrize("workers", [1, 2])
def test_or_told_and_left_out(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []
    sources = [Counted(k, [], bad=k == 2) for k in range(5)]
    from fastecg.serving import PageMaker

    make = PageMaker.make

    def fails(maker: PageMaker, record: Record, key: str, window: int, copy: int) -> fastecg.Page:
        if (key, copy) == ("r4", 1):
            raise FastECGError("cannot be drawn")
        return make(maker, record, key, window, copy)

    monkeypatch.setattr(PageMaker, "make", fails)
    stream = fastecg.pages(
        sources,
        copies=2,
        workers=workers,
        on_error=lambda key, error: told.append((key, str(error))),
        **SMALL,
    )
    assert len(list(stream)) == 7
    assert told == [("r2", "r2 is bad"), ("r4", "cannot be drawn")]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"workers": 0}, "0 workers .* 1 or more"),
        ({"copies": 0}, "0 copies .* 1 or more"),
        ({"recipe": "none"}, "none"),
        ({"seed": -1}, "the seed is -1"),
        ({"page": {"dpi": 1}}, "dpi"),
    ],
)
def test_wrong_values_are_refused_before_the_first_page(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(FastECGError, match=message):
        fastecg.pages(None, **wrong)


def test_arrays_are_handed_over_by_dlpack() -> None:
    (page,) = fastecg.pages(builtin_record(0).record, **SMALL)
    assert np.from_dlpack(page.image).ctypes.data == page.image.ctypes.data
    assert page.image.flags.writeable
    assert page.image.flags.c_contiguous


def endless() -> Iterator[Record]:
    while True:
        yield builtin_record(0).record


def test_records_without_end_are_fine() -> None:
    stream = fastecg.pages(endless(), workers=2, **SMALL)
    assert len([next(stream) for _ in range(5)]) == 5
    stream.close()  # type: ignore[attr-defined]
