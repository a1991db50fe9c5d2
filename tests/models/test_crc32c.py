"""CRC-32C, against RFC 3720 and a loop over bits."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg_models.crc32c import LANES, crc32c, masked
from tests.models.tf_writer import mask, slow_crc


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"\0" * 32, 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E), (b"", 0)],
)
def test_examples_of_rfc_3720(content: bytes, expected: int) -> None:
    assert crc32c(content) == expected


@pytest.mark.parametrize("size", [1, 7, LANES - 1, LANES, LANES + 1, 3 * LANES, 5 * LANES + 13])
def test_lanes_give_what_a_loop_gives(size: int) -> None:
    content = np.random.default_rng(size).bytes(size)
    assert crc32c(content) == slow_crc(content)
    assert masked(crc32c(content)) == mask(slow_crc(content))
