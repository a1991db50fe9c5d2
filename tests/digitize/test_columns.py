"""Columns of a page: placed by ends and strokes, on pages drawn here with OpenCV."""

import cv2
import numpy as np
import pytest

from fastecg.digitize.columns import column_edges
from fastecg.digitize.flat import PX, Flat
from fastecg.digitize.layout_match import Match
from fastecg.digitize.rows import Row

LEFT_MM, WINDOW_MM = 20.0, 250.0


def page(
    shown_from_mm: float, *, strokes: bool, blot_mm: float | None = None
) -> tuple[Flat, list[Row], Match]:
    """Draw four rows of four columns, of which a photo shows the part from some place on."""
    ink = np.zeros((200 * PX, 300 * PX), np.float32)
    baselines = [40.0, 80.0, 120.0, 160.0]
    for number, y in enumerate(baselines):
        x = np.arange(int(LEFT_MM * PX), int((LEFT_MM + WINDOW_MM) * PX))
        beat = 8 * PX * np.exp(-((((x / PX + 7 * number) % 23) - 11) ** 2) / 0.8)
        line = np.column_stack([x, y * PX - beat]).round().astype(np.int32)
        cv2.polylines(ink, [line], False, 1.0, 2)
        if strokes and number < 3:
            for k in range(1, 4):
                at = round((LEFT_MM + k * WINDOW_MM / 4) * PX)
                cv2.line(ink, (at, round((y - 3) * PX)), (at, round((y + 3) * PX)), 1.0, 2)
    if blot_mm is not None:
        cv2.rectangle(ink, (round(blot_mm * PX), 0), (round((blot_mm + 5) * PX), ink.shape[0]), 1.0, -1)
    ink[:, : round(shown_from_mm * PX)] = 0
    left = max(LEFT_MM, shown_from_mm)
    rows = [Row(y, left, LEFT_MM + WINDOW_MM, 1.0) for y in baselines]
    match = Match("3x4+1", False, (), tuple(np.linspace(left, LEFT_MM + WINDOW_MM, 5)), 1.0, 0, -8.0)
    return Flat(ink, ink, (0.0, 0.0)), rows, match


@pytest.mark.parametrize("cut_mm", [0.0, 8.0, 14.0])
def test_strokes_place_columns_whose_beginning_is_cut_off(cut_mm: float) -> None:
    flat, rows, match = page(LEFT_MM + cut_mm, strokes=True)
    found = column_edges(flat, rows, match, 25.0, on_grid=True)
    np.testing.assert_allclose(found, np.linspace(LEFT_MM, LEFT_MM + WINDOW_MM, 5), atol=0.15)


def test_beats_and_blots_are_no_strokes() -> None:
    flat, rows, match = page(LEFT_MM, strokes=False, blot_mm=100.0)
    found = column_edges(flat, rows, match, 25.0, on_grid=True)
    np.testing.assert_allclose(found, np.linspace(LEFT_MM, LEFT_MM + WINDOW_MM, 5), atol=0.31)


def test_without_strokes_and_with_a_cut_the_seen_part_is_divided() -> None:
    flat, rows, match = page(LEFT_MM + 14.0, strokes=False)
    found = column_edges(flat, rows, match, 25.0, on_grid=True)
    assert found[0] == pytest.approx(LEFT_MM + 14.0, abs=0.5)


def test_traces_that_are_broken_at_their_beginning_begin_there_all_the_same() -> None:
    flat, rows, match = page(LEFT_MM, strokes=False)
    gap = slice(round((LEFT_MM + 4) * PX), round((LEFT_MM + 6) * PX))
    flat.ink[:, gap] = 0
    broken = [Row(row.baseline, LEFT_MM + 6, row.right, 1.0) for row in rows]
    found = column_edges(flat, broken, match, 25.0, on_grid=True)
    assert found[0] == pytest.approx(LEFT_MM, abs=0.31)


def test_beats_in_step_are_no_strokes_where_both_ends_are_seen() -> None:
    flat, rows, _ = page(LEFT_MM, strokes=False)
    for row in rows:  # an upright wave in every row at the same place, 20 mm beside the middle
        y, x = round(row.baseline * PX), round((LEFT_MM + WINDOW_MM / 2 + 20) * PX)
        flat.ink[y - 5 * PX : y + 5 * PX, x : x + 2] = 1.0
    two = Match("6x2", False, (), tuple(np.linspace(LEFT_MM, LEFT_MM + WINDOW_MM, 3)), 1.0, 0, -8.0)
    found = column_edges(flat, rows, two, 25.0, on_grid=True)
    np.testing.assert_allclose(found, np.linspace(LEFT_MM, LEFT_MM + WINDOW_MM, 3), atol=0.31)
