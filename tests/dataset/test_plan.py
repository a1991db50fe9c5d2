"""Plans: pages by arithmetic compared with counting, whatever the numbers; tables that are read back."""

from __future__ import annotations

import itertools
import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.dataset.place import Folder
from fastecg.dataset.plan import load_plan, make_plan, shard_of
from fastecg.dataset.records import RecordRow, RecordTable
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.dataset.unit import Maker, run_unit, writer_of
from fastecg.errors import OutputError, RecordError
from fastecg.formats.registry import FORMATS, make_writer
from fastecg.readers.read import read_record, record_duration_s
from fastecg.recipe import Recipe, load_recipe

Archive = Callable[..., Path]


class Long:
    """A record of some windows, or none that can be read."""

    def __init__(self, key: str, windows: int) -> None:
        self.key, self.windows = key, windows

    def read(self) -> Any:
        if not self.windows:
            raise RecordError("nothing there")
        return self

    @property
    def duration_s(self) -> float:
        return 10.0 * self.windows


@given(st.lists(st.integers(0, 3), max_size=6), st.integers(1, 4))
def test_pages_are_those_of_counting(windows: list[int], copies: int) -> None:
    sources: Any = [Long(f"r{k}", count) for k, count in enumerate(windows)]
    plan = make_plan(sources, Run(Path("unused"), "clean", copies=copies))
    counted = [
        (f"r{record}", window, copy)
        for record, count in enumerate(windows)
        for window in range(count)
        for copy in range(copies)
    ]
    assert plan.pages == len(counted)
    found = [plan.page(number) for number in range(plan.pages)]
    assert [(page.key, page.window, page.copy) for page in found] == counted
    for page in found:
        record = plan.record_of(page.number)
        assert page.number in plan.pages_of_record(record)
        assert plan.number(record, page.window, page.copy) == page.number
    for outside in (-1, plan.pages):
        with pytest.raises(IndexError):
            plan.page(outside)
    assert list(itertools.chain(*(plan.pages_of(unit) for unit in plan.units()))) == list(range(plan.pages))
    assert [row.key for row in plan.records.unreadable()] == [
        f"r{k}" for k, count in enumerate(windows) if not count
    ]


@given(st.integers(0, 40), st.integers(1, 9))
def test_shards_are_equal_and_leave_nothing_out(units: int, parts: int) -> None:
    shards = [shard_of(range(units), (part, parts)) for part in range(1, parts + 1)]
    assert list(itertools.chain(*shards)) == list(range(units))
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=5), st.integers(0, 5))))
def test_tables_are_read_back(tmp_path_factory: Any, rows: list[tuple[str, str, int]]) -> None:
    folder = tmp_path_factory.mktemp("table")
    table = RecordTable()
    for key, message, windows in rows:
        table.add(RecordRow(key, "", "Error" if message else "", message), windows)
    records = table.records()
    from fastecg.dataset.records import Records

    again = pickle.loads(pickle.dumps(Records.load(folder, records.save(folder))))
    assert list(again) == list(records) == [again[k] for k in range(len(again))]
    assert [row.key for row in again] == [key for key, _, _ in rows]
    np.testing.assert_array_equal(again.index, records.index)
    assert again.digest == records.digest


def test_a_table_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    plan = make_plan(None, Run(tmp_path))
    (tmp_path / ".fastecg").mkdir()
    plan.save(tmp_path)
    (lines,) = (tmp_path / ".fastecg").glob("records-*.jsonl")
    lines.write_bytes(lines.read_bytes()[:-5])
    with pytest.raises(OutputError, match=r"another size than its index says.*remove the folder"):
        load_plan(tmp_path)
    (tmp_path / ".fastecg" / "plan.json").write_text("{")
    with pytest.raises(OutputError, match=r"plan\.json cannot be read"):
        load_plan(tmp_path)


