"""The reader of traces: its file, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg_models.cards import read_card
from fastecg_models.errors import ModelError
from fastecg_models.traces import SHIPPED, Precision, TraceReader


def line(width: int, y: int = 180) -> NDArray[np.float32]:
    dark = np.zeros((3, 352, width), np.float32)
    dark[:, y - 1 : y + 2] = 0.9
    return dark


@pytest.mark.parametrize("precision", get_args(Precision))
def test_a_line_is_found_whatever_the_width(precision: Precision) -> None:
    reader = TraceReader(precision=precision)
    for width in (64, 101):
        answer = reader.read(line(width))
        assert answer.place.shape == (176, 2 * width)
        assert answer.there.shape == (2 * width,)
        assert answer.clean.shape == (352, width)
        middle = answer.place[:, 20:-20].argmax(0)
        assert np.abs(middle * 2 + 1 - 180.5).max() <= 3
        assert answer.there[20:-20].min() > 0


@pytest.mark.parametrize("precision", get_args(Precision))
def test_a_taller_strip_is_read_alike(precision: Precision) -> None:
    reader = TraceReader(precision=precision)
    dark = line(96) + np.float32(0.6) * (line(96, 40) + line(96, 320))  # with neighbours above and below
    usual, tall = reader.read(dark), reader.read(np.pad(dark, ((0, 0), (112, 112), (0, 0))))
    assert tall.place.shape == (288, 192)
    assert tall.clean.shape == (576, 96)
    moved = tall.place[:, 20:-20].argmax(0) - usual.place[:, 20:-20].argmax(0)
    assert np.abs(moved - 56).mean() < 1.5


def test_all_precisions_say_the_same() -> None:
    answers = [TraceReader(precision=precision).read(line(96)) for precision in get_args(Precision)]
    for answer in answers[1:]:
        assert np.abs(answer.clean - answers[0].clean).mean() < 0.03


@pytest.mark.parametrize(
    "shape", [(3, 350, 64), (3, 360, 64), (3, 336, 64), (1, 352, 64), (3, 352, 0), (352, 64)]
)
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="352"):
        TraceReader().read(np.zeros(shape, np.float32))


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"card\.json"):
        TraceReader(tmp_path)
    assert set(read_card(SHIPPED).checksums) == {
        f"traces-{precision}.onnx" for precision in get_args(Precision)
    }
