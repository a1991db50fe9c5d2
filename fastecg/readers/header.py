"""WFDB header files (``.hea``), parsed with patience for what real collections contain.

The grammar is that of header(5) in the WFDB Applications Guide (G. B. Moody): a record line,
one line per signal or segment, and comments.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastecg.errors import RecordError
from fastecg.leads import normalize_lead_name
from fastecg.readers._files import read_bytes
from fastecg.record import millivolts_per_unit

DEFAULT_GAIN: Final = 200.0
"""ADC units per physical unit where a header gives no gain (header(5), "ADC gain")."""
DEFAULT_RATE_HZ: Final = 250.0
"""Sampling rate where a header gives none (header(5), "sampling frequency")."""
NULL_FORMAT: Final = 0
"""Format of a signal without samples, as in the layout header of a multi-segment record."""
NULL_FILE: Final = "~"
"""File or segment name that stands for "nothing recorded"."""

_MAX_HEADER_BYTES: Final = 4 << 20
_RECORD_NAME: Final = re.compile(r"([-\w]+)/(\d+)")
_FORMAT: Final = re.compile(r"(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?")
_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_GAIN: Final = re.compile(rf"({_NUMBER})?(?:\(({_NUMBER})\))?(?:/(\S+))?")
_RATE: Final = re.compile(rf"({_NUMBER})(?:/.*)?")
_TIME: Final = re.compile(r"\d{1,2}(?::\d{1,2}){1,2}(?:\.\d+)?")
_TAGGED: Final = re.compile(r"<([^<>:]+)>\s*:?\s*([^<]*)")


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal as the header describes it; ``gain`` is None where the header has none."""

    file: str
    fmt: int
    samples_per_frame: int
    skew: int
    byte_offset: int
    gain: float | None
    baseline: int
    unit: str
    lead: str

    @property
    def millivolts_per_unit(self) -> float | None:
        """Millivolts in one of the signal's units; None if the unit is no voltage."""
        return millivolts_per_unit(self.unit)


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One segment of a multi-segment record; ``samples`` is 0 for the layout header."""

    name: str
    samples: int


@dataclass(frozen=True, slots=True)
class Header:
    """A header file: either signals or segments, comments, and notes on what was mended."""

    rate_hz: float
    samples: int | None
    signals: tuple[SignalLine, ...]
    segments: tuple[SegmentLine, ...]
    comments: Mapping[str, str]
    notes: tuple[str, ...]


def read_header(path: Path) -> Header:
    """Read and parse a header file.

    Parameters
    ----------
    path
        The ``.hea`` file.

    Raises
    ------
    RecordError
        If the file cannot be read or is no WFDB header.
    """
    data = read_bytes(path, _MAX_HEADER_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:  # µV and names in older files; every byte is a Latin-1 character
        text = data.decode("latin-1")
    return parse_header(text, path)


def parse_header(text: str, path: Path) -> Header:
    r"""Parse the text of a header; ``path`` names it in messages and gives the record's name.

    Raises
    ------
    RecordError
        If a line breaks the grammar, a file name leads out of the folder, or lines are missing.

    Examples
    --------
    >>> header = parse_header("a 1 500 9\na.dat 16 200/mV 12 0 0 0 0 avr\n# Age: 56", Path("a.hea"))
    >>> header.rate_hz, header.signals[0].lead, header.comments["Age"]
    (500.0, 'aVR', '56')
    """
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text)]
    plain = [line for line in lines if line and not line.startswith("#")]
    if not plain:
        raise RecordError(f"header {path} is empty", "a WFDB header", "copy the record again")
    if "\0" in text:
        raise RecordError(f"header {path} is binary", "a WFDB header, which is text")
    tokens = plain[0].split()
    if len(tokens) < 2:
        raise RecordError(
            f"the first line of header {path} is {_short(plain[0])}",
            "'name signals rate samples'",
            "check that this is a WFDB header",
        )
    notes: list[str] = []
    segment_count = _segment_count(tokens[0], path, notes)
    count = _count(tokens[1], f"the number of signals in header {path}")
    rate_hz = _rate(tokens, path, notes)
    samples = _count(tokens[3], f"the number of samples in header {path}") if len(tokens) > 3 else 0
    kind, wanted = ("signals", count) if segment_count is None else ("segments", segment_count)
    body = _described(plain[1:], wanted, kind, path)
    if len(plain) > wanted + 1:
        extra = len(plain) - wanted - 1
        notes.append(f"header {path} has {extra} lines more than it promises; they are ignored")
    comments = _when(tokens[4:]) | parse_comments([line for line in lines if line.startswith("#")])
    signals: tuple[SignalLine, ...] = ()
    segments: tuple[SegmentLine, ...] = ()
    if segment_count is None:
        signals = tuple(_signal(line, number, path) for number, line in enumerate(body, 1))
    else:
        segments = tuple(_segment(line, path) for line in body)
    return Header(rate_hz, samples or None, signals, segments, comments, tuple(notes))


def _described(lines: Sequence[str], wanted: int, kind: str, path: Path) -> Sequence[str]:
    if len(lines) < wanted or wanted == 0:
        given = f"header {path} promises {wanted} {kind} and describes {min(wanted, len(lines))}"
        raise RecordError(given, "1 or more, all described")
    return lines[:wanted]


def _segment_count(token: str, path: Path, notes: list[str]) -> int | None:
    segmented = _RECORD_NAME.fullmatch(token)
    name = segmented[1] if segmented else token
    if name.casefold() != path.stem.casefold():
        notes.append(f"header {path} calls its record {_short(name)}; the name of the file is used")
    return _count(segmented[2], f"the number of segments in header {path}") if segmented else None


def _rate(tokens: Sequence[str], path: Path, notes: list[str]) -> float:
    if len(tokens) < 3:
        notes.append(f"header {path} gives no sampling rate; {DEFAULT_RATE_HZ:g} Hz is taken")
        return DEFAULT_RATE_HZ
    match = _RATE.fullmatch(tokens[2])
    if match is None:
        raise RecordError(f"the sampling rate in header {path} is {_short(tokens[2])}", "a number of Hz")
    return float(match[1])


def _when(tokens: Sequence[str]) -> dict[str, str]:
    """Name the time and the date, which collections write in either order and many styles."""
    found: dict[str, str] = {}
    for token in tokens[:2]:
        found.setdefault("Time" if _TIME.fullmatch(token) else "Date", token)
    return found


def _signal(line: str, number: int, path: Path) -> SignalLine:
    where = f"signal {number} of header {path}"
    tokens = line.split()
    if len(tokens) < 2:
        raise RecordError(f"{where} is described as {_short(line)}", "'file format gain …'")
    check_file_name(tokens[0], where)
    form = _FORMAT.fullmatch(tokens[1])
    if form is None:
        raise RecordError(f"{where} has the format {_short(tokens[1])}", "such as 16, 212 or 16+24")
    fmt, per_frame, skew, offset = (_count(field or "0", where) for field in form.groups())
    if form[2] is not None and per_frame == 0:
        raise RecordError(f"{where} has 0 samples per frame", "1 or more")
    rest = tokens[2:]
    gain, baseline, unit = None, None, "mV"
    scale = _GAIN.fullmatch(rest[0]) if rest else None
    if scale is not None:
        gain, baseline, unit = _gain(scale, where)
        rest = rest[1:]
    numbers = _leading_integers(rest)
    zero = numbers[1] if len(numbers) > 1 else 0
    lead = normalize_lead_name(" ".join(rest[len(numbers) :])) or f"signal {number}"
    return SignalLine(
        tokens[0], fmt, per_frame or 1, skew, offset, gain, zero if baseline is None else baseline, unit, lead
    )


def _gain(match: re.Match[str], where: str) -> tuple[float | None, int | None, str]:
    gain = None if match[1] is None else float(match[1])
    if gain is not None and not math.isfinite(gain):
        raise RecordError(f"{where} has a gain of {_short(match[1])}", "a finite number")
    baseline = None if match[2] is None else float(match[2])
    if baseline is not None and not baseline.is_integer():
        raise RecordError(f"{where} has a baseline of {_short(match[2])}", "a whole number")
    return gain, None if baseline is None else int(baseline), match[3] or "mV"


def _leading_integers(tokens: Sequence[str]) -> list[int]:
    """Read ADC resolution, ADC zero, first value, checksum and block size, as far as present."""
    numbers: list[int] = []
    for token in tokens[:5]:
        try:
            numbers.append(int(token))
        except ValueError:
            break
    return numbers


def _segment(line: str, path: Path) -> SegmentLine:
    tokens = line.split()
    if len(tokens) < 2:
        raise RecordError(f"header {path} describes a segment as {_short(line)}", "'name samples'")
    check_file_name(tokens[0], f"a segment of header {path}")
    return SegmentLine(tokens[0], _count(tokens[1], f"the length of segment {tokens[0]} in header {path}"))


def parse_comments(lines: Sequence[str]) -> dict[str, str]:
    """Sort comment lines into keys and values; lines without a key are joined under ``comment``.

    Examples
    --------
    >>> parse_comments(["#<age>: 46  <sex>: F", "# Dx: 426783006", "#Rhythm regular"])
    {'age': '46', 'sex': 'F', 'Dx': '426783006', 'comment': 'Rhythm regular'}
    """
    found: dict[str, list[str]] = {}
    free: list[str] = []
    for line in lines:
        text = line.lstrip("#").strip()
        tagged = _TAGGED.findall(text) if text.startswith("<") else []
        key, colon, value = text.partition(":")
        between_digits = key[-1:].isdigit() and value[:1].isdigit()  # a time, not a key
        if tagged:
            pairs = tagged
        elif colon and key.strip() and not between_digits and not value.startswith("//"):
            pairs = [(key, value)]
        else:
            pairs = []
            free += [text] if text else []
        for name, content in pairs:
            values = found.setdefault(name.strip(), [])
            if content.strip() not in ("", *values):
                values.append(content.strip())
    result = {name: "; ".join(values) for name, values in found.items()}
    if free:
        result["comment"] = "\n".join(filter(None, [result.get("comment", ""), *free]))
    return result


def check_file_name(name: str, where: str) -> None:
    """Refuse a file name that could lead out of the record's folder.

    Raises
    ------
    RecordError
        If the name has a folder part, a drive or is ``.`` or ``..``.
    """
    if name in (".", "..") or any(mark in name for mark in "/\\:\0"):
        raise RecordError(
            f"{where} names the file {_short(name)}",
            "a file beside the header",
            "move the file there and correct the header",
        )


def _count(token: str, where: str) -> int:
    if not (token.isascii() and token.isdigit() and len(token) < 19):
        raise RecordError(f"{where} is {_short(token)}", "a whole number of 0 or more")
    return int(token)


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
