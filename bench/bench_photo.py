"""A photograph of a page, with everything that is done to it, beside one warp of its size by OpenCV.

2200 × 1700 pixels: header, wrinkles from the atlas, two folds, perspective, curl, lens, the table and the
page's shadow, light, colour temperature and noise. The yardstick is cv2.warpPerspective (linear, three
channels, one thread), timed by turns.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import pytest

import fastecg
from bench.conftest import Measure
from bench.ratios import Job, at_once, ratios
from fastecg.pipeline import Generator
from fastecg.spec import make_spec

PAGES_A_THREAD: Final = 12

PHOTO: Final[dict[str, Any]] = {
    "key": 5,
    "paper": "thermal",
    "header": {"enabled": True},
    "wrinkles": {"enabled": True, "scale": 2, "strength": 0.08},
    "creases": {"enabled": True, "n_horizontal": 1, "n_vertical": 1},
    "perspective": {
        "enabled": True,
        "tilt_x_deg": 12,
        "tilt_y_deg": -5,
        "roll_deg": 2,
        "fill": 0.97,
        "curl": {"height_mm": 8},
        "lens": {"k1": 0.01},
    },
    "imaging": {
        "enabled": True,
        "light": {
            "exposure_ev": -0.5,
            "vignetting": 0.15,
            "temperature_k": 4200,
            "lamp": {"share": 0.3},
            "shadow": {"depth": 0.2},
        },
        "tone": {"veil": 10},
        "noise": {"gaussian_sd": 1.5, "poisson_sd": 2},
    },
}


def photographer(recipe: str = "clean", **values: Any) -> Job:  # noqa: ANN401 - any value of a page
    """Return a job that renders one page, with a generator of its own."""
    generator, record = Generator(recipe), fastecg.builtin_record(0).record
    spec = make_spec(values) if values else generator.draw(record, seed=1)
    return lambda: generator.render_spec(record, spec)


@pytest.mark.benchmark(group="photograph of a page")
def test_photo(measure: Measure) -> None:
    """Everything, in memory."""
    measure(photographer(**PHOTO))


@pytest.mark.benchmark(group="photograph of a page")
def test_truth(measure: Measure) -> None:
    """Its truth as values, every point through the bent camera."""
    page: Any = photographer(**PHOTO)()
    measure(page.truth.to_dict)


def test_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    """Print the page's time over the warp's, and of two pages at once over one."""
    page = fastecg.render(fastecg.builtin_record(0).record).image
    matrix = Generator().camera(make_spec(PHOTO)).homography
    photo, other = photographer(**PHOTO), photographer(**PHOTO)
    found = ratios(
        {"a photo page": photo, "a clean page": photographer(page={"dpi": 200})},
        lambda: cv2.warpPerspective(page, matrix, (2200, 1700), flags=cv2.INTER_LINEAR),
    )

    def many(job: Job) -> Job:
        # Threads are spread over processors only after some milliseconds.
        return lambda: [job() for _ in range(PAGES_A_THREAD)]

    in_turn = {"two generators' photo pages, in turn": lambda: (many(photo)(), many(other)())}
    together = ratios(in_turn, lambda: at_once(many(photo), many(other)), rounds=5)
    assert all(ratio.low > 0 for ratio in (*found, *together))
    with capsys.disabled():
        print("\n\nTimes of one cv2.warpPerspective:", *found, sep="\n")  # noqa: T201 - the result of the run
        print("\nTimes of the same on two threads:", *together, sep="\n")  # noqa: T201 - as above
