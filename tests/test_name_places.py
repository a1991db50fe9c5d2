"""Lead names that keep clear of the traces, tested on the ink itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fastecg import Record, builtin_record
from fastecg.drawing import Drawing, draw_page
from fastecg.leads import STANDARD_12
from fastecg.presets import preset_names
from fastecg.spec import make_spec
from fastecg.stages.fonts import Fonts
from fastecg.stages.plot import draw_ink
from fastecg.stages.text import Print, Typesetter
from fastecg_kernels import load_backend

FIFTEEN = (*STANDARD_12, "Vx", "Vy", "Vz")
RECORDS = [builtin_record(k, sampling_rate_hz=250, leads=FIFTEEN).record for k in range(3)]
SETTER = Typesetter(Fonts())


def drawn(record: Record, where: str, dpi: int = 100, **plot: Any) -> tuple[Drawing, list[Print]]:
    layout = plot.pop("layout", "3x4+1")
    spec = make_spec({"layout": layout, "page": {"dpi": dpi}, "plot": {"name_overlap": where, **plot}})
    drawing = draw_page(record, spec, SETTER.fonts)
    return drawing, [SETTER.set_line(trace.name) for trace in drawing.traces if trace.name]


def crossed(drawing: Drawing, names: list[Print]) -> list[str]:
    """Return the names in whose box there is ink of a trace, pulse or tick."""
    ink = np.zeros((drawing.height, drawing.width), np.uint8)
    draw_ink(load_backend("cpu"), drawing, ink)
    boxes = [(name, [int(edge) for edge in name.box]) for name in names]
    return [
        name.source.text for name, (x0, y0, x1, y1) in boxes if ink[max(y0, 0) : y1, max(x0, 0) : x1].any()
    ]


@pytest.mark.pages
@pytest.mark.parametrize("gain", [10, 20])
@pytest.mark.parametrize("place", ["above", "below", "left"])
def test_no_trace_runs_through_a_name(gain: int, place: str) -> None:
    moved = 0
    for k, layout in enumerate(preset_names("layouts")):
        record = RECORDS[k % 3]
        gains = {"limb_mm_mv": gain, "chest_mm_mv": gain}
        values: dict[str, Any] = {"layout": layout, "lead_names": place, "gains": gains}
        drawing, names = drawn(record, "avoid", **values)
        plain, usual = drawn(record, "allow", **values)
        assert not crossed(drawing, names), layout
        was_crossed = crossed(plain, usual)
        moved += len(was_crossed)
        for trace, before, name in zip(drawing.traces, usual, names, strict=True):
            start = trace.origin[0] / drawing.px_per_mm
            assert name.left / drawing.px_per_mm - start < 16, "near the trace's start"
            if before.source.text not in was_crossed and before.box == name.box:
                continue
            assert abs(name.top - before.top) <= 20 * drawing.px_per_mm + 1
        boxes = [name.box for name in names]
        assert len(set(boxes)) == len(boxes)
    assert moved > 2, "the test has something to do"


def test_names_that_stand_clear_stay() -> None:
    flat = Record.from_array(np.zeros((12, 2500)), STANDARD_12, 250)
    _, names = drawn(flat, "avoid")
    _, usual = drawn(flat, "allow")
    assert [name.source for name in names] == [name.source for name in usual]


def test_a_name_moves_to_the_nearest_clear_place() -> None:
    """A plateau of 11.5 mm runs through the name above: it goes over or under it, by little."""
    signal = np.full((1, 2500), 1.15)
    record = Record.from_array(signal, ["II"], 250)
    plot: dict[str, Any] = {"layout": {"rows": 1, "columns": 1}, "dpi": 254, "pulse": "none"}
    drawing, (name,) = drawn(record, "avoid", **plot)
    _, (usual,) = drawn(record, "allow", **plot)
    assert crossed(drawing, [usual]) == ["II"]
    assert not crossed(drawing, [name])
    assert name.left == usual.left
    gap = abs(usual.top - name.top) / 10
    assert 0.3 < gap < usual.mask.shape[0] / 10 + 1.5


def test_where_there_is_no_place_a_name_stays_on_the_page() -> None:
    """Noise of 4 mV fills the frame; the truth still has every name."""
    noise = np.random.default_rng(0).uniform(-4, 4, (12, 2500))
    drawing, names = drawn(Record.from_array(noise, STANDARD_12, 250), "avoid")
    assert len(names) == 13
    for x0, y0, x1, y1 in (name.box for name in names):
        assert 0 <= x0 < x1 <= drawing.width
        assert 0 <= y0 < y1 <= drawing.height


def test_gaps_are_no_obstacle() -> None:
    holes = np.full((1, 2500), np.nan)
    holes[0, ::2] = 0.9  # single samples, which draw nothing between them
    holes[0, 200:] = 0
    record = Record.from_array(holes, ["II"], 250)
    drawing, names = drawn(record, "avoid", layout={"rows": 1, "columns": 1})
    assert not crossed(drawing, names)
