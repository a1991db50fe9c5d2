"""Phrases: drawn by weight, their words, and what they may not be."""

from __future__ import annotations

import dataclasses
import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fastecg.errors import PhraseError
from fastecg.phrases import Phrases
from fastecg.phrases.corpus import phrases_of


def drawn_by_adding_up(phrases: Phrases, share: float) -> str:
    """Walk along the weights, one after another."""
    left = share * sum(phrases.weights)
    for text, weight in zip(phrases.texts, phrases.weights, strict=True):
        left -= weight
        if left < 0:
            return text
    return phrases.texts[-1]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.integers(0, 2**32))
def test_draws_are_those_of_a_walk_along_the_weights(weights: list[int], seed: int) -> None:
    phrases = Phrases(tuple(f"p{index}" for index in range(len(weights))), tuple(map(float, weights)))
    share = np.random.default_rng(seed).random()
    assert phrases.draw(np.random.default_rng(seed)) == drawn_by_adding_up(phrases, share)


def test_phrases_come_as_often_as_their_weights_say() -> None:
    phrases = Phrases(("a", "b", "c"), (1.0, 2.0, 7.0))
    rng = np.random.default_rng(3)
    counts = Counter(phrases.draw(rng) for _ in range(20_000))
    assert stats.chisquare([counts[text] for text in "abc"], [2000, 4000, 14_000]).pvalue > 1e-4


def test_a_draw_takes_one_number() -> None:
    one, other = np.random.default_rng(1), np.random.default_rng(1)
    Phrases(("a", "b"), (1.0, 1.0)).draw(one)
    other.random()
    assert one.random() == other.random()


def test_words_are_distinct() -> None:
    assert Phrases(("old LBBB", "LBBB", "new, LBBB old"), (1.0,) * 3).words() == ("old", "LBBB", "new,")


def test_phrases_are_a_value() -> None:
    phrases = Phrases(("a", "b"), (1.0, 2.0))
    assert pickle.loads(pickle.dumps(phrases)) == phrases
    assert pickle.loads(pickle.dumps(phrases)).draw(np.random.default_rng(0)) in "ab"
    with pytest.raises(dataclasses.FrozenInstanceError):
        phrases.texts = ()  # type: ignore[misc]


def test_the_heaviest_come_first() -> None:
    phrases = Phrases(("a", "b", "c", "d"), (1.0, 3.0, 2.0, 3.0))
    assert phrases.heaviest(3).texts == ("b", "d", "c")
    assert phrases.heaviest(9).weights == (3.0, 3.0, 2.0, 1.0)
    assert phrases_of({"b": 2, "a": 2, "c": 5}).texts == ("c", "a", "b")


@pytest.mark.parametrize(
    ("texts", "weights", "said"),
    [
        ((), (), "0 phrases"),
        (("a",), (), "1 phrases with 0 weights"),
        (("a", ""), (1.0, 1.0), "the phrase ''"),
        ((" a",), (1.0,), "the phrase ' a'"),
        (("a  b",), (1.0,), "single spaces"),
        (("a\nb",), (1.0,), "single spaces"),
        (("a",), (0.0,), "the weight of 'a' is 0"),
        (("a",), (-1.0,), "is -1"),
        (("a",), (float("nan"),), "is nan"),
        (("a",), (float("inf"),), "is inf"),
        (("a", "b"), (1e308, 1e308), "more than a number can hold"),
        (("x" * 10_000,), (1.0,), "a phrase of 10000 characters, xxxxx"),
        (("x" * 41,), (1.0,), "a word of 41 characters, xxxxx"),
    ],
)
def test_flaws_are_told(texts: tuple[str, ...], weights: tuple[float, ...], said: str) -> None:
    with pytest.raises(PhraseError) as caught:
        Phrases(texts, weights)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200
