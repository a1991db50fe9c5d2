"""Marks: about where and as large as they are asked for, never two alike."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg.stages.pen_marks import arrow, circle, signature, underline

SEEDS = range(40)


@pytest.mark.parametrize(("width", "height"), [(6.0, 5.0), (20.0, 12.0), (12.0, 40.0)])
def test_circles_go_round(width: float, height: float) -> None:
    for seed in SEEDS:
        points = circle(np.random.default_rng(seed), width, height)
        spread = np.ptp(points, axis=0)
        assert 0.75 * min(width, height) < spread.min()
        assert spread.max() < 1.35 * max(width, height)
        turns = np.unwrap(np.arctan2(points[:, 1] / height, points[:, 0] / width))
        assert 0.9 < (turns[0] - turns[-1]) / (2 * np.pi) < 1.3  # counter-clockwise as seen


def test_arrows_end_where_they_point() -> None:
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        dx, dy = rng.uniform(-20, 20, 2)
        points = arrow(np.random.default_rng(seed), dx, dy)
        gap = int(np.flatnonzero(np.isnan(points[:, 0]))[0])
        assert np.abs(points[gap - 1] - [dx, dy]).max() < 1e-9
        barbs = points[[gap + 1, -1]] - [dx, dy]
        assert (barbs @ [dx, dy] < 0).all()  # they point back


def test_underlines_are_as_long_as_what_they_underline() -> None:
    for seed in SEEDS:
        points = underline(np.random.default_rng(seed), 30.0)
        assert np.nanmin(points[:, 1]) > -2
        assert 22 < np.nanmax(points[:, 0]) - np.nanmin(points[:, 0]) < 38


def test_signatures_run_to_the_right_and_differ() -> None:
    shapes = [signature(np.random.default_rng(seed), 40.0, 10.0) for seed in SEEDS]
    for points in shapes:
        assert np.isfinite(points).all()
        assert points[-1, 0] > 20
        assert 4 < np.ptp(points[:, 1]) < 25
    assert len({len(points) for points in shapes}) > 4
