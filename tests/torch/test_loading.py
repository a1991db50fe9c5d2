"""Real DataLoaders: each page once in an epoch over all ranks and workers, and other pages in the next."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

import fastecg
from fastecg.errors import FastECGError, RecordError, RecordWarning
from fastecg.torch import PageDataset, PageSampler, PageStream, collate_pages, rank_and_world

pytestmark = [
    pytest.mark.torch,
    pytest.mark.pages,
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # more workers than processors
]

SMALL: Final = {"page.dpi": 50}
PageId = tuple[str, int, int]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return a packed store of five records, one of them of two windows."""
    records = list(fastecg.builtin_records(5))
    long = records[1]
    records[1] = fastecg.Record(
        long.name, np.tile(long.signals_mv, 2), long.leads, long.sampling_rate_hz, long.header
    )
    fastecg.pack_records(records, tmp_path / "five.fecg")
    return tmp_path / "five.fecg"


def expected(epoch: int, copies: int = 2) -> list[PageId]:
    """Return every page of an epoch of the store, sorted."""
    windows = [(f"synthetic-000{k}", w) for k in range(5) for w in range(2 if k == 1 else 1)]
    return sorted((key, w, epoch * copies + c) for key, w in windows for c in range(copies))


def loader(dataset: Any, workers: int = 2, **others: Any) -> DataLoader:
    """Return a loader whose workers are spawned and live on from epoch to epoch."""
    apart = {"multiprocessing_context": "spawn", "persistent_workers": True} if workers else {}
    return DataLoader(dataset, batch_size=3, num_workers=workers, collate_fn=collate_pages, **apart, **others)


def served(batches: DataLoader) -> dict[PageId, torch.Tensor]:
    """Return the images of an epoch by page, none of which may come twice."""
    found: dict[PageId, torch.Tensor] = {}
    for batch in batches:
        for key, window, copy, image in zip(
            batch["key"], batch["window"].tolist(), batch["copy"].tolist(), batch["image"], strict=True
        ):
            assert (key, window, copy) not in found
            found[key, window, copy] = image
    return found


