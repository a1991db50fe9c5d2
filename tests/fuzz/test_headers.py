"""Headers and samples damaged in any way: a RecordError or a record, and no file elsewhere is opened."""

from __future__ import annotations

import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import fastecg
from fastecg.errors import FastECGError
from fastecg.readers.header import parse_header
from fastecg.readers.read import record_duration_s

from .conftest import opened_files

HUGE = "9" * 18
NUMBERS = st.sampled_from(
    ["0", "1", "2", "4", "500", "-1", "1e999", "nan", "0x10", "1_0", "٣", HUGE, "9" * 40, "1.5", ""]
)
FILES = st.sampled_from(
    ["r.dat", "../secret.dat", "..", "/etc/passwd", "C:r.dat", "~", "sub\\r.dat", "r.hea", "none.dat"]
)
FORMATS = st.sampled_from(
    [
        *map(str, (0, 8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516, 524, 17)),
        "16x2",
        "16x999",
        "16:3",
        "16+1",
        f"16+{HUGE}",
        f"16x{HUGE}",
        f"212:{HUGE}",
    ]
)
GAINS = st.sampled_from(
    [
        "1000/mV",
        "0/mV",
        "200(5)/uV",
        "1e-300/V",
        f"1({HUGE})/mV",
        f"1(-{HUGE}9)/mV",
        "-5/mV",
        "10/mmHg",
        "1e999",
        "x",
    ]
)
NAMES = st.sampled_from(["I", "II", "avr", "V1", "MLII", "", "\x1b[2J", "I" * 300, "µ"])


@st.composite
def headers(draw: Any) -> str:
    """Return a header whose fields are of their kind but of any value."""
    count = draw(st.integers(1, 3))
    name = draw(st.sampled_from(["r", "r/2", "r/1", f"r/{HUGE}", "../r"]))
    said = draw(st.one_of(st.just(str(count)), NUMBERS))
    lines = [
        f"{name} {said} {draw(st.one_of(st.just('500'), NUMBERS))} {draw(st.one_of(st.just('4'), NUMBERS))}"
    ]
    for _ in range(count):
        if "/" in name and draw(st.booleans()):
            lines.append(f"{draw(FILES)} {draw(NUMBERS)}")
        else:
            rest = " ".join(draw(st.lists(NUMBERS, max_size=5)))
            lines.append(f"{draw(FILES)} {draw(FORMATS)} {draw(GAINS)} {rest} {draw(NAMES)}")
    lines += draw(st.lists(st.sampled_from(["# Age: 56", "#<a>: <b>:", "#" * 90, "# :"]), max_size=2))
    return "\n".join(lines)


def read_or_say_why(header: bytes, samples: bytes) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root, "records")
        folder.mkdir()
        Path(root, "secret.dat").write_bytes(bytes(400))
        (folder / "r.hea").write_bytes(header)
        (folder / "r.dat").write_bytes(samples)
        before = sorted(Path(root).rglob("*"))
        with warnings.catch_warnings(), opened_files() as opened:
            warnings.simplefilter("ignore")
            for read in (
                fastecg.read_record,
                record_duration_s,
                lambda path: list(fastecg.walk_records(path.parent)),
            ):
                with suppress(FastECGError):
                    read(folder / "r")
        assert not [name for name in opened if "secret" in name or "passwd" in name]
        assert sorted(Path(root).rglob("*")) == before


@given(headers(), st.binary(max_size=96))
def test_fields(header: str, samples: bytes) -> None:
    read_or_say_why(header.encode("utf-8"), samples)


@given(headers(), st.binary(max_size=40), st.data())
def test_damaged_bytes(header: str, samples: bytes, data: st.DataObject) -> None:
    raw = bytearray(header.encode("utf-8"))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw)))
        raw[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    read_or_say_why(bytes(raw), samples)


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    with suppress(FastECGError):
        parse_header(text, Path("r.hea"))
