"""Print: where glyphs stand and how large they are, compared with the writing line that was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg.leads import STANDARD_12
from fastecg.stages.text import Print, Typesetter, print_onto
from fastecg.texts import Text


def text(words: str, x: float = 10.0, y: float = 40.0, size: float = 25.0) -> Text:
    return Text("lead_name", words, x, y, size)


@pytest.fixture
def typesetter() -> Typesetter:
    return Typesetter()


@pytest.mark.parametrize("lead", [*STANDARD_12, "-aVR", "Vx", "MLII"])
@pytest.mark.parametrize("size", [6.0, 13.37, 25.0, 80.0])
def test_a_line_stands_on_its_writing_line(typesetter: Typesetter, lead: str, size: float) -> None:
    line = typesetter.set_line(text(lead, x=100, y=200, size=size))
    x0, y0, x1, y1 = line.box
    assert abs(y1 - 200) <= 0.05 * size + 1  # no letter of a lead name goes below the line
    assert 0.6 * size - 2 < y1 - y0 < 0.85 * size + 2
    assert 0 <= x0 - 100 < 0.2 * size + 1
    assert 0.1 * len(lead) * size < x1 - 100 < len(lead) * size
    assert line.mask.dtype == np.uint8
    assert line.mask.flags.c_contiguous


def test_the_mask_is_cut_to_its_ink(typesetter: Typesetter) -> None:
    for lead in STANDARD_12:
        mask = typesetter.set_line(text(lead)).mask
        for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]):
            assert edge.any()
        assert mask.max() > 200


@pytest.mark.parametrize("words", ["", " ", "   "])
def test_nothing_to_print(typesetter: Typesetter, words: str) -> None:
    line = typesetter.set_line(text(words))
    assert line.mask.size == 0
    ink = np.zeros((50, 50), np.uint8)
    print_onto(ink, line)
    assert not ink.any()


def test_the_second_time_is_the_same(typesetter: Typesetter) -> None:
    first = typesetter.set_line(text("V1"))
    moved = typesetter.set_line(text("V1", x=11.4, y=38.6))
    assert moved.mask is first.mask
    assert (moved.left - first.left, moved.top - first.top) == (1, -1)
    np.testing.assert_array_equal(Typesetter().set_line(text("V1")).mask, first.mask)


def test_what_is_kept_is_bounded(typesetter: Typesetter) -> None:
    """Sizes drawn freely between 19 and 27 px need no more than a line per quarter pixel."""
    for size in np.linspace(19, 27, 500):
        typesetter.set_line(text("II", size=float(size)))
    assert len(typesetter.fonts._lines) <= 33
    assert len(typesetter.fonts._glyphs) <= 33


def test_a_qr_code_stands_on_its_line(typesetter: Typesetter) -> None:
    code = typesetter.set_line(Text("qr", "9990123456", 10.0, 150.0, 100.0))
    assert code.box == (10.0, 66.0, 94.0, 150.0)


def test_larger_print_is_larger(typesetter: Typesetter) -> None:
    heights = [typesetter.set_line(text("V6", size=size)).mask.shape[0] for size in (1, 8, 16, 32, 64)]
    assert heights == sorted(heights)
    assert heights[0] > 1  # even 1 px of size stays visible
    assert heights[4] / heights[3] == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize(
    ("left", "top", "seen"),
    [(2, 2, 6), (-1, 2, 4), (2, -1, 3), (19, 2, 2), (2, 19, 3), (-3, 0, 0), (0, 30, 0), (40, 0, 0)],
)
def test_print_is_cut_at_the_edge(left: int, top: int, seen: int) -> None:
    ink = np.zeros((20, 20), np.uint8)
    mask = np.full((2, 3), 200, np.uint8)
    print_onto(ink, Print(text("x"), left, top, mask))
    assert np.count_nonzero(ink) == seen
    assert ink.sum() == 200 * seen


def test_the_darker_ink_wins() -> None:
    ink = np.array([[100, 100]], np.uint8)
    print_onto(ink, Print(text("x"), 0, 0, np.array([[50, 250]], np.uint8)))
    assert ink.tolist() == [[100, 250]]
