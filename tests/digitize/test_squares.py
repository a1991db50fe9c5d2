import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.digitize.flat import PX, without_pattern
from fastecg.digitize.paper import find_paper
from fastecg.digitize.rectify import flat_rectifier
from fastecg.digitize.squares import repetition, true_millimetres


def grid(px_per_mm: float, fine: float, shape: tuple[int, int] = (1200, 1700)) -> NDArray[np.float64]:
    """Squares of 5 mm, and small ones as dark as ``fine``, by distance from the nearest line."""
    places = [np.arange(length) + 0.5 for length in shape]
    lines = []
    for at in places:
        far = [np.abs((at + p / 2) % p - p / 2) for p in (px_per_mm, 5 * px_per_mm)]
        lines.append(np.maximum(fine * (far[0] < 0.6), far[1] < 1.2))
    return np.asarray(np.maximum(lines[0][:, None], lines[1][None, :]), np.float64)


@pytest.mark.parametrize("fine", [0.0, 0.2])
@pytest.mark.parametrize("wrong", [1.0, 1.25, 0.8, 2.5, 0.5])
def test_wrong_millimetres_are_set_right(wrong: float, fine: float) -> None:
    found = true_millimetres(flat_rectifier((1200, 1700), 6.0 * wrong), grid(6.0, fine))
    np.testing.assert_allclose(found, (wrong, wrong), rtol=0.01)


def test_what_is_no_grid_says_nothing() -> None:
    noise = np.random.default_rng(0).normal(size=(1200, 1700))
    assert true_millimetres(flat_rectifier((1200, 1700), 6.0), noise) == (1.0, 1.0)


def test_a_profile_comes_again_after_a_square() -> None:
    again = repetition(grid(6.0, 0.0))
    assert int(again[6:].argmax()) + 6 in {30, 60, 90}


def test_a_grid_in_two_levels_has_its_size() -> None:
    image = np.full((1200, 1700, 3), 255, np.uint8)
    image[grid(7.874, 0.0) > 0.5] = 0
    scale = find_paper(image).rectifier.px_per_mm(np.array([[80.0, 60.0]]))
    np.testing.assert_allclose(scale, 7.874, rtol=0.01)


def test_a_black_grid_is_taken_out_where_it_ends_within_a_region() -> None:
    ink = np.pad(grid(PX, 0.0, (100 * PX, 160 * PX)), ((25 * PX, 0), (0, 0))).astype(np.float32)
    ink[82 * PX : 82 * PX + 3, 100:700] = 1.0
    left = without_pattern(ink)
    assert left[82 * PX : 82 * PX + 3, 100:700].mean() > 0.6
    left[82 * PX : 82 * PX + 3] = 0
    assert left.mean() < 0.05 * ink.mean()
