"""Lead names: every spelling seen in files becomes the standard one; unknown names stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.leads import LIMB, STANDARD_12, normalize_lead_name, standard_order

ALL = (*STANDARD_12, "V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R", "Vx", "Vy", "Vz", "MLII")
PREFIXES = ("", "Lead ", "lead_", "ECG ", "MDC_ECG_LEAD_", "mdc ecg lead ", "ECG Lead ", "Ch. ", "chan-")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", ALL)
def test_prefixes_and_cases(prefix: str, name: str) -> None:
    for spelling in (name, name.upper(), name.lower(), f" {name}\t"):
        assert normalize_lead_name(f"{prefix}{spelling}") == name


@pytest.mark.parametrize(
    ("given", "standard"),
    [
        ("a_VR", "aVR"),
        ("a V L", "aVL"),
        ("V.1", "V1"),
        ("Lead 1", "I"),
        ("lead 3", "III"),
        ("x", "Vx"),
        ("Z", "Vz"),
    ],
)
def test_other_spellings(given: str, standard: str) -> None:
    assert normalize_lead_name(given) == standard


@pytest.mark.parametrize("name", ["RESP", "2", "signal 1", "V10", "IV", "ECG", "Lead", "", "aV"])
def test_unknown_names_stay(name: str) -> None:
    assert normalize_lead_name(name) == name


@given(st.text(max_size=12))
def test_normalising_twice_changes_nothing(name: str) -> None:
    once = normalize_lead_name(name)
    assert normalize_lead_name(once) == once


@given(st.permutations(ALL))
def test_standard_order(names: list[str]) -> None:
    ordered = standard_order((*names, "b", "a"))
    assert ordered == (*ALL, "b", "a")


def test_limb_leads() -> None:
    assert set(STANDARD_12[:6]) <= LIMB
    assert not set(STANDARD_12[6:]) & LIMB
