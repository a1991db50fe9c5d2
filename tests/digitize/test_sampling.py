"""Sampling: the samples of a polyline from its heights."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg.digitize.sampling import fit_samples


@pytest.mark.parametrize("rate", [0.5, 2.0, 5.0])
def test_the_corners_of_a_polyline_come_back(rate: float) -> None:
    rng = np.random.default_rng(3)
    times = 1.3 + np.arange(40.0) * rate
    truth = np.sin(np.arange(40.0) / 3) + rng.normal(0, 0.1, 40)
    x = np.arange(0, times[-1] + 3, 0.05)
    samples, weight = fit_samples(x, np.interp(x, times, truth), np.ones(len(x)), times)
    assert np.abs(samples - truth).max() < 0.1
    assert weight.min() > 0.9


def test_it_solves_the_normal_equations() -> None:
    rng = np.random.default_rng(5)
    times, x = np.arange(12.0), np.linspace(0.0, 11.0, 80)
    height, weight = rng.normal(size=80), rng.uniform(0.1, 1, 80)
    hats = np.maximum(0, 1 - np.abs(x[:, None] - times))
    bends = np.diff(np.eye(12), 2, axis=0)
    smoothness = 0.2 * (x[1] - x[0])  # 7 columns a sample need so much less of it
    smooth = (hats.T * weight) @ hats + smoothness * bends.T @ bends + 1e-9 * np.eye(12)
    expected = np.linalg.solve(smooth, (hats.T * weight) @ height)
    samples, _ = fit_samples(x, height, weight, times)
    np.testing.assert_allclose(samples, expected, atol=1e-6)


def test_short_gaps_are_bridged_and_long_ones_are_not() -> None:
    x = np.arange(0, 100, 0.5)
    height = np.sin(x / 9)
    unknown = (x > 20) & (x < 23) | (x > 60) & (x < 80)
    samples, weight = fit_samples(x, np.where(unknown, np.nan, height), np.ones(len(x)), x, longest_gap=4.0)
    assert np.isnan(samples).tolist() == ((x > 60.9) & (x < 79.1)).tolist()
    assert np.nanmax(np.abs(samples - height)) < 0.02
    assert weight[45] == 0
    assert weight[np.isnan(samples)].max() == 0


def test_nothing_read_gives_nothing() -> None:
    x = np.arange(5.0)
    samples, weight = fit_samples(x, np.full(5, np.nan), np.ones(5), np.arange(7.0))
    assert np.isnan(samples).all()
    assert not weight.any()
    assert fit_samples(x, x, np.ones(5), np.empty(0))[0].shape == (0,)
    assert fit_samples(x, x, np.ones(5), np.array([2.0]))[0] == pytest.approx([2.0], abs=0.2)
