"""Where ECG-Image-Kit puts everything on its page, in millimetres from the page's top left corner.

The grid counts from the sheet's bottom left corner, and so do all heights. Rows share the sheet's height with
two more that stay empty; the lowest holds the rhythm strip.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from fastecg.errors import RecipeError
from fastecg.geometry import BIG_SQUARE_MM, Geometry
from fastecg.kit.part import AUTO
from fastecg.layout import Slot
from fastecg.leads import STANDARD_12, standard_order

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

SHEET_MM: Final = (279.4, 215.9)
STRIP_RISE_MM: Final = 3.0
"""How far a rhythm strip's baseline stands above the middle of its row."""
NAME_DROP_MM: Final = 7.0
STRIP_NAME_DROP_MM: Final = 8.0
"""How far below its baseline a lead's name stands."""
POINT_MM: Final = 25.4 / 72
TRACE_MM: Final = 0.75 * POINT_MM
PULSE_MM: Final = 1.125 * POINT_MM
TICK_MM: Final = 2.25 * POINT_MM
GRID_MM: Final = 0.5 * POINT_MM
TEXT_MM: Final = 11 * POINT_MM
"""Widths of its lines and size of its print, which it counts in points."""

_TWELVE: Final = 12


def kit_slots(spec: PageSpec, leads: tuple[str, ...]) -> tuple[Slot, ...]:
    """Return which lead stands where: three rows of four columns and a strip of II, for twelve leads.

    Parameters
    ----------
    spec
        The page's values.
    leads
        The record's leads.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> [slot.lead for slot in kit_slots(make_spec({}), STANDARD_12)][:5]
    ['I', 'aVR', 'V1', 'V4', 'II']
    """
    kit = spec.kit
    known = standard_order(leads)
    columns = min(kit.columns or (1 if len(known) == 2 else 4), len(known))
    rows = math.ceil(len(known) / columns)
    if set(known) == set(kit.order):
        cells = [(lead, k // columns, k % columns) for k, lead in enumerate(kit.order)]
    elif set(known) == set(STANDARD_12):
        cells = sorted(((lead, k % rows, k // rows) for k, lead in enumerate(known)), key=lambda one: one[1:])
    else:
        cells = [(lead, k // columns, k % columns) for k, lead in enumerate(known)]
    slots = [Slot(lead, "lead", row, column) for lead, row, column in cells]
    return (*slots, *(Slot(lead, "rhythm", rows + k, 0) for k, lead in enumerate(_strips(kit.strips, known))))


def _strips(wanted: tuple[str, ...], leads: tuple[str, ...]) -> tuple[str, ...]:
    """Return the leads of the rhythm strips; the first lead where the record has none that is wanted."""
    if AUTO in wanted:
        wanted = ("II",) if len(leads) == _TWELVE else ()
    return tuple(lead for lead in wanted if lead in leads) or (leads[:1] if wanted else ())


def sheet(spec: PageSpec) -> tuple[float, float, float, float]:
    """Return the sheet on the page: (left, top, right, bottom) in mm.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> sheet(make_spec({}))
    (0.0, 0.0, 279.4, 215.9)
    """
    left, top = (spec.page.width_mm - SHEET_MM[0]) / 2, (spec.page.height_mm - SHEET_MM[1]) / 2
    return left, top, left + SHEET_MM[0], top + SHEET_MM[1]


def kit_geometry(spec: PageSpec, slots: tuple[Slot, ...]) -> Geometry:
    """Return the positions for a page's slots.

    Raises
    ------
    RecipeError
        If the page is smaller than the sheet, or the window too long for it.
    """
    left, top, right, bottom = sheet(spec)
    paper_mm = spec.window.duration_s * spec.plot.speed_mm_s
    if min(left, top) < -1e-6 or paper_mm > SHEET_MM[0] - 2 * BIG_SQUARE_MM:
        raise RecipeError(
            f"{spec.window.duration_s:g} s on a page of {spec.page.width_mm:g} x {spec.page.height_mm:g} mm",
            f"a sheet of {SHEET_MM[0]} x {SHEET_MM[1]} mm, and at most 10.7 s at 25 mm/s",
            "choose a shorter window",
        )
    strips = sum(slot.kind == "rhythm" for slot in slots)
    rows = max(slot.row for slot in slots) + 1 - strips
    columns = max(slot.column for slot in slots) + 1
    pitch = SHEET_MM[1] / (rows + strips + 2)
    above = [(max(strips, 1) + 0.5 + rows - 1 - row) * pitch for row in range(rows)]
    above += [(strips - 0.5 - strip) * pitch + STRIP_RISE_MM for strip in range(strips)]
    pulse_left = left + math.floor((SHEET_MM[0] - paper_mm) / 2 / BIG_SQUARE_MM + 1e-9) * BIG_SQUARE_MM
    traces_left = pulse_left + (BIG_SQUARE_MM if spec.plot.pulse == "left" else 0.0)
    return Geometry(
        frame=(left, top, right, bottom),
        baselines=tuple(bottom - height for height in above),
        row_pitch=pitch,
        columns=columns,
        traces_left=traces_left,
        column_width=paper_mm / columns,
        column_s=spec.window.duration_s / columns,
        pulse_left=pulse_left,
        names_left=traces_left,
        names="none" if spec.plot.lead_names == "none" else "below",
        grid_origin=(left, bottom - math.floor(SHEET_MM[1] / BIG_SQUARE_MM) * BIG_SQUARE_MM),
    )
