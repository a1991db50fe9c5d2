"""The grid found: scale, place and direction, against the warp that made the picture."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.digitize.paper import find_paper, skew_deg
from fastecg.digitize.rectify import Rectifier, flat_rectifier, turned

Floats = NDArray[np.floating[Any]]


def grid_page(
    shape: tuple[int, int], scale: float, *, dots: bool = False, big: float = 0.45
) -> NDArray[np.uint8]:
    """A page with millimetre lines, and every fifth one darker, by formula."""
    height, width = shape
    x, y = (np.arange(n) + 0.5 for n in (width, height))

    def lines(at: Floats, period: float, wide: float) -> Floats:
        off = np.abs((at / scale + period / 2) % period - period / 2) * scale
        return np.asarray(np.clip(wide / 2 + 0.5 - off, 0, 1))

    def cover(period: float, wide: float) -> Floats:
        across, down = lines(x, period, wide), lines(y, period, wide)
        return np.minimum(across[None], down[:, None]) if dots else np.maximum(across[None], down[:, None])

    dark = np.maximum(0.25 * cover(1.0, 1.2), big * cover(5.0, 1.6))
    return np.asarray(250 * (1 - dark[:, :, None] * np.array([0.1, 1.0, 1.0])), np.uint8)


def off_mm(rectifier: Rectifier, image_points: Floats, paper_points: Floats) -> float:
    """95 % of points lie no further off than this, in mm, whatever line the paper's corner is on."""
    off = rectifier.to_paper(image_points) - paper_points
    off -= np.median(off, axis=0)
    return float(np.percentile(np.hypot(*off.T), 95))


@pytest.mark.parametrize("scale", [5.3, 7.87, 11.3])
def test_scale_and_place(scale: float) -> None:
    page = grid_page((600, 800), scale)
    found = find_paper(page)
    assert found.grid is not None
    points = np.stack(np.meshgrid(np.arange(30.0, 770, 40), np.arange(30.0, 570, 40)), -1).reshape(-1, 2)
    assert found.rectifier.px_per_mm(found.rectifier.to_paper(points)) == pytest.approx(
        (scale, scale), rel=2e-3
    )
    assert off_mm(found.rectifier, points, points / scale) < 0.05


def test_dots_and_different_scales_of_both_axes() -> None:
    page = cv2.resize(grid_page((900, 900), 8.0, dots=True), (900, 1080), interpolation=cv2.INTER_AREA)
    found = find_paper(np.asarray(page, np.uint8))
    points = np.array([[100.0, 100], [800, 900], [450, 500]])
    assert found.rectifier.px_per_mm(found.rectifier.to_paper(points)) == pytest.approx((8.0, 9.6), rel=3e-3)


def test_perspective_and_curl() -> None:
    scale, shape = 8.0, (1000, 1300)
    page = grid_page(shape, scale)
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [1300, 0], [1300, 1000], [0, 1000]], np.float32),
        np.array([[40, 60], [1240, 20], [1290, 960], [10, 990]], np.float32),
    )
    inverse = np.linalg.inv(matrix)

    def to_page(points: Floats) -> Floats:
        homogeneous = np.column_stack([points, np.ones(len(points))]) @ inverse.T
        flat: Floats = homogeneous[:, :2] / homogeneous[:, 2:]
        flat[:, 1] += 9 * np.sin(flat[:, 0] / 220)
        return flat

    seen = np.stack(np.meshgrid(np.arange(1300) + 0.5, np.arange(1000) + 0.5), -1).reshape(-1, 2)
    maps = (to_page(seen) - 0.5).reshape(1000, 1300, 2).astype(np.float32)
    image = cv2.remap(page, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR, borderValue=(90, 80, 70))
    found = find_paper(np.asarray(image, np.uint8))
    points = np.stack(np.meshgrid(np.arange(120.0, 1180, 60), np.arange(120.0, 900, 60)), -1).reshape(-1, 2)
    assert off_mm(found.rectifier, points, to_page(points) / scale) < 0.15


