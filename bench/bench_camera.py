"""The camera: ours beside OpenCV's warps of the same size, and its maps of points.

cv2.warpPerspective (linear, 2200 × 1700, three channels, one thread) is the yardstick of all that is
done to a page after it is printed: the ratios at the end are told in its time, taken by turns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg
from bench.conftest import Measure
from bench.ratios import ratios
from fastecg.homography import project
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.perspective import homography
from fastecg.studio import Studio
from fastecg_kernels import load_backend

Image = NDArray[np.uint8]

SHAPE: Final = (1700, 2200)
POSE: Final[dict[str, Any]] = {"enabled": True, "tilt_x_deg": 14, "tilt_y_deg": -6, "roll_deg": 1.5}
VIEWS: Final[dict[str, dict[str, Any]]] = {
    "paper only": {**POSE, "fill": 1.4},
    "page on a desk": {**POSE, "fill": 0.95, "curl": {"height_mm": 10}},
}


@pytest.fixture(scope="module")
def page() -> Image:
    """Return a clean page's image."""
    return fastecg.render(fastecg.builtin_record(0).record).image


def spec_of(view: str) -> PageSpec:
    """Return the spec of one of the views."""
    return make_spec({"perspective": VIEWS[view]})


@pytest.mark.benchmark(group="warp of a page")
@pytest.mark.parametrize("view", VIEWS)
def test_ours(measure: Measure, page: Image, view: str) -> None:
    """The page, its edges, its shadow and the surface."""
    studio, spec = Studio(load_backend("cpu")), spec_of(view)
    measure(studio.photograph, page, studio.camera(spec, None), spec)


@pytest.mark.benchmark(group="warp of a page")
def test_opencv(measure: Measure, page: Image) -> None:
    """cv2.warpPerspective with a black border."""
    matrix = homography(spec_of("page on a desk"))
    measure(cv2.warpPerspective, page, matrix, SHAPE[::-1], flags=cv2.INTER_LINEAR)


@pytest.mark.benchmark(group="mesh of an image")
def test_mesh(measure: Measure) -> None:
    """Where 59,000 nodes of an image lie on the page: homography, curl."""
    measure(Studio(load_backend("cpu")).camera, spec_of("page on a desk"), None)


@pytest.mark.benchmark(group="20,000 points to the image")
@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_points(measure: Measure, backend: str) -> None:
    """The traces of a page through a bent camera."""
    camera = Studio(load_backend("cpu")).camera(spec_of("page on a desk"), None)
    points = np.random.default_rng(0).uniform((0, 0), SHAPE[::-1], (20_000, 2))
    guess = project(camera.homography, points)
    measure(load_backend(backend).mesh_to_image, camera.nodes(), points, guess)


def test_ratios(page: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """Print each step's time over cv2.warpPerspective's."""
    studio, kernels = Studio(load_backend("cpu")), load_backend("cpu")
    specs = {view: spec_of(view) for view in VIEWS}
    cameras = {view: studio.camera(spec, None) for view, spec in specs.items()}
    desk, mask = "page on a desk", page[:, :, 0].copy()
    image = np.empty(SHAPE, np.uint8)

    def photograph(view: str) -> Callable[[], object]:
        return lambda: studio.photograph(page, cameras[view], specs[view])

    found = ratios(
        {
            **{view: photograph(view) for view in VIEWS},
            "mesh of the desk's": lambda: studio.camera(specs[desk], None),
            "a mask": lambda: kernels.warp_mask(image, mask, cameras[desk].nodes()),
        },
        lambda: cv2.warpPerspective(page, cameras[desk].homography, SHAPE[::-1]),
    )
    assert all(ratio.low > 0 for ratio in found)
    with capsys.disabled():
        print("\n\nTimes of one cv2.warpPerspective:", *found, sep="\n")  # noqa: T201 - the result of the run
