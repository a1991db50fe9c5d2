"""The models that come with the package: whole, described, and fit to write what stands on an ECG."""

from __future__ import annotations

import string
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import fastecg_models
from fastecg_models.cards import CARD, read_card, read_checked
from fastecg_models.pen import SHIPPED, Pen, Word
from fastecg_models.pen_graph import Precision

MODELS = sorted(path.parent for path in Path(fastecg_models.__file__).parent.glob(f"*/{CARD}"))
NOTES = ("sinus", "rhythm", "HR", "72", "?LAD", "V1-V4", "12/03/98", "ventricular", "a", "II", "QTc=460")


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
def test_a_model_is_whole_small_and_described(folder: Path) -> None:
    card = read_card(folder)
    assert set(card.checksums) == {path.name for path in folder.iterdir()} - {CARD}
    assert all(0 < len(read_checked(folder, name)) <= 20_000_000 for name in card.checksums)
    assert all((card.name, card.purpose, card.data, card.licence, card.attribution, card.command))


def test_the_pen_reads_as_well_as_people() -> None:
    figures = read_card(SHIPPED).figures
    people = figures["people, characters read"]
    for precision in ("fp32", "int8"):
        assert figures[f"{precision} at bias 0.5, characters read"] > people - 0.1


@pytest.mark.parametrize("precision", get_args(Precision))
def test_the_pen_writes_notes_in_every_style(precision: Precision) -> None:
    pen = Pen(precision=precision)
    assert len(pen.styles) >= 7
    assert set(pen.alphabet) == set(string.printable[:94])
    words = [Word(text, style, seed) for seed, style in enumerate(pen.styles) for text in NOTES]
    for word, strokes in zip(words, pen.write(words), strict=True):
        wide, high = np.ptp(strokes.xy, axis=0)
        assert strokes.finished
        assert high < 8
        assert 0.2 * len(word.text) < wide + high < 6 + 3 * len(word.text)


def test_the_styles_differ() -> None:
    pen = Pen()
    written = pen.write([Word("rhythm", style, 1) for style in pen.styles])
    assert len({strokes.xy.tobytes() for strokes in written}) == len(pen.styles)
