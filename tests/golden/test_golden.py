"""Two tiny pages compared with those kept in ``v1/``: at most 2 % of the values differ, by one grey level.

A change of the pixels of existing seeds is a change users see: it gets a line in bold in the changelog and
new pages here, which nothing but this command writes::

    python tests/golden/test_golden.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fastecg import Generator, builtin_record
from fastecg.spec import make_spec

FOLDER = Path(__file__).parent / "v1"
SMALL = {"size": "custom", "width_mm": 60, "height_mm": 50, "dpi": 50, "margin_mm": 2}
SMALL |= {"header_mm": 4, "footer_mm": 4}
PAGES: dict[str, dict[str, Any]] = {
    "clean": {"page": SMALL, "paper": "pink", "layout": "3x4+1", "plot": {"lead_names": "below"}},
    "other": {
        "page": {**SMALL, "grid_extent": "frame"},
        "paper": "gray-dots",
        "layout": "3x4+1-cabrera",
        "plot": {
            "gains": {"limb_mm_mv": 5, "chest_mm_mv": 10},
            "separator": "gap",
            "pulse": "right",
            "lead_names": "below",
            "ink": [40, 38, 60],
        },
    },
}


def rendered(name: str) -> NDArray[np.uint8]:
    record = builtin_record(0, sampling_rate_hz=100, duration_s=4).record
    return Generator("clean").render_spec(record, make_spec(PAGES[name])).image


def excess(image: NDArray[np.uint8], golden: NDArray[np.uint8]) -> str:
    """Return in words how far an image is off, or nothing where it is close enough."""
    off = abs(image.astype(int) - golden)
    if off.max() <= 1 and (off > 0).mean() <= 0.02:
        return ""
    return f"{(off > 0).mean():.1%} of the values differ, by up to {off.max()}"


@pytest.mark.parametrize("name", PAGES)
def test_page_is_as_it_was(name: str) -> None:
    golden = np.asarray(Image.open(FOLDER / f"{name}.png"))
    assert golden.shape == (98, 118, 3)
    assert not excess(rendered(name), golden)


def test_differences_are_seen() -> None:
    golden = np.full((98, 118, 3), 100, np.uint8)
    image = golden.copy()
    image[0, :100] += 1
    assert not excess(image, golden)
    image[5, 5] += 1
    assert not excess(image, golden)
    image[5, 5, 0] += 1
    assert "by up to 2" in excess(image, golden)
    image[5, 5, 0] -= 1
    image[:3] += 1
    assert excess(image, golden)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for page_name in PAGES:
        Image.fromarray(rendered(page_name)).save(FOLDER / f"{page_name}.png", optimize=True)
