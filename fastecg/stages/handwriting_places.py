"""Where on a page somebody writes: the zones, and how much is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from fastecg.drawing import Trace
    from fastecg.geometry import Geometry
    from fastecg.spec import PageSpec
    from fastecg.stages.handwriting import Where

Floats = NDArray[np.float64]
Point = tuple[float, float]
Box = tuple[float, float, float, float]

PLACES: Final = 14
"""Places tried for each note; the one with least in the way is taken."""
EDGE_MM: Final = 1.5
"""Room to the page's edge."""
MIXED: Final[tuple[tuple[Where, float], ...]] = (
    ("margins", 0.5),
    ("leads", 0.25),
    ("traces", 0.15),
    ("anywhere", 0.1),
)
"""Where notes go that may go anywhere, and how often."""
PRINT_COST, WRITING_COST = 2.0, 5.0
"""What it costs to write over print, and over what is written already, in terms of the area."""
SHORTEST_LINE_MM: Final = 6.0


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave that a mark is made at, page px: its middle, its end towards the free side, and its size in mm.

    ``away`` is -1 if the free side is above, 1 if it is below.
    """

    center: Point
    top: Point
    away: int
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of print that may be underlined: where the line begins, page px, and how long it is."""

    start: Point
    width_mm: float


@dataclass(slots=True)
class Desk:
    """A page before somebody who writes on it.

    Parameters
    ----------
    spec, geometry, traces
        The page.
    prints
        Boxes of what is printed, page px.
    """

    spec: PageSpec
    geometry: Geometry
    traces: Sequence[Trace]
    prints: Sequence[Box]
    _taken: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._taken = np.array([(*box, PRINT_COST) for box in self.prints]).reshape(-1, 5)

    def find_place(self, size: Point, where: Where, rng: np.random.Generator, *, foot: bool = False) -> Point:
        """Return the middle of a place for a box.

        Parameters
        ----------
        size
            Width and height of the box, px.
        where
            The zones to look in.
        rng
            Where chance comes from.
        foot
            Look in the lower right of the page rather than in any margin.
        """
        if where == "mixed":
            names, weights = zip(*MIXED, strict=True)
            where = names[int(rng.choice(len(names), p=weights))]
        best, place = np.inf, (0.0, 0.0)
        for _ in range(PLACES):
            x0, y0, x1, y1 = self._foot() if foot else self._zone(where, rng)
            tried = self.within(size, (_between(x0, x1, size[0], rng), _between(y0, y1, size[1], rng)))
            cost = self._in_the_way(tried, size)
            if cost < best:
                best, place = cost, tried
            if cost == 0:
                break
        return place

    def within(self, size: Point, center: Point) -> Point:
        """Return the nearest middle of a box that lies on the page; the page's own if it is too large."""
        edge = EDGE_MM * self.spec.page.px_per_mm
        ends = []
        for length, middle, whole in zip(size, center, self._page(), strict=True):
            low, high = edge + length / 2, whole - edge - length / 2
            ends.append(min(max(middle, low), high) if low <= high else whole / 2)
        return ends[0], ends[1]

    def cover(self, corners: Floats) -> None:
        """Remember that something is written within some corners."""
        low, high = corners.min(axis=0), corners.max(axis=0)
        self._taken = np.concatenate([self._taken, [[*low, *high, WRITING_COST]]])

    def wave(self, rng: np.random.Generator) -> Wave | None:
        """Return some part of a trace, as wide as a beat or less; None if no trace has any."""
        scale, speed = self.spec.page.px_per_mm, self.spec.plot.speed_mm_s
        traces = [trace for trace in self.traces if np.isfinite(trace.points[:, 1]).any()]
        if not traces:
            return None
        trace = traces[int(rng.integers(len(traces)))]
        points = trace.points[np.isfinite(trace.points[:, 1])]
        x = points[int(rng.integers(len(points))), 0]
        reach = rng.uniform(0.12, 0.35) * speed * scale
        near = points[np.abs(points[:, 0] - x) <= reach]
        low, high = float(near[:, 1].min()), float(near[:, 1].max())
        tallest = 0.9 * self.geometry.row_pitch * scale
        middle = (low + high) / 2
        height = min(high - low, tallest)
        away = -1 if rng.random() < 0.5 else 1
        return Wave(
            center=(float(x), middle),
            top=(float(x), middle + away * (height / 2 + rng.uniform(1.0, 2.5) * scale)),
            away=away,
            width_mm=2 * reach / scale + 2,
            height_mm=height / scale + rng.uniform(3, 7),
        )

    def printed_line(self, rng: np.random.Generator) -> PrintedLine | None:
        """Return a line of print that is long enough to be underlined; None if there is none."""
        scale = self.spec.page.px_per_mm
        long = [box for box in self.prints if box[2] - box[0] >= SHORTEST_LINE_MM * scale]
        if not long:
            return None
        x0, _, x1, y1 = long[int(rng.integers(len(long)))]
        return PrintedLine((x0, y1 + rng.uniform(0.3, 0.9) * scale), (x1 - x0) / scale)

    def _page(self) -> Point:
        height, width = self.spec.page.shape_px
        return float(width), float(height)

    def _zone(self, where: Where, rng: np.random.Generator) -> Box:
        """Return a part of the page that a note may stand in, px."""
        scale, (width, height) = self.spec.page.px_per_mm, self._page()
        left, top, right, bottom = (edge * scale for edge in self.geometry.frame)
        if where == "margins":
            return (left, 0.0, right, top) if rng.random() < 0.7 else (left, bottom, right, height)
        if where == "leads" and self.traces:
            trace = self.traces[int(rng.integers(len(self.traces)))]
            (x, y), half = trace.origin, 0.5 * self.geometry.row_pitch * scale
            return x, y - half, x + trace.width, y + half
        return (left, top, right, bottom) if where == "traces" else (0.0, 0.0, width, height)

    def _foot(self) -> Box:
        width, height = self._page()
        return (
            0.6 * width,
            min(self.geometry.frame[3] * self.spec.page.px_per_mm, 0.93 * height),
            width,
            height,
        )

    def _in_the_way(self, center: Point, size: Point) -> float:
        """Return the area of print and writing under a box, each at its cost."""
        half = np.array(size) / 2
        low = np.maximum(self._taken[:, :2], center - half)
        high = np.minimum(self._taken[:, 2:4], center + half)
        common = np.maximum(high - low, 0.0)
        return float((common[:, 0] * common[:, 1] * self._taken[:, 4]).sum())


def _between(low: float, high: float, length: float, rng: np.random.Generator) -> float:
    """Return the middle of a stretch somewhere between two ends, or halfway if it does not fit."""
    room = high - low - length
    return low + length / 2 + rng.random() * room if room > 0 else (low + high) / 2
