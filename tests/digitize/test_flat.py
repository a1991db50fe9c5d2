"""The flat page: traces without the grid, however dark that is and wherever its lines are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fastecg.digitize.flat import PX, lay_flat
from fastecg.digitize.rectify import flat_rectifier
from fastecg.digitize.rows import find_rows, lines_of_ink


@pytest.mark.parametrize("color", [(109, 50, 47), (0, 0, 102), (80, 80, 80)])
def test_dark_lines_on_whole_pixels_are_no_rows(color: tuple[int, int, int]) -> None:
    scale = 5.9055
    page = np.full((round(180 * scale), round(280 * scale), 3), 255, np.uint8)
    for step, shade in ((1, tuple(c + (255 - c) * 2 // 5 for c in color)), (5, color)):
        for k in range(300):
            at = round(k * step * scale)
            cv2.line(page, (at, 0), (at, 9999), shade, 1)
            cv2.line(page, (0, at), (9999, at), shade, 1)
    x = np.arange(15 * scale, 265 * scale)
    for middle in (50.3, 90.7, 130.2):
        beats = 12 * np.exp(-0.5 * (((x / scale % 20) - 10) / 0.6) ** 2)
        drawn = np.column_stack([x, (middle - beats) * scale])
        cv2.polylines(page, [np.round(drawn).astype(np.int32)], False, (10, 10, 10), 2)
    flat = lay_flat(page, flat_rectifier((page.shape[0], page.shape[1]), scale))
    rows = find_rows(lines_of_ink(flat.ink))
    assert [row.baseline for row in rows] == pytest.approx([50.3, 90.7, 130.2], abs=0.5)
    assert [row.left for row in rows] == pytest.approx([15.0] * 3, abs=1.0)


def test_the_dark_beside_paper_is_no_ink() -> None:
    image = np.full((900, 1200, 3), 245, np.uint8)
    image[:, :60] = image[820:] = 18
    image[400:403, 200:1100] = 30
    ink = lay_flat(image, flat_rectifier((900, 1200), 6.0)).ink
    assert ink[round(400 / 6 * PX) : round(403 / 6 * PX), 250:850].mean() > 0.5
    ink[round(395 / 6 * PX) : round(408 / 6 * PX)] = 0
    assert ink.max() < 0.2
