"""Putting pieces side by side: which ones, and how close."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg_models.composing import GAP, GAP_SPREAD, pieces, side_by_side
from fastecg_models.strokes import Strokes


def line(*points: tuple[float, float]) -> Strokes:
    """Draw one stroke with a point every tenth of an x-height."""
    ends = list(itertools.pairwise(np.array(points, float)))
    counts = [max(1, int(10 * np.abs(b - a).max())) for a, b in ends]
    parts = [a + (b - a) * np.arange(n)[:, None] / n for (a, b), n in zip(ends, counts, strict=True)]
    xy = np.concatenate([*parts, [points[-1]]]).astype(np.float32)
    up = np.zeros(len(xy), np.bool_)
    up[-1] = True
    return Strokes(xy, up, True)


BAR = line((0, -2), (0, 0))
DOT = Strokes(np.array([[0, 0]], np.float32), np.array([True]), True)
TEE = line((0, -2), (2, -2), (1, -2), (1, 0))


def fewest(text: str, known: set[str]) -> int | None:
    """Return the smallest number of pieces by trying all cuts."""
    for cuts in range(len(text)):
        for places in itertools.combinations(range(1, len(text)), cuts):
            ends = [0, *places, len(text)]
            if all(text[a:b] in known for a, b in itertools.pairwise(ends)):
                return cuts + 1
    return None


@given(st.text("ab", min_size=1, max_size=8), st.sets(st.text("ab", min_size=1, max_size=4), max_size=6))
def test_a_text_is_cut_into_as_few_pieces_as_possible(text: str, known: set[str]) -> None:
    found = pieces(text, 4, known.__contains__)
    count = fewest(text, known)
    if found is None:
        assert count is None
    else:
        assert "".join(found) == text
        assert known.issuperset(found)
        assert len(found) == count


def test_a_very_long_text_is_cut() -> None:
    assert pieces("ab" * 5000, 3, {"a", "b", "ba"}.__contains__) == ["a", *["ba"] * 4999, "b"]


@pytest.mark.parametrize("seed", range(20))
def test_upright_pieces_stand_a_gap_apart(seed: int) -> None:
    both = side_by_side([BAR, BAR], np.random.default_rng(seed))
    gap = both.xy[len(BAR.xy) :, 0].min() - both.xy[: len(BAR.xy), 0].max()
    assert GAP - GAP_SPREAD <= gap <= GAP + GAP_SPREAD
    assert both.pen_up.sum() == 2


def test_a_dot_slips_below_an_overhang_but_not_far() -> None:
    dot = side_by_side([TEE, DOT], np.random.default_rng(1)).xy[-1, 0]
    bar = side_by_side([TEE, BAR], np.random.default_rng(1)).xy[-1, 0]
    assert 1.5 < dot < 2.0 < bar < 2.5


def test_ink_long_past_is_not_forgotten() -> None:
    long = line((0, 0), (4, 1), (0, 0))
    above = Strokes(DOT.xy - np.array([0, 1], np.float32), DOT.pen_up, True)
    both = side_by_side([long, above, line((0, 1.2), (0, 0.8))], np.random.default_rng(1))
    assert both.xy[len(long.xy), 0] < 4
    assert both.xy[-1, 0] >= 4 + GAP - GAP_SPREAD


def test_the_first_piece_begins_at_the_left() -> None:
    away = Strokes(BAR.xy + np.float32(3), BAR.pen_up, True)
    assert side_by_side([away, BAR], np.random.default_rng(1)).xy[:, 0].min() == 0
