"""Making a bank: what is written, in which order, and which tries are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from fastecg_models.bank import BANK, Bank
from fastecg_models.bank_making import BIASES, CANDIDATES, Order, make_bank, save_bank, usable
from fastecg_models.cards import Card, checksum, read_card
from fastecg_models.errors import ModelError
from fastecg_models.pen import Pen, Word
from fastecg_models.pen_graph import Weights
from fastecg_models.strokes import Strokes

CARD = Card(
    "pen", "writes", "strokes of people", "CC BY 4.0", "by them", "", {}, {"pen.onnx": "0123456789abcdef"}
)


class Scribe:
    """Writes a bar per character; its slope tells the seed."""

    styles = ("ann", "bob")
    alphabet = "AFHR?"

    def __init__(self, fails: Callable[[str, int], bool] | None = None) -> None:
        self.asked: list[Word] = []
        self._fails = fails

    def write(self, words: Sequence[Word]) -> list[Strokes]:
        written = []
        for word in words:
            self.asked.append(word)
            bars = np.array([[[i + 3, -1 - word.seed / 2**33], [i + 3.4, 0]] for i in range(len(word.text))])
            up = np.tile([False, True], len(word.text))
            count = sum(asked.text == word.text and asked.style == word.style for asked in self.asked)
            failed = self._fails is not None and self._fails(word.text, count)
            written.append(Strokes(bars.reshape(-1, 2).astype(np.float32), up, not failed))
        return written


def test_characters_come_first_then_words_then_all_again() -> None:
    made = make_bank(Scribe(), Order(("AF", "HR", "AF", "A"), size=10 + 4 + 10 + 3))
    counts = {word: len(cell) for word, cell in made.items()}
    characters = {(text, style): 2 for text in "AFHR?" for style in ("ann", "bob")}
    assert counts == characters | {("AF", "ann"): 2, ("AF", "bob"): 2, ("HR", "ann"): 2, ("HR", "bob"): 1}


def test_words_begin_at_the_left_and_vary_in_seed_and_bias() -> None:
    scribe = Scribe()
    made = make_bank(scribe, Order(("AF",), size=60))
    assert all(strokes.xy[:, 0].min() == 0 for cell in made.values() for strokes in cell)
    assert len({word.seed for word in scribe.asked}) == len(scribe.asked) == 60
    assert {(word.style, word.bias) for word in scribe.asked} == {
        (style, bias) for style in scribe.styles for bias in BIASES
    }


def test_the_same_seed_gives_the_same_bank() -> None:
    one, same, other = (make_bank(Scribe(), Order(("AF",), 12, seed)) for seed in (1, 1, 2))
    for word, cell in one.items():
        np.testing.assert_array_equal(cell[0].xy, same[word][0].xy)
        assert not np.array_equal(cell[0].xy, other[word][0].xy)


def test_an_unfinished_word_is_written_again_and_left_out_at_last() -> None:
    scribe = Scribe(lambda text, count: text == "HR" or (text == "AF" and count < 3))
    made = make_bank(scribe, Order(("AF", "HR"), size=14))
    assert ("AF", "bob") in made
    assert ("HR", "bob") not in made
    tries = [sum(asked.text == text for asked in scribe.asked) for text in ("A", "AF", "HR")]
    assert tries == [2, 2 * 3, 2 * CANDIDATES]


def test_the_judge_chooses() -> None:
    scribe = Scribe(lambda _, count: count == 1)
    tried: dict[str, list[float]] = {}

    def judge(texts: Sequence[str], written: Sequence[Strokes]) -> list[float]:
        heights = [float(strokes.xy[0, 1]) for strokes in written]
        for text, strokes, height in zip(texts, written, heights, strict=True):
            tried.setdefault(text, []).extend([height] if strokes.finished else [])
        return heights

    made = make_bank(scribe, Order((), size=10), judge)
    for text in scribe.alphabet:
        chosen = [float(made[text, style][0].xy[0, 1]) for style in scribe.styles]
        assert len(tried[text]) == 2 * (CANDIDATES - 1)
        assert max(chosen) == max(tried[text])


def test_a_bank_without_all_characters_is_refused() -> None:
    with pytest.raises(ModelError, match=r"a bank of 9 words is too small \(allowed: 10 or more"):
        make_bank(Scribe(), Order((), size=9))


@pytest.mark.parametrize(
    ("text", "wide", "high", "good"),
    [
        ("I", 0, 2, True),
        ("W", 3, 2, True),
        ("W", 4, 2, False),
        ("t", 8, 5, False),
        ("sinus", 6, 2, True),
        ("sinus", 1, 1, False),
        ("sinus", 14, 2, False),
        ("sinus", 6, 8, False),
    ],
)
def test_failures_are_seen_by_their_size(text: str, wide: float, high: float, good: bool) -> None:
    strokes = Strokes(np.array([[0, 0], [wide, -high]], np.float32), np.array([False, True]), True)
    assert usable(text, strokes) is good
    assert not usable(text, Strokes(strokes.xy, strokes.pen_up, False))


def test_a_saved_bank_says_what_wrote_it(tmp_path: Path) -> None:
    made = make_bank(Scribe(), Order(("AF",), size=12))
    card = save_bank(made, tmp_path / "new" / "bank", CARD, "make it", read=0.9)
    assert card == read_card(tmp_path / "new" / "bank")
    assert card.checksums == {BANK: checksum((tmp_path / "new" / "bank" / BANK).read_bytes())}
    assert (card.licence, card.attribution, card.command) == ("CC BY 4.0", "by them", "make it")
    assert "0123456789ab" in card.data
    assert "strokes of people" in card.data
    assert card.figures == {"words": 12.0, "texts": 6.0, "styles": 2.0, "read": 0.9}
    bank = Bank(tmp_path / "new" / "bank")
    np.testing.assert_allclose(bank.strokes("AF", "bob", 0).xy, made["AF", "bob"][0].xy, atol=1 / 500)


def test_a_real_pen_makes_a_bank(weights: Weights, install: Callable[[Weights], Path]) -> None:
    pen = Pen(install(weights))
    made = make_bank(pen, Order(("AF",), size=2 * len(pen.alphabet) + 2))
    assert {style for _, style in made} <= set(pen.styles)
