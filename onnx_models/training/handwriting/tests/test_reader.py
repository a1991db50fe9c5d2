"""The reader that judges the pen."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.handwriting.alphabet import SIZE, encode
from training.handwriting.data import Writer, Writing, as_steps
from training.handwriting.reader import (
    Reader,
    accuracy,
    distance,
    features,
    last_letters,
    read,
    train,
    varied,
)

pytestmark = pytest.mark.train

WAYS = {
    "a": [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)],
    "b": [(0, 0), (0, -1), (0, -2), (0, -3), (0, -4)],
    "c": [(0, 0), (1, -1), (0, 0), (1, -1), (0, 0)],
}


def word(text: str) -> Writing:
    points = [np.array(WAYS[character]) * 0.4 + [2 * i, 0] for i, character in enumerate(text)]
    return Writing(
        text, as_steps(np.concatenate(points).astype(np.float32), np.arange(5 * len(text)) % 5 == 4)
    )


def test_training_lowers_the_loss() -> None:
    torch.manual_seed(1)
    torch.set_num_threads(1)
    texts = ["".join(letters) for length in (1, 2, 3) for letters in product("abc", repeat=length)]
    ann = Writer("ann", [word(text) for text in texts])
    first, later = (train(Reader(16), [ann], count, np.random.default_rng(1), 5e-3) for count in (1, 120))
    assert later < first / 4


def test_reading_drops_repeats_and_nothings(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = encode("AAfib")[:-1].tolist()
    path = [0, codes[0], codes[0], 0, codes[1], codes[2], codes[2], codes[3], 0, codes[4], 0, codes[4]]
    chances = torch.nn.functional.one_hot(torch.tensor(path), SIZE).float()[:, None].expand(-1, 2, -1)
    reader = Reader(4)
    monkeypatch.setattr(reader, "forward", lambda steps: chances[: len(steps)])
    long, short = (Writing("AAfib", np.zeros((length, 4), np.float32)) for length in (12, 7))
    assert read(reader, [long, short]) == ["AAfibb", "AAf"]
    assert accuracy(reader, [long, short]) == 1 - (1 + 2) / 10
    assert last_letters(reader, [long, short]) == 0.5


def test_variation_changes_a_word_but_not_its_text() -> None:
    rng = np.random.default_rng(2)
    one, other = varied(word("abc"), rng), varied(word("abc"), rng)
    assert one.text == other.text == "abc"
    assert np.abs(features(one.steps) - features(other.steps)).max() > 1e-3
    np.testing.assert_array_equal(one.steps[:, 2:], word("abc").steps[:, 2:])


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_the_distance_of_texts_is_the_recursive_one(one: str, other: str) -> None:
    def by_definition(a: str, b: str) -> int:
        if not a or not b:
            return len(a) + len(b)
        if a[0] == b[0]:
            return by_definition(a[1:], b[1:])
        return 1 + min(by_definition(a[1:], b), by_definition(a, b[1:]), by_definition(a[1:], b[1:]))

    assert distance(one, other) == by_definition(one, other)
