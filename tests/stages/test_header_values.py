"""What stands in for placeholders: records' headers as databases write them, and what is invented beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fastecg
from fastecg import Record, builtin_record
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.header_template import PLACEHOLDERS
from fastecg.stages.header_values import header_values, read_header

RECORD = builtin_record(0).record


def with_header(header: Mapping[str, str], name: str = "rec7") -> Record:
    return replace(RECORD, header=header, name=name)


def spec_of(key: int = 5, **header: Any) -> PageSpec:
    return make_spec({"key": key, "header": {"enabled": True, **header}})


def test_everything_can_be_invented() -> None:
    values = header_values(RECORD, spec_of())
    assert set(PLACEHOLDERS) - set(values.fields) == {"statements"}
    assert all(values.fields.values())
    assert 1 <= len(values.statements) <= 3


def test_values_are_those_of_the_page() -> None:
    again = header_values(RECORD, spec_of())
    assert header_values(RECORD, spec_of()) == again
    assert header_values(RECORD, spec_of(key=6)).fields["name"] != again.fields["name"]
    plot = {"speed_mm_s": 50, "gains": {"limb_mm_mv": 20}}
    fields = header_values(RECORD, make_spec({"plot": plot, "header": {"enabled": True}})).fields
    assert (fields["speed"], fields["gain"]) == ("50 mm/s", "Limb: 20 mm/mV  Chest: 10 mm/mV")


def test_the_rate_is_that_of_the_traces() -> None:
    for k in range(5):
        record = builtin_record(k).record
        rate = fastecg.heart_rate.heart_rate(record, 0, 10.0)
        assert header_values(record, spec_of()).fields["rate"] == str(rate)


@pytest.mark.parametrize("form", ["dd-mmm-yyyy", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "yyyy-mm-dd"])
def test_dates(form: str) -> None:
    known = with_header({"Date": "15-May-2020", "dob": "1951-01-30"})
    fields = header_values(known, spec_of(source="record", date_format=form)).fields
    day = form.replace("dd", "15").replace("mmm", "MAY").replace("mm", "05").replace("yyyy", "2020")
    born = form.replace("dd", "30").replace("mmm", "JAN").replace("mm", "01").replace("yyyy", "1951")
    assert (fields["date"], fields["dob"]) == (day, born)


HEADERS: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"Age": "56", "Sex": "Female"}, {"age": "56", "sex": "F", "sex_word": "Female", "id": "rec7"}),
    ({"<age>": "51", "sex": "m"}, {"age": "51", "sex": "M"}),
    ({"Age": "NaN", "Sex": "Unknown"}, {"age": "", "sex": ""}),
    ({"age": "81.5"}, {"age": "82"}),
    ({"Age": "1234"}, {"age": "1234"}),  # no age; printed as it is
    ({"Patient Name": "Doe,  Jane\n", "ID": "A 17"}, {"name": "Doe, Jane", "id": "A 17"}),
    ({"Height": "170 cm"}, {"height": "170", "height_in": "67"}),
    ({"Weight": "80"}, {"weight": "80", "weight_lb": "176"}),
    ({"ECG date": "01/10/1990"}, {"date": "01-OCT-1990"}),
    ({"Date": "31-Feb-1990"}, {"date": "31-Feb-1990"}),
    ({"Date": "spring"}, {"date": "spring"}),
]  # fmt: skip


@pytest.mark.parametrize(("header", "expected"), HEADERS)
def test_headers_are_read(header: dict[str, str], expected: dict[str, str]) -> None:
    fields = header_values(with_header(header), spec_of(source="record", fill="none")).fields
    assert {name: fields.get(name, "") for name in expected} == expected
    assert not fields.get("rate")


def test_what_is_lacking_is_invented_to_fit() -> None:
    known = with_header({"Age": "34", "Sex": "Male", "Dx": "426177001,39732003"})
    for key in range(30):
        values = header_values(known, spec_of(key, source="record"))
        fields = values.fields
        assert (fields["age"], fields["sex"], fields["id"]) == ("34", "M", "rec7")
        assert int(fields["date"][-4:]) - int(fields["dob"][-4:]) in {34, 35}
        assert int(fields["qrs_axis"]) < -30
        assert values.statements == ("Sinus bradycardia", "Left axis deviation", "Abnormal ECG")
    assert header_values(known, spec_of(source="record", fill="none")).statements == values.statements


def test_diagnoses_in_words_are_printed_as_they_are() -> None:
    words = header_values(with_header({"Dx": "Sinus rhythm, LVH; 99"}), spec_of(source="record")).statements
    assert words == ("Sinus rhythm", "LVH")
    unknown = header_values(with_header({"Dx": "123456789"}), spec_of(source="record", fill="none"))
    assert unknown.statements == ()


def test_private_and_invented_headers_read_nothing() -> None:
    known = with_header({"Age": "34", "Name": "Doe, Jane", "Dx": "Sinus rhythm"})
    plain = header_values(with_header({}, name=""), spec_of())
    private: dict[str, Any] = {"source": "record", "privacy": True}
    for header in ({}, private, {**private, "fill": "none"}):
        assert header_values(known, spec_of(**header)) == plain
    assert header_values(known, spec_of(source="record")) != plain


def test_real_records(records_dir: Path) -> None:
    read = 0
    for database in ("ptbxl", "ludb", "ptb", "g12ec", "ningbo", "mitdb", "ptbxl_lr"):
        path = min((records_dir / database).rglob("*.hea"))
        record = fastecg.read_record(path.with_suffix(""))
        known = read_header(record)
        read += "age" in known and "sex" in known
        values = header_values(record, spec_of(source="record", fill="none"))
        assert values.fields["id"] == record.name
    assert read >= 4
