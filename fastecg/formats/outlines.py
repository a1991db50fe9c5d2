"""Outlines: where the things on a page are seen in its image, as polygons cut at the image's edge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.camera import Camera
from fastecg.truth import Truth

Points = NDArray[np.float64]
Box = tuple[float, float, float, float]

KINDS: Final = ("lead", "lead_name", "calibration_pulse", "text", "qr_code")
"""What is outlined; the order numbers the classes of COCO (from 1) and YOLO (from 0), and stays."""
KEYPOINTS: Final = ("baseline_start", "baseline_end", "trace_start", "trace_end")
"""Points of a lead: the ends of its 0 mV line, its first and its last sample."""

_SMALLEST_PX: Final = 1.0
"""What shows less than a square of one pixel is not told."""
_PER_SIDE: Final = 8
"""Steps along each side of what is bent."""


@dataclass(frozen=True, eq=False, slots=True)
class Outline:
    """One thing in an image.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    polygon
        Shape (N, 2), image px, within the image; clockwise as seen on the page.
    area
        Of the polygon, px².
    attributes
        What more is known: the lead and its place, or what a text says.
    keypoints
        Of a lead: shape (4, 2), image px, NaN for a point that is not in the image. Else empty.
    """

    kind: str
    polygon: Points
    area: float
    attributes: dict[str, Any]
    keypoints: Points

    @property
    def box(self) -> Box:
        """(x0, y0, x1, y1), image px."""
        x, y = self.polygon[:, 0], self.polygon[:, 1]
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def outlines(truth: Truth) -> Iterator[Outline]:
    """Yield what shows in an image: leads with their names, pulses, and the other texts.

    Parameters
    ----------
    truth
        The page's truth. Outlines are those of the truth's boxes: around the ink, upright on the page.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record)
    >>> [one.attributes["lead"] for one in outlines(page.truth) if one.kind == "lead"][-2:]
    ['V6', 'II']
    """
    drawing = truth.drawing
    names = iter(line for line in truth.prints if line.source.kind == "lead_name")
    for trace in drawing.traces:
        about = {"lead": trace.lead, "kind": trace.kind, "row": trace.row, "column": trace.column}
        (x, y), ends = trace.origin, _ends(trace.points)
        keypoints = np.array([[x, y], [x + trace.width, y], *ends])
        box = ink_box(trace.points, drawing.trace_half_width)
        yield from _outline(truth, "lead", box, about, keypoints)
        name = next(names) if trace.name else None
        if name is not None:
            yield from _outline(truth, "lead_name", name.box, {**about, "text": name.source.text})
    for stroke in drawing.strokes:
        if stroke.kind == "calibration_pulse":
            box = ink_box(stroke.points, drawing.stroke_half_width)
            yield from _outline(truth, stroke.kind, box, {"row": stroke.row})
    for line in truth.prints:
        kind = "qr_code" if line.source.kind == "qr" else "text"
        if line.source.kind != "lead_name":
            yield from _outline(truth, kind, line.box, {"kind": line.source.kind, "text": line.source.text})


def ink_box(points: Points, half_width: float) -> Box | None:
    """Return the box around a line's ink in page px; None where there is none.

    Examples
    --------
    >>> ink_box(np.array([[1.0, 5.0], [2.0, np.nan], [3.0, 7.0]]), 0.5)
    (0.5, 4.5, 3.5, 7.5)
    """
    drawn = points[~np.isnan(points[:, 1])]
    if not len(drawn):
        return None
    x, y = drawn[:, 0], drawn[:, 1]
    return (
        float(x.min()) - half_width,
        float(y.min()) - half_width,
        float(x.max()) + half_width,
        float(y.max()) + half_width,
    )


def seen_polygon(camera: Camera, box: Box, page: tuple[int, int]) -> Points:
    """Return the outline in the image of a page box, cut at the edges of page and image.

    Parameters
    ----------
    camera
        The map to the image.
    box
        Page px.
    page
        Height and width of the page, px.

    Returns
    -------
    ndarray
        Shape (N, 2), image px; N is 0 where nothing of it shows.
    """
    x0, x1 = (min(max(x, 0.0), float(page[1])) for x in (box[0], box[2]))
    y0, y1 = (min(max(y, 0.0), float(page[0])) for y in (box[1], box[3]))
    if x1 <= x0 or y1 <= y0:
        return np.empty((0, 2))
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    return cut_polygon(camera.to_image(_dense(corners) if camera.bent else corners), camera.shape)


def cut_polygon(polygon: Points, shape: tuple[int, int]) -> Points:
    """Return the part of a polygon that lies in an image.

    Parameters
    ----------
    polygon
        Shape (N, 2), px.
    shape
        Height and width of the image.

    Examples
    --------
    >>> cut_polygon(np.array([[-5.0, 2.0], [5.0, 2.0], [5.0, 8.0], [-5.0, 8.0]]), (10, 20)).tolist()
    [[0.0, 2.0], [5.0, 2.0], [5.0, 8.0], [0.0, 8.0]]

    References
    ----------
    I. E. Sutherland and G. W. Hodgman, Reentrant polygon clipping, Comm. ACM 17 (1974), 32-42.
    """
    x, y = polygon[:, 0], polygon[:, 1]
    if min(x.min(), y.min()) >= 0 and x.max() <= shape[1] and y.max() <= shape[0]:
        return polygon
    if not np.isfinite(polygon).all():
        return np.empty((0, 2))
    for axis, side, edge in ((0, 1, 0.0), (0, -1, float(shape[1])), (1, 1, 0.0), (1, -1, float(shape[0]))):
        within = side * (polygon[:, axis] - edge)
        if len(polygon) and within.min() < 0:
            polygon = _cut(polygon, within)
    return polygon


def polygon_area(polygon: Points) -> float:
    """Return the area of a polygon, shape (N, 2), whichever way round it goes.

    Examples
    --------
    >>> polygon_area(np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 3.0]]))
    3.0
    """
    x, y = polygon[:, 0], polygon[:, 1]
    if not len(polygon):
        return 0.0
    around = x[:-1] @ y[1:] - y[:-1] @ x[1:] + x[-1] * y[0] - y[-1] * x[0]
    return abs(float(around)) / 2


def _outline(
    truth: Truth, kind: str, box: Box | None, attributes: dict[str, Any], points: Points | None = None
) -> Iterator[Outline]:
    """Yield the outline of a page box, if it shows."""
    if box is None:
        return
    camera = truth.camera
    polygon = seen_polygon(camera, box, (truth.drawing.height, truth.drawing.width))
    area = polygon_area(polygon)
    if area < _SMALLEST_PX:
        return
    keypoints = np.empty((0, 2))
    if points is not None:
        keypoints = np.array(camera.to_image(points))
        limits = np.array([camera.shape[1], camera.shape[0]])
        keypoints[((keypoints < 0) | (keypoints > limits)).any(axis=1)] = np.nan
    yield Outline(kind, polygon, area, attributes, keypoints)


def _ends(points: Points) -> Points:
    """Return the first and the last point that is no gap."""
    drawn = points[~np.isnan(points[:, 1])]
    return drawn[[0, -1]] if len(drawn) else np.full((2, 2), np.nan)


def _dense(corners: Points) -> Points:
    """Return a polygon with points along its sides, close enough that what bends it does not slip between."""
    share = np.arange(_PER_SIDE)[None, :, None] / _PER_SIDE
    starts, ends = corners[:, None], corners[[1, 2, 3, 0], None]
    dense: Points = (starts + share * (ends - starts)).reshape(-1, 2)
    return dense


def _cut(polygon: Points, within: Points) -> Points:
    """Return the part of a polygon whose ``within``, linear in between, is not negative."""
    kept: list[Points] = []
    for k in range(len(polygon)):
        if (within[k - 1] < 0) != (within[k] < 0):
            share = within[k - 1] / (within[k - 1] - within[k])
            kept.append(polygon[k - 1] + share * (polygon[k] - polygon[k - 1]))
        if within[k] >= 0:
            kept.append(polygon[k])
    return np.array(kept).reshape(-1, 2)
