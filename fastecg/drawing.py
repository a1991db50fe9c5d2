"""Drawing: a page as vectors in page pixels, made from a record and a PageSpec."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from fastecg.leads import LIMB, is_known_lead
from fastecg.name_places import Surroundings, clear_names
from fastecg.printing import page_font, print_texts
from fastecg.record import Record
from fastecg.spec import PageSpec
from fastecg.stages.fonts import Fonts
from fastecg.stages.handwriting_notes import write_page
from fastecg.stages.handwriting_places import Desk
from fastecg.stages.scribe import Scribe
from fastecg.texts import Text
from fastecg.writing import Writing

Points = NDArray[np.float64]

TICK_MM: Final = 6.0


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
    writing: tuple[Writing, ...] = ()


def draw_page(
    record: Record, spec: PageSpec, fonts: Fonts | None = None, scribe: Scribe | None = None
) -> Drawing:
    """Lay a record's window out on a page.

    Parameters
    ----------
    record
        The whole record; the window that ``spec`` names is drawn, as far as the record goes.
    spec
        The page's values.
    fonts
        Measures print; pass the same one for every page, for it keeps what it has set.
    scribe
        Writes by hand; pass the same one for every page.

    Raises
    ------
    RecipeError
        If the page is too small for the layout, or a typeface or a hand cannot be used.
    """
    fonts = fonts or Fonts()
    if spec.kit.enabled:
        from fastecg.kit.drawing import draw_kit_page  # noqa: PLC0415 - it imports this module

        return draw_kit_page(record, spec, fonts, scribe or Scribe())
    slots = arrange(spec.layout, record.leads)
    geometry = place(spec, slots)
    scale = spec.page.px_per_mm
    font = page_font(spec, fonts, header=False)
    traces: Sequence[Trace] = [_trace(record, spec, geometry, slot, font) for slot in slots]
    strokes = (*_pulses(spec, geometry), *_separators(spec, geometry, slots))
    if spec.plot.name_overlap == "avoid":
        traces = _with_clear_names(traces, strokes, spec, geometry, fonts)
    ink = _ink_extent(traces, strokes, spec) if spec.header.enabled else (0.0, 0.0)
    texts = print_texts(record, spec, geometry, ink, fonts)
    height, width = spec.page.shape_px
    drawing = Drawing(
        height=height,
        width=width,
        px_per_mm=scale,
        geometry=geometry,
        traces=tuple(traces),
        strokes=strokes,
        texts=texts,
        trace_half_width=spec.plot.trace_width_mm * scale / 2,
        stroke_half_width=spec.plot.pulse_width_mm * scale / 2,
    )
    return add_writing(drawing, record, spec, fonts, scribe) if spec.handwriting.enabled else drawing


def add_writing(
    drawing: Drawing, record: Record, spec: PageSpec, fonts: Fonts, scribe: Scribe | None = None
) -> Drawing:
    """Return a drawing with what a spec wants written by hand on it."""
    boxes = _print_boxes(drawing.texts, drawing.traces, fonts)
    desk = Desk(spec, drawing.geometry, drawing.traces, boxes)
    return replace(drawing, writing=write_page(record, spec, desk, scribe or Scribe()))


def lead_gain_mm_mv(spec: PageSpec, lead: str) -> float:
    """Return the gain of a lead in mm/mV: limb and chest leads may differ."""
    gains = spec.plot.gains
    return gains.limb_mm_mv if lead.removeprefix("-") in LIMB else gains.chest_mm_mv


def _with_clear_names(
    traces: Sequence[Trace], strokes: Sequence[Stroke], spec: PageSpec, geometry: Geometry, fonts: Fonts
) -> list[Trace]:
    """Return the traces with those names moved, inside the frame, that a line would run through."""
    scale = spec.page.px_per_mm
    left, top, right, bottom = (edge * scale for edge in geometry.frame)
    halves = [spec.plot.trace_width_mm * scale / 2] * len(traces)
    around = Surroundings(
        [*(trace.points for trace in traces), *(stroke.points for stroke in strokes)],
        halves + [spec.plot.pulse_width_mm * scale / 2] * len(strokes),
        (left, top, right, bottom),
        scale,
    )
    names = clear_names([trace.name for trace in traces], around, fonts)
    return [replace(trace, name=name) for trace, name in zip(traces, names, strict=True)]


def _print_boxes(
    texts: Sequence[Text], traces: Sequence[Trace], fonts: Fonts
) -> list[tuple[float, float, float, float]]:
    """Return the boxes of everything printed that is not a line."""
    names = [trace.name for trace in traces if trace.name is not None]
    boxes = []
    for text in (*texts, *names):
        if text.kind == "qr":
            boxes.append((text.x, text.y - text.size, text.x + text.size, text.y))
            continue
        line = fonts.line(text.font, text.text, text.size)
        height, width = line.mask.shape
        x, y = text.x + line.left, text.y + line.top
        boxes.append((x, y, x + width, y + height))
    return boxes


def _ink_extent(traces: Sequence[Trace], strokes: Sequence[Stroke], spec: PageSpec) -> tuple[float, float]:
    """Return the top of the highest and the bottom of the lowest line or lead name, page px."""
    heights = [trace.points[:, 1] for trace in traces] + [stroke.points[:, 1] for stroke in strokes]
    every = np.concatenate(heights)
    half = max(spec.plot.trace_width_mm, spec.plot.pulse_width_mm) * spec.page.px_per_mm / 2
    highest, lowest = (float(every.min()), float(every.max())) if len(every) else (np.inf, -np.inf)
    if math.isnan(highest):  # gaps, which take ten times as long
        highest = float(np.fmin.reduce(every, initial=np.inf))
        lowest = float(np.fmax.reduce(every, initial=-np.inf))
    names = [trace.name for trace in traces if trace.name is not None]
    return (
        min([highest - half, *(name.y - name.size for name in names)]),
        max([lowest + half, *(name.y + 0.3 * name.size for name in names)]),
    )


def _trace(record: Record, spec: PageSpec, geometry: Geometry, slot: Slot, font: str) -> Trace:
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
    shown = slot.lead
    if spec.header.privacy and not is_known_lead(shown):  # a file may hold anything as a lead's name
        shown = f"Lead {record.leads.index(shown.removeprefix('-')) + 1}"
    name = _lead_name(spec, geometry, slot, Text("lead_name", shown, 0.0, 0.0, 0.0, font))
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


def _lead_name(spec: PageSpec, geometry: Geometry, slot: Slot, name: Text) -> Text | None:
    """Return a lead's name where it stands."""
    where, size = geometry.names, spec.plot.text_mm
    if where == "none":
        return None
    scale = spec.page.px_per_mm
    left_mm = geometry.traces_left + slot.column * geometry.column_width
    x, y = left_mm + 1.0, geometry.baselines[slot.row]
    if where == "left" and slot.column == 0:
        x, y = geometry.names_left + 1.0, y + 0.35 * size
    elif where == "below":
        y += min(0.3 * geometry.row_pitch, 7.0) + 0.7 * size - 1.0
    else:
        y -= min(0.35 * geometry.row_pitch, 11.0) - 0.5
    return replace(name, x=x * scale, y=y * scale, size=size * scale)


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


def grid_period_px(drawing: Drawing) -> tuple[float, float]:
    """Distance of the minor and of the major grid lines in page pixels."""
    return SMALL_SQUARE_MM * drawing.px_per_mm, BIG_SQUARE_MM * drawing.px_per_mm
