"""Ledgers: what was said last counts, torn lines do not, and locks hold as long as their process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.dataset.ledger import Ledger, LedgerWriter, from_line, gaps, last_said, to_line
from fastecg.dataset.lock import FINISHING, PLANNING, WHOLE, Lock
from fastecg.dataset.place import STATE, Entry, Folder
from fastecg.dataset.unit import Failure, UnitResult

SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from([0, 1, 2])), max_size=12)


@given(SPANS)
def test_last_said_is_what_painting_gives(spans: list[tuple[int, int, int]]) -> None:
    """Paint ranges, then single units over them, each unit for itself; state 2 wipes a single unit."""
    rows = np.array([(u, c, 0, k, 0, s if c == 1 else 1) for k, (u, c, s) in enumerate(spans)], np.int64)
    painted: dict[int, int] = {}
    for unit, count, _, position, *_ in rows.reshape(-1, 6).tolist():
        if count > 1:
            painted.update(dict.fromkeys(range(unit, unit + count), position))
    singles: dict[int, tuple[int, int]] = {}
    for unit, count, _, position, _, state in rows.reshape(-1, 6).tolist():
        if count == 1:
            singles[unit] = position, state
    painted |= {unit: position for unit, (position, state) in singles.items() if state != 2}
    said = last_said(rows.reshape(-1, 6))
    found = {unit: row[3] for row in said.tolist() for unit in range(row[0], row[0] + row[1])}
    assert found == painted
    assert said[:, 1].sum() == len(painted)
    assert said[:, 0].tolist() == sorted(said[:, 0].tolist())


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 8))), st.integers(0, 5), st.integers(0, 25))
def test_gaps_are_what_is_not_there(spans: list[tuple[int, int]], begin: int, end: int) -> None:
    taken = sorted((start, start + length) for start, length in spans)
    free = set(range(begin, end)) - {unit for start, stop in taken for unit in range(start, stop)}
    found = gaps(taken, begin, end)
    assert sorted(free) == [unit for start, stop in found for unit in range(start, stop)]
    assert all(start < stop for start, stop in found)


def result(unit: int, *failures: Failure, pages: int = 1) -> UnitResult:
    files = (Entry(f"page{unit}.png", unit, "0" * 64),) if pages else ()
    rows: tuple[dict[str, object], ...] = ({"id": unit},) if pages else ()
    return UnitResult(unit, 1, files, rows, failures, pages)


def test_lines_come_back() -> None:
    lost = Failure("é\udce9".encode(errors="backslashreplace").decode(), "OSError", "gone\n", 7, 1)
    for one in (result(3), result(4, lost, pages=0), UnitResult(5, 10**9, failures=(lost,))):
        line = to_line(one)
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        assert from_line(line) == one


@pytest.mark.parametrize("cut", range(1, 40, 6))
def test_torn_lines_are_none(tmp_path: Path, cut: int) -> None:
    (tmp_path / STATE).mkdir()
    for units in ((2, 0), (1,)):
        writer = LedgerWriter(tmp_path / STATE, "plan", "main")
        for unit in units:
            writer.append(result(unit))
        writer.close()
    newest = sorted((tmp_path / STATE).glob("ledger-*"))[-1]
    newest.write_bytes(newest.read_bytes()[:-cut])
    other = LedgerWriter(tmp_path / STATE, "another plan", "main")
    other.append(result(9))
    other.close()
    ledger = Ledger(tmp_path / STATE, "plan")
    ledger.read()
    assert [one.unit for one in ledger] == [0, 2]
    again = LedgerWriter(tmp_path / STATE, "plan", "main")
    again.append(result(1))
    again.close()
    ledger.read()
    assert list(ledger) == [result(0), result(1), result(2)]
    assert ledger.whole() == [(0, 3)]
    ledger.compact(Folder(tmp_path))
    assert list(ledger) == [result(0), result(1), result(2)]
    assert [path.name for path in (tmp_path / STATE).glob("ledger*")] == ["ledger.jsonl"]


def test_what_is_lost_is_not_done(tmp_path: Path) -> None:
    (tmp_path / STATE).mkdir()
    writer = LedgerWriter(tmp_path / STATE, "plan", "main")
    bad = Failure("r", "Error", "no", 0, 4, record=True)
    for one in (result(0), result(1), UnitResult(0, 4, failures=(bad,)), result(3)):
        writer.append(one)
    writer.close()
    ledger = Ledger(tmp_path / STATE, "plan")
    ledger.read(lambda one: one.unit != 1)
    assert [(one.unit, one.count, bool(one.files)) for one in ledger] == [
        (0, 1, True),
        (1, 2, False),
        (3, 1, True),
    ]
    assert ledger.whole() == [(0, 1), (3, 4)]
    assert ledger.known() == [(0, 4)]
    assert ledger.pages_in(range(4)) == 2
    assert [one.unit for one in ledger.failed()] == [1]


HOLD = """
import sys, time
from pathlib import Path
from fastecg.dataset.lock import Lock
lock = Lock(Path(sys.argv[1]))
print(lock.take(range(int(sys.argv[2]), int(sys.argv[3]))), flush=True)
time.sleep(60)
"""


def test_locks_hold_between_processes_and_go_with_them(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), "10", "20"], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "True\n"
        with contextlib.closing(Lock(tmp_path)) as lock:
            assert [lock.take(part) for part in (range(5, 11), range(19, 30), WHOLE)] == [False] * 3
            assert [lock.take(part) for part in (range(10), range(20, 30), PLANNING)] == [True] * 3
            holder.kill()
            holder.wait()
            assert lock.take(range(10, 20))
    assert os.listdir(tmp_path / STATE) == ["lock"]  # noqa: PTH208 - names are enough


def test_locks_hold_between_runs_of_one_process(tmp_path: Path) -> None:
    with contextlib.closing(Lock(tmp_path)) as one:
        assert one.take(range(5))
        with contextlib.closing(Lock(tmp_path)) as other:
            assert not other.take(WHOLE)
            assert other.take(range(5, 9))
        probe = [sys.executable, "-c", HOLD.replace("time.sleep(60)", ""), str(tmp_path), "0", "5"]
        assert subprocess.run(probe, capture_output=True, text=True, check=True).stdout == "False\n"
        one.release(range(5))
        assert one.take(WHOLE)
        assert one.take(FINISHING, wait=True)
