"""The clean page as matplotlib draws it: what fastecg is measured against.

Twice, from the same drawing as fastecg's own page, both on the Agg canvas without pyplot:

- ``plain_page``: as ECG plotting code usually does it, with the grid as major and minor ticks.
- ``careful_page``: as somebody does it who has profiled that: no axes, the grid as one
  LineCollection for each kind of line, and nothing laid out that is not drawn.

Neither makes the truth of the page, and the vectors (seconds and millivolts to millimetres) are
handed to both; fastecg's own time includes these.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fastecg.drawing import Drawing
from fastecg.geometry import BIG_SQUARE_MM, SMALL_SQUARE_MM
from fastecg.spec import MM_PER_INCH, GridLines, PageSpec

POINTS_PER_MM: Final = 72 / MM_PER_INCH
Axes = Any
"""matplotlib's Axes; it ships no types."""


def plain_page(drawing: Drawing, spec: PageSpec) -> NDArray[np.uint8]:
    """Draw the page with ticks and grid, and return it as RGB, shape (H, W, 3), uint8."""
    return pixels(plain_figure(drawing, spec))


def careful_page(drawing: Drawing, spec: PageSpec) -> NDArray[np.uint8]:
    """Draw the page with collections of lines, and return it as RGB, shape (H, W, 3), uint8."""
    return pixels(careful_figure(drawing, spec))


def pixels(figure: Figure) -> NDArray[np.uint8]:
    """Rasterise a figure."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3].copy()


def plain_figure(drawing: Drawing, spec: PageSpec) -> Figure:
    """Lay the page out as one plot in millimetres whose grid lies on its ticks."""
    figure, axes = _sheet(drawing, spec)
    axes.set_facecolor(_color(spec.paper.tint))
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(which="both", length=0, labelbottom=False, labelleft=False)
    left, top = drawing.geometry.frame[:2]
    for which, lines, step in _grids(spec):
        minor = which == "minor"
        axes.set_xticks(_lines_mm(left, step, spec.page.width_mm), minor=minor)
        axes.set_yticks(_lines_mm(top, step, spec.page.height_mm), minor=minor)
        axes.grid(which=which, color=_color(lines.color), linewidth=lines.width_mm * POINTS_PER_MM)
    axes.set_axisbelow(True)
    _draw_ink(axes, drawing, spec)
    return figure


def careful_figure(drawing: Drawing, spec: PageSpec) -> Figure:
    """Lay the page out with as few objects as matplotlib allows."""
    figure, axes = _sheet(drawing, spec)
    figure.set_facecolor(_color(spec.paper.tint))
    axes.set_axis_off()
    left, top = drawing.geometry.frame[:2]
    width, height = spec.page.width_mm, spec.page.height_mm
    for which, lines, step in _grids(spec):
        upright = [((x, 0.0), (x, height)) for x in _lines_mm(left, step, width)]
        level = [((0.0, y), (width, y)) for y in _lines_mm(top, step, height)]
        grid = LineCollection(
            upright + level,
            colors=[_color(lines.color)],
            linewidths=lines.width_mm * POINTS_PER_MM,
            zorder=0.5 if which == "minor" else 0.6,
        )
        axes.add_collection(grid, autolim=False)
    _draw_ink(axes, drawing, spec)
    return figure


def _sheet(drawing: Drawing, spec: PageSpec) -> tuple[Figure, Axes]:
    """Return a figure of the page's size whose axes cover it, in millimetres from its top left corner."""
    page = spec.page
    figure = Figure(figsize=(drawing.width / page.dpi, drawing.height / page.dpi), dpi=page.dpi)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, page.width_mm)
    axes.set_ylim(page.height_mm, 0)
    return figure, axes


def _draw_ink(axes: Axes, drawing: Drawing, spec: PageSpec) -> None:
    """Draw traces, pulses, ticks and text."""
    ink, scale = _color(spec.plot.ink), drawing.px_per_mm
    lines = [(trace.points, spec.plot.trace_width_mm) for trace in drawing.traces]
    lines += [(stroke.points, spec.plot.pulse_width_mm) for stroke in drawing.strokes]
    for points, width_mm in lines:
        axes.plot(
            points[:, 0] / scale,
            points[:, 1] / scale,
            color=ink,
            linewidth=width_mm * POINTS_PER_MM,
            solid_capstyle="round",
        )
    names = [trace.name for trace in drawing.traces if trace.name is not None]
    for text in (*names, *drawing.texts):
        size = text.size / scale * POINTS_PER_MM
        axes.text(text.x / scale, text.y / scale, text.text, color=ink, fontsize=size, va="baseline")


def _grids(spec: PageSpec) -> tuple[tuple[str, GridLines, float], ...]:
    return ("minor", spec.paper.minor, SMALL_SQUARE_MM), ("major", spec.paper.major, BIG_SQUARE_MM)


def _lines_mm(first: float, step: float, length: float) -> list[float]:
    """Where the lines of a grid that passes through ``first`` cross an edge of the page."""
    start = int(first / step)
    return [first + k * step for k in range(-start, int((length - first) / step) + 1)]


def _color(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
    red, green, blue = (value / 255 for value in rgb)
    return red, green, blue
