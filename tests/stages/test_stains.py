"""Stains and soaking: where they are, what is dark in them, and what they do to ink."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.layers import Relief
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.damage import damage_ink, damage_paper, damage_relief
from fastecg_kernels import load_backend

pytestmark = pytest.mark.pages

CPU = load_backend("cpu")


def spec_of(kind: str, values: dict[str, Any], key: int = 3, dpi: int = 100) -> PageSpec:
    part = {"enabled": True, **values}
    return make_spec({"damage": {"enabled": True, kind: part}, "page": {"dpi": dpi}, "key": key})


def darkness(spec: PageSpec) -> NDArray[np.float64]:
    """Return the optical density of the green channel."""
    page = np.full((*spec.page.shape_px, 3), 255, np.uint8)
    damage_paper(CPU, page, spec)
    return -np.log(page[:, :, 1] / 255)


def places(spec: PageSpec) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return y and x of the pixels' centres, mm."""
    height, width = spec.page.shape_px
    ys, xs = (np.mgrid[0:height, 0:width] + 0.5) / spec.page.px_per_mm
    return ys, xs


def ring(key: int, **values: Any) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return darkness, radius and angle about a ring in the middle of the page."""
    part = {"rings": 1, "drops": 0, "x": 0.5, "y": 0.5, "spread": 0.0, **values}
    spec = spec_of("coffee", part, key)
    ys, xs = places(spec)
    y, x = ys - spec.page.height_mm / 2, xs - spec.page.width_mm / 2
    return darkness(spec), np.hypot(x, y), np.arctan2(y, x)


def test_a_ring_has_its_radius_and_width() -> None:
    dark, radius, _ = ring(1, radius_mm=30.0, width_mm=4.0, gap=0.0)
    assert not dark[(radius < 25) | (radius > 35)].any()
    assert np.average(radius, weights=dark) == pytest.approx(30, abs=0.7)
    widths = [(dark[np.abs(radius - 30) < 5] > 0.05).sum() / 100 * 25.4**2 / 100 / (2 * np.pi * 30)]
    assert 2.0 < widths[0] < 4.5


def test_a_ring_is_darkest_at_its_rims() -> None:
    """Mean over rings: the outer rim most, then the inner one, both more than what lies between."""
    profile = np.zeros(40)
    for key in range(12):
        dark, radius, angle = ring(key, radius_mm=30.0, width_mm=6.0, gap=0.0)
        for sector in np.linspace(-np.pi, np.pi, 24, endpoint=False):
            part = (angle >= sector) & (angle < sector + np.pi / 12) & (np.abs(radius - 30) < 6)
            wet = part & (dark > 0.02)
            if wet.sum() < 20:
                continue
            inner, outer = np.percentile(radius[wet], [2, 98])
            bins = ((radius[wet] - inner) / (outer - inner) * 40).astype(int)
            inside = (bins >= 0) & (bins < 40)
            total = np.bincount(bins[inside], dark[wet][inside], 40)
            profile += total / np.maximum(np.bincount(bins[inside], minlength=40), 1)
    middle, outer_rim, inner_rim = profile[15:25].mean(), profile[33:39].max(), profile[1:7].max()
    assert outer_rim > inner_rim > 1.1 * middle


@pytest.mark.parametrize("gap", [0.1, 0.5, 0.8])
def test_the_gap_is_the_share_that_stayed_dry(gap: float) -> None:
    """Over 24 rings of 40 directions each, neighbouring ones being alike."""
    dry = []
    for key in range(24):
        dark, _, angle = ring(key, gap=gap)
        sector = ((angle + np.pi) / (2 * np.pi) * 40).astype(int).clip(0, 39)
        dry += [dark[sector == k].max() < 0.03 for k in range(40)]
    assert np.mean(dry) == pytest.approx(gap, abs=0.15)


def test_rings_are_no_perfect_circles() -> None:
    dark, radius, angle = ring(2, radius_mm=30.0, gap=0.0)
    edge = [radius[(dark > 0.05) & (np.abs(angle - a) < 0.05)].max() for a in np.linspace(-3, 3, 60)]
    assert 0.15 < np.std(edge) < 1.5


def test_the_first_ring_is_where_the_spec_says_and_others_are_spread() -> None:
    part = {"rings": 3, "drops": 0, "x": 0.25, "y": 0.5, "radius_mm": 12.0, "gap": 0.0}
    close = darkness(spec_of("coffee", {**part, "spread": 0.0}))
    spec = spec_of("coffee", {**part, "spread": 1.0})
    ys, xs = places(spec)
    from_place = np.hypot(xs - 0.25 * spec.page.width_mm, ys - 0.5 * spec.page.height_mm)
    assert not close[from_place > 20].any()
    assert darkness(spec)[from_place > 60].any()


def test_drops_are_spots_with_a_dark_rim() -> None:
    """Drops that lie alone (as large as the largest circle in them) and are large enough to have a middle."""
    from scipy import ndimage

    rims = []
    for key in range(6):
        spec = spec_of("coffee", {"rings": 0, "drops": 12, "radius_mm": 60.0}, key=key, dpi=200)
        dark = darkness(spec)
        labels, count = ndimage.label(dark > 0.03)
        assert 4 <= count <= 12
        depth = ndimage.distance_transform_edt(dark > 0.03) / spec.page.px_per_mm
        for drop in range(1, count + 1):
            of_drop = labels == drop
            largest = depth[of_drop].max()
            alone = of_drop.sum() / spec.page.px_per_mm**2 < 1.3 * np.pi * largest**2
            if alone and largest > 1.3:
                rim = dark[of_drop & (depth > 0.25) & (depth < 0.4)]
                rims.append(rim.mean() / dark[of_drop & (depth > 1.1)].mean())
    assert len(rims) > 5
    assert min(rims) > 1.15
    assert np.mean(rims) > 1.4


def test_water_leaves_a_line_at_its_edge_and_little_within() -> None:
    from scipy import ndimage

    spec = spec_of("water", {"spots": 1, "tides": 1, "spread": 0.0, "x": 0.5, "y": 0.5})
    dark = darkness(spec)
    depth = ndimage.distance_transform_edt(dark > 0.01) / spec.page.px_per_mm
    line, within = dark[(depth > 0.3) & (depth < 0.8)].mean(), dark[depth > 6].mean()
    assert 0 < within < 0.4 * line


def test_more_tides_are_more_lines() -> None:
    one, four = (darkness(spec_of("water", {"spots": 1, "tides": tides})) for tides in (1, 4))
    assert (four - one).min() > -0.02
    assert np.mean(four > one + 0.02) > 0.003


def test_stains_cost_and_touch_only_where_they_are() -> None:
    """A stain off the page leaves it, one on its edge is cut."""
    spec = spec_of("coffee", {"x": 0.0, "y": 0.0, "spread": 0.0, "drops": 0, "gap": 0.0, "radius_mm": 30.0})
    dark = darkness(spec)
    assert dark[:130, :130].any()
    assert not dark[150:].any()
    assert not dark[:, 150:].any()


@pytest.mark.parametrize(
    ("side", "rows", "columns"),
    [
        ("left", slice(None), slice(0, 120)),
        ("right", slice(None), slice(-120, None)),
        ("top", slice(0, 120), slice(None)),
        ("bottom", slice(-120, None), slice(None)),
        ("top-left", slice(0, 90), slice(0, 90)),
        ("bottom-right", slice(-90, None), slice(-90, None)),
    ],
)
def test_water_comes_in_from_a_side(side: str, rows: slice, columns: slice) -> None:
    spec = spec_of("soaking", {"side": side, "reach_mm": 45.0})
    dark = darkness(spec)
    wet = dark > 0.02
    assert wet[rows, columns].mean() > 0.9
    assert wet.mean() < 0.35


def test_soaked_ink_pales_and_runs() -> None:
    """Upright lines on a page that was wet on the left: paler and wider there, as they were on the right."""
    spec = spec_of("soaking", {"side": "left", "reach_mm": 100.0, "fade": 0.5, "spread_mm": 0.6}, dpi=200)
    ink = np.zeros(spec.page.shape_px, np.uint8)
    ink[:, ::200] = ink[:, 1::200] = 250
    before = ink.copy()
    damage_ink(CPU, ink, spec)
    wet = int(50 * spec.page.px_per_mm)
    assert np.array_equal(ink[:, -300:], before[:, -300:])
    lines = ink[:, :wet:200]
    assert 0.35 < lines.mean() / 250 < 0.7
    beside = ink[:, 5:wet:200]
    assert 5 < beside.mean() < 80
    assert ink[:, 60:wet:200].max() == 0


def test_dried_waves_are_light_and_dark_and_only_where_it_was_wet() -> None:
    spec = spec_of("soaking", {"side": "left", "reach_mm": 100.0, "cockle": 0.1})
    relief = Relief.flat(*spec.page.shape_px)
    damage_relief(CPU, relief, spec)
    wet = relief.shade[:, : int(60 * spec.page.px_per_mm)].astype(float)
    assert wet.mean() == pytest.approx(128, abs=3)
    assert 0.05 < wet.std() / 128 < 0.15
    assert (relief.shade[:, -300:] == 128).all()
