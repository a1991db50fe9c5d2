"""Cuts: areas and places against plain geometry, and the fibre along torn edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.spec import PageSpec, make_spec
from fastecg.stages.cuts import hole_centers
from fastecg.stages.damage import cut_paper, damage_paper
from fastecg_kernels import load_backend

pytestmark = pytest.mark.pages

CPU = load_backend("cpu")


def spec_of(kind: str, values: dict[str, Any], dpi: int = 100, size: str = "A4") -> PageSpec:
    damage = {"enabled": True, kind: {"enabled": True, **values}}
    return make_spec({"damage": damage, "page": {"dpi": dpi, "size": size}, "key": 5})


def cut(spec: PageSpec) -> NDArray[np.uint8]:
    alpha = cut_paper(CPU, spec)
    assert alpha is not None
    assert alpha.shape == spec.page.shape_px
    return alpha


def missing_mm2(spec: PageSpec) -> float:
    return float((255 - cut(spec).astype(float)).sum() / 255 / spec.page.px_per_mm**2)


@pytest.mark.parametrize("dpi", [75, 200, 300])
@pytest.mark.parametrize(("pattern", "holes", "diameter"), [("iso-2", 2, 6.0), ("us-3", 3, 7.94)])
def test_holes_have_their_area(dpi: int, pattern: str, holes: int, diameter: float) -> None:
    spec = spec_of("holes", {"pattern": pattern, "side": "top"}, dpi, "letter")
    assert missing_mm2(spec) == pytest.approx(holes * math.pi * (diameter / 2) ** 2, rel=0.01)


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_holes_are_where_the_standard_puts_them(side: str) -> None:
    """80 mm apart, 12 mm from the edge, about the middle of the side (ISO 838)."""
    spec = spec_of("holes", {"side": side}, 200)
    gone = 255 - cut(spec).astype(float)
    scale, (height, width) = spec.page.px_per_mm, spec.page.shape_px
    ys, xs = (np.mgrid[0:height, 0:width] + 0.5) / scale
    along, across = (ys, xs) if side in ("left", "right") else (xs, ys)
    length, depth = (210.0, 297.0) if side in ("left", "right") else (297.0, 210.0)
    for half, middle in ((along < length / 2, length / 2 - 40), (along > length / 2, length / 2 + 40)):
        weights = gone * half
        assert np.average(along, weights=weights) == pytest.approx(middle, abs=0.05)
        from_side = across if side in ("left", "top") else depth - across
        assert np.average(from_side, weights=weights) == pytest.approx(12, abs=0.05)


def test_holes_can_be_off_and_askew() -> None:
    spec = spec_of("holes", {"offset_mm": 5.0, "tilt_deg": 2.0})
    (x0, y0), (x1, y1) = hole_centers(spec)
    assert (y0 + y1) / 2 == pytest.approx(210 / 2 + 5)
    assert math.dist((x0, y0), (x1, y1)) == pytest.approx(80)
    assert math.degrees(math.atan2(x1 - x0, y1 - y0)) == pytest.approx(2)


def test_holes_off_a_small_page_are_no_trouble() -> None:
    damage = {"enabled": True, "holes": {"enabled": True, "pattern": "iso-4"}}
    page = {"size": "custom", "width_mm": 60.0, "height_mm": 100.0}
    spec = make_spec({"damage": damage, "page": page})
    assert missing_mm2(spec) == pytest.approx(2 * math.pi * 9, rel=0.02)


@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
@pytest.mark.parametrize("angle", [20.0, 45.0, 70.0])
def test_a_cut_corner_is_a_triangle(corner: str, angle: float) -> None:
    spec = spec_of("corner", {"corner": corner, "edge": "cut", "size_mm": 20.0, "angle_deg": angle})
    legs = 20 / math.cos(math.radians(angle)), 20 / math.sin(math.radians(angle))
    assert missing_mm2(spec) == pytest.approx(legs[0] * legs[1] / 2, rel=0.01)
    ys, xs = np.nonzero(cut(spec) == 0)
    height = spec.page.shape_px[0]
    assert (xs.min() == 0) == ("left" in corner)
    assert (ys.max() == height - 1) == ("bottom" in corner)
    assert (xs.max() - xs.min()) / spec.page.px_per_mm == pytest.approx(legs[0], rel=0.05)


def test_a_torn_corner_is_about_the_triangle_with_a_rough_edge() -> None:
    torn = spec_of("corner", {"size_mm": 20.0, "angle_deg": 45.0}, 200)
    straight = spec_of("corner", {"size_mm": 20.0, "angle_deg": 45.0, "edge": "cut"}, 200)
    assert missing_mm2(torn) == pytest.approx(400, rel=0.35)
    edge = [np.abs(np.diff(cut(spec).astype(int), axis=1)).sum() / 255 for spec in (torn, straight)]
    assert edge[0] > 0.8 * edge[1]
    assert not np.array_equal(cut(torn), cut(straight))


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_torn_side_lacks_its_depth(side: str) -> None:
    spec = spec_of("tear", {"side": side, "depth_mm": 8.0})
    length = 210 if side in ("left", "right") else 297
    assert missing_mm2(spec) == pytest.approx(8 * length, rel=0.2)
    gone = cut(spec) == 0
    turns = {"left": 0, "top": 1, "right": 2, "bottom": 3}
    gone = np.rot90(gone, turns[side])
    assert gone[:, 0].mean() > 0.99
    assert not gone[:, gone.shape[1] // 2 :].any()


def test_a_tear_may_end_along_the_side() -> None:
    spec = spec_of("tear", {"side": "right", "start": 0.4, "end": 0.8, "depth_mm": 6.0})
    gone = np.asarray((cut(spec) < 128).any(axis=1))
    height = len(gone)
    assert gone[int(0.45 * height) : int(0.75 * height)].all()
    assert not gone[: int(0.38 * height)].any()
    assert not gone[int(0.82 * height) :].any()


def test_edges_are_smooth_by_a_pixel_only() -> None:
    """Anti-aliased: partly covered pixels, but no more than a line or two of them."""
    alpha = cut(spec_of("corner", {"edge": "cut", "angle_deg": 30.0}, 200))
    partly = (alpha > 0) & (alpha < 255)
    assert 1 <= partly.sum(axis=1).max() <= 4
    assert len(np.unique(alpha)) > 50


@pytest.mark.parametrize("kind", ["corner", "tear"])
def test_fibre_is_bared_along_torn_edges_only(kind: str) -> None:
    from scipy import ndimage

    spec = spec_of(kind, {"fibre_mm": 1.0}, 200)
    page = np.full((*spec.page.shape_px, 3), 90, np.uint8)
    damage_paper(CPU, page, spec)
    away = ndimage.distance_transform_edt(cut(spec) > 127) / spec.page.px_per_mm
    bare = page[:, :, 0] > 180
    assert 0.5 < bare[(away > 0.05) & (away < 0.4)].mean() <= 1
    assert not (page != 90)[away > 5].any()
    assert 0.3 < bare[away > 0].sum() / np.sum((away > 0) & (away < 1)) < 1.7


@pytest.mark.parametrize(("kind", "values"), [("corner", {"edge": "cut"}), ("tear", {"fibre_mm": 0.0})])
def test_without_fibre_the_page_is_not_painted(kind: str, values: dict[str, Any]) -> None:
    spec = spec_of(kind, values)
    page = np.full((*spec.page.shape_px, 3), 90, np.uint8)
    damage_paper(CPU, page, spec)
    assert (page == 90).all()
