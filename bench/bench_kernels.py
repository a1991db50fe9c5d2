"""Each kernel on a 2200 × 1700 page beside what one would write with OpenCV or NumPy."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg
from bench.conftest import Measure
from fastecg.drawing import Drawing, draw_page
from fastecg.stages.plot import draw_ink
from fastecg_kernels import cpu, load_backend, reference
from fastecg_kernels.profile import line_profile

SHAPE = (1700, 2200)
INK = np.array([20, 20, 24], np.uint8)


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    """Return a page of 13 traces, 20,000 points."""
    record = fastecg.builtin_record(0).record
    return draw_page(record, fastecg.Generator("clean").draw(record))


@pytest.fixture(scope="module")
def ink(drawing: Drawing) -> NDArray[np.uint8]:
    """Return the page's ink."""
    mask = np.zeros(SHAPE, np.uint8)
    draw_ink(load_backend("cpu"), drawing, mask)
    return mask


@pytest.mark.benchmark(group="strokes of a page")
def test_strokes_ours(measure: Measure, drawing: Drawing) -> None:
    """Exact coverage of every trace, pulse and tick."""
    mask, kernels = np.zeros(SHAPE, np.uint8), load_backend("cpu")
    measure(draw_ink, kernels, drawing, mask)


@pytest.mark.benchmark(group="strokes of a page")
def test_strokes_opencv(measure: Measure, drawing: Drawing) -> None:
    """cv2.polylines with anti-aliasing, 2 px: whole widths only, one edge profile."""
    mask = np.zeros(SHAPE, np.uint8)
    strokes = [trace.points for trace in drawing.traces] + [stroke.points for stroke in drawing.strokes]
    fixed = [np.round((points - 0.5) * 16).astype(np.int32) for points in strokes]
    measure(cv2.polylines, mask, fixed, False, 255, 2, cv2.LINE_AA, 4)


@pytest.mark.benchmark(group="one beat, 60 x 80 px")
@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_beat(measure: Measure, drawing: Drawing, backend: str) -> None:
    """The kernel beside its reference."""
    points = drawing.traces[-1].points
    part = (points[:200] - points[:200].min(axis=0) + 2).astype(np.float32)
    kernels = load_backend(backend)
    measure(kernels.polyline_coverage, np.zeros((60, 80), np.uint8), part, 1.2)


@pytest.mark.benchmark(group="grid")
@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_grid(measure: Measure, backend: str) -> None:
    """A page of grid paper."""
    columns = np.stack([line_profile(SHAPE[1], 20.3, 7.874, 0.94), line_profile(SHAPE[1], 20.3, 39.37, 1.9)])
    rows = np.stack([line_profile(SHAPE[0], 20.3, 7.874, 0.94), line_profile(SHAPE[0], 20.3, 39.37, 1.9)])
    colors = np.array([[255, 253, 253], [250, 218, 219], [238, 165, 168]], np.uint8)
    image = np.empty((*SHAPE, 3), np.uint8)
    measure(load_backend(backend).paint_grid, image, columns, rows, colors, np.zeros(2, bool))


@pytest.mark.benchmark(group="grid")
def test_grid_copied(measure: Measure) -> None:
    """The floor: a copy of a page, which is what a cached paper costs."""
    page = np.full((*SHAPE, 3), 250, np.uint8)
    measure(page.copy)


@pytest.mark.benchmark(group="composite")
@pytest.mark.parametrize("kernels", [cpu, reference], ids=["cpu", "reference"])
def test_composite(measure: Measure, ink: NDArray[np.uint8], kernels: object) -> None:
    """A page's ink over its paper."""
    image = np.full((*SHAPE, 3), 250, np.uint8)
    measure(kernels.composite, image, ink, INK, False)  # type: ignore[attr-defined]
