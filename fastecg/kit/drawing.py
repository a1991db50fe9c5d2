"""Drawing a page as ECG-Image-Kit lays it out: the same kinds of vectors as on ours."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fastecg.drawing import Drawing, Stroke, Trace, lead_gain_mm_mv
from fastecg.geometry import BIG_SQUARE_MM, Geometry
from fastecg.kit.geometry import (
    NAME_DROP_MM,
    PULSE_MM,
    STRIP_NAME_DROP_MM,
    TICK_MM,
    kit_geometry,
    kit_slots,
)
from fastecg.kit.texts import kit_texts, qr_code
from fastecg.kit.words import write_words
from fastecg.layout import Slot
from fastecg.leads import is_known_lead
from fastecg.printing import page_font
from fastecg.record import Record
from fastecg.texts import Text

if TYPE_CHECKING:
    from fastecg.spec import PageSpec
    from fastecg.stages.fonts import Fonts
    from fastecg.stages.scribe import Scribe

_SEQUENTIAL_COLUMNS: Final = 4
"""Only in four columns does each show its own part of the window; else all begin with it."""


def draw_kit_page(record: Record, spec: PageSpec, fonts: Fonts, scribe: Scribe) -> Drawing:
    """Lay a record's window out on the kit's page.

    Parameters
    ----------
    record, spec
        The page; ``spec.kit`` is enabled.
    fonts, scribe
        As in :func:`fastecg.drawing.draw_page`.

    Raises
    ------
    RecipeError
        If the window is too long for the sheet, or a typeface or a hand cannot be used.
    """
    slots = kit_slots(spec, record.leads)
    geometry = kit_geometry(spec, slots)
    font = page_font(spec, fonts, header=False)
    texts = kit_texts(record, spec, geometry, font)
    if spec.kit.qr:
        code, plain = qr_code(record, spec)
        texts, geometry = (*texts, code), replace(geometry, plain=(plain,))
    scale = spec.page.px_per_mm
    height, width = spec.page.shape_px
    return Drawing(
        height=height,
        width=width,
        px_per_mm=scale,
        geometry=geometry,
        traces=tuple(_trace(record, spec, geometry, slot, font) for slot in slots),
        strokes=(*_pulses(spec, geometry), *_ticks(spec, geometry, slots)),
        texts=texts,
        trace_half_width=spec.plot.trace_width_mm * scale / 2,
        stroke_half_width=spec.plot.pulse_width_mm * scale / 2,
        writing=write_words(spec, scribe),
    )


def _trace(record: Record, spec: PageSpec, geometry: Geometry, slot: Slot, font: str) -> Trace:
    scale, rate = spec.page.px_per_mm, record.sampling_rate_hz
    strip = slot.kind == "rhythm"
    shown_s = geometry.strip_s if strip else geometry.column_s
    sequential = geometry.columns == _SEQUENTIAL_COLUMNS and not strip
    start_s = slot.column * geometry.column_s if sequential else 0.0
    first = spec.window.start_sample
    available = max(record.samples - first, 0)
    start, end = (min(math.ceil(at * rate - 1e-6), available) for at in (start_s, start_s + shown_s))
    signal = record.lead(slot.lead)[first + start : first + end].astype(np.float64)
    left_mm = geometry.traces_left + slot.column * geometry.column_width
    baseline_mm, gain = geometry.baselines[slot.row], lead_gain_mm_mv(spec, slot.lead)
    pace = spec.plot.speed_mm_s * scale
    x = left_mm * scale + (np.arange(start, end) / rate - start_s) * pace
    name = None
    if geometry.names != "none":
        shown = slot.lead
        if spec.header.privacy and not is_known_lead(shown):  # a file may hold anything as a lead's name
            shown = f"Lead {record.leads.index(shown) + 1}"
        below_mm = baseline_mm + (STRIP_NAME_DROP_MM if strip else NAME_DROP_MM)
        size = spec.plot.text_mm * scale
        name = Text("lead_name", shown, left_mm * scale, below_mm * scale, size, font)
    return Trace(
        lead=slot.lead,
        kind=slot.kind,
        row=slot.row,
        column=slot.column,
        start_sample=start,
        end_sample=end,
        start_s=start_s,
        gain_mm_mv=gain,
        origin=(left_mm * scale, baseline_mm * scale),
        width=shown_s * pace,
        points=np.column_stack([x, (baseline_mm - signal * gain) * scale]),
        name=name,
    )


def _pulses(spec: PageSpec, geometry: Geometry) -> tuple[Stroke, ...]:
    """Return a pulse of 1 mV and 0.2 s before each row, upright at both sides."""
    if spec.plot.pulse != "left":
        return ()
    gain, left = spec.plot.gains.limb_mm_mv, geometry.pulse_left
    right = left + BIG_SQUARE_MM
    shape = np.array([(left, 0.0), (left, gain), (right, gain), (right, 0.0)])
    scale = spec.page.px_per_mm
    return tuple(
        Stroke("calibration_pulse", row, (shape * (1, -1) + (0, baseline)) * scale)
        for row, baseline in enumerate(geometry.baselines)
    )


def _ticks(spec: PageSpec, geometry: Geometry, slots: tuple[Slot, ...]) -> tuple[Stroke, ...]:
    """Return the ticks between columns, twice as wide as the pulse: three lines beside each other."""
    if spec.plot.separator != "tick" or not spec.kit.tick_mm:
        return ()
    scale, side, up = spec.page.px_per_mm, (TICK_MM - PULSE_MM) / 2, spec.kit.tick_mm / 2
    shape = np.array([(-side, up), (-side, -up), (0, -up), (0, up), (side, up), (side, -up)])
    places = [
        (slot.row, geometry.traces_left + slot.column * geometry.column_width)
        for slot in slots
        if slot.kind == "lead" and slot.column > 0
    ]
    return tuple(
        Stroke("separator", row, (shape + np.array([x, geometry.baselines[row]])) * scale)
        for row, x in places
    )
