"""Plans of epochs, and makers that threads and processes share."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastecg
from fastecg.errors import RecipeError, RecordError
from fastecg.serving import PageMaker, PageName, PagePlan, count_windows
from fastecg.sourcing import list_sources
from fastecg.synthesis import builtin_record


@given(st.lists(st.integers(1, 4), max_size=6), st.integers(1, 3), st.integers(0, 5))
def test_a_plan_has_every_page_once_and_no_page_in_two_epochs(
    windows: list[int], copies: int, epoch: int
) -> None:
    plan = PagePlan(windows, len(windows), copies)
    listed = [
        PageName(s, w, epoch * copies + c)
        for s, n in enumerate(windows)
        for w in range(n)
        for c in range(copies)
    ]
    assert [plan.page(number, epoch=epoch) for number in range(len(plan))] == listed
    following = {plan.page(number, epoch=epoch + 1) for number in range(len(plan))}
    assert not following.intersection(listed)


def test_a_plan_of_equal_records_needs_no_list() -> None:
    plan = PagePlan(1, 10**9, copies=10**9)
    assert plan._ends is None
    assert plan.page(5 * 10**9 + 3, epoch=2) == PageName(5, 0, 2 * 10**9 + 3)


@pytest.mark.parametrize("number", [-1, 6])
def test_a_number_beyond_the_plan_is_refused(number: int) -> None:
    with pytest.raises(IndexError, match="of 6"):
        PagePlan([1, 2], 2, 2).page(number)


def test_orders_are_permutations_of_their_own() -> None:
    plan = PagePlan(1, 50, 2)
    first, second = (np.asarray(plan.order(epoch, 7, shuffle=True)) for epoch in range(2))
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(100))
    assert first.tolist() != second.tolist()
    assert plan.order(0, 7, shuffle=False) == range(100)


def test_windows_are_counted_without_samples_where_they_are_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = builtin_record(0).record
    long = fastecg.Record("long", np.tile(record.signals_mv, 3), record.leads, record.sampling_rate_hz)
    fastecg.pack_records([record, long], tmp_path / "s.fecg")
    maker = PageMaker("clean")
    assert count_windows(list_sources([record, long]), maker, skip_bad=False) == [1, 3]
    monkeypatch.setattr(fastecg.RecordStore, "read", lambda *_: pytest.fail("samples were read"))
    assert count_windows(list_sources(tmp_path / "s.fecg"), maker, skip_bad=False) == [1, 3]
    only_first = PageMaker("clean", overrides={"windows": "first"})
    assert count_windows(list_sources(tmp_path / "s.fecg"), only_first, skip_bad=False) == 1


def test_a_bad_record_is_one_window_or_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.hea").write_text("bad", encoding="utf-8")
    sources = list_sources(tmp_path)
    assert count_windows(sources, PageMaker("clean"), skip_bad=True) == [1]
    with pytest.raises(RecordError):
        count_windows(sources, PageMaker("clean"), skip_bad=False)


def test_an_outline_is_the_record_but_for_its_samples(tmp_path: Path) -> None:
    fastecg.pack_records(fastecg.builtin_records(1), tmp_path / "s.fecg")
    source = fastecg.RecordStore(tmp_path / "s.fecg")[0]
    record, outline = source.read(), source.outline()
    assert outline.signals_mv.shape == record.signals_mv.shape
    assert outline.signals_mv.strides == (0, 0)
    assert (outline.name, outline.leads, outline.header) == (record.name, record.leads, record.header)
    assert outline.duration_s == record.duration_s


def test_each_thread_has_a_generator_of_its_own_and_a_pickle_none() -> None:
    maker = PageMaker("photo", seed=3, overrides={"page.dpi": 60})
    mine, others = maker.generator, []
    thread = threading.Thread(target=lambda: others.append(maker.generator))
    thread.start()
    thread.join()
    assert maker.generator is mine is not others[0]
    sent = pickle.dumps(maker)
    assert len(sent) < 30_000
    again = pickle.loads(sent)
    assert (again.recipe, again.seed) == (maker.recipe, 3)


def test_copies_of_one_record_read_it_once() -> None:
    reads: list[str] = []

    class Source:
        def __init__(self, key: str) -> None:
            self.key = key

        def read(self) -> fastecg.Record:
            reads.append(self.key)
            return builtin_record(0).record

    maker = PageMaker()
    for key in ("a", "a", "b", "a"):
        maker.read(Source(key))
    assert reads == ["a", "b", "a"]


@pytest.mark.parametrize("wrong", [{"backend": "gpu"}, {"seed": 2**64}, {"recipe": "none"}])
def test_a_maker_refuses_at_once_what_no_page_could_be_made_with(wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        PageMaker(**wrong)  # type: ignore[arg-type]


def test_a_plan_without_copies_is_refused() -> None:
    with pytest.raises(RecipeError, match="0 copies"):
        PagePlan(1, 1, 0)
