"""Drawing: a page as vectors in page pixels, made from a record and a PageSpec."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from fastecg.geometry import (
    BIG_SQUARE_MM,
    GAP_MM,
    PULSE_FOOT_MM,
    SMALL_SQUARE_MM,
    Geometry,
    place,
    pulse_width_mm,
)
from fastecg.layout import Kind, Slot, arrange
from fastecg.leads import LIMB
from fastecg.record import Record
from fastecg.spec import PageSpec

Points = NDArray[np.float64]
TextKind = Literal["lead_name", "speed", "gain"]

TICK_MM: Final = 6.0


@dataclass(frozen=True, slots=True)
class Text:
    """A line of print: its left end on the writing line, and its size (em), in page pixels."""

    kind: TextKind
    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Trace:
    """One lead as drawn.

    ``points`` has a row (x, y) per sample of [start_sample, end_sample), counted from the start
    of the page's window, NaN where the record has no value; ``origin`` is the point of 0 mV at
    ``start_s``, the time where the trace's place on the paper begins.
    """

    lead: str
    kind: Kind
    row: int
    column: int
    start_sample: int
    end_sample: int
    start_s: float
    gain_mm_mv: float
    origin: tuple[float, float]
    width: float
    points: Points
    name: Text | None


@dataclass(frozen=True, slots=True)
class Stroke:
    """A calibration pulse or a column separator."""

    kind: Literal["calibration_pulse", "separator"]
    row: int
    points: Points


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything on a page, as vectors in page pixels (x right, y down, corner origin)."""

    height: int
    width: int
    px_per_mm: float
    geometry: Geometry
    traces: tuple[Trace, ...]
    strokes: tuple[Stroke, ...]
    texts: tuple[Text, ...]
    trace_half_width: float
    stroke_half_width: float


def draw_page(record: Record, spec: PageSpec) -> Drawing:
    """Lay a record's window out on a page.

    Parameters
    ----------
    record
        The whole record; the window that ``spec`` names is drawn, as far as the record goes.
    spec
        The page's values.

    Raises
    ------
    RecipeError
        If the page is too small for the layout.
    """
    slots = arrange(spec.layout, record.leads)
    geometry = place(spec, slots)
    scale = spec.page.px_per_mm
    traces = tuple(_trace(record, spec, geometry, slot) for slot in slots)
    strokes = (*_pulses(spec, geometry), *_separators(spec, geometry, slots))
    height, width = spec.page.shape_px
    return Drawing(
        height=height,
        width=width,
        px_per_mm=scale,
        geometry=geometry,
        traces=traces,
        strokes=strokes,
        texts=_footer(spec, geometry),
        trace_half_width=spec.plot.trace_width_mm * scale / 2,
        stroke_half_width=spec.plot.pulse_width_mm * scale / 2,
    )


def lead_gain_mm_mv(spec: PageSpec, lead: str) -> float:
    """Return the gain of a lead in mm/mV: limb and chest leads may differ."""
    gains = spec.plot.gains
    return gains.limb_mm_mv if lead.removeprefix("-") in LIMB else gains.chest_mm_mv


def _trace(record: Record, spec: PageSpec, geometry: Geometry, slot: Slot) -> Trace:
    """One lead in page pixels; its first sample is the first one at or after the column's start."""
    scale, rate = spec.page.px_per_mm, record.sampling_rate_hz
    left_mm = geometry.traces_left + slot.column * geometry.column_width
    strip = slot.kind == "rhythm"
    shown_s = geometry.strip_s if strip else geometry.column_s
    if spec.plot.separator == "gap" and not strip and slot.column + 1 < geometry.columns:
        shown_s -= GAP_MM / spec.plot.speed_mm_s
    sequential = spec.layout.timing == "sequential" and not strip
    start_s = slot.column * geometry.column_s if sequential else 0.0
    available = max(record.samples - spec.window.start_sample, 0)
    start = min(math.ceil(start_s * rate - 1e-6), available)
    end = min(math.ceil((start_s + shown_s) * rate - 1e-6), available)
    signal = record.lead(slot.lead)[spec.window.start_sample + start : spec.window.start_sample + end]
    gain = lead_gain_mm_mv(spec, slot.lead)
    origin = (left_mm * scale, geometry.baselines[slot.row] * scale)
    points = np.empty((len(signal), 2))
    points[:, 0] = (np.arange(start, end) / rate - start_s) * (spec.plot.speed_mm_s * scale) + origin[0]
    points[:, 1] = origin[1] - signal.astype(np.float64) * (gain * scale)
    name = _lead_name(spec, geometry, slot, left_mm)
    return Trace(
        lead=slot.lead,
        kind=slot.kind,
        row=slot.row,
        column=slot.column,
        start_sample=start,
        end_sample=end,
        start_s=start_s,
        gain_mm_mv=gain,
        origin=origin,
        width=shown_s * spec.plot.speed_mm_s * scale,
        points=points,
        name=name,
    )