def test_without_a_grid_the_file_or_the_page_tells() -> None:
    page = np.full((850, 1100, 3), 250, np.uint8)
    page[400:403, 100:1000] = 10
    by_file = find_paper(page, dpi=100.0)
    assert by_file.grid is None
    assert by_file.rectifier.extent_mm[2] == pytest.approx(279.4)
    by_shape = find_paper(page)
    assert by_shape.rectifier.extent_mm[2] == pytest.approx(279.4)
    assert by_shape.sureness < by_file.sureness


def test_skew() -> None:
    ink = np.zeros((600, 800), np.float32)
    for y in range(100, 600, 100):
        cv2.line(ink, (40, y), (760, y + round(720 * np.tan(np.deg2rad(2)))), 1.0, 3)
    assert skew_deg(ink) == pytest.approx(2.0, abs=0.15)


def test_resampling_a_strip() -> None:
    rng = np.random.default_rng(1)
    image = cv2.GaussianBlur(rng.uniform(0, 255, (200, 300, 3)).astype(np.float32), (0, 0), 3).astype(
        np.uint8
    )
    rectifier = flat_rectifier((200, 300), 5.0)
    strip = rectifier.resample(image, (10.0, 5.0, 50.0, 35.0), (5.0, 5.0))
    assert np.abs(strip.astype(int) - image[25:175, 50:250]).max() <= 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_turning(quarters: int) -> None:
    flat = flat_rectifier((100, 200), 5.0)
    image = np.arange(100 * 200, dtype=np.uint8).reshape(100, 200)
    image = np.dstack([image] * 3)
    by_map = turned(flat, quarters)
    x0, y0, x1, y1 = by_map.extent_mm
    strip = by_map.resample(image, (x0, y0, x1, y1), (5.0, 5.0))
    assert np.array_equal(strip, np.rot90(image, quarters)) or np.array_equal(
        strip, np.rot90(image, -quarters)
    )


def test_creases_are_followed_under_ink() -> None:
    scale, shape = 8.0, (900, 1200)
    page = grid_page(shape, scale)
    for y in (200, 450, 700):
        x = np.arange(20.0, 1180)
        beats = y - 90 * np.exp(-0.5 * (((x % 160) - 80) / 5) ** 2)
        cv2.polylines(page, [np.round(np.column_stack([x, beats])).astype(np.int32)], False, (20, 20, 20), 3)

    def to_page(points: Floats) -> Floats:
        along = points @ np.array([0.8, 0.6]) / scale
        bumps = 0.3 * np.exp(-0.5 * (((along % 30) - 15) / 3) ** 2)
        flat: Floats = points + scale * bumps[:, None] * np.array([0.8, 0.6])
        return flat

    seen = np.stack(np.meshgrid(np.arange(1200) + 0.5, np.arange(900) + 0.5), -1).reshape(-1, 2)
    maps = (to_page(seen) - 0.5).reshape(900, 1200, 2).astype(np.float32)
    found = find_paper(np.asarray(cv2.remap(page, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR), np.uint8))
    points = np.stack(np.meshgrid(np.arange(80.0, 1120, 9), np.arange(80.0, 820, 9)), -1).reshape(-1, 2)
    assert off_mm(found.rectifier, points, to_page(points) / scale) < 0.1


@pytest.mark.parametrize(
    ("lines", "dpi"),
    [("both", 104), ("both", 200), ("squares", 72), ("squares", 104), ("millimetres", 150), ("black", 150)],
)
def test_lines_on_whole_pixels_tell_their_millimetres(lines: str, dpi: int) -> None:
    """Plotting programs put lines on whole pixels, all of one width, some of them only every 5 mm."""
    scale = dpi / 25.4
    page = np.full((round(200 * scale), round(280 * scale), 3), 255, np.uint8)
    black = lines == "black"
    shades = {1: (190, 190, 190), 5: (110, 110, 110)} if black else {1: (250, 200, 200), 5: (230, 130, 130)}
    for step, color in shades.items():
        if (step == 1 and lines == "squares") or (step == 5 and lines == "millimetres"):
            continue
        for k in range(2, 400):
            at = round(k * step * scale)
            cv2.line(page, (at, 0), (at, 9999), color, 1)
            cv2.line(page, (0, at), (9999, at), color, 1)
    found = find_paper(page)
    assert found.grid is not None
    middle = np.array([[140.0, 100.0]])
    assert found.rectifier.px_per_mm(middle) == pytest.approx((scale, scale), rel=0.003)
