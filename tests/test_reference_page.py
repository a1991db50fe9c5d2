"""The matplotlib pages that the benchmarks compare with: they show the same page as ours, pixel for pixel.

A benchmark against a picture of something else would be worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg
from bench.reference.matplotlib_page import careful_page, plain_page

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

pytestmark = pytest.mark.pages

MEASURED: dict[str, Any] = {}
DIFFERENT: dict[str, Any] = {
    "paper": "gray",
    "layout": "6x2",
    "page": {"dpi": 150},
    "plot": {"ink": [90, 0, 0]},
}


@dataclass(frozen=True)
class Pair:
    """Our page and matplotlib's."""

    page: fastecg.Page
    theirs: Pixels


@pytest.fixture(scope="module", params=["plain", "careful", "plain-different", "careful-different"])
def pair(request: pytest.FixtureRequest) -> Pair:
    """Return the page that is measured, and one that differs in what the reference has to know."""
    values = DIFFERENT if request.param.endswith("different") else MEASURED
    page = fastecg.render(fastecg.builtin_record(0).record, **values)
    draw = plain_page if request.param.startswith("plain") else careful_page
    return Pair(page, draw(page.truth.drawing, page.spec))


def text_boxes(page: fastecg.Page) -> list[tuple[slice, slice]]:
    """Return the rows and columns of every line of print, and what its typeface may need more."""
    boxes = []
    for text in page.truth.to_dict()["texts"]:
        (x0, y0), _, (x1, y1), _ = (np.rint(corner).astype(int) for corner in text["quad"])
        boxes.append((slice(max(y0 - 12, 0), y1 + 12), slice(max(x0 - 12, 0), x1 + 30)))
    return boxes


def strokes(image: Pixels, page: fastecg.Page) -> Mask:
    """Return which pixels are dark, without the print."""
    dark: Mask = image.mean(axis=2) < 100
    for box in text_boxes(page):
        dark[box] = False
    return dark


def grown(mask: Mask) -> Mask:
    """Return a mask with the eight neighbours of each of its pixels."""
    padded = np.pad(mask, 1)
    height, width = mask.shape
    grown: Mask = np.logical_or.reduce(
        [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    )
    return grown


def tiles(image: Pixels, side: int = 50) -> NDArray[np.float64]:
    """Return the means of squares; Agg snaps grid lines to whole pixels, which leaves these alone."""
    height, width = (length // side for length in image.shape[:2])
    cut = image[: height * side, : width * side].astype(np.float64)
    means: NDArray[np.float64] = cut.reshape(height, side, width, side, 3).mean(axis=(1, 3))
    return means


def test_same_picture(pair: Pair) -> None:
    ours, theirs = pair.page.image, pair.theirs
    assert theirs.shape == ours.shape
    assert theirs.dtype == np.uint8
    assert np.abs(theirs.astype(np.int16) - ours).mean() < 12
    assert np.abs(tiles(theirs) - tiles(ours)).mean() < 2


def test_strokes_within_one_pixel(pair: Pair) -> None:
    ours, theirs = (strokes(image, pair.page) for image in (pair.page.image, pair.theirs))
    assert min(ours.sum(), theirs.sum()) > 5_000
    assert not (theirs & ~grown(ours)).any()
    assert not (ours & ~grown(theirs)).any()


def test_strokes_two_pixels_away_are_seen(pair: Pair) -> None:
    ours = strokes(pair.page.image, pair.page)
    for axis in (0, 1):
        assert (np.roll(ours, 2, axis) & ~grown(ours)).any()


def test_every_line_of_print_is_there(pair: Pair) -> None:
    boxes = text_boxes(pair.page)
    assert len(boxes) == len(pair.page.truth.prints) >= 14
    for box in boxes:
        assert pair.theirs[box].mean(axis=2).min() < 120
