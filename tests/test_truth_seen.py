"""Truth through everything: whatever a recipe draws, the truth's points lie on the ink of their trace.

The page is rendered again with blank paper and everything but geometry switched off; along the normal of
a trace, the centroid of its ink is measured on the pixels alone.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg import Generator, Page, simulate
from fastecg.pipeline import clean_twin
from fastecg.presets import expand_preset, preset_names
from fastecg.spec import Paper

Points = NDArray[np.float64]

REACH_PX = 4.0
FINE_PX = 0.125
BLANK = Paper.model_validate({**expand_preset("papers", "blank"), "tint": (255, 255, 255)})

pytestmark = pytest.mark.pages


def bare_twin(page: Page) -> NDArray[np.float32]:
    """Return how dark each pixel of a page's traces alone is, seen through the page's own camera."""
    plot = page.spec.plot.model_copy(update={"ink": (0, 0, 0)})
    below = page.spec.perspective.below.model_copy(update={"surface": "white", "shadow_depth": 0.0})
    perspective = page.spec.perspective.model_copy(update={"below": below})
    spec = page.spec.model_copy(update={"paper": BLANK, "plot": plot, "perspective": perspective})
    bare = dataclasses.replace(page.truth.drawing, strokes=(), texts=())
    truth = dataclasses.replace(page.truth, spec=spec, drawing=bare, prints=())
    return 255 - clean_twin(truth, seen=True)[:, :, 1].astype(np.float32)


def straight_points(trace: Points, spacing: float) -> tuple[Points, Points]:
    """Return points of a trace around which it runs straight, and the normals there."""
    step = max(round(4.0 / spacing), 2)
    middle, before, after = trace[step:-step], trace[: -2 * step], trace[2 * step :]
    chord = after - before
    length = np.hypot(chord[:, 0], chord[:, 1])
    with np.errstate(invalid="ignore", divide="ignore"):
        normal = np.column_stack([-chord[:, 1], chord[:, 0]]) / length[:, None]
        bow = np.abs(((middle - before) * normal).sum(axis=1))
    runs = np.lib.stride_tricks.sliding_window_view(trace, 2 * step + 1, axis=0)
    rough = np.ptp(((runs - middle[:, :, None]) * normal[:, :, None]).sum(axis=1), axis=1)
    good = np.flatnonzero((bow < 0.05) & (rough < 0.4) & (length < 6 * step * spacing))
    return middle[good], normal[good]


def deviations(dark: NDArray[np.float32], points: Points, normals: Points) -> NDArray[np.float64]:
    """Return how far the ink's centroid lies off each point along the normal, px, where ink stands alone."""
    way = np.arange(-REACH_PX, REACH_PX + FINE_PX / 2, FINE_PX)
    at = points[:, None, :] + way[None, :, None] * normals[:, None, :] - 0.5  # OpenCV counts from centres
    maps = at.astype(np.float32)
    if not len(points):
        return np.empty(0)
    profile = cv2.remap(dark, maps[:, :, 0], maps[:, :, 1], cv2.INTER_LINEAR)
    inside = ((at > 1) & (at < np.array(dark.shape[::-1]) - 2)).all(axis=(1, 2))
    edge = round(1.2 / FINE_PX)
    alone = (profile[:, :edge].max(axis=1) < 12) & (profile[:, -edge:].max(axis=1) < 12)
    counted = inside & alone & (profile.max(axis=1) > 40)
    kept = np.maximum(profile[counted] - 8, 0)  # white surfaces and paper edges are not quite 255
    return np.asarray((kept * way).sum(axis=1) / kept.sum(axis=1), np.float64)


def all_deviations(page: Page, planted: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.float64]:
    dark = bare_twin(page)
    found = []
    for k in range(len(page.truth.drawing.traces)):
        trace = page.truth.trace(k)
        if len(trace) > 50:
            spacing = float(np.nanmedian(np.hypot(*np.diff(trace, axis=0).T)))
            points, normals = straight_points(trace, spacing)
            found.append(deviations(dark, (points + planted)[::5], normals[::5]))
    return np.concatenate(found)


@cache
def generator_of(recipe: str) -> Generator:
    """Return one generator a recipe: it keeps quilted sheets."""
    return Generator(recipe, overrides={"page.dpi": 150})


def draw(recipe: str, seed: int, **overrides: Any) -> Page:
    generator = generator_of(recipe)
    if overrides:
        generator = Generator(recipe, overrides={"page.dpi": 150, **overrides})
    record = simulate(seed=seed, noise_snr_db=None).record  # so that flat stretches are flat
    return generator.render_spec(record, generator.draw(record, seed=seed, copy=seed))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("recipe", preset_names("recipes"))
def test_truth_lies_on_the_ink(recipe: str, seed: int) -> None:
    off = np.abs(all_deviations(draw(recipe, seed)))
    assert len(off) > 60, "too little to measure"
    assert np.median(off) < 0.1  # a box filter pulls centroids to pixel centres by up to 0.06 px
    assert np.quantile(off, 0.95) < 0.2
    assert np.quantile(off, 0.99) < 0.3


def test_a_planted_third_of_a_pixel_is_seen() -> None:
    page = draw("clean", 1, perspective={"enabled": True, "tilt_x_deg": 25, "roll_deg": 3, "fill": 0.9})
    assert np.median(np.abs(all_deviations(page))) < 0.06
    assert np.median(np.abs(all_deviations(page, (0.0, 0.33)))) > 0.25
