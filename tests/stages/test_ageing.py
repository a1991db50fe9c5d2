"""Ageing: yellow edges, faded ink and streaks, and the back of the page that shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.spec import PageSpec, make_spec
from fastecg.stages.damage import damage_ink, damage_paper
from fastecg_kernels import load_backend

pytestmark = pytest.mark.pages

CPU = load_backend("cpu")


def spec_of(kind: str, values: dict[str, Any], key: int = 3, dpi: int = 100) -> PageSpec:
    part = {"enabled": True, **values}
    return make_spec({"damage": {"enabled": True, kind: part}, "page": {"dpi": dpi}, "key": key})


def aged(values: dict[str, Any]) -> NDArray[np.uint8]:
    spec = spec_of("yellowing", values)
    page = np.full((*spec.page.shape_px, 3), 255, np.uint8)
    damage_paper(CPU, page, spec)
    return page


def test_even_yellowing_is_the_colour_at_density_one() -> None:
    page = aged({"amount": 1.0, "edge": 0.0, "unevenness": 0.0, "color": (230, 210, 160)})
    assert np.abs(page.astype(int) - [230, 210, 160]).max() <= 1


def test_edges_are_warmer_and_corners_warmest() -> None:
    page = aged({"amount": 0.1, "edge": 0.6, "reach_mm": 15.0, "unevenness": 0.0}).astype(float)
    blue = page[:, :, 2]
    height, width = blue.shape
    assert blue[:5, :5].mean() < blue[:5, width // 2].mean() < blue[height // 2, width // 2]
    density = np.log(blue[height // 2, : width // 2] / 255) / np.log(172 / 255)
    at = (np.arange(width // 2) + 0.5) / 100 * 25.4
    # In the middle of the height the level edges are far; the outermost millimetre is of one cell.
    assert np.abs(density - (0.1 + 0.6 * np.exp(-at / 15)))[at > 1].max() < 0.02
    assert (page[:, :, 0] >= page[:, :, 1]).all()
    assert (page[:, :, 1] >= page[:, :, 2]).all()


def faded(values: dict[str, Any], dpi: int = 100) -> NDArray[np.uint8]:
    spec = spec_of("fading", values, dpi=dpi)
    ink = np.full(spec.page.shape_px, 250, np.uint8)
    damage_ink(CPU, ink, spec)
    return ink


def test_even_fading_takes_its_share() -> None:
    assert np.unique(faded({"overall": 0.3, "unevenness": 0.0})).tolist() == [175]


def test_uneven_fading_has_its_range_and_size() -> None:
    ink = faded({"overall": 0.0, "unevenness": 0.5, "feature_mm": 40.0}) / 250
    assert ink.min() == pytest.approx(0.5, abs=0.02)
    assert ink.max() == pytest.approx(1.0, abs=0.02)
    assert np.abs(np.diff(ink, axis=1)).max() < 0.02  # nothing sharp in it
    assert np.corrcoef(ink[:, :-40].ravel(), ink[:, 40:].ravel())[0, 1] > 0.8


def test_streaks_are_level_and_narrow() -> None:
    """Along a row hardly anything changes, from row to row much; a dead dot is one or two rows at 200 dpi."""
    part = {"overall": 0.0, "unevenness": 0.0, "streaks": 15, "streak_mm": 1.5, "streak_strength": 1.0}
    ink = faded(part, dpi=200) / 250
    rows = ink.mean(axis=1)
    assert np.std(rows) > 3 * np.mean(np.std(ink - rows[:, None], axis=1))
    assert (rows > 0.97).mean() > 0.7
    lacking = rows < 0.9
    lengths = np.diff(np.flatnonzero(np.diff(np.concatenate([[False], lacking, [False]]))))[::2]
    assert 3 <= len(lengths) <= 15
    assert lengths.max() / 200 * 25.4 < 2.5
    assert lengths.min() <= 3


def marked_back(shape: tuple[int, int]) -> NDArray[np.uint8]:
    back = np.zeros(shape, np.uint8)
    back[200:204, 100:300] = 255
    return back


def test_the_back_shows_mirrored_pale_and_blurred() -> None:
    spec = spec_of("bleed", {"strength": 0.5, "blur_mm": 0.5, "color": (190, 190, 190)})
    page = np.full((*spec.page.shape_px, 3), 255, np.uint8)
    damage_paper(CPU, page, spec, marked_back(spec.page.shape_px))
    dark = (255 - page[:, :, 0]).astype(float)
    xs = np.nonzero(dark > 3)[1]
    width = page.shape[1]
    assert abs(xs.min() - (width - 300)) < 8
    assert abs(xs.max() - (width - 101)) < 8
    assert np.average(np.arange(len(dark)), weights=dark.sum(axis=1)) == pytest.approx(201.5, abs=0.5)
    profile = dark[:, width - 200]
    assert np.count_nonzero(profile > 1) > 6  # of 4 rows
    assert 10 < dark.max() < 65


def test_an_invented_back_has_traces() -> None:
    spec = spec_of("bleed", {"rows": 3})
    page = np.full((*spec.page.shape_px, 3), 255, np.uint8)
    damage_paper(CPU, page, spec)
    marked = (page < 250).any(axis=2)
    assert 0.005 < marked.mean() < 0.15
    assert page.min() > 120
    columns = np.asarray(marked.any(axis=0))
    assert columns[150:-150].mean() > 0.95
