"""Handwriting on a 2200 × 1700 page: choosing, setting and drawing five phrases, beside the clean page."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg
from bench.conftest import Measure
from bench.ratios import ratios
from fastecg.benchmark import WRITTEN
from fastecg.drawing import Drawing, add_writing, draw_page
from fastecg.press import Press
from fastecg.spec import make_spec
from fastecg.stages.handwriting import draw_pen
from fastecg.stages.nib import curve
from fastecg_kernels import Kernels, load_backend, reference

SHAPE: Final = (1700, 2200)
SPEC: Final = make_spec(WRITTEN)
RECORD: Final = fastecg.builtin_record(0).record
CPU: Final = load_backend("cpu")


@pytest.fixture(scope="module")
def press() -> Press:
    """Return a press that has opened its bank."""
    return Press(CPU)


@pytest.fixture(scope="module")
def drawing(press: Press) -> Drawing:
    """Return a page with five notes."""
    return draw_page(RECORD, SPEC, press.fonts, press.scribe)


def pieces(drawing: Drawing) -> list[NDArray[np.int32]]:
    """Return the same strokes for OpenCV: in 1/16 px, one array a stroke."""
    found = []
    for writing in drawing.writing:
        points = curve(writing.points)[0]
        for stroke in np.split(points, np.flatnonzero(np.isnan(points[:, 0]))):
            kept = stroke[~np.isnan(stroke[:, 0])]
            found.append(np.round((kept - 0.5) * 16).astype(np.int32))
    return found


@pytest.mark.benchmark(group="five notes")
def test_choose_and_set(measure: Measure, press: Press, drawing: Drawing) -> None:
    """Draw phrases, take their words from the bank, set them, find a place."""
    measure(add_writing, drawing, RECORD, SPEC, press.fonts, press.scribe)


@pytest.mark.benchmark(group="five notes")
def test_draw(measure: Measure, drawing: Drawing) -> None:
    """Curves and coverage, with a width and a darkness of their own at each point."""
    measure(draw_pen, CPU, drawing.writing, np.zeros(SHAPE, np.uint8))


@pytest.mark.benchmark(group="five notes")
def test_draw_opencv(measure: Measure, drawing: Drawing) -> None:
    """cv2.polylines with anti-aliasing, 3 px: one width, one darkness, and the curves made beforehand."""
    measure(cv2.polylines, np.zeros(SHAPE, np.uint8), pieces(drawing), False, 255, 3, cv2.LINE_AA, 4)


@pytest.mark.benchmark(group="one word, 60 x 160 px")
@pytest.mark.parametrize("kernels", [CPU, reference], ids=["cpu", "reference"])
def test_word(measure: Measure, drawing: Drawing, kernels: Kernels) -> None:
    """The kernel beside its reference."""
    writing = drawing.writing[0]
    points, half_widths, darkness = (
        part[:60].astype(np.float32) for part in curve(writing.points, writing.half_widths, writing.darkness)
    )
    points -= np.nanmin(points, axis=0) - 5
    measure(kernels.stroke_coverage, np.zeros((60, 160), np.uint8), points, half_widths, darkness)


def test_ratios(press: Press, drawing: Drawing, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole stages as multiples of a clean page, by turns."""
    page = np.full((*SHAPE, 3), 250, np.uint8)
    generator = fastecg.Generator("clean")
    clean = generator.draw(RECORD)
    handwriting = SPEC.handwriting.model_copy(update={"fresh": 1.0})
    fresh = SPEC.model_copy(update={"handwriting": handwriting})

    found = ratios(
        {
            "five notes, words of the bank": lambda: press.write(
                page, add_writing(drawing, RECORD, SPEC, press.fonts, press.scribe), SPEC
            ),
            "five notes, words written anew": lambda: press.write(
                page, add_writing(drawing, RECORD, fresh, press.fonts, press.scribe), fresh
            ),
        },
        lambda: generator.render_spec(RECORD, clean),
    )
    with capsys.disabled():
        print("\nhandwriting over one clean page:", *found, sep="\n")  # noqa: T201 - the result of the run
    assert all(ratio.median > 0 for ratio in found)
