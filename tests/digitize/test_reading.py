"""Reading: places from logits, and the cheapest path, against an obvious search."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.digitize.reading import BIN_PX, cheapest_path, decode


def gaussian(centres: np.ndarray, bins: int = 60, spread: float = 0.8) -> np.ndarray:
    far = np.arange(bins)[:, None] + 0.5 - centres[None] / BIN_PX
    return (-0.5 * (far / spread) ** 2).astype(np.float32)


def test_a_place_is_found_to_a_part_of_a_pixel() -> None:
    y = np.linspace(30, 90, 200)
    reading = decode(gaussian(y), np.full(200, 8.0, np.float32))
    assert np.abs(reading.y_px - y).max() < 0.02
    assert reading.confidence.min() > 0.99


def test_columns_without_a_trace_are_unknown() -> None:
    there = np.full(40, 8.0, np.float32)
    there[10:20] = -8
    reading = decode(gaussian(np.full(40, 50.0)), there)
    assert np.isnan(reading.y_px[10:20]).all()
    assert not np.isnan(np.delete(reading.y_px, np.s_[10:20])).any()
    assert reading.confidence[10:20].max() < 0.01


def test_where_two_places_are_likely_the_neighbours_decide() -> None:
    y = np.full(60, 40.0)
    place = gaussian(y)
    place[:, 25:35] = np.logaddexp(place[:, 25:35], gaussian(np.full(10, 100.0)) + 0.3)
    reading = decode(place, np.full(60, 8.0, np.float32))
    assert np.abs(reading.y_px - 40).max() < 0.1
    assert reading.confidence[25:35].max() < 0.5 < reading.confidence[:20].min()


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 5),
    st.integers(1, 5),
    st.sampled_from([0.0, 0.1, 0.7, 5.0]),
)
def test_the_path_is_the_cheapest_of_all(seed: int, bins: int, columns: int, per_bin: float) -> None:
    cost = np.random.default_rng(seed).random((bins, columns))

    def price(path: tuple[int, ...]) -> float:
        steps = sum(abs(a - b) for a, b in itertools.pairwise(path))
        return float(cost[list(path), range(columns)].sum() + per_bin * steps)

    least = min(price(path) for path in itertools.product(range(bins), repeat=columns))
    assert price(tuple(cheapest_path(cost, per_bin).tolist())) == pytest.approx(least)