@pytest.mark.pages
def test_a_billion_copies_begin_at_once(tmp_path: Path, recipe: Recipe) -> None:
    run = Run(tmp_path, recipe, copies=10**9)
    assert make_plan(None, run).pages == 10**10

    class Enough(Exception):  # noqa: N818 - no error
        pass

    def stop(event: dict[str, Any]) -> None:
        if event["event"] == "unit" and event["unit"] >= 3:
            raise Enough

    tracemalloc.start()
    try:
        for workers in (0, 2):
            with pytest.raises(Enough):
                generate(None, run, Work(workers=workers), on_event=stop)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()
    assert (tmp_path / "synthetic-0000-0-copy3.png").exists()
    last = run_unit(make_plan(None, run), 10**10 - 1, Folder(tmp_path / "last"))
    assert last.files[-1].path == f"synthetic-0009-0-copy{10**9 - 1}.png"


def test_a_record_that_fails_costs_a_billion_copies_nothing(tmp_path: Path, recipe: Recipe) -> None:
    class Gone(Long):
        read_once = False

        def read(self) -> Any:
            if self.read_once:
                raise RecordError("gone since")
            self.read_once = True
            return self

    sources: Any = [Gone("a", 1), Gone("b", 2)]
    summary = generate(sources, Run(tmp_path, recipe, copies=10**9), Work(workers=0))
    assert (summary.written, summary.failed, summary.stopped) == (0, 2, "")
    assert len((tmp_path / "failures.jsonl").read_bytes().splitlines()) == 2


def test_records_take_few_bytes(tmp_path: Path) -> None:
    def many() -> Iterator[Any]:
        return (Long(f"ptbxl/records500/{k // 1000:05d}/{k:05d}_hr", 1 + k % 2) for k in range(10**5))

    tracemalloc.start()
    try:
        from fastecg.dataset.plan import plan_records

        records = plan_records(many(), load_recipe("clean"), None)
        assert tracemalloc.get_traced_memory()[1] < 25e6
    finally:
        tracemalloc.stop()
    assert records.windows == 150_000
    records.save(tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 7e6
    assert records[99_999].key.endswith("99999_hr")


def test_formats_come_back_from_what_they_say() -> None:
    for name in FORMATS:
        writer = make_writer(name)
        assert writer_of(writer.describe()).describe() == writer.describe()


def test_the_recipe_of_a_plan_draws_the_same(tmp_path: Path) -> None:
    (tmp_path / ".fastecg").mkdir()
    for name in ("varied", "photo", "ecg-image-database"):
        run = Run(tmp_path, name, seed=2**64 - 1)
        make_plan(None, run).save(tmp_path)
        plan = load_plan(tmp_path)
        assert plan is not None
        original = load_recipe(name)
        for copy in range(5):
            drawn = plan.recipe.draw("key", seed=plan.seed, copy=copy)
            assert drawn == original.draw("key", seed=2**64 - 1, copy=copy)


@pytest.mark.pages
def test_units_can_be_made_with_the_plan_alone(
    tmp_path: Path, recipe: Recipe, archive: Archive, snapshot: Any
) -> None:
    root = archive("a", "sub/b", "z", duration_s=16.0)
    generate(root, Run(tmp_path / "whole", recipe, seed=3), Work(workers=0))
    plan = load_plan(tmp_path / "whole")
    assert plan is not None
    assert (len(plan.units()), plan.pages) == (6, 6)
    for unit in reversed(plan.units()):
        run_unit(plan, unit, Folder(tmp_path / "parts"))
    parts = {name: digest for name, (digest, _) in snapshot(tmp_path / "parts").items()}
    whole = {name: digest for name, (digest, _) in snapshot(tmp_path / "whole").items()}
    assert len(parts) == 12
    assert {name: whole[name] for name in parts} == parts
    assert Maker(plan, Folder(tmp_path / "more")).make(5).pages == 1


@pytest.mark.parametrize("duration_s", [1.0, 9.9, 25.0])
def test_lengths_are_those_of_reading(archive: Archive, duration_s: float) -> None:
    root = archive("a", duration_s=duration_s)
    assert record_duration_s(root / "a") == read_record(root / "a").duration_s == duration_s
    (root / "r0.dat").write_bytes(b"short")
    with pytest.raises(RecordError, match="as the header says"):
        record_duration_s(root / "a")
