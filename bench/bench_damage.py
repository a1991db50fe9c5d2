"""Each kind of damage on a 2200 × 1700 page beside one perspective warp of that size by OpenCV."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg
from bench.conftest import Measure
from fastecg.drawing import draw_page
from fastecg.layers import Relief
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.damage import cut_paper, damage_ink, damage_paper, damage_relief
from fastecg.stages.fields import smooth_noise
from fastecg.stages.plot import draw_ink
from fastecg_kernels import load_backend

SHAPE: Final = (1700, 2200)
CPU: Final = load_backend("cpu")
KINDS: Final[dict[str, dict[str, Any]]] = {
    "coffee": {},
    "water": {"spots": 1},
    "soaking": {},
    "mould": {"clusters": 1},
    "yellowing": {},
    "fading": {"streaks": 6},
    "bleed": {},
    "corner": {},
    "tear": {},
    "holes": {},
}


@pytest.fixture(scope="module")
def ink() -> NDArray[np.uint8]:
    """Return a page's ink."""
    record, mask = fastecg.builtin_record(0).record, np.zeros(SHAPE, np.uint8)
    draw_ink(CPU, draw_page(record, make_spec({})), mask)
    return mask


@pytest.mark.benchmark(group="damage")
def test_warp_opencv(measure: Measure) -> None:
    """The yardstick: cv2.warpPerspective, linear."""
    image = np.full((*SHAPE, 3), 250, np.uint8)
    view = np.array([[1, 0.02, 3], [0.01, 1, 2], [1e-6, 2e-6, 1]])
    measure(cv2.warpPerspective, image, view, (SHAPE[1], SHAPE[0]), flags=cv2.INTER_LINEAR)


@pytest.mark.benchmark(group="damage")
@pytest.mark.parametrize("kind", KINDS)
def test_damage(measure: Measure, ink: NDArray[np.uint8], kind: str) -> None:
    """Everything that one kind does to the layers of a page; one ring, one spot of water, one colony."""
    damage = {"enabled": True, kind: {"enabled": True, **KINDS[kind]}}
    spec = make_spec({"damage": damage, "key": 3})
    image, relief = np.full((*SHAPE, 3), 250, np.uint8), Relief.flat(*SHAPE)

    def do(spec: PageSpec) -> None:
        damage_ink(CPU, ink, spec)
        damage_paper(CPU, image, spec)
        damage_relief(CPU, relief, spec)
        cut_paper(CPU, spec)

    measure(do, spec)


@pytest.mark.benchmark(group="a page of smooth noise")
def test_smooth_noise_ours(measure: Measure) -> None:
    """Three octaves from 60 mm on, a value per pixel."""
    rng = np.random.default_rng(0)
    measure(smooth_noise, CPU, rng, (215.9, 279.4), SHAPE, 60.0, 3)


@pytest.mark.benchmark(group="a page of smooth noise")
def test_smooth_noise_opencv(measure: Measure) -> None:
    """The same lattices by cv2.resize, cubic."""
    rng = np.random.default_rng(0)

    def do() -> NDArray[np.float32]:
        total = np.zeros(SHAPE, np.float32)
        for octave in range(3):
            nodes = 4 * 2**octave, 5 * 2**octave
            lattice = rng.standard_normal(nodes, np.float32) * np.float32(0.5**octave)
            total += cv2.resize(lattice, SHAPE[::-1], interpolation=cv2.INTER_CUBIC)
        return total

    measure(do)
