"""Kit: what a page has that is laid out as ECG-Image-Kit lays it out."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from fastecg.leads import normalize_lead_name
from fastecg.parts import Part

AUTO = "auto"


class Kit(Part):
    """Kit: the page of ECG-Image-Kit, for its command line.

    The sheet is 279.4 x 215.9 mm, in the middle of a page that may be larger; ``page.margin_mm`` and the
    like, ``layout``, and the places of ``plot`` and ``header`` have no say in it.

    Parameters
    ----------
    enabled
        Lay the page out so.
    columns
        Columns of leads; 0 for one with two leads, and else four.
    order
        The twelve leads row by row from the top; empty for the standard order.
    strips
        Leads of the rhythm strips, from the top; ``auto`` is II if there are twelve leads, and else none.
    tick_mm
        Height of the ticks between columns, mm.
    print_header
        Print what the record's header says above the traces.
    qr
        Print a QR code with the record's name into the upper right corner.
    writing_share
        Share of the page's width and height that the block of handwritten words may take.
    writing_x_px, writing_y_px
        Where that block begins, from the page's upper left corner, px.
    """

    enabled: bool = False
    columns: int = Field(default=0, ge=0, le=15)
    order: tuple[str, ...] = ()
    strips: tuple[str, ...] = Field(default=(AUTO,), max_length=6)
    tick_mm: float = Field(default=6.3, ge=0, le=100)
    print_header: bool = False
    qr: bool = False
    writing_share: float = Field(default=0.2, ge=0.02, le=1)
    writing_x_px: int = Field(default=30, ge=0, le=20_000)
    writing_y_px: int = Field(default=30, ge=0, le=20_000)

    @field_validator("order", "strips", mode="before")
    @classmethod
    def _check_leads(cls, value: Any) -> Any:  # noqa: ANN401 - as pydantic hands it over
        """Spell lead names as the standard does; none may stand twice."""
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
            raise ValueError("a list of lead names")
        names = tuple(name if name == AUTO else normalize_lead_name(name) for name in value)
        if len(set(names)) < len(names):
            raise ValueError("each lead once")
        return names
