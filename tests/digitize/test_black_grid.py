import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.flat import PX, without_pattern
from fastecg.digitize.paper import find_paper


def grid(px_per_mm: float, fine: float, shape: tuple[int, int] = (1200, 1700)) -> NDArray[np.float64]:
    """Squares of 5 mm, and small ones as dark as ``fine``, by distance from the nearest line."""
    places = [np.arange(length) + 0.5 for length in shape]
    lines = []
    for at in places:
        far = [np.abs((at + p / 2) % p - p / 2) for p in (px_per_mm, 5 * px_per_mm)]
        lines.append(np.maximum(fine * (far[0] < 0.6), far[1] < 1.2))
    return np.asarray(np.maximum(lines[0][:, None], lines[1][None, :]), np.float64)


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
