"""Crumpled paper: flat facets and sharp ridges, by measures that clouds of noise fail."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.stages.crumpled import _facets, crumpled_heights


def curvature(heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the two second differences."""
    inner = heights[1:-1, 1:-1]
    beside = heights[1:-1, :-2] + heights[1:-1, 2:] + heights[:-2, 1:-1] + heights[2:, 1:-1]
    return np.asarray(beside - 4 * inner)


def peakedness(values: NDArray[np.float64]) -> float:
    """Return the kurtosis: 3 for a normal distribution, more where few values are large."""
    centred = values - values.mean()
    return float((centred**4).mean() / (centred**2).mean() ** 2)


def heights(softness: float = 0.5, seed: int = 3, px_per_mm: float = 4.0) -> NDArray[np.float64]:
    return crumpled_heights(np.random.default_rng(seed), 300, px_per_mm, softness)


def test_same_stream_same_paper() -> None:
    np.testing.assert_array_equal(heights(), heights())
    assert not np.array_equal(heights(), heights(seed=4))


def test_bending_is_in_few_places() -> None:
    """In the ridges; of clouds, every place bends about as much as any other."""
    bent = curvature(heights(softness=0.2))
    assert peakedness(bent) > 12
    assert np.median(np.abs(bent)) < 0.25 * bent.std()
    from cv2 import GaussianBlur

    clouds = GaussianBlur(np.random.default_rng(1).standard_normal((300, 300)), (0, 0), 4)
    assert peakedness(curvature(np.asarray(clouds, np.float64))) < 4


def test_soft_paper_has_softer_ridges() -> None:
    """The same slopes, bent over more gently."""

    def sharpness(softness: float) -> float:
        surface = heights(softness)
        return float(curvature(surface).std() / np.gradient(surface)[1].std())

    sharp, medium, soft = (sharpness(softness) for softness in (0.0, 0.5, 1.0))
    assert sharp > 1.1 * medium
    assert medium > 1.1 * soft


def test_slopes_are_those_of_paper_and_even_all_over() -> None:
    down, across = np.gradient(heights())
    assert 0.05 < across.std() < 0.4
    assert 0.05 < down.std() < 0.4
    quarters = [part.std() for half in np.split(across, 2) for part in np.split(half, 2, axis=1)]
    assert max(quarters) < 4 * min(quarters)


def test_a_finer_grid_shows_the_same_paper_size() -> None:
    """Facets are so many mm, whatever the resolution: slopes agree in their spread."""
    coarse, fine = (
        np.gradient(crumpled_heights(np.random.default_rng(8), round(75 * scale), scale))[1].std()
        for scale in (3.0, 6.0)
    )
    assert coarse == pytest.approx(fine, rel=0.5)


def test_facets_are_linear() -> None:
    """Within a facet second differences vanish, for most pixels of a plane that is not bent."""
    y, x = np.mgrid[0:200, 0:200] + 0.5
    flat = _facets(np.random.default_rng(5), [x, y], 40.0)
    bent = np.abs(curvature(flat))
    assert (bent < 1e-9).mean() > 0.8
    assert bent.max() > 0.1
    # Neighbouring facets meet: no step is larger than the steepest facet over two pixels.
    steps = np.abs(np.diff(flat, axis=1))
    assert steps.max() < 3 * np.quantile(steps, 0.99)
