"""Scanner: its white, how many streaks and how much dust, and that they stay where they are at any dpi."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.stages.scanner import Scanner, scan, white_factors
from fastecg_kernels import load_backend

CPU = load_backend("cpu")


def scanned(
    shape: tuple[int, int] = (400, 600), px_per_mm: float = 4.0, name: str = "a", **values: Any
) -> NDArray[np.uint8]:
    image = np.full((*shape, 3), 200, np.uint8)
    scan(image, Scanner(**values), px_per_mm, name, CPU)
    return image


def test_white_becomes_the_scanner_s_white() -> None:
    assert white_factors(Scanner()).tolist() == [1, 1, 1]
    assert (255 * white_factors(Scanner(white=(250, 240, 230)))).round().tolist() == [250, 240, 230]


@pytest.mark.parametrize("axis", ["vertical", "horizontal"])
def test_streaks_go_right_through(axis: str) -> None:
    image = scanned(streaks=5, streak_depth=0.5, streak_axis=axis)
    across = image if axis == "vertical" else image.transpose(1, 0, 2)
    assert (across == across[:1]).all()
    changed = (across[0, :, 0] != 200).astype(int)
    groups = int((np.diff(changed, prepend=0) == 1).sum())
    assert 3 <= groups <= 5  # some may lie beside one another, or be too faint to see
    assert changed.mean() < 0.05


def test_streaks_are_no_deeper_than_they_may_be() -> None:
    image = scanned(streaks=40, streak_depth=0.1)
    assert image.min() >= 200 * 0.9**2 - 1  # two may cross
    assert image.max() > 200  # some are bright
    assert np.mean(image < 200) > np.mean(image > 200)


@pytest.mark.pages
def test_dust_grows_with_its_density() -> None:
    """6 dm²; grains of 0.05 to 0.18 mm half width cover about 0.03 mm² each, hairs some more."""
    shares = [
        (scanned((850, 1100), 4.0, dust_dm2=density) < 200).any(axis=2).mean() for density in (0, 5, 40)
    ]
    assert shares[0] == 0
    assert 4 < shares[2] / shares[1] < 16
    assert 2e-5 < shares[1] < 2e-3


@pytest.mark.pages
def test_streaks_and_dust_are_where_they_are_at_any_resolution() -> None:
    values: dict[str, Any] = {"streaks": 4, "streak_depth": 0.6, "dust_dm2": 30.0}
    coarse = scanned((400, 600), 8.0, **values).astype(np.float64)
    fine = scanned((800, 1200), 16.0, **values).reshape(400, 2, 600, 2, 3).mean(axis=(1, 3))
    assert np.corrcoef(coarse.ravel(), fine.ravel())[0, 1] > 0.97


def test_another_page_has_other_dust() -> None:
    assert np.array_equal(scanned(dust_dm2=50), scanned(dust_dm2=50))
    assert not np.array_equal(scanned(dust_dm2=50), scanned(dust_dm2=50, name="b"))


def test_a_clean_scanner_leaves_the_image() -> None:
    assert (scanned() == 200).all()
    assert (scanned(streaks=5, streak_depth=0) == 200).all()
