"""Mould: its colours, its spots and halos, and where it grows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.spec import make_spec
from fastecg.stages.damage import damage_paper
from fastecg_kernels import load_backend

CPU = load_backend("cpu")

pytestmark = pytest.mark.pages


def mouldy(values: dict[str, Any], key: int = 3, dpi: int = 100) -> NDArray[np.uint8]:
    damage = {"enabled": True, "mould": {"enabled": True, **values}}
    spec = make_spec({"damage": damage, "page": {"dpi": dpi}, "key": key})
    page = np.full((*spec.page.shape_px, 3), 255, np.uint8)
    damage_paper(CPU, page, spec)
    return page


@pytest.mark.parametrize(
    ("species", "order"),
    [("green", (1, 0, 2)), ("brown", (0, 1, 2)), ("black", (0, 1, 2)), ("grey", (1, 0, 2)), ("bw", None)],
)
def test_a_species_has_its_colour(species: str, order: tuple[int, ...] | None) -> None:
    """From the strongest channel to the weakest; without colour, all alike."""
    page = mouldy({"species": species, "halo": 0.0})
    mean = page[(page < 200).any(axis=2)].astype(float).mean(axis=0)
    if order is None:
        assert np.ptp(mean) == 0
    else:
        assert tuple(np.argsort(-mean)) == order
        assert np.ptp(mean) < 90  # nothing in nature is neon


def test_black_is_the_darkest_and_spots_are_darker_than_halos() -> None:
    spots = {name: mouldy({"species": name, "halo": 0.0}).min() for name in ("black", "grey", "brown")}
    assert spots["black"] < min(spots["grey"], spots["brown"])
    assert mouldy({"strength": 0.0, "halo": 1.0}).min() > 150


def test_halos_reach_beyond_the_spots() -> None:
    spots, halos = mouldy({"halo": 0.0}) < 250, mouldy({"strength": 0.0}) < 250
    assert halos.mean() > 2 * spots.mean()
    assert (halos & spots).sum() > 0.6 * spots.sum()


def test_most_spots_are_far_smaller_than_the_largest() -> None:
    from scipy import ndimage

    page = mouldy({"clusters": 6, "spots": 100, "size_mm": 3.0, "halo": 0.0}, dpi=200)
    labels, count = ndimage.label(page[:, :, 1] < 225)
    areas = ndimage.sum(labels > 0, labels, range(1, count + 1)) / 200**2 * 25.4**2
    assert count > 150
    assert np.median(areas) < 0.1 * areas.max()
    assert areas.max() > 5


def test_no_spot_is_a_perfect_circle() -> None:
    """Of the larger ones, the outline strays from a circle of their area."""
    from scipy import ndimage

    page = mouldy({"clusters": 8, "spots": 25, "cluster_mm": 60.0, "size_mm": 3.0, "halo": 0.0}, dpi=200)
    labels = ndimage.label(page[:, :, 1] < 200)[0]
    strays = []
    for box in ndimage.find_objects(labels):
        spot = labels[box] == labels[box].max()
        if 300 < spot.sum() < 4000:
            inside = ndimage.distance_transform_edt(np.pad(spot, 1)).max()
            strays.append(np.sqrt(spot.sum() / np.pi) / inside)
    assert len(strays) > 5
    assert np.mean(strays) > 1.05


def test_colonies_lie_about_their_place() -> None:
    page = mouldy({"x": 0.8, "y": 0.2, "spread": 0.0, "cluster_mm": 10.0, "clusters": 3})
    height, width = page.shape[:2]
    ys, xs = np.nonzero((page < 235).any(axis=2))
    assert np.mean(xs) / width == pytest.approx(0.8, abs=0.06)
    assert np.mean(ys) / height == pytest.approx(0.2, abs=0.08)


@pytest.mark.parametrize(("values", "none"), [({"clusters": 0}, True), ({"spots": 0}, True), ({}, False)])
def test_without_clusters_or_spots_nothing_grows(values: dict[str, Any], none: bool) -> None:
    assert (mouldy(values) == 255).all() == none
