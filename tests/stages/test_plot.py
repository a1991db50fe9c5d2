"""Paper and ink: pixels of small pages compared with their millimetres, framed grids with whole ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg import Record
from fastecg.drawing import Drawing, draw_page
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.plot import draw_ink, paint_paper
from fastecg_kernels import Kernels, load_backend

PAGE = {"size": "custom", "width_mm": 60, "height_mm": 50, "dpi": 254, "margin_mm": 5}
PAGE |= {"header_mm": 5, "footer_mm": 5}
LAYOUT = {"rows": 1, "columns": 1}
RECORD = Record.from_array(np.zeros((1, 1000)), ["II"], 100)
SOLID = {"style": "lines", "color": [0, 0, 0]}


@pytest.fixture
def kernels() -> Kernels:
    return load_backend("cpu")


def drawn(record: Record = RECORD, **values: Any) -> tuple[PageSpec, Drawing]:
    page = {**PAGE, **values.pop("page", {})}
    spec = make_spec({"page": page, "layout": LAYOUT, **values})
    return spec, draw_page(record, spec)


def paper(kernels: Kernels, **values: Any) -> tuple[NDArray[np.uint8], Drawing]:
    spec, drawing = drawn(**values)
    return paint_paper(kernels, drawing, spec), drawing


def ink(kernels: Kernels, drawing: Drawing) -> NDArray[np.uint8]:
    layer = np.zeros((drawing.height, drawing.width), np.uint8)
    draw_ink(kernels, drawing, layer)
    return layer


def test_plain_paper_is_its_tint(kernels: Kernels) -> None:
    plain = {"tint": [12, 200, 99], "minor": {"style": "none"}, "major": {"style": "none"}}
    image, _ = paper(kernels, paper=plain)
    assert image.shape == (500, 600, 3)
    assert (image == [12, 200, 99]).all()


def test_one_square_of_a_grid(kernels: Kernels) -> None:
    """10 px are a millimetre: lines of 2 px, their colours where they are alone, the major ones on top."""
    colors = {
        "minor": {"color": [200, 0, 0], "width_mm": 0.2},
        "major": {"color": [0, 0, 100], "width_mm": 0.2},
    }
    image, drawing = paper(kernels, paper={"tint": [255, 255, 255], **colors})
    left, top = (round(edge * 10) for edge in drawing.geometry.frame[:2])
    square = image[top : top + 51, left : left + 51]
    for k in range(51):
        on_line = k % 10 in {0, 9}
        color = [255, 255, 255]
        if on_line:
            color = [0, 0, 100] if k in {0, 49, 50} else [200, 0, 0]
        assert square[5, k].tolist() == color
        assert square[k, 5].tolist() == color


@pytest.mark.parametrize("style", ["lines", "dots", "none"])
@pytest.mark.parametrize("level", ["minor", "major"])
def test_styles(kernels: Kernels, style: str, level: str) -> None:
    """Ink per square millimetre: two lines less their crossing, one square dot, or nothing."""
    own = {"style": style, "color": [0, 0, 0], "width_mm": 0.2}
    image, drawing = paper(
        kernels, paper={"tint": [255] * 3, "minor": {"style": "none"}, "major": {"style": "none"}, level: own}
    )
    left, top, right, bottom = (round(edge * 10) for edge in drawing.geometry.frame)
    share = 1 - image[top:bottom, left:right].mean() / 255
    period = {"minor": 10, "major": 50}[level]
    expected = {"lines": (4 * period - 4) / period**2, "dots": 4 / period**2, "none": 0.0}[style]
    assert share == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("dpi", [72, 254, 600])
@pytest.mark.parametrize("width", [0.12, 1.0])
def test_a_frame_holds_the_same_grid_and_nothing_lies_outside(
    kernels: Kernels, dpi: int, width: float
) -> None:
    lines = {"tint": [255] * 3, "minor": {**SOLID, "width_mm": 0.05}, "major": {**SOLID, "width_mm": width}}
    whole, drawing = paper(kernels, paper=lines, page={"dpi": dpi})
    framed, _ = paper(kernels, paper=lines, page={"dpi": dpi, "grid_extent": "frame"})
    scale = dpi / 25.4
    left, top, right, bottom = (edge * scale for edge in drawing.geometry.frame)
    inner = slice(int(top), int(bottom) + 1), slice(int(left), int(right) + 1)
    assert (framed[inner] == whole[inner]).all()
    # The border lines are whole: half of their width lies outside.
    reach = width * scale / 2
    rows, columns = np.arange(len(framed)) + 0.5, np.arange(framed.shape[1]) + 0.5
    outside = np.ones(framed.shape[:2], bool)
    outside[
        np.ix_(
            (rows > top - reach - 0.5) & (rows < bottom + reach + 0.5),
            (columns > left - reach - 0.5) & (columns < right + reach + 0.5),
        )
    ] = False
    assert (framed[outside] == 255).all()
    row = int((top + bottom) / 2 / 5) * 5
    dark = 255.0 - framed[row, : int(left + 0.4 * scale)].max(axis=-1)
    assert dark.sum() / 255 >= reach * 0.99


def test_traces_are_as_wide_as_they_should_be(kernels: Kernels) -> None:
    plot = {"pulse": "none", "lead_names": "none", "separator": "none"}
    for width in (0.05, 0.2, 0.37, 2.0):
        _, drawing = drawn(plot={**plot, "trace_width_mm": width})
        column = ink(kernels, drawing)[:, 300].astype(np.float64)
        assert column.sum() / 255 == pytest.approx(width * 10, abs=0.02)
        centre = (column * (np.arange(500) + 0.5)).sum() / column.sum()
        assert centre == pytest.approx(drawing.traces[0].origin[1], abs=0.01)


def test_pulses_and_ticks_have_a_width_of_their_own(kernels: Kernels) -> None:
    silent = np.full((1, 2000), np.nan)
    silent[0, -1] = 0
    record = Record.from_array(silent, ["II"], 100)
    areas = []
    for width in (0.2, 0.4):
        plot = {"pulse_width_mm": width, "trace_width_mm": 1.5}
        _, drawing = drawn(record, plot=plot)
        areas.append(ink(kernels, drawing).sum() / 255)
    length = 10 * (1 + 10 + 5 + 10 + 1)  # foot, rise of 1 mV, 0.2 s, fall, foot
    assert areas[0] == pytest.approx(length * 2, rel=0.03)
    assert areas[1] == pytest.approx(length * 4, rel=0.03)


def test_gaps_break_a_trace(kernels: Kernels) -> None:
    signals = np.zeros((1, 1000))
    signals[0, 40:80] = np.nan
    plot = {"pulse": "none", "separator": "none"}
    _, drawing = drawn(Record.from_array(signals, ["II"], 100), plot=plot)
    inked = ink(kernels, drawing).max(axis=0) > 0
    points = drawing.traces[0].points[:, 0]
    assert not inked[int(points[39]) + 3 : int(points[80]) - 2].any()
    assert inked[int(points[0]) : int(points[39])].all()
    assert inked[int(points[80]) + 1 : int(points[-1])].all()


def test_amplitudes_beyond_every_page(kernels: Kernels) -> None:
    """Samples of 1e38 mV neither overflow nor leave marks where the trace is not."""
    far, near = np.zeros((1, 1000)), np.zeros((1, 1000))
    far[0, 50], near[0, 50] = 3e38, 3e4
    plot = {"pulse": "none", "separator": "none"}
    layers = [
        ink(kernels, drawn(Record.from_array(signals, ["II"], 100), plot=plot)[1]) for signals in (far, near)
    ]
    assert abs(layers[0].astype(int) - layers[1]).max() <= 8
