"""Where everything stands on a page, in millimetres from its top left corner."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from fastecg.errors import RecipeError
from fastecg.layout import Slot
from fastecg.spec import PageSpec

NamePlace = Literal["above", "below", "left", "none"]

BIG_SQUARE_MM: Final = 5.0
SMALL_SQUARE_MM: Final = 1.0
PULSE_S: Final = 0.2
PULSE_FOOT_MM: Final = 1.0
NAME_ZONE_MM: Final = 10.0
CLOSE_ROWS_MM: Final = 18.0
"""Row distance below which names above the traces would stand in the row before."""
GAP_MM: Final = 1.5
BASELINE_SHARE: Final = 0.55
"""Baselines lie a little below the middle of their row: R waves point up."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Positions on the page in mm; ``frame`` is (left, top, right, bottom) of the traces' grid.

    Baselines lie on grid lines, and traces begin on one, so that the page can be read with a
    ruler. ``column_s`` is what a column shows: its share of the window, or less where the
    paper is too narrow for it at this speed. ``plain`` are boxes of paper without a grid.
    """

    frame: tuple[float, float, float, float]
    baselines: tuple[float, ...]
    row_pitch: float
    columns: int
    traces_left: float
    column_width: float
    column_s: float
    pulse_left: float
    names_left: float
    names: NamePlace
    grid_origin: tuple[float, float] | None = None
    plain: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def origin(self) -> tuple[float, float]:
        """Where two lines of both grids cross: the frame's corner, unless the grid begins elsewhere."""
        return self.frame[:2] if self.grid_origin is None else self.grid_origin

    @property
    def strip_s(self) -> float:
        """Seconds that a rhythm strip shows: all columns together."""
        return self.column_s * self.columns


def place(spec: PageSpec, slots: tuple[Slot, ...]) -> Geometry:
    """Return the positions for a page's slots.

    Raises
    ------
    RecipeError
        If the page is too small for the rows or columns.
    """
    frame = _frame(spec)
    rows = max(slot.row for slot in slots) + 1
    columns = max(slot.column for slot in slots) + 1
    pitch, baselines = _rows(spec, frame, rows)
    return _columns(spec, frame, columns, pitch, baselines)


def pulse_width_mm(spec: PageSpec) -> float:
    """Width of the calibration pulse's top in mm: 0.2 s at the page's speed."""
    return PULSE_S * spec.plot.speed_mm_s


def _floor_to(value: float, step: float) -> float:
    return math.floor(value / step + 1e-9) * step


def _ceil_to(value: float, step: float) -> float:
    return math.ceil(value / step - 1e-9) * step


def _frame(spec: PageSpec) -> tuple[float, float, float, float]:
    """Largest whole number of big squares inside the margins, centred in its width."""
    page = spec.page
    width = _floor_to(page.width_mm - 2 * page.margin_mm, BIG_SQUARE_MM)
    free = page.height_mm - 2 * page.margin_mm - page.header_mm - page.footer_mm
    height = _floor_to(free, BIG_SQUARE_MM)
    if width < 20 or height < 10:
        raise RecipeError(
            f"{page.width_mm:g} x {page.height_mm:g} mm of page leave {width:g} x {height:g} mm for traces",
            "at least 20 x 10 mm",
            "choose a larger page, or smaller margins, header and footer",
        )
    left = (page.width_mm - width) / 2
    top = page.margin_mm + page.header_mm + (free - height) / 2
    return left, top, left + width, top + height


def _rows(
    spec: PageSpec, frame: tuple[float, float, float, float], rows: int
) -> tuple[float, tuple[float, ...]]:
    """Spread the rows over the frame; distances are whole big squares where there is room."""
    height = frame[3] - frame[1]
    room = min(height / rows, spec.plot.max_row_pitch_mm)
    pitch = _floor_to(room, BIG_SQUARE_MM if room >= 3 * BIG_SQUARE_MM else SMALL_SQUARE_MM)
    if pitch < 5:
        raise RecipeError(
            f"{rows} rows in {height:g} mm leave {height / rows:.1f} mm a row",
            "at least 5 mm",
            "choose a larger page or a layout with fewer rows",
        )
    coarse = pitch % BIG_SQUARE_MM == 0 and pitch > BIG_SQUARE_MM
    step = BIG_SQUARE_MM if coarse else SMALL_SQUARE_MM
    above = (height - rows * pitch) / 2
    first = _floor_to(above + BASELINE_SHARE * pitch + step / 2, step)
    return pitch, tuple(frame[1] + first + row * pitch for row in range(rows))


def _columns(
    spec: PageSpec,
    frame: tuple[float, float, float, float],
    columns: int,
    pitch: float,
    baselines: tuple[float, ...],
) -> Geometry:
    plot = spec.plot
    names = _name_place(spec, pitch, columns)
    pulse_zone = 0.0
    if plot.pulse != "none":
        feet = 4 if plot.pulse == "right" else 3
        pulse_zone = _ceil_to(pulse_width_mm(spec) + feet * PULSE_FOOT_MM, BIG_SQUARE_MM)
    names_zone = NAME_ZONE_MM if names == "left" else 0.0
    room = frame[2] - frame[0] - pulse_zone - names_zone
    column_width = plot.speed_mm_s * spec.window.duration_s / columns
    if column_width < 5:
        raise RecipeError(
            f"{columns} columns of {spec.window.duration_s:g} s at {plot.speed_mm_s:g} mm/s"
            f" are {column_width:.1f} mm wide",
            "at least 5 mm",
            "choose a longer window, a higher speed or a layout with fewer columns",
        )
    if column_width * columns > room:
        column_width = _floor_to(room / columns, BIG_SQUARE_MM / 2)
    if column_width < 5:
        raise RecipeError(
            f"{columns} columns in {room:g} mm leave {room / columns:.1f} mm a column",
            "at least 5 mm",
            "choose a larger page or a layout with fewer columns",
        )
    block = names_zone + pulse_zone + column_width * columns
    left = frame[0] + _floor_to((frame[2] - frame[0] - block) / 2, BIG_SQUARE_MM)
    after_names = left + names_zone
    on_left = plot.pulse == "left"
    traces_left = after_names + (pulse_zone if on_left else 0.0)
    return Geometry(
        frame=frame,
        baselines=baselines,
        row_pitch=pitch,
        columns=columns,
        traces_left=traces_left,
        column_width=column_width,
        column_s=column_width / plot.speed_mm_s,
        pulse_left=after_names if on_left else traces_left + column_width * columns,
        names_left=left,
        names=names,
    )


def _name_place(spec: PageSpec, pitch: float, columns: int) -> NamePlace:
    where = spec.plot.lead_names
    if where == "auto":
        return "left" if columns == 1 and pitch < CLOSE_ROWS_MM else "above"
    return where
