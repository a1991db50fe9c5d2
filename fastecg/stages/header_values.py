"""What stands in for a template's placeholders: invented values, or those of the record's header."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastecg.heart_rate import heart_rate
from fastecg.patients import Dice, Sex, Visit, age_on, invent_visit
from fastecg.statements import (
    Interpretation,
    Measurements,
    interpretation_of,
    invent_interpretation,
    invent_measurements,
)

if TYPE_CHECKING:
    from fastecg.record import Record
    from fastecg.spec import PageSpec

MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_UNKNOWN: Final = frozenset({"", "unknown", "nan", "n/a", "na", "none", "?", "-", "null"})
_SEXES: Final[dict[str, Sex]] = {"f": "F", "female": "F", "woman": "F", "m": "M", "male": "M", "man": "M"}
_KEYS: Final = {
    "name": ("name", "patient name", "patient"),
    "id": ("id", "patient id", "mrn"),
    "date": ("date", "ecg date", "recording date"),
    "time": ("time", "ecg time", "recording time"),
    "dob": ("dob", "date of birth", "birth date", "birthdate"),
    "age": ("age",),
    "sex": ("sex", "gender"),
    "height": ("height", "height_cm"),
    "weight": ("weight", "weight_kg"),
    "physician": ("physician", "doctor", "referring physician"),
    "technician": ("technician", "nurse"),
    "device": ("device", "recording device", "recorder"),
    "department": ("department", "site", "location"),
    "room": ("room",),
    "dx": ("dx", "diagnosis", "diagnoses"),
}
"""Where records' headers keep what a template asks for, keys in lower case."""
_DATES: Final = (
    (re.compile(r"(\d{1,2})[-/. ]([A-Za-z]{3})[A-Za-z]*[-/. ](\d{4})"), "dby"),
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), "ymd"),
    (re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})"), "dmy"),
)


@dataclass(frozen=True, slots=True)
class Values:
    """What to print: a text for each placeholder ("" where there is nothing), and the statements."""

    fields: dict[str, str]
    statements: tuple[str, ...]


def header_values(record: Record, spec: PageSpec) -> Values:
    """Return the values of a page's placeholders: the same for the same record and spec.

    Where the header is private or invented, nothing is read of the record but its samples: the
    heart rate is theirs, as a device would print it.
    """
    header = spec.header
    known = {} if header.invented else read_header(record)
    if known and header.fill == "none":
        return Values(_page_fields(spec) | _known_fields(known, spec), _known_statements(known, spec))
    if not header.invented and header.fill == "none":
        return Values(_page_fields(spec) | {"id": record.name}, ())
    return _with_invented(record, spec, known)


def read_header(record: Record) -> dict[str, str]:
    """Return what a record's header says of the things that templates ask for; its name as ID."""
    said = {key.strip(" <>").casefold(): " ".join(value.split()) for key, value in record.header.items()}
    found = {"id": record.name} if record.name else {}
    for name, keys in _KEYS.items():
        values = (said[key] for key in keys if key in said)
        value = next((value for value in values if value.casefold() not in _UNKNOWN), "")
        if value:
            found[name] = value
    return found


def _with_invented(record: Record, spec: PageSpec, known: Mapping[str, str]) -> Values:
    """Return values of which those that are not known are invented, but fit the known ones."""
    header, key = spec.header, f"{spec.key}/header"
    sex = _SEXES.get(known.get("sex", "").casefold())
    visit = invent_visit(f"{key}/visit", sex=sex, age=_whole(known.get("age", "")))
    dice = Dice(f"{key}/interpretation")
    rate = heart_rate(record, spec.window.start_sample, spec.window.duration_s)
    said = _said(known)
    if said is None or not (said.rhythm or said.findings):
        said = invent_interpretation(dice, rate, max(header.statements - 2, 0))
    fields = _page_fields(spec) | _visit_fields(visit, spec) | _measured_fields(said, dice, rate)
    statements = _known_statements(known, spec) or said.lines(header.statements)
    return Values(fields | _known_fields(known, spec), statements)


def _said(known: Mapping[str, str]) -> Interpretation | None:
    return interpretation_of(re.findall(r"\d{5,}", known["dx"])) if "dx" in known else None


def _known_statements(known: Mapping[str, str], spec: PageSpec) -> tuple[str, ...]:
    """Return the diagnoses of a record's header: codes in words, words as they are."""
    said = _said(known)
    if said is None:
        return ()
    if said.rhythm or said.findings:
        return said.lines(spec.header.statements)
    words = [part.strip() for part in re.split(r"[;,]", known["dx"])]
    return tuple(word for word in words if word and not word.isdigit())[: spec.header.statements]


