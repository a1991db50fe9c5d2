"""The words that a bank is made of, and whether the shipped one has them."""

from __future__ import annotations

import numpy as np

from fastecg.bank_words import bank_words
from fastecg.phrases import draw_measurement, find_phrases
from fastecg_models.bank import Bank


def test_words_are_unique_writable_and_the_same_each_time() -> None:
    words = bank_words()
    assert len(set(words)) == len(words)
    assert set("".join(words)) <= set(Bank().alphabet)
    assert words == bank_words()


def test_words_of_phrases_come_first_by_weight() -> None:
    phrases = find_phrases().words()
    assert bank_words()[: len(phrases)] == phrases


def test_the_shipped_bank_has_nearly_all_of_them_in_all_styles() -> None:
    bank = Bank()
    words = [word for word in bank_words() if len(word) > 1]
    there = [all(bank.variants(word, style) for style in bank.styles) for word in words]
    assert np.mean(there) > 0.97


def test_the_shipped_bank_writes_every_phrase_and_measurement() -> None:
    bank, rng = Bank(), np.random.default_rng(1)
    for number in range(300):
        style = bank.styles[number % len(bank.styles)]
        for text in (find_phrases().draw(rng), draw_measurement(rng)):
            for word in text.split():
                wide, high = np.ptp(bank.write(word, style, rng).xy, axis=0)
                assert high < 8
                assert wide < 2.5 * len(word) + 2
