"""Phrases files."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.errors import PhraseError
from fastecg.phrases import Phrases
from fastecg.phrases.tables import from_table, is_table, to_table

words = st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1, max_size=12)
texts = st.lists(words, min_size=1, max_size=4).map(" ".join).filter(lambda text: not text.startswith("# "))


@given(st.dictionaries(texts, st.integers(1, 10**9), min_size=1, max_size=8))
def test_what_is_written_is_read(found: dict[str, int]) -> None:
    phrases = Phrases(tuple(found), tuple(map(float, found.values())))
    table = to_table(phrases)
    assert is_table(table)
    assert from_table(table, "x") == phrases


def test_weights_may_be_left_out_and_characters_mapped() -> None:
    text = "# fastecg phrases 1\r\n# mine\r\n\r\n1° AVB\t2.5\r\nQRS ≥ 120 ms\r\n1st AVB\r\n"
    assert is_table(text)
    phrases = from_table(text, "x")
    assert (phrases.texts, phrases.weights) == (("1st AVB", "QRS >= 120 ms"), (3.5, 1.0))


def test_other_texts_are_no_phrases_files() -> None:
    assert not is_table("")
    assert not is_table("AF\t3\n")
    assert not is_table("# fastecg phrases 12\nAF\t3\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("AF\tmany", "mine.tsv, line 2: 'many' is no weight (allowed: a number above 0)"),
        ("AF\t", "line 2: '' is no weight"),
        ("AF\t-1", "line 2: the weight of 'AF' is -1"),
        ("AF\tnan", "line 2: the weight of 'AF' is nan"),
        ("T波\t1", "line 2: 'T波' holds '波', which the pen cannot write"),
        ("x" * 10_000, "line 2: a phrase of 10000 characters"),
        ("x" * 41, "line 2: a word of 41 characters"),
        ("\t1", "line 2: the phrase ''"),
        ("# only a remark", "mine.tsv holds no phrases"),
    ],
)
def test_errors_name_the_line(line: str, said: str) -> None:
    with pytest.raises(PhraseError) as caught:
        from_table(f"# fastecg phrases 1\n{line}\n", "mine.tsv")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200