def _known_fields(known: Mapping[str, str], spec: PageSpec) -> dict[str, str]:
    """Return the fields that a record's header gives."""
    fields = {name: known[name] for name in known if name not in {"dx", "sex"}}
    for name in ("date", "dob"):
        day = _day(known.get(name, ""))
        if day is not None:
            fields[name] = _written(day, spec.header.date_format)
    sex = _SEXES.get(known.get("sex", "").casefold())
    if sex is not None:
        fields |= {"sex": sex, "sex_word": "Female" if sex == "F" else "Male"}
    age = _whole(known.get("age", ""))
    if age is not None:
        fields["age"] = str(age)
    for name, other, factor in (("height", "height_in", 1 / 2.54), ("weight", "weight_lb", 2.20462)):
        number = _whole(known.get(name, ""))
        if number is not None:
            fields |= {name: str(number), other: str(round(number * factor))}
    return fields


def _visit_fields(visit: Visit, spec: PageSpec) -> dict[str, str]:
    written = spec.header.date_format
    return {
        "name": f"{visit.surname}, {visit.given}" + (f" {visit.initial}" if visit.initial else ""),
        "id": visit.id,
        "date": _written(visit.taken.date(), written),
        "time": visit.taken.strftime("%H:%M:%S"),
        "dob": _written(visit.born, written),
        "age": str(age_on(visit.born, visit.taken.date())),
        "sex": visit.sex,
        "sex_word": "Female" if visit.sex == "F" else "Male",
        "height": str(visit.height_cm),
        "height_in": str(round(visit.height_cm / 2.54)),
        "weight": str(visit.weight_kg),
        "weight_lb": str(round(visit.weight_kg * 2.20462)),
        "physician": visit.physician,
        "technician": visit.technician,
        "device": visit.device,
        "department": visit.department,
        "room": visit.room,
        "filter": visit.filter,
    }


def _measured_fields(said: Interpretation, dice: Dice, rate: int | None) -> dict[str, str]:
    found: Measurements = invent_measurements(dice, said, rate)
    return {
        "rate": found.rate,
        "pr": found.pr,
        "qrsd": found.qrsd,
        "qt": found.qt,
        "qtc": found.qtc,
        "p_axis": found.p_axis,
        "qrs_axis": found.qrs_axis,
        "t_axis": found.t_axis,
        "axes": f"{found.p_axis} {found.qrs_axis} {found.t_axis}",
    }


def _page_fields(spec: PageSpec) -> dict[str, str]:
    """Return what is true of every page: its speed and gain."""
    return {"speed": speed_text(spec), "gain": gain_text(spec)}


def speed_text(spec: PageSpec) -> str:
    """Return the paper speed as it is printed."""
    return f"{spec.plot.speed_mm_s:g} mm/s"


def gain_text(spec: PageSpec) -> str:
    """Return the gain as it is printed: limb and chest leads apart if they differ."""
    gains = spec.plot.gains
    limb, chest = f"{gains.limb_mm_mv:g} mm/mV", f"{gains.chest_mm_mv:g} mm/mV"
    return limb if limb == chest else f"Limb: {limb}  Chest: {chest}"


def _written(day: dt.date, form: str) -> str:
    """Return a date as a device prints it; the language is English whatever the machine's is."""
    parts = {"yyyy": f"{day.year:04d}", "mmm": MONTHS[day.month - 1], "mm": f"{day.month:02d}"}
    parts["dd"] = f"{day.day:02d}"
    return re.sub("yyyy|mmm|mm|dd", lambda match: parts[match[0]], form)


def _day(text: str) -> dt.date | None:
    """Return the date that a header gives, day before month where both are numbers; None if it is none."""
    for pattern, order in _DATES:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        parts = dict(zip(order, match.groups(), strict=True))
        named = parts.get("b", "").upper()
        month = MONTHS.index(named) + 1 if named in MONTHS else int(parts.get("m", 0))
        try:
            return dt.date(int(parts["y"]), month, int(parts["d"]))
        except ValueError:
            return None
    return None


def _whole(text: str) -> int | None:
    """Return the number that a header's value begins with, rounded; None if it is none or impossible."""
    match = re.match(r"\d{1,3}(?:\.\d+)?(?!\d)", text)
    return round(float(match[0])) if match else None
