"""Strips: how dark each pixel is beside the paper around it."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg.digitize.strips import COLUMNS_MM, HALF_MM, HEIGHT, X_PX_MM, Y_PX_MM, darkness


def test_a_strip_reaches_as_far_as_it_says() -> None:
    assert HEIGHT / Y_PX_MM == 2 * HALF_MM
    assert COLUMNS_MM == 2 * X_PX_MM
    assert HEIGHT % 16 == 0


@pytest.mark.parametrize("light", [0.4, 0.7, 1.0])
def test_light_and_its_colour_fall_out(light: float) -> None:
    rng = np.random.default_rng(1)
    paper = np.full((352, 240, 3), 240.0)
    paper[170:173] *= 0.2
    paper[:, ::10] *= 0.8
    shaded = paper * (light * np.linspace(0.8, 1.0, 240)[None, :, None]) * np.array([1.0, 0.9, 0.7])
    noisy = shaded + rng.normal(0, 0.5, shaded.shape)
    plain, seen = (darkness(np.clip(np.rint(image), 0, 255).astype(np.uint8)) for image in (paper, noisy))
    assert seen[171, 5::10].mean() == pytest.approx(plain[171, 5::10].mean(), abs=0.04)
    assert np.abs(seen[20:150, 5::10]).mean() < 0.06
    assert seen[171, 5::10].mean() > 0.7


def test_paper_of_one_colour_is_not_dark_and_small_strips_work() -> None:
    assert np.abs(darkness(np.full((352, 8, 3), 90, np.uint8))).max() < 1e-6
    assert darkness(np.zeros((352, 11, 3), np.uint8)).shape == (352, 11, 3)
