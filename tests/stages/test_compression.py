"""JPEG artefacts: they grow as the quality falls, colours stay what they are."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
from PIL import Image

from fastecg.stages.compression import compress


def page() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = np.full((120, 160, 3), 245, np.uint8)
    image[::8] = (238, 165, 168)
    image[:, ::8] = (238, 165, 168)
    image[40:43, 20:140] = 20
    return image


def test_quality_100_is_no_file_at_all() -> None:
    image = page()
    assert compress(image, 100) is image


def test_artefacts_grow_as_quality_falls() -> None:
    errors = [np.abs(compress(page(), quality).astype(int) - page()).mean() for quality in (95, 75, 40, 10)]
    assert all(better < worse for better, worse in pairwise(errors))
    assert errors[0] < 9  # of a grid this fine, most is colour at half resolution
    assert errors[-1] > 12


def test_it_is_what_another_reader_makes_of_the_file() -> None:
    from fastecg.formats.jpeg import encode_jpeg

    data = encode_jpeg(page(), dpi=100, quality=60)
    theirs = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    assert np.abs(compress(page(), 60) - theirs).max() <= 3


def test_red_stays_red() -> None:
    image = np.full((16, 16, 3), (230, 40, 60), np.uint8)
    assert np.abs(compress(image, 80).astype(int) - image).max() <= 4