@pytest.mark.parametrize("style", ["stream", "map"])
def test_each_page_comes_once_over_ranks_and_workers(
    store: Path, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[dict[PageId, torch.Tensor]] = [{}, {}]
    for rank in range(2):
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setenv("WORLD_SIZE", "2")
        others: dict[str, Any] = {"seed": 7, "copies": 2, "overrides": SMALL}
        dataset: Any
        if style == "stream":
            dataset = PageStream(store, "varied", shuffle=True, **others)
            batches = loader(dataset)
        else:
            dataset = PageDataset(store, "varied", **others)
            batches = loader(dataset, sampler=PageSampler(dataset))
        for epoch in range(2):
            dataset.set_epoch(epoch)
            found = served(batches)
            assert len(found) == 6
            assert not found.keys() & pages[epoch].keys()
            pages[epoch] |= found
    assert [sorted(found) for found in pages] == [expected(0), expected(1)]
    generator = fastecg.Generator("varied", overrides=SMALL)
    records = {source.key: source.read() for source in fastecg.RecordStore(store)}
    for (key, window, copy), image in [*pages[0].items(), *pages[1].items()]:
        spec = generator.draw(records[key], seed=7, copy=copy, window=window)
        plain = generator.render_spec(records[key], spec).image
        height, width = plain.shape[:2]
        assert np.array_equal(image[:, :height, :width].permute(1, 2, 0).numpy(), plain)


def test_the_order_is_of_the_epoch_and_the_seed(store: Path) -> None:
    def order(epoch: int, seed: int) -> list[tuple[int, int]]:
        dataset = PageDataset(store, seed=seed)
        sampler = PageSampler(dataset)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert order(1, 7) == order(1, 7)
    assert [number for _, number in order(1, 7)] != [number for _, number in order(2, 7)]
    assert order(1, 7) != order(1, 8)
    assert sorted(order(1, 7)) == [(1, number) for number in range(6)]
    dataset = PageDataset(store)
    assert list(PageSampler(dataset, shuffle=False)) == [(0, number) for number in range(6)]


def test_an_epoch_that_starts_anew_is_the_same(store: Path) -> None:
    def keys(stream: PageStream) -> list[PageId]:
        return [(sample["key"], sample["window"], sample["copy"]) for sample in stream]

    stream = PageStream(store, shuffle=True, epoch=3, overrides=SMALL)
    assert stream.epoch == 3
    assert stream._epoch.is_shared()  # else a forked worker that lives on would stay in its first epoch
    assert keys(stream) == keys(stream)
    assert sorted(keys(stream)) == expected(3, copies=1)
    assert keys(PageStream(store, epoch=3, overrides=SMALL)) == expected(3, copies=1)


def test_uneven_shares_are_counted_as_they_are(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream, lengths = PageStream(store, overrides=SMALL), []
    monkeypatch.setenv("WORLD_SIZE", "4")
    for rank in range(4):
        monkeypatch.setenv("RANK", str(rank))
        lengths.append((len(stream), len(PageSampler(PageDataset(store))), len(list(stream))))
    assert lengths == [(2, 2, 2), (2, 2, 2), (1, 1, 1), (1, 1, 1)]


def test_a_stream_that_is_sent_keeps_its_rank(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 1)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 4)
    sent = pickle.dumps(PageStream(store, overrides=SMALL))
    assert len(sent) < 20_000
    monkeypatch.undo()
    arrived = pickle.loads(sent)
    assert [sample["key"] for sample in arrived] == ["synthetic-0001", "synthetic-0004"]


@pytest.mark.parametrize(("rank", "world"), [("1", ""), ("", "2"), ("2", "2"), ("-1", "2"), ("x", "2")])
def test_a_rank_that_makes_no_sense_is_refused(
    rank: str, world: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", world)
    with pytest.raises(FastECGError, match=r"set both, or neither"):
        rank_and_world()


@pytest.fixture
def partly_bad(tmp_path: Path) -> Path:
    """Return a folder of two records, one without its samples."""
    from fastecg.formats.wfdb_copy import write_wfdb

    for record in fastecg.builtin_records(2):
        write_wfdb(tmp_path, record.name, record)
    (tmp_path / "synthetic-0000.dat").unlink()
    return tmp_path


def test_bad_records_are_left_out_if_asked(partly_bad: Path) -> None:
    dataset = PageDataset(partly_bad, bad="skip", overrides=SMALL)
    assert len(dataset) == 2
    with pytest.warns(RecordWarning, match="left out: .*cannot be read"):
        batch = next(iter(loader(dataset, workers=0)))
    assert batch["key"] == ["synthetic-0001"]
    with pytest.warns(RecordWarning, match="left out"):
        assert len(list(PageStream(partly_bad, bad="skip", overrides=SMALL))) == 1


def test_bad_records_are_raised_otherwise(partly_bad: Path) -> None:
    with pytest.raises(RecordError, match="cannot be read"):
        PageDataset(partly_bad)
    first_windows = PageDataset(partly_bad, overrides={"windows": "first"})  # no record is read to count
    with pytest.raises(RecordError, match="cannot be read"):
        first_windows[0]
    with pytest.raises(FastECGError, match="raise, skip"):
        PageDataset(partly_bad, bad="ignore")  # type: ignore[arg-type]


def fresh() -> Iterator[dict[str, Any]]:
    yield {"image": torch.ones(3, 2, 2, dtype=torch.uint8), "key": "a"}
    yield {"image": torch.ones(3, 3, 1, dtype=torch.uint8), "key": "b"}


def test_batches_of_a_fixed_size() -> None:
    batch = partial(collate_pages, size=(4, 5))(list(fresh()))
    assert batch["image"].shape == (2, 3, 4, 5)
    assert batch["image"].is_contiguous(memory_format=torch.channels_last)
    assert batch["image"].sum(dim=(1, 2, 3)).tolist() == [12, 9]
    with pytest.raises(FastECGError, match=r"at most 2 x 5\); lower page\.dpi"):
        collate_pages(list(fresh()), size=(2, 5))
    with pytest.raises(RecordError, match="no page of the batch"):
        collate_pages([None, None])
