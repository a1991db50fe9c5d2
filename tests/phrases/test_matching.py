"""Terms in texts, compared with a search that tries every term at every word."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.phrases.matching import Matcher, Term

WORDS = ("av", "block", "mi", "old", "wave", "t")
TERMS = ("AV block", "block", "old MI", "T wave", "old T wave block", "wave block", "MI")


def naive(text: str, terms: tuple[str, ...]) -> Counter[str]:
    """At each word try all terms, longest first; full stops and empty lines are words of no term."""

    def tokens(given: str) -> list[str]:
        given = re.sub(r"\n[ \t]*\n", " . ", given.lower())
        return [token.removesuffix("s") for token in re.findall(r"[a-z0-9]+|[.;!?]", given)]

    words, counts, place = tokens(text), Counter[str](), 0
    by_length = sorted(terms, key=lambda term: -len(tokens(term)))
    while place < len(words):
        size = 1
        for term in by_length:
            wanted = tokens(term)
            if words[place : place + len(wanted)] == wanted:
                counts[term] += 1
                size = len(wanted)
                break
        place += size
    return counts


matcher = Matcher([Term(text, (text,)) for text in TERMS])
pieces = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(str.upper),
    st.sampled_from([word + "s" for word in WORDS if len(word) > 3]),
    st.sampled_from(["and", "xyz", "7"]),
)
gaps = st.sampled_from([" ", "-", ":", ", ", "\n", ". ", "; ", "\n\n", "\n \n", " (", ") ", "_", "/", "  "])


@given(st.lists(st.tuples(pieces, gaps), max_size=15))
def test_the_same_terms_as_by_trying_all(parts: list[tuple[str, str]]) -> None:
    text = "".join(piece + gap for piece, gap in parts if not (gap == "\n" and piece.endswith("-")))
    assert Counter(matcher.count(text)) == naive(text, TERMS)


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    assert set(matcher.count(text)) <= set(TERMS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("an AV block", {"AV block": 1}),
        ("AV-Blocks; av\nBLOCK", {"AV block": 2}),
        ("AV. Block", {"block": 1}),
        ("AV\n\nblock", {"block": 1}),
        ("old T", {}),
        ("old T-wave, block", {"old T wave block": 1}),
        ("old T wave old MI", {"T wave": 1, "old MI": 1}),
        ("blockade", {}),
        ("MI" * 50_000, {}),
        ("MI " * 50_000, {"MI": 50_000}),
        ("", {}),
    ],
)
def test_words_hyphens_and_ends(text: str, found: dict[str, int]) -> None:
    assert matcher.count(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fibril-\nlation", True),
        ("fibril- \r\n  lation", True),
        ("fibril\u00ad\nlation, bundle-\nbranch", True),
        ("fi\u00adbrilla\u00adtion", True),
        ("fibril -\nlation", False),
    ],
)
def test_words_broken_at_the_end_of_a_line(text: str, found: bool) -> None:
    terms = Matcher([Term("fibrillation", ("fibrillation",)), Term("bundle branch", ("bundle branch",))])
    assert ("fibrillation" in terms.count(text)) is found
    assert terms.count("a bundle-\nbranch") == {"bundle branch": 1}


@pytest.mark.parametrize(
    "pair", ["complex complexes", "ectopy ectopies", "block blocks", "PVC PVCs", "delay delays"]
)
def test_singular_and_plural_are_one(pair: str) -> None:
    one, many = pair.split()
    assert Matcher([Term(one, (one,))]).count(f"the {many}") == {one: 1}
    assert Matcher([Term(many, (many,))]).count(f"the {one}") == {many: 1}
    assert Matcher([Term("stenosis", ("stenosis",))]).count("stenoses, stenosis") == {"stenosis": 2}
    assert Matcher([Term("sinus", ("sinus",))]).count("sinu") == {}


def test_capitals_count_for_exact_terms() -> None:
    terms = Matcher([Term("AS", ("AS",), exact=True), Term("as before", ("as before",))])
    assert terms.count("AS as As") == {"AS": 1}
    assert terms.count("as before, as AS") == {"as before": 1, "AS": 1}
    assert terms.count("AS SEEN") == {"AS": 1}  # in a text of capitals nothing else can be known


def test_of_equal_spellings_the_first_counts() -> None:
    assert Matcher([Term("one", ("x y",)), Term("two", ("X-Y",))]).count("x y") == {"one": 1}
