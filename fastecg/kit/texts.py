"""What ECG-Image-Kit prints on its page: speed and gain, what the header says, and a QR code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastecg.kit.geometry import sheet
from fastecg.stages.header_values import gain_text, speed_text
from fastecg.stages.qr import QUIET_MODULES, qr_modules
from fastecg.texts import Text, TextKind

if TYPE_CHECKING:
    from fastecg.geometry import Geometry
    from fastecg.record import Record
    from fastecg.spec import PageSpec

FOOT_MM: Final = 5.0
SPEED_MM, GAIN_MM = 50.0, 100.0
"""Where speed and gain stand on the sheet: from its bottom, and from its left."""
HEADER_MM: Final = (1.25, 210.0)
"""Where the header begins on the sheet: from its left, and from its bottom."""
HEADER_COLUMN_MM, HEADER_LINE_MM = 75.0, 5.0
MODULE_MM: Final = 5 * 25.4 / 200
"""Side of a module of the QR code: five pixels at 200 dpi."""

Cell = tuple[TextKind, str]


def kit_texts(record: Record, spec: PageSpec, geometry: Geometry, font: str) -> tuple[Text, ...]:
    """Return everything printed on a page but the lead names and the QR code."""
    left, _, _, bottom = geometry.frame
    scale, size = spec.page.px_per_mm, spec.plot.text_mm * spec.page.px_per_mm
    foot = (bottom - FOOT_MM) * scale
    texts = [
        Text("speed", speed_text(spec).replace(" ", ""), (left + SPEED_MM) * scale, foot, size, font),
        Text("gain", gain_text(spec).replace(" ", ""), (left + GAIN_MM) * scale, foot, size, font),
    ]
    lines = header_lines(record) if spec.kit.print_header and not spec.header.privacy else []
    for row, line in enumerate(lines):
        y = (bottom - HEADER_MM[1] + row * HEADER_LINE_MM) * scale
        for column, (kind, text) in enumerate(line):
            x = (left + HEADER_MM[0] + column * HEADER_COLUMN_MM) * scale
            if text:
                texts.append(Text(kind, text, x, y, size, font))
    return tuple(texts)


def header_lines(record: Record) -> list[list[Cell]]:
    """Return the lines of the printed header, three cells each; what the record does not say is empty.

    Examples
    --------
    >>> from fastecg.record import Record
    >>> record = Record.from_array([[0.0, 1.0]], ["I"], 500, name="rec")
    >>> [[text for _, text in line] for line in header_lines(record)]
    [['ID: rec', 'Name:', ''], ['', '', ''], ['']]
    """
    said = {key.strip().casefold(): " ".join(value.split()) for key, value in record.header.items()}
    said = {key: value for key, value in said.items() if value and value.casefold() != "unknown"}
    when = ", ".join(part for part in (_iso_date(said.get("date", "")), said.get("time", "")) if part)
    age = f"Age: {said['age']} yrs" if "age" in said else ""
    born = said.get("dob", "")
    person = (f"DOB: {born} ({age})" if age else f"DOB: {born}") if born else age
    return [
        [("id", f"ID: {record.name}"), ("name", "Name:"), ("date", f"Date: {when}" if when else "")],
        [
            ("dob" if born else "age", person),
            ("height", f"Height: {said['height']} cm" if "height" in said else ""),
            ("weight", f"Weight: {said['weight']} kg" if "weight" in said else ""),
        ],
        [("sex", f"Sex: {said['sex']}" if "sex" in said else "")],
    ]


def _iso_date(text: str) -> str:
    """Return a WFDB date, day/month/year, with the year first; any other text as it is."""
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


def qr_code(record: Record, spec: PageSpec) -> tuple[Text, tuple[float, float, float, float]]:
    """Return a code that holds the record's name, in the sheet's corner, and its plain box in mm."""
    name = "record" if spec.header.privacy else record.name
    scale = spec.page.px_per_mm
    modules = len(qr_modules(name))
    module = max(1, round(MODULE_MM * scale))
    side, quiet = modules * module, QUIET_MODULES * module
    _, top, right, _ = sheet(spec)
    x, y = round(right * scale) - quiet - side, round(top * scale) + quiet
    reach = (side + 2 * quiet) / scale
    return Text("qr", name, x, y + side, side), (right - reach, top, right, top + reach)