def _lead_name(spec: PageSpec, geometry: Geometry, slot: Slot, left_mm: float) -> Text | None:
    where, size = geometry.names, spec.plot.text_mm
    if where == "none":
        return None
    scale = spec.page.px_per_mm
    x, y = left_mm + 1.0, geometry.baselines[slot.row]
    if where == "left" and slot.column == 0:
        x, y = geometry.names_left + 1.0, y + 0.35 * size
    elif where == "below":
        y += min(0.3 * geometry.row_pitch, 7.0) + 0.7 * size - 1.0
    else:
        y -= min(0.35 * geometry.row_pitch, 11.0) - 0.5
    return Text("lead_name", slot.lead, x * scale, y * scale, size * scale)


def _pulses(spec: PageSpec, geometry: Geometry) -> tuple[Stroke, ...]:
    """Return a 1 mV calibration pulse per row; with two gains a stair, the limb leads' gain first."""
    if spec.plot.pulse == "none":
        return ()
    scale, width = spec.page.px_per_mm, pulse_width_mm(spec)
    limb, chest = spec.plot.gains.limb_mm_mv, spec.plot.gains.chest_mm_mv
    rise = geometry.pulse_left + 2 * PULSE_FOOT_MM
    if spec.plot.pulse == "right":
        rise += PULSE_FOOT_MM
    middle = rise + width / 2
    corners = [(rise - PULSE_FOOT_MM, 0.0), (rise, 0.0), (rise, limb)]
    if limb != chest:
        corners += [(middle, limb), (middle, chest)]
    corners += [(rise + width, chest), (rise + width, 0.0), (rise + width + PULSE_FOOT_MM, 0.0)]
    shape = np.array(corners)
    return tuple(
        Stroke(
            "calibration_pulse",
            row,
            np.column_stack([shape[:, 0] * scale, (baseline - shape[:, 1]) * scale]),
        )
        for row, baseline in enumerate(geometry.baselines)
    )


def _separators(spec: PageSpec, geometry: Geometry, slots: tuple[Slot, ...]) -> tuple[Stroke, ...]:
    """Return a short vertical tick across the baseline where one column's lead gives way to the next."""
    if spec.plot.separator != "tick":
        return ()
    scale, reach = spec.page.px_per_mm, min(TICK_MM, 0.4 * geometry.row_pitch) / 2
    ticks = []
    for slot in slots:
        if slot.kind == "lead" and slot.column > 0:
            x = (geometry.traces_left + slot.column * geometry.column_width) * scale
            y = geometry.baselines[slot.row]
            ends = np.array([[x, (y - reach) * scale], [x, (y + reach) * scale]])
            ticks.append(Stroke("separator", slot.row, ends))
    return tuple(ticks)


def _footer(spec: PageSpec, geometry: Geometry) -> tuple[Text, ...]:
    """Paper speed and gain, below the traces on the left, as every electrocardiograph prints them."""
    page, gains = spec.page, spec.plot.gains
    if page.footer_mm < 4:
        return ()
    limb, chest = f"{gains.limb_mm_mv:g} mm/mV", f"{gains.chest_mm_mv:g} mm/mV"
    gain = limb if limb == chest else f"Limb: {limb}  Chest: {chest}"
    size = min(spec.plot.text_mm, 0.6 * page.footer_mm)
    y = geometry.frame[3] + 0.6 * page.footer_mm
    scale = page.px_per_mm
    left = geometry.names_left
    return (
        Text("speed", f"{spec.plot.speed_mm_s:g} mm/s", left * scale, y * scale, size * scale),
        Text("gain", gain, (left + 8 * size) * scale, y * scale, size * scale),
    )


def grid_period_px(drawing: Drawing) -> tuple[float, float]:
    """Distance of the minor and of the major grid lines in page pixels."""
    return SMALL_SQUARE_MM * drawing.px_per_mm, BIG_SQUARE_MM * drawing.px_per_mm
