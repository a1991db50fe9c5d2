"""Words out of the stroke bank, beside words that the pen writes anew; a call's time is for all of WORDS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.conftest import Measure
from fastecg_models import bank as module
from fastecg_models.bank import SHIPPED_BANK, Bank
from fastecg_models.pen import LANES, Pen, Word
from fastecg_models.strokes import vary

WORDS = ("sinus", "rhythm", "LBBB", "elevation", "AF", "anterior", "infarct", "QTc", "normal", "?LAD")
UNKNOWN = ("bradyarrhythmically", "HR127", "12/03/98", "K+=5.9", "Kowalski", "(see2nd)", "QTc=463", "07:42")


def test_opening(measure: Measure) -> None:
    """Read and check the shipped bank, as each process does once."""

    def fresh(folder: Path) -> Bank:
        module._load.cache_clear()
        return Bank(folder)

    bank = measure(fresh, SHIPPED_BANK)
    measure.per_second("MB", (SHIPPED_BANK / module.BANK).stat().st_size / 1e6)
    assert bank.styles


@pytest.mark.parametrize("words", [WORDS, UNKNOWN], ids=["banked", "composed"])
def test_writing(measure: Measure, words: tuple[str, ...]) -> None:
    """Write words that the bank has, and words that it composes."""
    bank, rng = Bank(), np.random.default_rng(1)
    style = bank.styles[0]
    assert all((bank.variants(word, style) > 0) is (words is WORDS) for word in words)
    written = measure(lambda: [bank.write(word, style, rng) for word in words])
    measure.per_second("words", len(written))


def test_varying(measure: Measure) -> None:
    """Change words a little."""
    bank, rng = Bank(), np.random.default_rng(1)
    written = [bank.write(word, bank.styles[0], rng) for word in WORDS]
    measure(lambda: [vary(strokes, rng) for strokes in written])
    measure.per_second("words", len(written))


@pytest.mark.parametrize("count", [len(WORDS), 4 * LANES])
def test_fresh(measure: Measure, count: int) -> None:
    """Let the pen write the same words: as few as on a page, and as many as it likes to write at once."""
    pen = Pen()
    words = [Word(WORDS[i % len(WORDS)], pen.styles[0], i) for i in range(count)]
    written = measure(pen.write, words)
    measure.per_second("words", len(written))
