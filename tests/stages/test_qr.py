"""QR codes, read back by OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fastecg.stages.qr import QUIET_MODULES, qr_mask, qr_modules


@pytest.mark.parametrize("content", ["9990123456", "999 001 12-MAR-2003 12:01", "é; Sinus rhythm" * 8])
def test_codes_can_be_read(content: str) -> None:
    mask = qr_mask(content, 400)
    assert set(np.unique(mask)) == {0, 255}
    pixels = len(mask) // len(qr_modules(content))
    page = np.pad(255 - mask, QUIET_MODULES * pixels, constant_values=255)
    assert cv2.QRCodeDetector().detectAndDecode(page)[0] == content


def test_many_codes_can_be_read() -> None:
    """At one of two sizes: OpenCV's reader misses one good code in a hundred, another at another size."""
    for k in range(100):
        content = f"999{k * 7919:07d} {k % 28 + 1:02d}-MAR-{1998 + k % 27} 07:{k % 60:02d}:11"
        pages = [np.pad(255 - qr_mask(content, side), 32, constant_values=255) for side in (110, 160)]
        assert content in [cv2.QRCodeDetector().detectAndDecode(page)[0] for page in pages]


def test_modules_are_whole_pixels() -> None:
    modules = qr_modules("9990123456")
    for side, pixels in ((21, 1), (41, 1), (42, 2), (100, 4)):
        mask = qr_mask("9990123456", side)
        np.testing.assert_array_equal(mask[::pixels, ::pixels] == 255, modules)
        assert mask.shape == (21 * pixels,) * 2


def test_a_code_smaller_than_its_modules_keeps_its_ink() -> None:
    modules = qr_modules("9990123456")
    for side in (1, 7, 15, 20):
        mask = qr_mask("9990123456", side)
        assert mask.shape == (side, side)
        assert mask.mean() / 255 == pytest.approx(modules.mean(), abs=0.01)
    thirds = qr_mask("9990123456", 7) / 255
    np.testing.assert_allclose(thirds, modules.reshape(7, 3, 7, 3).mean(axis=(1, 3)), atol=0.003)
