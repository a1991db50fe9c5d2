"""Writing words: what they depend on, where they end, and what a pen refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from fastecg_models.cards import CARD, read_card
from fastecg_models.errors import ModelError
from fastecg_models.pen import LANES, LONGEST, Pen, Word
from fastecg_models.pen_graph import Precision, Weights
from fastecg_models.strokes import Strokes

Install = Callable[[Weights], Path]
TEXTS = ("sinus", "AF", "a", "electrocardiographically", "V1-V4", "HR", "72", "LAD")


def words(count: int) -> list[Word]:
    return [
        Word(TEXTS[i % len(TEXTS)], ("ann", "bob")[i % 2], seed=i, bias=0.1 * (i % 5)) for i in range(count)
    ]


def check_same(one: Iterable[Strokes], other: Iterable[Strokes]) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a.xy, b.xy)
        np.testing.assert_array_equal(a.pen_up, b.pen_up)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_word_is_the_same_alone_and_in_any_company(
    weights: Weights, install: Install, precision: Precision
) -> None:
    pen = Pen(install(weights), precision)
    wanted = words(LANES + 9)
    together = pen.write(wanted)
    check_same(together, (pen.write([word])[0] for word in wanted))
    check_same(reversed(pen.write(wanted[::-1])), together)
    check_same(together, Pen(install(weights), precision, threads=2).write(wanted))


def test_text_style_seed_and_bias_all_matter(weights: Weights, install: Install) -> None:
    pen = Pen(install(weights))
    changes = (
        Word("AF", "ann", 1, 0.5),
        Word("AV", "ann", 1, 0.5),
        Word("AF", "bob", 1, 0.5),
        Word("AF", "ann", 2, 0.5),
        Word("AF", "ann", 1, 0.6),
    )
    assert len({strokes.xy.tobytes() for strokes in pen.write(changes)}) == len(changes)


def test_a_word_ends_where_the_pen_says_so(weights: Weights, install: Install) -> None:
    for strokes in Pen(install(weights)).write(words(20)):
        assert strokes.finished
        assert strokes.pen_up[-1]
        assert strokes.xy.shape == (len(strokes.pen_up), 2)
        assert strokes.xy.dtype == np.float32


def test_a_pen_that_never_ends_is_stopped(weights: Weights, install: Install) -> None:
    endless = dict(weights)
    endless["out"] = weights["out"] * 0
    endless["out_b"] = weights["out_b"] * 0 - 30
    (strokes,) = Pen(install(endless), "fp32").write([Word("AF", "ann", 1)])
    assert not strokes.finished
    assert LONGEST * 3 <= len(strokes.xy) < LONGEST * 3 + 24
    assert strokes.pen_up.sum() == 1


def test_a_very_long_word_is_written(weights: Weights, install: Install) -> None:
    (strokes,) = Pen(install(weights), "fp32").write([Word("A" * 10_000, "ann", 1)])
    assert np.isfinite(strokes.xy).all()


def test_no_words_are_no_strokes(weights: Weights, install: Install) -> None:
    assert Pen(install(weights)).write([]) == []


def test_a_pen_names_its_styles_and_characters(weights: Weights, install: Install) -> None:
    pen = Pen(install(weights))
    assert pen.styles == ("ann", "bob")
    assert pen.alphabet.startswith("abc")
    assert pen.alphabet.endswith("?-")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (Word("", "ann", 1), "the text is empty"),
        (Word("37 °C", "ann", 1), r"cannot write \[' ', '°'\]"),
        (Word("AF", "cleo", 1), r"style 'cleo' is unknown \(allowed: ann, bob\)"),
    ],
)
def test_a_pen_says_what_it_cannot_write(
    weights: Weights, install: Install, word: Word, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        Pen(install(weights)).write([word])


def test_a_damaged_model_is_not_opened(weights: Weights, install: Install) -> None:
    folder = install(weights)
    path = folder / "pen-int8.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"is damaged: its SHA-256 is .* install the models again"):
        Pen(folder)
    path.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        Pen(folder)


def test_a_folder_without_a_card_is_no_model(weights: Weights, install: Install) -> None:
    folder = install(weights)
    assert set(read_card(folder).checksums) == {path.name for path in folder.iterdir()} - {CARD}
    (folder / CARD).write_text("{}")
    with pytest.raises(ModelError, match="holds no model"):
        Pen(folder)
