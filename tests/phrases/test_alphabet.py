"""What the pen can write, and what stands for the rest."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.errors import PhraseError
from fastecg.phrases import ALPHABET, writable
from fastecg_models.pen import Pen

MAPPED = {
    "1° AVB": "1st AVB",
    "2º degree AV block": "2nd degree AV block",
    "axis −30°": "axis -30 deg",
    "axis 41° today": "axis 41 deg today",
    "(30°)": "(30 deg)",
    "37.2 °C": "37.2 C",
    "37°": "37 deg",
    "QTc ≥ 470 ms": "QTc >= 470 ms",
    "5 µV ± 1": "5 uV +/- 1",
    "μg, β-blocker": "ug, beta-blocker",
    "Ménière, naïve, Ångström, façade": "Meniere, naive, Angstrom, facade",
    "e\u0301chec": "echec",
    "“old” – ‘new’ — …": "\"old\" - 'new' - ...",
    "↑K⁺ → ↓T": "incr K+ -> decr T",
    "½ std, 2×": "1/2 std, 2x",
    "ST\u00a0\u2009elev.\n\tV2": "ST elev. V2",
    "fibril\u00adlation\u200b": "fibrillation",
    "Straße, Łódź, Søren": "Strasse, Lodz, Soren",
    "ﬁb": "fib",
    "": "",
}


def test_the_alphabet_is_that_of_the_shipped_pen() -> None:
    assert Pen().alphabet == ALPHABET


@pytest.mark.parametrize("text", MAPPED)
def test_signs_and_accents_have_something_that_stands_for_them(text: str) -> None:
    assert writable(text) == MAPPED[text]


@given(st.text(max_size=30))
def test_any_text_becomes_writable_or_an_error_that_names_the_characters(text: str) -> None:
    try:
        written = writable(text)
    except PhraseError as error:
        said = error.given
    else:
        assert set(written) <= {*ALPHABET, " "}
        assert written == " ".join(written.split())
        assert writable(written) == written
        return
    assert any(repr(character) in said for character in text if character not in ALPHABET)


@given(st.text(string.printable, max_size=30))
def test_ascii_stays_but_for_white_space(text: str) -> None:
    assert writable(text) == " ".join(text.split())


def test_a_smaller_alphabet_has_what_is_nearest() -> None:
    small = string.ascii_letters + string.digits + "'()+,-./:?"
    assert writable('"old" [V1] 2~3 | K_x', small) == "'old' (V1) 2-3 / K-x"
    with pytest.raises(PhraseError) as caught:
        writable("50% #1", small)
    assert "'#', '%'" in caught.value.given
    assert caught.value.allowed == small
