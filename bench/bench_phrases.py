"""Phrases: finding terms in a page of text, beside one pattern of all terms, and drawing what is written.

A page has some 530 words, every fifth of them in a term.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pytest

from bench.conftest import Measure
from fastecg.phrases import MeasurementFacts, draw_measurement, find_phrases
from fastecg.phrases.dictionary import dictionary

LETTER: Final = (
    "She came in with chest pain, and slept badly for a week. The first tracing had sinus rhythm at a rate "
    "of seventy, left axis deviation and a complete right bundle-branch block; the one of the spring before "
    "had neither. Nothing spoke for an acute myocardial infarction, though nonspecific ST-T changes came and "
    "went in the lateral leads. On the second night the monitor showed atrial fibrillation for an hour, "
    "which ended by itself, and she was sent home on the fourth day to come back in a month or so.\n\n"
)
PAGE: Final = (LETTER * 7)[:3400]


@pytest.mark.benchmark(group="terms in a page of text")
def test_dictionary(measure: Measure) -> None:
    """The tree of words."""
    found = measure(dictionary().matcher.count, PAGE)
    measure.per_second("pages", 1)
    assert found["left axis deviation"] == found["complete RBBB"] == PAGE.count("bundle-branch")


@pytest.mark.benchmark(group="terms in a page of text")
def test_pattern(measure: Measure) -> None:
    """One pattern with every spelling, the longest first; it knows no plurals and no hyphens."""
    terms = {spelling for term in dictionary().matcher.terms for spelling in term.spellings}
    longest_first = sorted(map(re.escape, terms), key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(longest_first)})\b", re.IGNORECASE)
    found = measure(pattern.findall, PAGE)
    assert found.count("left axis deviation") == PAGE.count("bundle-branch")


@pytest.mark.benchmark(group="a phrase")
def test_draw(measure: Measure) -> None:
    """One of the dictionary's phrases."""
    assert measure(find_phrases().draw, np.random.default_rng(0))


@pytest.mark.benchmark(group="a phrase")
def test_measurement(measure: Measure) -> None:
    """A note that agrees with the heart rate."""
    assert measure(draw_measurement, np.random.default_rng(0), MeasurementFacts(heart_rate_bpm=72))


@pytest.mark.benchmark(group="a phrase")
def test_remembered_source(measure: Measure, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Phrases of a text that this process has read before, as each page asks for them."""
    path = tmp_path_factory.mktemp("texts") / "letter.txt"
    path.write_text(PAGE, encoding="utf-8")
    assert len(measure(find_phrases, str(path))) > 5
