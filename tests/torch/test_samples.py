"""Samples: what a page's targets are as tensors, that nothing is copied, and DLPack."""

from __future__ import annotations

import pickle
import threading
from typing import Any, Final

import numpy as np
import pytest
import torch

import fastecg
from fastecg.errors import RecipeError
from fastecg.leads import STANDARD_12
from fastecg.targets import TARGETS
from fastecg.torch import PageDataset, collate_pages, to_sample

pytestmark = [pytest.mark.torch, pytest.mark.pages]

SMALL: Final = {"page.dpi": 50}


def ink(page: fastecg.Page) -> dict[str, Any]:
    """Return the darkest grey of a page: a transform of the user's own."""
    return {"darkest": int(page.image.min())}


def test_tensors_share_the_memory_of_the_page() -> None:
    page = fastecg.render(fastecg.builtin_record(0).record, "photo", page={"dpi": 50})
    image = to_sample(page)["image"]
    assert image.shape == (3, *page.image.shape[:2])
    assert image.dtype == torch.uint8
    page.image[3, 4, 1] ^= 255
    assert image[1, 3, 4] == page.image[3, 4, 1]
    assert image[None].is_contiguous(memory_format=torch.channels_last)


def test_dlpack_hands_over_the_same_memory() -> None:
    page = fastecg.render(fastecg.builtin_record(0).record, page={"dpi": 50})
    tensor = torch.from_dlpack(page.image)
    assert tensor.data_ptr() == page.image.ctypes.data
    assert np.from_dlpack(tensor).ctypes.data == page.image.ctypes.data


@pytest.mark.parametrize("recipe", ["clean", "photo"])
def test_all_targets(recipe: str) -> None:
    dataset = PageDataset(None, recipe, targets=TARGETS, transform=ink, overrides=SMALL)
    sample, page = dataset[1], dataset.page(1)
    assert sample is not None
    assert set(sample) == {"image", "key", "window", "copy", "sampling_rate_hz", "darkest", *TARGETS}
    height, width = page.image.shape[:2]
    whole = page.truth.record
    length = sample["signals"].shape[1]
    np.testing.assert_array_equal(sample["signals"].numpy(), whole.signals_mv[:, :length])
    assert sample["sampling_rate_hz"] == whole.sampling_rate_hz
    assert torch.isnan(sample["signals_drawn"]).any()
    assert sample["mask_leads"].max() == len(sample["traces"]) == len(page.truth.drawing.traces) >= 12
    for name in TARGETS:
        if name.startswith("mask_"):
            assert sample[name].shape == (height, width)
            assert sample[name].dtype == torch.uint8
    assert sample["clean"].shape == sample["light"].shape == (3, height, width)
    assert sample["darkest"] == int(page.image.min())
    truth = page.truth.to_dict()
    boxes = [lead["box"] for lead in truth["leads"]]
    np.testing.assert_allclose(sample["boxes"].numpy(), boxes, rtol=1e-6)
    assert [STANDARD_12[k] for k in sample["labels"]] == [lead["name"].strip("-") for lead in truth["leads"]]
    np.testing.assert_allclose(sample["traces"][11].numpy(), truth["leads"][11]["trace"], atol=2e-3)


def test_targets_make_a_batch() -> None:
    dataset = PageDataset(
        None, "photo", targets=("signals", "boxes", "mask_text", "truth", "traces"), overrides=SMALL
    )
    samples = [dataset[0], dataset[1]]
    batch = collate_pages(samples)
    assert [len(signals) for signals in batch["signals"]] == [12, 12]
    assert batch["sampling_rate_hz"].tolist() == [500.0, 500.0]
    assert batch["image"].shape[2:] == batch["mask_text"].shape[1:]
    assert batch["sizes"].shape == (2, 2)
    assert [len(boxes) for boxes in batch["boxes"]] == [len(samples[k]["boxes"]) for k in range(2)]  # type: ignore[index]
    assert isinstance(batch["truth"], list)


def test_unknown_targets_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"target 'mask' is not known \(allowed: signals, "):
        PageDataset(None, targets=["mask"])


def test_numbers_count_from_zero_and_end() -> None:
    dataset = PageDataset(None, overrides=SMALL)
    for number in (-1, 10):
        with pytest.raises(IndexError, match=f"page {number} of 10"):
            dataset[number]


def test_a_dataset_that_is_sent_gives_the_same_pages() -> None:
    dataset = PageDataset(None, "photo", transform=ink, overrides=SMALL)
    first = dataset[4]
    again = pickle.loads(pickle.dumps(dataset))[4]
    assert first is not None
    assert torch.equal(first["image"], again["image"])


def test_threads_share_a_dataset() -> None:
    dataset = PageDataset(None, "photo", overrides=SMALL)
    alone = [dataset[number]["image"] for number in range(8)]  # type: ignore[index]
    found: dict[int, torch.Tensor] = {}

    def render(first: int) -> None:
        for number in range(first, 8, 2):
            found[number] = dataset[number]["image"]  # type: ignore[index]

    threads = [threading.Thread(target=render, args=(first,)) for first in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(found[number], alone[number]) for number in range(8))
