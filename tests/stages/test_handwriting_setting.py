"""Setting: words side by side, lines below each other, and boxes around their ink."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fastecg.stages.handwriting_setting import Hand, break_lines, set_mark, set_note
from fastecg_models.strokes import Strokes

HAND = Hand(px_per_mm=8.0, size_mm=2.5, half_width_px=1.5, pen="ballpoint", pressure=0.0, lean=0.0)


def word(width: float) -> Strokes:
    """Return a word of a dot and two strokes, one x-height tall."""
    x = np.linspace(0, width, 9)
    xy = np.column_stack([x, -(np.arange(9) % 2.0)]).astype(np.float32)
    return Strokes(xy, np.arange(9) % 4 == 0, True)


def test_lines_are_broken_where_they_grow_too_long() -> None:
    words = [[word(4), word(4), word(4)], [word(2)]]
    assert break_lines(words, 100) == [[0, 1, 2], [3]]
    assert break_lines(words, 10) == [[0, 1], [2], [3]]
    assert break_lines(words, 1) == [[0], [1], [2], [3]]
    assert break_lines([[], [word(1)]], 10) == [[0]]


def test_words_follow_each_other_and_lines_lie_below() -> None:
    lines = [[("a", word(3)), ("b", word(3))], [("c", word(3))]]
    note = set_note("note", lines, HAND, np.random.default_rng(0))
    assert note.text == "a b\nc"
    _, a, b, c = note.boxes
    assert b[0] > a[2]
    assert abs(b[1] - a[1]) < 10
    assert c[1] > a[3]
    assert note.boxes[0] == pytest.approx(
        [note.boxes[1:, 0].min(), note.boxes[1:, 1].min(), note.boxes[1:, 2].max(), note.boxes[1:, 3].max()]
    )
    assert np.isnan(note.points[:, 0]).sum() == 3 * 3 - 1  # between strokes and between words


def test_size_and_turn_and_place() -> None:
    flat = set_note("note", [[("a", word(10))]], HAND, np.random.default_rng(0))
    assert flat.size[0] == pytest.approx(10 * 2.5 * 8 + 3, abs=2)
    turned = set_note("note", [[("a", word(10))]], HAND, np.random.default_rng(0), math.pi / 2)
    assert turned.size == pytest.approx(flat.size[::-1])
    placed = turned.at((500.0, 300.0))
    assert placed.corners.mean(axis=0) == pytest.approx([500, 300])
    assert (np.nanmin(placed.points, axis=0) > placed.corners.min(axis=0) - 1e-9).all()
    assert placed.corners[0, 0] > placed.corners[3, 0]  # its own top left is now at the right


def test_lean_moves_tops_to_the_right() -> None:
    upright = set_note("note", [[("a", word(4))]], HAND, np.random.default_rng(0))
    hand = Hand(8.0, 2.5, 1.5, "ballpoint", 0.0, 0.5)
    leaning = set_note("note", [[("a", word(4))]], hand, np.random.default_rng(0))
    moved = (leaning.points - upright.points)[:, 0]
    tops = np.isclose(upright.points[:, 1], np.nanmin(upright.points[:, 1]), atol=2)
    assert np.nanmean(moved[tops]) == pytest.approx(0.5 * 2.5 * 8, abs=2)


def test_marks_are_in_millimetres() -> None:
    mark = set_mark("circle", np.array([[0.0, 0.0], [10.0, 5.0]]), HAND)
    writing = mark.from_origin((100.0, 50.0))
    assert writing.points.tolist() == [[100, 50], [180, 90]]
    assert writing.words == ()
    assert writing.corners[2].tolist() == [181.5, 91.5]
