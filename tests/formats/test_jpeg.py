"""JPEG files, compared with what Pillow decodes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from fastecg.errors import OutputError
from fastecg.formats.jpeg import encode_jpeg

Pixels = NDArray[np.uint8]


def smooth_image(height: int, width: int) -> Pixels:
    """Return slow gradients, another one in each channel, which JPEG hardly changes."""
    y, x = np.mgrid[0:height, 0:width] / 64
    channels = np.stack([200 + 20 * x, 90 + 20 * y, 40 + 10 * (x + y)], axis=2)
    return np.asarray(np.clip(channels, 0, 255), np.uint8)


def opened(data: bytes) -> Any:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("shape", [(40, 71), (1, 1), (17, 16)])
def test_colours_and_grey_stay(shape: tuple[int, int]) -> None:
    image = smooth_image(*shape)
    for pixels, mode in ((image, "RGB"), (image[..., 0], "L")):
        decoded = opened(encode_jpeg(pixels, 200))
        assert decoded.mode == mode
        np.testing.assert_allclose(np.asarray(decoded).astype(int), pixels, atol=4)


@given(dpi=st.floats(1, 65_535), height=st.integers(1, 20), width=st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_pillow_reads_size_and_dpi(dpi: float, height: int, width: int) -> None:
    decoded = opened(encode_jpeg(smooth_image(height, width), dpi))
    assert decoded.size == (width, height)
    assert decoded.info["jfif_unit"] == 1
    assert decoded.info["jfif_density"] == (round(dpi), round(dpi))


def test_quality_and_sampling() -> None:
    image = np.random.default_rng(4).integers(0, 256, (64, 48, 3), dtype=np.uint8)
    sizes = [len(encode_jpeg(image, 200, quality=quality)) for quality in (1, 50, 95, 100)]
    assert sizes == sorted(set(sizes))
    assert encode_jpeg(image, 200) == encode_jpeg(image.copy(), 200, quality=95)
    assert JpegImagePlugin.get_sampling(opened(encode_jpeg(image, 200))) == 2  # 4:2:0


def test_pillow_writes_the_same_at_the_same_quality() -> None:
    image = np.random.default_rng(4).integers(0, 256, (64, 48, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=95)
    ours = np.asarray(opened(encode_jpeg(image, 200))).astype(int)
    np.testing.assert_allclose(ours, np.asarray(opened(buffer.getvalue())), atol=2)


def test_any_strides() -> None:
    image = smooth_image(40, 60)
    view = image[::-2, 3::2]
    assert encode_jpeg(view, 200) == encode_jpeg(view.copy(), 200)


@pytest.mark.parametrize(
    ("image", "dpi", "quality", "part"),
    [
        (np.zeros((4, 5, 3), np.float64), 200, 95, "float64"),
        (np.zeros((4, 5, 2), np.uint8), 200, 95, "(4, 5, 2)"),
        (np.zeros((65_501, 1), np.uint8), 200, 95, "65500"),
        (np.zeros((4, 5), np.uint8), 0.5, 95, "dpi"),
        (np.zeros((4, 5), np.uint8), 200, 0, "1 to 100"),
        (np.zeros((4, 5), np.uint8), 200, 101, "1 to 100"),
    ],
)
def test_what_is_not_allowed(image: Any, dpi: float, quality: int, part: str) -> None:
    with pytest.raises(OutputError) as caught:
        encode_jpeg(image, dpi, quality=quality)
    assert part in str(caught.value)
