"""Small changes of a word: how far they go, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg_models.strokes import Strokes, vary


def word(points: int = 40) -> Strokes:
    rng = np.random.default_rng(5)
    up = rng.random(points) < 0.1
    up[-1] = True
    return Strokes(np.cumsum(rng.normal(0, 0.4, (points, 2)), axis=0).astype(np.float32), up, True)


def changed(**limits: float) -> list[tuple[Strokes, Strokes]]:
    none = dict.fromkeys(("slant_deg", "stretch", "size", "tremor"), 0.0)
    return [(word(), vary(word(), np.random.default_rng(i), **none | limits)) for i in range(200)]


def test_no_limits_change_nothing() -> None:
    for before, after in changed():
        np.testing.assert_array_equal(after.xy, before.xy)


def test_everything_but_the_places_stays() -> None:
    before = word()
    copy = before.xy.copy()
    after = vary(before, np.random.default_rng(1))
    np.testing.assert_array_equal(before.xy, copy)
    np.testing.assert_array_equal(after.pen_up, before.pen_up)
    assert after.xy.dtype == np.float32
    assert after.finished


def test_the_same_generator_gives_the_same_word() -> None:
    one, same, other = (vary(word(), np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.xy, same.xy)
    assert not np.array_equal(one.xy, other.xy)


def test_size_is_one_factor_up_to_its_limit() -> None:
    factors = np.array([np.polyfit(a.xy.ravel(), b.xy.ravel(), 1)[0] for a, b in changed(size=0.2)])
    assert 0.8 <= factors.min() < 0.83
    assert 1.17 < factors.max() <= 1.2


def test_stretching_changes_the_width_only() -> None:
    found = []
    for before, after in changed(stretch=0.1):
        np.testing.assert_array_equal(after.xy[:, 1], before.xy[:, 1])
        found.append(np.ptp(after.xy[:, 0]) / np.ptp(before.xy[:, 0]))
    assert 0.9 <= min(found) < 0.92
    assert 1.08 < max(found) <= 1.1 + 1e-6


def test_slanting_keeps_the_baseline_and_leans_up_to_its_limit() -> None:
    angles = []
    for before, after in changed(slant_deg=10):
        np.testing.assert_array_equal(after.xy[:, 1], before.xy[:, 1])
        moved = (after.xy - before.xy)[:, 0]
        lean = -moved / before.xy[:, 1]  # above the baseline y is negative: to the right is positive
        np.testing.assert_allclose(lean, lean[0], atol=1e-3)
        angles.append(np.degrees(np.arctan(lean[0])))
    assert -10.01 <= min(angles) < -9
    assert 9 < max(angles) <= 10.01


def test_tremor_is_small_and_smooth() -> None:
    moves = np.stack([after.xy - before.xy for before, after in changed(tremor=0.1)])
    assert 0.04 < np.abs(moves).max() <= 0.1 + 1e-6
    steps = np.diff(moves, axis=1)
    assert np.sqrt((steps**2).mean()) < 0.8 * np.sqrt((moves**2).mean())  # white noise: 1.4


@pytest.mark.parametrize("points", [1, 2])
def test_dots_and_dashes_can_be_varied(points: int) -> None:
    assert vary(word(points), np.random.default_rng(1)).xy.shape == (points, 2)
