"""Creases on a 2200 × 1700 page beside one perspective warp of that size by OpenCV."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from bench.conftest import Measure
from fastecg.layers import Relief
from fastecg.spec import make_spec
from fastecg.stages.creases import crease, wear_ink
from fastecg_kernels import load_backend

SHAPE = (1700, 2200)
CPU = load_backend("cpu")
FIVE_AND_FIVE: dict[str, Any] = {"enabled": True, "n_horizontal": 5, "n_vertical": 5, "angle_deg": 20.0}
TWO_SOFT: dict[str, Any] = {"enabled": True, "width_mm": 4.0, "sharpness": 0.1, "depth": 0.05, "wear": 0.0}


@pytest.mark.benchmark(group="creases")
def test_warp_opencv(measure: Measure) -> None:
    """The yardstick: cv2.warpPerspective, linear."""
    image = np.full((*SHAPE, 3), 250, np.uint8)
    view = np.array([[1, 0.02, 3], [0.01, 1, 2], [1e-6, 2e-6, 1]])
    measure(cv2.warpPerspective, image, view, (SHAPE[1], SHAPE[0]), flags=cv2.INTER_LINEAR)


@pytest.mark.benchmark(group="creases")
@pytest.mark.parametrize("creases", [FIVE_AND_FIVE, TWO_SOFT], ids=["5 + 5 sharp", "1 + 1 soft"])
def test_crease(measure: Measure, creases: dict[str, Any]) -> None:
    """Light, dark and shift of a page's folds."""
    spec, relief = make_spec({"creases": creases, "key": 1}), Relief.flat(*SHAPE)
    measure(crease, CPU, relief, spec)


@pytest.mark.benchmark(group="creases")
def test_wear(measure: Measure) -> None:
    """Ink worn off 5 + 5 folds; a third of the page is ink here, on a page it is 2 %."""
    spec, ink = make_spec({"creases": FIVE_AND_FIVE, "key": 1}), np.zeros(SHAPE, np.uint8)
    ink[::3] = 255
    measure(wear_ink, CPU, ink, spec)
