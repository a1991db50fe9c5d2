"""Masks: they fit the image they belong to, through the same camera."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fastecg import Page, builtin_record, render

RECORD = builtin_record(0, sampling_rate_hz=250).record
PHOTO = {"enabled": True, "tilt_x_deg": 15, "roll_deg": 4, "fill": 0.9, "curl": {"height_mm": 12}}

pytestmark = pytest.mark.pages


def page_of(**values: Any) -> Page:
    return render(RECORD, page={"dpi": 100}, **values)


@pytest.fixture(scope="module")
def photo() -> Page:
    return page_of(perspective={**PHOTO, "below": {"surface": "white", "shadow_depth": 0}})


def test_ink_is_where_the_masks_say(photo: Page) -> None:
    """On blank white paper, all darkness is one of traces, pulses, ticks and print."""
    page = page_of(
        paper="blank", plot={"ink": [0, 0, 0]}, perspective={**PHOTO, "below": {"surface": "white"}}
    )
    masks = page.masks
    ink = masks.traces().astype(int)
    for mask in (masks.pulses(), masks.separators(), masks.text()):
        ink = np.maximum(ink, mask)
    inside = masks.paper() == 255
    paper = int(page.image[inside].max())
    darkness = (paper - page.image[:, :, 1].astype(int)) * 255 / paper
    apart = np.abs(darkness - ink)[inside]
    assert apart.max() < 128
    assert (apart > 3).mean() < 1e-4  # where a tick crosses a trace, the larger of two samples is less
    assert ink[inside].max() > 200
    assert photo.masks.traces().shape == photo.image.shape[:2]


def test_paper_and_background_share_the_image(photo: Page) -> None:
    paper, background = photo.masks.paper(), photo.masks.background()
    assert (paper.astype(int) + background == 255).all()
    assert 0.5 < (paper == 255).mean() < 0.95
    corner = photo.truth.camera.to_image(np.array([[2.0, 2.0]]))[0].astype(int)
    assert paper[corner[1] + 2, corner[0] + 2] == 255
    assert paper[0, 0] == 0


def test_labels_name_the_trace_of_each_pixel(photo: Page) -> None:
    labels = photo.masks.leads()
    for k in (0, 5, 12):
        points = photo.truth.trace(k)[20:-20:25]
        seen = labels[points[:, 1].astype(int), points[:, 0].astype(int)]
        assert (seen == k + 1).mean() > 0.8  # thin lines cover less than half of some pixels
    assert labels.max() == 13


def test_the_grid_is_where_paper_is_coloured() -> None:
    page = page_of(plot={"lead_names": "none", "pulse": "none", "separator": "none"})
    grid, image = page.masks.grid(), page.image.astype(int)
    ink = page.masks.traces()
    lines = (image[:, :, 0] - image[:, :, 1] > 6) & (ink == 0)
    assert (grid[lines] > 0).all()
    blank = (grid == 0) & (ink == 0) & (page.masks.text() == 0)
    assert np.abs(image[blank] - (255, 253, 253)).max() <= 1


def test_the_clean_twin_is_the_clean_page_flat_or_seen() -> None:
    flat = page_of()
    photo = page_of(perspective=PHOTO)
    assert np.array_equal(photo.clean(), flat.image)
    assert np.array_equal(photo.clean(seen=True), photo.image)  # nothing but the camera is on
