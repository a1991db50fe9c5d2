"""Light: what is taken out, and what is left."""

from __future__ import annotations

import numpy as np

from fastecg.digitize.light import shrink, tones


def test_a_lamp_changes_nothing() -> None:
    page = np.full((200, 300, 3), (250, 236, 238), np.uint8)
    page[::8] = (244, 170, 176)
    page[90:93] = (25, 25, 30)
    lamp = np.linspace(0.5, 1.0, 300)[None, :, None] * np.array([1.0, 0.95, 0.8])
    plain, lit = tones(page), tones((page * lamp).astype(np.uint8))
    inner = np.s_[40:160, 40:260]
    assert np.abs(plain.ink[inner] - lit.ink[inner]).max() < 0.08
    assert np.abs(plain.grid[inner] - lit.grid[inner]).max() < 0.08


def test_ink_is_seen_and_a_red_grid_is_not() -> None:
    page = np.full((120, 120, 3), (255, 240, 240), np.uint8)
    page[::8] = (250, 160, 165)
    page[60:63] = (20, 20, 20)
    found = tones(page)
    assert found.ink[61, 60] > 0.8
    assert found.ink[56, 60] < 0.1
    assert found.grid[56, 60] > 0.2


def test_shrinking_keeps_small_images() -> None:
    image = np.zeros((30, 40, 3), np.uint8)
    assert shrink(image, 50)[0] is image
