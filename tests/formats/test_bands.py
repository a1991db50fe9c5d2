"""Bands of rows: the same bytes with a memory and without, whatever came before; read by two decoders."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from fastecg.formats import bands
from fastecg.formats.bands import BandMemory, deflate_bands
from fastecg.formats.png import encode_png


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8), st.integers(1, 400))
@settings(max_examples=60)
def test_a_memory_changes_no_byte(seeds: list[int], band_bytes: int) -> None:
    """Pages of few different bands, in changing sizes: bands are recalled, replaced and resized."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "_BAND_BYTES", band_bytes)
        memory = BandMemory()
        for seed in seeds:
            rng = np.random.default_rng(seed)
            height, width = rng.choice([7, 24]), rng.choice([5, 9])
            image = np.repeat(rng.integers(0, 2, height, np.uint8), width * 3).reshape(height, width, 3)
            data = encode_png(image, 200, row_filter="none", memory=memory)
            assert data == encode_png(image, 200, row_filter="none")
            np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), image)


@given(st.integers(1, 60), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_the_stream_is_valid_to_its_checksum(height: int, stride: int, seed: int) -> None:
    """zlib, another implementation, verifies the Adler-32 put together from those of the bands."""
    rows = np.random.default_rng(seed).integers(0, 256, (height, stride), np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "_BAND_BYTES", 64)
        stream = b"".join(deflate_bands(rows, None))
    plain = np.frombuffer(zlib.decompress(stream), np.uint8).reshape(height, stride + 1)
    assert not plain[:, 0].any()
    np.testing.assert_array_equal(plain[:, 1:], rows)


def test_bands_seen_before_are_not_deflated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    deflated: list[int] = []
    original = bands._deflated

    def counted(rows: NDArray[np.uint8], filtered: NDArray[np.uint8]) -> bands._Band:
        deflated.append(len(rows))
        return original(rows, filtered)

    monkeypatch.setattr(bands, "_deflated", counted)
    monkeypatch.setattr(bands, "_BAND_BYTES", 10 * 30)
    memory, paper = BandMemory(), np.full((40, 10, 3), 250, np.uint8)
    inked = paper.copy()
    inked[12, 4] = 0
    counts = []
    for image in (paper, paper, inked, inked, paper):
        encode_png(image, 200, row_filter="none", memory=memory)
        counts.append(len(deflated))
        deflated.clear()
    assert counts == [4, 0, 1, 1, 0]
