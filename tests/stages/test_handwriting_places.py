"""Places of handwriting: on the page, in the zone that was asked for, and out of print's way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fastecg.drawing import draw_page
from fastecg.spec import make_spec
from fastecg.stages.handwriting import Where
from fastecg.stages.handwriting_places import Box, Desk
from fastecg.synthesis import builtin_record


def desk(prints: tuple[Box, ...] = (), **values: Any) -> Desk:
    spec = make_spec({"page": {"dpi": 100}, **values})
    drawing = draw_page(builtin_record(0).record, spec)
    return Desk(spec, drawing.geometry, drawing.traces, prints)


@pytest.mark.parametrize("where", ["margins", "leads", "traces", "anywhere", "mixed"])
def test_notes_lie_on_the_page(where: Where) -> None:
    table = desk()
    height, width = table.spec.page.shape_px
    for seed in range(60):
        x, y = table.find_place((200.0, 60.0), where, np.random.default_rng(seed))
        assert 100 < x < width - 100
        assert 30 < y < height - 30


def test_margins_are_above_and_below_the_traces() -> None:
    table = desk()
    _, top, _, bottom = (edge * table.spec.page.px_per_mm for edge in table.geometry.frame)
    found = [table.find_place((100.0, 20.0), "margins", np.random.default_rng(seed))[1] for seed in range(60)]
    assert all(y < top or y > bottom for y in found)
    assert 0.5 < np.mean([y < top for y in found]) < 0.95


def test_print_and_writing_are_kept_clear_where_there_is_room() -> None:
    header = (0.0, 0.0, 700.0, 110.0)  # two thirds of the space above the traces
    table = desk((header,))
    inside = 0
    for seed in range(40):
        x, y = table.find_place((150.0, 30.0), "margins", np.random.default_rng(seed))
        inside += x - 75 < 690 and y - 15 < 105
    assert inside <= 1
    spots: list[tuple[float, float]] = []
    for seed in range(6):
        x, y = table.find_place((150.0, 30.0), "traces", np.random.default_rng(seed))
        table.cover(np.array([[x - 75, y - 15], [x + 75, y + 15]]))
        assert not any(abs(x - a) < 145 and abs(y - b) < 28 for a, b in spots)
        spots.append((x, y))


def test_a_note_larger_than_the_page_is_put_in_its_middle() -> None:
    table = desk()
    height, width = table.spec.page.shape_px
    assert table.find_place((9000.0, 9000.0), "leads", np.random.default_rng(0)) == (width / 2, height / 2)


def test_waves_are_on_traces() -> None:
    table = desk()
    points = np.concatenate([trace.points for trace in table.traces])
    for seed in range(40):
        wave = table.wave(np.random.default_rng(seed))
        assert wave is not None
        assert np.hypot(*(points - wave.center).T).min() < 60
        assert wave.away * (wave.top[1] - wave.center[1]) > 0


def test_only_long_lines_are_underlined() -> None:
    table = desk(((10.0, 10.0, 20.0, 20.0), (50.0, 40.0, 150.0, 52.0)))
    line = table.printed_line(np.random.default_rng(0))
    assert line is not None
    assert line.start[0] == 50
    assert 52 < line.start[1] < 57
    assert line.width_mm == pytest.approx(25.4)
    assert desk().printed_line(np.random.default_rng(0)) is None
