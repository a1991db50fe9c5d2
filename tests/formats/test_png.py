"""PNG files, compared with what Pillow and OpenCV decode and an independent walk of their chunks."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any, Literal

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from fastecg.errors import OutputError
from fastecg.formats import bands, png
from fastecg.formats.png import encode_png

Pixels = NDArray[np.uint8]
RowFilter = Literal["auto", "none", "up"]
FILTERS: tuple[RowFilter, ...] = ("auto", "none", "up")
sides = st.integers(1, 24)
images = hnp.arrays(np.uint8, st.one_of(st.tuples(sides, sides), st.tuples(sides, sides, st.just(3))))


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Walk the chunks of a PNG file and check each CRC."""
    assert data[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    found, at = [], 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert len(content) == length
        assert struct.unpack_from(">I", data, at + 8 + length) == (zlib.crc32(kind + content),)
        found.append((kind, content))
        at += length + 12
    return found


def with_pillow(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def with_opencv(data: bytes) -> Pixels:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return np.asarray(image[..., ::-1] if image.ndim == 3 else image, np.uint8)


def filters_of(data: bytes, height: int) -> set[int]:
    """Return the filter numbers used."""
    content = zlib.decompress(dict(chunks(data))[b"IDAT"])
    return set(content[:: len(content) // height])


@settings(deadline=None)  # the first call compiles
@given(image=images, row_filter=st.sampled_from(FILTERS))
@example(image=np.zeros((1, 1), np.uint8), row_filter="up")
@example(image=np.full((1, 5, 3), 255, np.uint8), row_filter="auto")
def test_two_decoders_give_back_the_pixels(image: Pixels, row_filter: RowFilter) -> None:
    data = encode_png(image, 200, row_filter=row_filter)
    np.testing.assert_array_equal(with_pillow(data), image)
    np.testing.assert_array_equal(with_opencv(data), image)
    assert data == encode_png(image.copy(), 200, row_filter=row_filter)


@given(image=images, row_filter=st.sampled_from(FILTERS), block=st.integers(1, 200))
@settings(max_examples=50, deadline=None)
def test_pixels_do_not_depend_on_blocks(image: Pixels, row_filter: RowFilter, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(png, "_BLOCK_BYTES", block)
        patch.setattr(bands, "_BAND_BYTES", block)
        np.testing.assert_array_equal(with_pillow(encode_png(image, 200, row_filter=row_filter)), image)


@pytest.mark.parametrize("row_filter", FILTERS)
def test_large_noise_crosses_blocks(row_filter: RowFilter) -> None:
    rows, block = 800, png._BLOCK_BYTES
    image = np.random.default_rng(1).integers(0, 256, (rows, 701, 3), dtype=np.uint8)
    assert image.nbytes > block
    data = encode_png(image, 200, row_filter=row_filter)
    np.testing.assert_array_equal(with_pillow(data), image)
    np.testing.assert_array_equal(with_opencv(data), image)


@settings(deadline=None)
@given(image=images, dpi=st.floats(1, 65_535))
def test_chunks_are_valid_and_name_no_version(image: Pixels, dpi: float) -> None:
    found = chunks(encode_png(image, dpi))
    assert [kind for kind, _ in found] == [b"IHDR", b"pHYs", b"tEXt", b"IDAT", b"IEND"]
    colour = 0 if image.ndim == 2 else 2
    assert found[0][1] == struct.pack(">IIBBBBB", image.shape[1], image.shape[0], 8, colour, 0, 0, 0)
    assert found[2][1] == b"Software\0fastecg"
    assert found[4][1] == b""


@settings(deadline=None)
@given(dpi=st.floats(1, 65_535))
def test_pillow_reads_the_dpi(dpi: float) -> None:
    with Image.open(io.BytesIO(encode_png(np.zeros((2, 3), np.uint8), dpi))) as image:
        half_a_pixel_per_metre = 0.0254 / 2
        assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=half_a_pixel_per_metre + 1e-9)


@pytest.mark.parametrize(
    "view",
    [
        lambda image: image[::2, 1::3],
        lambda image: image[::-1, ::-1],
        lambda image: image[..., 1],
        lambda image: image.transpose(1, 0, 2),
        lambda image: np.broadcast_to(image[:1], image.shape),
        lambda image: np.frombuffer(image.tobytes(), np.uint8).reshape(image.shape),
    ],
    ids=["steps", "mirrored", "channel", "transposed", "broadcast", "read-only"],
)
def test_any_strides(view: Any) -> None:
    image = view(np.random.default_rng(2).integers(0, 256, (13, 17, 3), dtype=np.uint8))
    np.testing.assert_array_equal(with_pillow(encode_png(image, 200)), image)


@pytest.mark.parametrize("shape", [(90, 120), (90, 120, 3)])
def test_the_filter_follows_the_content(shape: tuple[int, ...]) -> None:
    drawn = np.full(shape, 250, np.uint8)
    drawn[::8], drawn[1::8], drawn[:, ::8] = 180, 210, 180
    assert filters_of(encode_png(drawn, 200), 90) == {0}
    noise = np.random.default_rng(3).normal(0, 10, shape)
    noisy = np.clip(drawn + noise, 0, 255).astype(np.uint8)
    assert filters_of(encode_png(noisy, 200), 90) == {2}


@pytest.mark.parametrize(
    ("image", "part"),
    [
        (np.zeros((4, 5, 3), np.float32), "float32"),
        (np.zeros((4, 5, 3), np.int8), "int8"),
        ([[1, 2]], "list"),
        (np.zeros((4, 5, 4), np.uint8), "(4, 5, 4)"),
        (np.zeros(4, np.uint8), "(4,)"),
        (np.zeros((0, 5, 3), np.uint8), "(0, 5, 3)"),
        (np.zeros((2, 4, 5, 3), np.uint8), "(2, 4, 5, 3)"),
        (np.broadcast_to(np.uint8(0), (50_000, 50_000, 3)), "2000000000"),
    ],
)
def test_no_image(image: Any, part: str) -> None:
    with pytest.raises(OutputError) as caught:
        encode_png(image, 200)
    assert part in str(caught.value)


@pytest.mark.parametrize("dpi", [0, -1, 70_000, float("nan"), float("inf")])
def test_no_dpi(dpi: float) -> None:
    with pytest.raises(OutputError, match="1 to 65535"):
        encode_png(np.zeros((2, 3), np.uint8), dpi)
