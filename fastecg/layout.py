"""Layouts as data: which lead stands in which row and column, for the leads a record has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fastecg.errors import RecipeError
from fastecg.leads import STANDARD_12, normalize_lead_name, standard_order

CABRERA_12: Final = ("aVL", "I", "-aVR", "II", "aVF", "III", "V1", "V2", "V3", "V4", "V5", "V6")
"""The 12 leads in Cabrera order: the limb leads by their angle, with aVR inverted."""

Timing = Literal["sequential", "simultaneous"]
Kind = Literal["lead", "rhythm"]


class Layout(BaseModel):
    """Rows and columns of leads, and the rhythm strips below them.

    Parameters
    ----------
    rows, columns
        Cells of the page, 1 to 15 each, without the rhythm strips.
    order
        ``standard`` (I … aVF, V1 … V6), ``cabrera``, ``all`` (every lead of the record), or a
        list of lead names; ``-aVR`` is aVR inverted.
    fill
        Fill the cells column by column (``columns``) or row by row (``rows``).
    rhythm
        Leads of the rhythm strips, from top to bottom.
    timing
        ``sequential``: each column shows its own part of the window; ``simultaneous``: every
        column begins at the start of the window.

    Examples
    --------
    >>> layout = Layout(rows=3, columns=4, rhythm=("II",))
    >>> [slot.lead for slot in arrange(layout, STANDARD_12)[:4]]
    ['I', 'II', 'III', 'aVR']
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    description: str = ""
    rows: int = Field(ge=1, le=15)
    columns: int = Field(ge=1, le=15)
    order: Literal["standard", "cabrera", "all"] | tuple[str, ...] = "standard"
    fill: Literal["columns", "rows"] = "columns"
    rhythm: tuple[str, ...] = Field(default=(), max_length=6)
    timing: Timing = "sequential"

    @field_validator("order", "rhythm", mode="before")
    @classmethod
    def _check_leads(cls, value: Any, info: Any) -> Any:  # noqa: ANN401 - as pydantic hands them over
        """Spell lead names as the standard does; none may stand twice in one list."""
        is_order = info.field_name == "order"
        if is_order and isinstance(value, str) and value in {"standard", "cabrera", "all"}:
            return value
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
            raise ValueError(f"{'standard, cabrera, all or ' if is_order else ''}a list of lead names")
        names = tuple(_spelled(name) for name in value)
        if len(set(names)) < len(names):
            raise ValueError("each lead once")
        return names


def _spelled(name: str) -> str:
    bare = name.removeprefix("-")
    return name[: len(name) - len(bare)] + normalize_lead_name(bare)


@dataclass(frozen=True, slots=True)
class Slot:
    """One cell of the page: a lead (``-aVR`` for an inverted one), its row and its column."""

    lead: str
    kind: Kind
    row: int
    column: int


def arrange(layout: Layout, record_leads: tuple[str, ...]) -> tuple[Slot, ...]:
    """Place a record's leads in the cells of a layout.

    A record with all leads that the layout asks for fills it. One with fewer is laid out with
    the same number of rows and as many columns as it needs, so that no cell stays empty; its
    rhythm strips are left out when every lead has the whole width already. A rhythm lead that
    the record lacks is left out, and where none is left the first lead takes its place.

    Raises
    ------
    RecipeError
        If the layout names leads and the record has none of them.
    """
    leads = _leads_in_order(layout, record_leads)
    rows, columns = layout.rows, layout.columns
    if len(leads) > rows * columns:
        raise RecipeError(
            f"the layout has {rows} x {columns} cells for {len(leads)} leads",
            f"at most {rows * columns} leads",
            "choose another layout, or name the leads in its order",
        )
    if len(leads) < rows * columns:
        rows = min(rows, len(leads))
        columns = math.ceil(len(leads) / rows)
    slots = []
    for k, lead in enumerate(leads):
        row, column = (k % rows, k // rows) if layout.fill == "columns" else (k // columns, k % columns)
        slots.append(Slot(lead, "lead", row, column))
    used = max(slot.row for slot in slots) + 1
    if columns > 1 or layout.columns == 1:
        strips = [lead for lead in layout.rhythm if lead.removeprefix("-") in record_leads]
        if layout.rhythm and not strips:
            strips = [leads[0]]
        slots += [Slot(lead, "rhythm", used + k, 0) for k, lead in enumerate(strips)]
    return tuple(slots)


def _leads_in_order(layout: Layout, record_leads: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(layout.order, tuple):
        named = tuple(lead for lead in layout.order if lead.removeprefix("-") in record_leads)
        if not named:
            raise RecipeError(
                f"the layout asks for {', '.join(layout.order) or 'no lead'}",
                f"leads of the record: {', '.join(record_leads)}",
            )
        return named
    known = standard_order(record_leads)
    if layout.order == "all":
        return known
    twelve = CABRERA_12 if layout.order == "cabrera" else STANDARD_12
    present = tuple(lead for lead in twelve if lead.removeprefix("-") in record_leads)
    if len(present) == len(twelve):
        return twelve
    # Leads beyond the twelve take the cells of those that the record lacks.
    others = tuple(lead for lead in known if lead not in STANDARD_12)
    return present + others[: max(layout.rows * layout.columns - len(present), 0)]
