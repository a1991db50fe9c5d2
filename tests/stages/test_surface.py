"""Surfaces: reproducible, repeating without a seam, and of believable tone."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg.stages.surface import SURFACES, VARIANTS, surface_tile


@pytest.mark.parametrize("name", sorted(SURFACES))
def test_a_tile_repeats_without_a_seam(name: str) -> None:
    tile = surface_tile(name, 3, 300).astype(float)
    assert tile.shape == (1024, 300, 3)
    steps = np.abs(np.diff(tile, axis=0)).mean(axis=(1, 2))
    seam = np.abs(tile[0] - tile[-1]).mean()
    assert seam <= 1.5 * steps.max()


@pytest.mark.parametrize("name", sorted(set(SURFACES) - {"void"}))
def test_variants_differ_and_each_is_always_the_same(name: str) -> None:
    tiles = [surface_tile(name, variant, 64) for variant in range(VARIANTS)]
    assert len({tile.tobytes() for tile in tiles}) == VARIANTS
    assert np.array_equal(tiles[5], surface_tile(name, 5, 64))


@pytest.mark.parametrize(
    ("name", "low", "high"), [("white", 228, 246), ("black", 20, 42), ("scanner", 215, 236)]
)
def test_tones(name: str, low: float, high: float) -> None:
    assert low < surface_tile(name, 0, 300).mean() < high
    assert (surface_tile("black", 0, 300) > 5).mean() > 0.99  # the peer's borders are pure black
    assert not surface_tile("void", 0, 300).any()  # as this is, for pages like the peer's
