"""Imaging of a 2200 × 1700 page beside its floors, and the ratios at the end.

The ratios are timed by turns, ours and the yardstick in each round, so that what else the machine
does falls on both. Above 1 means that ours takes longer.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

import fastecg
from bench.ratios import Job, seconds
from bench.reference.fused_floor import light_and_noise
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.bilevel import Bilevel, Fax, fax_image, reduce_levels
from fastecg.stages.compression import compress
from fastecg.stages.imaging import take
from fastecg.stages.light import Lamp, Light, light_nodes
from fastecg.stages.optics import Blur, blur_image
from fastecg.stages.scanner import Scanner, scan
from fastecg.stages.screen import Screen, show_on_screen
from fastecg.stages.sensor import Noise, Tone, expose
from fastecg.stages.shadow import Shadow
from fastecg.stages.temperature import light_color
from fastecg_kernels import load_backend

ROUNDS: Final = 15
PAGES_A_THREAD: Final = 30
SHAPE: Final = (1700, 2200)
PX_PER_MM: Final = 200 / 25.4
TILT: Final = np.array([[1, 0.02, 3], [0.01, 1, 4], [1e-6, 2e-6, 1]])
SHADED: Final = Light(
    exposure_ev=-0.3,
    vignetting=0.2,
    temperature_k=3200,
    lamp=Lamp(share=0.3, temperature_k=2700),
    shadow=Shadow(depth=0.3, shape="hand"),
)

TONE: Final = Tone(contrast=1.05, veil=12)
NOISE: Final = Noise(gaussian_sd=2, poisson_sd=3)
STRIPES: Final = Screen(strength=0.001)
DIRT: Final = Scanner(streaks=4, dust_dm2=5)

Image = NDArray[np.uint8]


def photo_spec() -> PageSpec:
    """Return the values of a photograph with everything that light and noise can be."""
    imaging = {"enabled": True, "blur": {"defocus_mm": 0.08}, "light": SHADED, "tone": TONE, "noise": NOISE}
    return make_spec({"key": 7, "imaging": imaging})


@pytest.fixture(scope="module")
def jobs() -> dict[str, Job]:
    """Return what is timed, by name; each works on a page of its own, over and over."""
    page = fastecg.render(fastecg.builtin_record(0).record, seed=7).image
    assert page.shape == (*SHAPE, 3)
    kernels = load_backend("cpu")
    light = light_nodes(SHADED, SHAPE, PX_PER_MM)
    names = ("develop", "floor", "one", "other", "pepper", "screen", "scan")
    own: dict[str, Image] = {name: page.copy() for name in names}
    photo = photo_spec()
    flat = own["floor"].reshape(SHAPE[0], -1)
    pool = ThreadPoolExecutor(2)

    def develop(name: str) -> None:
        expose(own[name], light, TONE, NOISE, 7, kernels)

    def develop_many(name: str) -> None:
        # Threads are spread over processors only after some milliseconds.
        for _ in range(PAGES_A_THREAD):
            develop(name)

    return {
        "develop": lambda: develop("develop"),
        "two one after another": lambda: list(map(develop_many, ("one", "other"))),
        "two at once": lambda: list(pool.map(develop_many, ("one", "other"))),
        "fused floor": lambda: light_and_noise(flat, light, np.float32(2)),
        "cv2.warpPerspective": lambda: cv2.warpPerspective(page, TILT, SHAPE[::-1], flags=cv2.INTER_LINEAR),
        "light at its nodes": lambda: light_nodes(SHADED, SHAPE, PX_PER_MM),
        "temperature": lambda: light_color(3200, 0.7),
        "salt and pepper": lambda: kernels.salt_pepper(own["pepper"], 0.001, 7),
        "defocus, 0.6 px": lambda: blur_image(page, Blur(defocus_mm=0.08), PX_PER_MM),
        "defocus, 1.5 px": lambda: blur_image(page, Blur(defocus_mm=0.19), PX_PER_MM),
        "defocus, 2 px": lambda: blur_image(page, Blur(defocus_mm=0.25), PX_PER_MM),
        "motion, 3 px": lambda: blur_image(page, Blur(motion_mm=0.4, motion_deg=20), PX_PER_MM),
        "moiré": lambda: show_on_screen(own["screen"], STRIPES, PX_PER_MM, "a", kernels),
        "streaks and dust": lambda: scan(own["scan"], DIRT, PX_PER_MM, "a", kernels),
        "adaptive threshold": lambda: reduce_levels(page, Bilevel(mode="adaptive"), PX_PER_MM),
        "fax": lambda: fax_image(page, Fax(resolution="fine"), PX_PER_MM, "a", kernels),
        "JPEG 85": lambda: compress(page, 85),
        "photo": lambda: take(page.copy(), photo, kernels),
    }


NAMES: Final = (
    "develop",
    "fused floor",
    "cv2.warpPerspective",
    "light at its nodes",
    "temperature",
    "salt and pepper",
    "defocus, 0.6 px",
    "defocus, 1.5 px",
    "defocus, 2 px",
    "motion, 3 px",
    "moiré",
    "streaks and dust",
    "adaptive threshold",
    "fax",
    "JPEG 85",
    "photo",
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.benchmark(group="imaging")
def test_imaging(benchmark: BenchmarkFixture, jobs: dict[str, Job], name: str) -> None:
    """Each step of imaging alone, and all that a photograph takes."""
    jobs[name]()
    benchmark(jobs[name])


def test_ratios(jobs: dict[str, Job], capsys: pytest.CaptureFixture[str]) -> None:
    """Print how many times as long ours takes: the median of the rounds, and the lowest and highest.

    One thread is timed by the processor's time it was given, so that what else the machine does
    counts little. Two threads need the clock on the wall, and two idle processors.
    """
    pairs = [
        ("develop", "fused floor"),
        *((name, "cv2.warpPerspective") for name in NAMES if name != "cv2.warpPerspective"),
    ]
    rounds = [
        {name: seconds(jobs[name], clock=time.thread_time) for name in NAMES} for _ in range(ROUNDS + 1)
    ][1:]
    lines = [_line(pair, rounds) for pair in pairs]
    threads = ("two one after another", "two at once")
    rounds = [{name: seconds(jobs[name], clock=time.perf_counter) for name in threads} for _ in range(ROUNDS)]
    lines.append(_line(threads, rounds))
    with capsys.disabled():
        print("\n\nTimes as long:", *lines, sep="\n")  # noqa: T201 - the result of the run


def _line(pair: tuple[str, str], rounds: list[dict[str, float]]) -> str:
    name, other = pair
    ratios = sorted(times[name] / times[other] for times in rounds)
    middle, low, high = statistics.median(ratios), ratios[0], ratios[-1]
    assert low > 0
    return f"  {middle:5.2f} x ({low:.2f} to {high:.2f})  {name}, over {other}"
