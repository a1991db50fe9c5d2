"""Distortionless page: paper with its grid, and the ink of traces, pulses and separators.

Source: ECG-Image-Kit (arXiv 2307.01946), section 3.2, "distortionless ECG images".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg.drawing import Drawing
from fastecg.geometry import BIG_SQUARE_MM, SMALL_SQUARE_MM
from fastecg.spec import GridLines, PageSpec
from fastecg_kernels import Kernels
from fastecg_kernels.profile import line_profile


def paint_paper(kernels: Kernels, drawing: Drawing, spec: PageSpec) -> NDArray[np.uint8]:
    """Return the paper: tint, 1 mm grid and 5 mm grid, shape (H, W, 3), uint8 RGB."""
    image = np.empty((drawing.height, drawing.width, 3), np.uint8)
    paper = spec.paper
    left, top, right, bottom = (drawing.px_per_mm * edge for edge in drawing.geometry.frame)
    framed = spec.page.grid_extent == "frame"
    columns = _profiles(spec, drawing, drawing.width, left, (left, right) if framed else None)
    rows = _profiles(spec, drawing, drawing.height, top, (top, bottom) if framed else None)
    colors = np.array([paper.tint, paper.minor.color, paper.major.color], np.uint8)
    dots = np.array([paper.minor.style == "dots", paper.major.style == "dots"])
    if not framed:
        kernels.paint_grid(image, columns, rows, colors, dots)
        return image
    image[:] = colors[0]
    x0, x1, y0, y1 = _outer(left, right, drawing.width) + _outer(top, bottom, drawing.height)
    part = np.empty((y1 - y0, x1 - x0, 3), np.uint8)
    kernels.paint_grid(
        part,
        np.ascontiguousarray(columns[:, x0:x1]),
        np.ascontiguousarray(rows[:, y0:y1]),
        colors,
        dots,
    )
    image[y0:y1, x0:x1] = part
    return image


def _outer(start: float, end: float, length: int) -> tuple[int, int]:
    """Pixels that a stretch touches, with two more on each side for the width of its border lines."""
    return max(int(start) - 2, 0), min(int(end) + 3, length)


def _profiles(
    spec: PageSpec, drawing: Drawing, length: int, first: float, within: tuple[float, float] | None
) -> NDArray[np.uint8]:
    """Coverage by minor and major lines along one axis, shape (2, length)."""
    scale = drawing.px_per_mm
    rows = []
    for lines, period in ((spec.paper.minor, SMALL_SQUARE_MM), (spec.paper.major, BIG_SQUARE_MM)):
        rows.append(_profile(lines, length, first, period * scale, scale))
    profiles = np.stack(rows)
    if within is not None:
        # The border lines are drawn whole; nothing beyond them.
        reach = max(spec.paper.minor.width_mm, spec.paper.major.width_mm) * scale / 2
        centres = np.arange(length) + 0.5
        outside = (centres < within[0] - reach - 0.5) | (centres > within[1] + reach + 0.5)
        profiles[:, outside] = 0
    return profiles


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
        if len(trace.points):
            kernels.polyline_coverage(ink, trace.points.astype(np.float32), drawing.trace_half_width)
    for stroke in drawing.strokes:
        kernels.polyline_coverage(ink, stroke.points.astype(np.float32), drawing.stroke_half_width)
