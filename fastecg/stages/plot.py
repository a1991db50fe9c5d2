"""Distortionless page: paper with its grid, and the ink of traces, pulses and separators.

Source: ECG-Image-Kit (arXiv 2307.01946), section 3.2, "distortionless ECG images".
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.drawing import Drawing
from fastecg.geometry import BIG_SQUARE_MM, SMALL_SQUARE_MM
from fastecg.spec import GridLines, PageSpec
from fastecg_kernels import Kernels
from fastecg_kernels.profile import line_profile

FAR_PX: Final = 1e6
"""Where impossible amplitudes are cut: beyond every page, and within float32."""


def paint_paper(kernels: Kernels, drawing: Drawing, spec: PageSpec) -> NDArray[np.uint8]:
    """Return the paper: tint, 1 mm grid and 5 mm grid, shape (H, W, 3), uint8 RGB."""
    image = np.empty((drawing.height, drawing.width, 3), np.uint8)
    paper = spec.paper
    left, top, right, bottom = (drawing.px_per_mm * edge for edge in drawing.geometry.frame)
    first_x, first_y = (drawing.px_per_mm * at for at in drawing.geometry.origin)
    columns = _profiles(spec, drawing, drawing.width, first_x)
    rows = _profiles(spec, drawing, drawing.height, first_y)
    colors = np.array([paper.tint, paper.minor.color, paper.major.color], np.uint8)
    dots = np.array([paper.minor.style == "dots", paper.major.style == "dots"])
    if spec.page.grid_extent == "page":
        kernels.paint_grid(image, columns, rows, colors, dots)
        _leave_plain(image, drawing, colors[0])
        return image
    # The border lines are drawn whole, and nothing beyond them.
    image[:] = colors[0]
    reach = _reach(spec, drawing)
    x0, x1 = _outer(left - reach, right + reach, drawing.width)
    y0, y1 = _outer(top - reach, bottom + reach, drawing.height)
    part = np.empty((y1 - y0, x1 - x0, 3), np.uint8)
    kernels.paint_grid(
        part,
        np.ascontiguousarray(columns[:, x0:x1]),
        np.ascontiguousarray(rows[:, y0:y1]),
        colors,
        dots,
    )
    image[y0:y1, x0:x1] = part
    _leave_plain(image, drawing, colors[0])
    return image


def _leave_plain(image: NDArray[np.uint8], drawing: Drawing, tint: NDArray[np.uint8]) -> None:
    """Take the grid out of the boxes that are to be plain."""
    for box in drawing.geometry.plain:
        left, top, right, bottom = (max(round(edge * drawing.px_per_mm), 0) for edge in box)
        image[top:bottom, left:right] = tint


def _outer(start: float, end: float, length: int) -> tuple[int, int]:
    """Pixels that a stretch touches."""
    return max(math.floor(start + 1e-6), 0), min(math.ceil(end - 1e-6), length)


def _reach(spec: PageSpec, drawing: Drawing) -> float:
    """How far the border lines of a framed grid reach out of it: half the width of the widest, in px."""
    widths = [lines.width_mm for lines in (spec.paper.minor, spec.paper.major) if lines.style != "none"]
    return max(widths, default=0.0) * drawing.px_per_mm / 2


def _profiles(spec: PageSpec, drawing: Drawing, length: int, first: float) -> NDArray[np.uint8]:
    """Coverage by minor and major lines along one axis, shape (2, length)."""
    scale = drawing.px_per_mm
    paper = spec.paper
    minor = _profile(paper.minor, length, first, SMALL_SQUARE_MM * scale, scale)
    return np.stack([minor, _profile(paper.major, length, first, BIG_SQUARE_MM * scale, scale)])


def _profile(
    lines: GridLines, length: int, first: float, period: float, px_per_mm: float
) -> NDArray[np.uint8]:
    width = min(lines.width_mm * px_per_mm, period)
    if lines.style == "none":
        return np.zeros(length, np.uint8)
    return line_profile(length, first, period, width)


def draw_ink(kernels: Kernels, drawing: Drawing, ink: NDArray[np.uint8]) -> None:
    """Draw traces, calibration pulses and separators onto an ink layer, shape (H, W), uint8."""
    for trace in drawing.traces:
        draw_line(kernels, ink, trace.points, drawing.trace_half_width)
    for stroke in drawing.strokes:
        draw_line(kernels, ink, stroke.points, drawing.stroke_half_width)


def draw_line(
    kernels: Kernels, ink: NDArray[np.uint8], points: NDArray[np.float64], half_width: float
) -> None:
    """Draw one line onto an ink layer; ``points`` are page pixels, shape (N, 2), NaN at gaps."""
    if len(points):
        kernels.polyline_coverage(ink, np.clip(points, -FAR_PX, FAR_PX).astype(np.float32), half_width)
