"""The scribe: words from the bank, or written anew where the network is there."""

from __future__ import annotations

import sys
from typing import cast

import numpy as np
import pytest

from fastecg.errors import RecipeError
from fastecg.stages.handwriting import Handwriting
from fastecg.stages.scribe import Scribe
from fastecg_models.pen import Pen

WORDS = ["sinus", "HR", "72", "unbankable"]


def test_banked_words_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    written = Scribe().write(WORDS, Handwriting(), "round", key=3)
    assert len(written) == len(WORDS)
    assert all(np.isfinite(word.xy).all() and word.pen_up[-1] for word in written)
    with pytest.raises(RecipeError, match=r"pip install 'fastecg\[onnx\]'"):
        Scribe().write(WORDS, Handwriting(fresh=1.0), "round", key=3)


def test_fresh_words_are_the_same_alone_and_written_ahead() -> None:
    part = Handwriting(fresh=0.6)
    alone = [Scribe().write(WORDS, part, "clerk", key) for key in (4, 5)]
    scribe = Scribe()
    scribe.write_ahead([(WORDS, part, "clerk", key) for key in (4, 5)])
    styles = scribe._pens["shipped"].styles
    scribe._pens["shipped"] = cast(Pen, _Closed(styles))  # what is written ahead is not written again
    together = [scribe.write(WORDS, part, "clerk", key) for key in (4, 5)]
    for one, other in zip(alone, together, strict=True):
        assert all(np.array_equal(a.xy, b.xy) for a, b in zip(one, other, strict=True))
    assert not np.array_equal(alone[0][0].xy, alone[1][0].xy)


class _Closed:
    """A pen that must not be asked to write."""

    def __init__(self, styles: tuple[str, ...]) -> None:
        self.styles = styles


def test_shares_of_fresh_words() -> None:
    scribe = Scribe()
    banked = scribe.write(["AF"] * 40, Handwriting(tremor=0), "plain", key=5)
    mixed = scribe.write(["AF"] * 40, Handwriting(tremor=0, fresh=0.5), "plain", key=5)
    counts = [len({len(word.xy) for word in words}) for words in (banked, mixed)]
    assert counts[1] > counts[0]  # a bank has few of each, the network as many as are asked for


def test_styles_and_alphabet() -> None:
    scribe = Scribe()
    assert len(scribe.styles(Handwriting())) >= 7
    for fresh in (0.0, 0.5, 1.0):
        known = scribe.alphabet(Handwriting(fresh=fresh))
        assert set("aAzZ0159?/.+-") <= set(known)


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(RecipeError, match="writer"):
        Scribe().check(Handwriting(writer="ghost"))
    with pytest.raises(RecipeError, match="handwriting: "):
        Scribe().check(Handwriting(bank="nowhere"))
