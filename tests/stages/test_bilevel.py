"""Grey, black and white, and fax: compared with NumPy's own arithmetic, and counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from fastecg.stages.bilevel import Bilevel, Fax, fax_image, reduce_levels
from fastecg_kernels import load_backend

CPU = load_backend("cpu")


def luma(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the grey of colours, ITU-R BT.601."""
    return np.asarray(image @ np.array([0.299, 0.587, 0.114]))


@pytest.fixture
def colors() -> NDArray[np.uint8]:
    return np.random.default_rng(4).integers(0, 256, (60, 90, 3), np.uint8)


def test_colors_stay_unless_asked(colors: NDArray[np.uint8]) -> None:
    assert reduce_levels(colors, Bilevel(), 8.0) is colors


def test_grey_is_the_luma_in_all_channels(colors: NDArray[np.uint8]) -> None:
    grey = reduce_levels(colors, Bilevel(mode="gray"), 8.0)
    assert (grey == grey[:, :, :1]).all()
    assert np.abs(grey[:, :, 0] - luma(colors)).max() <= 0.51


def test_a_global_threshold_makes_black_what_is_darker() -> None:
    levels = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for level in (0, 1, 150, 255):
        black = reduce_levels(levels, Bilevel(mode="global", level=level), 8.0)[0, :, 0]
        assert black.tolist() == [0 if value < level else 255 for value in range(256)]


def test_an_adaptive_threshold_compares_with_the_neighbourhood(colors: NDArray[np.uint8]) -> None:
    smooth = ndimage.gaussian_filter(colors, (3, 3, 0))
    ours = reduce_levels(smooth, Bilevel(mode="adaptive", window_mm=2.0, margin=5), 8.0)[:, :, 0]
    grey = reduce_levels(smooth, Bilevel(mode="gray"), 8.0)[:, :, 0].astype(np.float64)
    mean = ndimage.uniform_filter(grey, 17, mode="nearest")
    sure = np.abs(grey - (mean - 5)) > 1
    assert np.array_equal((ours == 0)[sure], (grey <= mean - 5)[sure])
    assert 0.05 < (ours == 0).mean() < 0.6


def test_uneven_light_blackens_a_global_threshold_only() -> None:
    """Half of the page is in shadow; strokes must stay, and paper stay white."""
    image = np.full((80, 160, 3), 230, np.uint8)
    image[:, 80:] = 120
    image[:, ::20] //= 3
    ours = reduce_levels(image, Bilevel(mode="adaptive", window_mm=3), 8.0)[:, :, 0]
    assert (ours[:, 100] == 0).all()
    assert (ours[:, 110] == 255).all()
    assert (reduce_levels(image, Bilevel(mode="global"), 8.0)[:, 110] == 0).all()


def faxed(
    image: NDArray[np.uint8], name: str = "a", px_per_mm: float = 8.0, **values: Any
) -> NDArray[np.uint8]:
    quiet: dict[str, Any] = {"resolution": "standard", "dither": 0.0, "ragged": 0.0, "lost_lines": 0.0}
    return fax_image(image, Fax(**(quiet | values)), px_per_mm, name, CPU)


def test_no_fax_returns_the_image_itself() -> None:
    image = np.zeros((3, 4, 3), np.uint8)
    assert fax_image(image, Fax(), 8.0, "a", CPU) is image


@pytest.mark.parametrize(("resolution", "lines_mm"), [("standard", 3.85), ("fine", 7.7)])
@pytest.mark.parametrize("shape", [(800, 500), (500, 800)])
def test_a_fax_has_its_lines_along_the_longer_side(
    resolution: str, lines_mm: float, shape: tuple[int, int]
) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (*shape, 3), np.uint8)
    ours = faxed(noise, px_per_mm=20.0, resolution=resolution, level=127)[:, :, 0].astype(int)
    long = ours if shape[0] > shape[1] else ours.T
    lines = 1 + np.count_nonzero(np.abs(np.diff(long, axis=0)).any(axis=1))
    assert lines == pytest.approx(800 / 20 * lines_mm, abs=2)
    points = 1 + np.count_nonzero(np.abs(np.diff(long, axis=1)).any(axis=0))
    assert points == pytest.approx(500 / 20 * 8.04, abs=4)
    assert set(np.unique(ours)) == {0, 255}


def test_dither_shows_greys_by_the_share_of_dots() -> None:
    for level, share in ((160, 0.5), (190, 0.03), (130, 0.97)):
        grey = np.full((120, 90, 3), level, np.uint8)
        assert (faxed(grey, dither=0.25) == 0).mean() == pytest.approx(share, abs=0.06)
        assert (faxed(grey)[0, 0, 0] == 0) == (level < 160)


@pytest.mark.pages
def test_edges_are_ragged_by_chance() -> None:
    ramp = np.repeat(np.linspace(100, 220, 400).astype(np.uint8)[None, :], 600, axis=0)
    image = np.ascontiguousarray(np.repeat(ramp[:, :, None], 3, axis=2))
    clean, ragged = faxed(image), faxed(image, ragged=12)
    assert (clean == clean[:1]).all()
    mixed = ((ragged[:, :, 0] == 0).any(axis=0) & (ragged[:, :, 0] == 255).any(axis=0)).sum()
    assert 12 * 2 < mixed / 400 * 120 < 12 * 7


@pytest.mark.pages
def test_lines_are_lost_by_their_share() -> None:
    black = np.zeros((2000, 300, 3), np.uint8)
    ours = faxed(black, lost_lines=0.1, resolution="fine")[:, -1, 0]
    assert 0.02 < (ours == 255).mean() < 0.09  # the other half of them repeats the line before
    assert np.array_equal(faxed(black, lost_lines=0.1), faxed(black, lost_lines=0.1))
    assert not np.array_equal(faxed(black, lost_lines=0.1), faxed(black, "b", lost_lines=0.1))
