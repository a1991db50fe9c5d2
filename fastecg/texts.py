"""Text: a line of print as it is planned, in page pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TextKind = Literal[
    "lead_name", "speed", "gain", "filter", "header", "name", "id", "date", "time", "dob", "age", "sex",
    "height", "weight", "physician", "technician", "device", "department", "room",
    "rate", "pr", "qrsd", "qt", "qtc", "axes", "statement", "qr",
]  # fmt: skip
"""What a text says; ``header`` is a label, or a line that says several things."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of print, or a QR code.

    Parameters
    ----------
    kind
        What it says.
    text
        The characters; what a QR code holds.
    x, y
        Left end of the writing line, page px; the bottom left corner of a QR code.
    size
        Size of the letters (em), page px; the side that a QR code may have.
    font
        Typeface, as :meth:`Fonts.resolve` returns it.
    """

    kind: TextKind
    text: str
    x: float
    y: float
    size: float
    font: str = "aileron"
