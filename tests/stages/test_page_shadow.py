"""The page's shadow: its outline, moved and blurred, at any resolution."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import erf

from fastecg.stages.page_shadow import shadow_light
from fastecg.stages.perspective import Below


def at(light: NDArray[np.float32], frame: NDArray[np.float32], x: float, y: float) -> float:
    """Return the light at the place next to a point of the page."""
    j, i = (round(float((value - frame[k]) / frame[2])) for k, value in enumerate((x, y)))
    return float(light[min(max(i, 0), len(light) - 1), min(max(j, 0), light.shape[1] - 1)])


@pytest.mark.parametrize("px_per_mm", [2.0, 8.0])
def test_the_edge_is_a_blurred_step_in_mm(px_per_mm: float) -> None:
    below = Below(shadow_mm=8, shadow_x_mm=4, shadow_y_mm=0, shadow_depth=0.6)
    width, height = round(200 * px_per_mm), round(150 * px_per_mm)
    light, frame = shadow_light((height, width), None, below, px_per_mm)
    for off_mm in (-16, -8, 0, 8, 16):  # from the shadow's right edge, which lies 4 mm off the page's
        j = round(((204 + off_mm) * px_per_mm - float(frame[0])) / float(frame[2]))
        exact_mm = (float(frame[0]) + j * float(frame[2])) / px_per_mm - 204
        wanted = 1 - 0.6 * 0.5 * (1 - erf(exact_mm / 8 / np.sqrt(2)))
        assert light[len(light) // 2, j] == pytest.approx(wanted, abs=0.06)


def test_there_is_light_in_what_is_torn_off_and_little_in_a_small_hole() -> None:
    alpha = np.full((1000, 1400), 255, np.uint8)
    alpha[:400, 1000:] = 0  # a corner of 50 x 50 mm
    alpha[700:748, 300:348] = 0  # a hole of 6 mm
    below = Below(shadow_mm=6, shadow_depth=0.5)
    light, frame = shadow_light(alpha.shape, alpha, below, 8.0)
    assert at(light, frame, 1300, 100) > 0.95
    assert at(light, frame, 324, 724) < 0.62
    assert at(light, frame, 500, 500) == pytest.approx(0.5, abs=0.01)
    assert light[0, 0] == pytest.approx(1.0)
