"""Drawings: every page that can be asked for, checked against the record and the millimetres of its spec."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastecg import Record, builtin_record
from fastecg.drawing import Drawing, Trace, draw_page, grid_period_px, lead_gain_mm_mv
from fastecg.errors import RecipeError
from fastecg.leads import STANDARD_12
from fastecg.presets import preset_names
from fastecg.spec import PageSpec, make_spec

FIFTEEN = (*STANDARD_12, "Vx", "Vy", "Vz")
RECORD = builtin_record(0, sampling_rate_hz=100, leads=FIFTEEN).record

page_values = st.fixed_dictionaries(
    {
        "page": st.one_of(
            st.fixed_dictionaries(
                {
                    "size": st.sampled_from(["letter", "A4", "A3", "legal"]),
                    "orientation": st.sampled_from(["landscape", "portrait"]),
                    "margin_mm": st.floats(0, 30),
                    "dpi": st.integers(50, 600),
                }
            ),
            st.fixed_dictionaries(
                {
                    "size": st.just("custom"),
                    "width_mm": st.floats(0, 500),
                    "height_mm": st.floats(0, 500),
                    "dpi": st.integers(0, 700),
                    "header_mm": st.floats(0, 60),
                    "footer_mm": st.floats(0, 60),
                }
            ),
        ),
        "layout": st.sampled_from(preset_names("layouts")),
        "plot": st.fixed_dictionaries(
            {
                "speed_mm_s": st.sampled_from([12.5, 25, 50, 100]) | st.floats(5, 200),
                "gains": st.fixed_dictionaries(
                    {name: st.sampled_from([5, 10, 20]) for name in ("limb_mm_mv", "chest_mm_mv")}
                ),
                "separator": st.sampled_from(["tick", "gap", "none"]),
                "pulse": st.sampled_from(["left", "right", "none"]),
                "lead_names": st.sampled_from(["auto", "above", "below", "left", "none"]),
            }
        ),
        "window": st.fixed_dictionaries({"duration_s": st.floats(0.2, 20)}),
    }
)
subsets = st.lists(st.sampled_from(FIFTEEN), min_size=1, max_size=15, unique=True)


def some_leads(leads: list[str]) -> Record:
    rows = [RECORD.leads.index(lead) for lead in leads]
    return Record.from_array(RECORD.signals_mv[rows], leads, RECORD.sampling_rate_hz)


def drawn(record: Record = RECORD, **values: Any) -> tuple[PageSpec, Drawing]:
    spec = make_spec(values)
    return spec, draw_page(record, spec)


def check_trace(record: Record, spec: PageSpec, drawing: Drawing, trace: Trace) -> None:
    """Compare a trace with the record: time to x, mV to y, both in mm, from its place on the paper."""
    scale, rate, geometry = spec.page.dpi / 25.4, record.sampling_rate_hz, drawing.geometry
    strip = trace.kind == "rhythm"
    column = 0 if strip else trace.column
    own_time = spec.layout.timing == "sequential" and not strip
    begins = column * geometry.column_s if own_time else 0.0
    lasts = geometry.strip_s if strip else geometry.column_s
    assert trace.start_s == pytest.approx(begins)
    left = geometry.traces_left + column * geometry.column_width
    assert trace.origin == pytest.approx((left * scale, geometry.baselines[trace.row] * scale))

    times = np.arange(record.samples) / rate
    rounding = 1e-6 / rate
    inside = (times >= begins - rounding) & (times < begins + lasts - rounding)
    shown = np.flatnonzero(inside)
    cut = spec.plot.separator == "gap" and not strip and column + 1 < geometry.columns
    if len(shown):
        missing = shown[-1] + 1 - trace.end_sample
        gap = math.ceil(1.5 / spec.plot.speed_mm_s * rate) if cut else 0
        assert trace.start_sample == shown[0]
        assert (0 < missing <= gap + 1) if cut and missing else missing in {0, gap}
    else:
        assert trace.start_sample == trace.end_sample
    samples = np.arange(trace.start_sample, trace.end_sample)
    assert trace.points.shape == (len(samples), 2)
    x = (left + (times[samples] - begins) * spec.plot.speed_mm_s) * scale
    mv = record.lead(trace.lead)[samples].astype(np.float64)
    y = (geometry.baselines[trace.row] - mv * trace.gain_mm_mv) * scale
    np.testing.assert_allclose(trace.points[:, 0], x, atol=1e-6)
    np.testing.assert_allclose(trace.points[:, 1], y, atol=1e-6)
    assert (trace.points[:, 0] >= 0).all()
    assert (trace.points[:, 0] <= min(drawing.width, geometry.frame[2] * scale) + 1e-6).all()


@given(leads=subsets, values=page_values)
@settings(deadline=None)
def test_any_page_is_drawn_or_refused_in_plain_words(leads: list[str], values: dict[str, Any]) -> None:
    record = some_leads(leads)
    try:
        spec = make_spec(values)
        drawing = draw_page(record, spec)
    except RecipeError as error:
        problem = error
    else:
        check_page(record, spec, drawing)
        return
    assert problem.allowed or problem.action or "custom page" in str(problem)


def check_page(record: Record, spec: PageSpec, drawing: Drawing) -> None:
    leads = set(record.leads)
    cells = [trace.lead.removeprefix("-") for trace in drawing.traces if trace.kind == "lead"]
    assert len(set(cells)) == len(cells)
    assert leads & set(STANDARD_12) <= set(cells) <= leads
    for trace in drawing.traces:
        check_trace(record, spec, drawing, trace)
        limb = trace.lead.removeprefix("-") in STANDARD_12[:6]
        gains = spec.plot.gains
        assert trace.gain_mm_mv == (gains.limb_mm_mv if limb else gains.chest_mm_mv)
        assert (trace.name is None) == (spec.plot.lead_names == "none")
    rows = {trace.row for trace in drawing.traces}
    pulses = [stroke for stroke in drawing.strokes if stroke.kind == "calibration_pulse"]
    assert [pulse.row for pulse in pulses] == ([] if spec.plot.pulse == "none" else sorted(rows))
    assert math.prod((drawing.height, drawing.width)) <= 200_000_000


def test_sequential_columns_share_the_window() -> None:
    _, drawing = drawn(layout="3x4+1")
    spans = {trace.lead: (trace.start_sample, trace.end_sample) for trace in drawing.traces[:12]}
    assert [spans[lead] for lead in ("I", "aVR", "V1", "V4")] == [
        (0, 250),
        (250, 500),
        (500, 750),
        (750, 1000),
    ]
    assert spans["III"] == spans["I"]
    strip = drawing.traces[12]
    assert (strip.kind, strip.lead, strip.start_sample, strip.end_sample) == ("rhythm", "II", 0, 1000)


def test_simultaneous_columns_begin_together() -> None:
    _, drawing = drawn(layout="6x2-simultaneous")
    assert {(trace.start_sample, trace.end_sample, trace.start_s) for trace in drawing.traces} == {
        (0, 500, 0.0)
    }
    assert len({trace.origin[0] for trace in drawing.traces}) == 2


@pytest.mark.parametrize(("speed", "millimetres"), [(12.5, 125), (25, 250), (50, 250), (100, 240)])
def test_paper_speed(speed: float, millimetres: float) -> None:
    """A letter page has room for 250 mm: at 50 mm/s it shows half the window.

    At 100 mm/s the pulse, 20 mm wide, takes 10 mm from the traces.
    """
    spec, drawing = drawn(layout="3x4+1", plot={"speed_mm_s": speed})
    strip = drawing.traces[-1]
    assert strip.width / spec.page.px_per_mm == pytest.approx(millimetres)
    step = np.diff(strip.points[:, 0]) / spec.page.px_per_mm
    np.testing.assert_allclose(step, speed / 100, rtol=1e-6)
    assert strip.end_sample == min(1000, millimetres / speed * 100)


@pytest.mark.parametrize("limb", [5, 10, 20])
@pytest.mark.parametrize("chest", [5, 10, 20])
def test_gains_of_limb_and_chest_leads(limb: float, chest: float) -> None:
    gains = {"limb_mm_mv": limb, "chest_mm_mv": chest}
    spec, drawing = drawn(layout="3x4+1-cabrera", plot={"gains": gains})
    for trace in drawing.traces:
        expected = limb if trace.lead in {"I", "II", "III", "-aVR", "aVL", "aVF"} else chest
        assert trace.gain_mm_mv == lead_gain_mm_mv(spec, trace.lead) == expected
    assert lead_gain_mm_mv(spec, "-I") == limb
    # The pulse: a stair of 1 mV at each gain, 0.2 s wide.
    for pulse in (stroke for stroke in drawing.strokes if stroke.kind == "calibration_pulse"):
        x, y = (pulse.points / spec.page.px_per_mm).T
        heights = drawing.geometry.baselines[pulse.row] - y
        assert {round(height, 6) for height in heights} == {0, limb, chest}
        assert (x[-2] - x[1], x[-1] - x[0]) == pytest.approx((5, 7))


def test_pulse_left_or_right_of_the_traces() -> None:
    _, left = drawn(plot={"pulse": "left"})
    _, right = drawn(plot={"pulse": "right"})
    for drawing, side in ((left, -1), (right, 1)):
        pulse = next(stroke for stroke in drawing.strokes if stroke.kind == "calibration_pulse")
        ends = [(trace.origin[0], trace.origin[0] + trace.width) for trace in drawing.traces]
        if side < 0:
            assert pulse.points[:, 0].max() <= min(start for start, _ in ends)
        else:
            assert pulse.points[:, 0].min() >= max(end for _, end in ends)


def test_separators() -> None:
    scale = 200 / 25.4
    _, ticks = drawn(layout="3x4+1", plot={"separator": "tick"})
    strokes = [stroke for stroke in ticks.strokes if stroke.kind == "separator"]
    starts = {(trace.row, round(trace.origin[0], 3)) for trace in ticks.traces if trace.column > 0}
    assert {(stroke.row, round(stroke.points[0, 0], 3)) for stroke in strokes} == starts
    assert len(strokes) == 9
    assert all(np.ptp(stroke.points[:, 1]) == pytest.approx(6 * scale) for stroke in strokes)
    for separator, width in (("gap", 61.0), ("none", 62.5)):
        _, drawing = drawn(layout="3x4+1", plot={"separator": separator})
        assert not [stroke for stroke in drawing.strokes if stroke.kind == "separator"]
        assert drawing.traces[0].width == pytest.approx(width * scale)
        assert drawing.traces[11].width == pytest.approx(62.5 * scale)  # nothing follows the last column
        gap = drawing.traces[3].points[0, 0] - drawing.traces[0].points[-1, 0]
        assert gap == pytest.approx((1.5 + 0.25 if separator == "gap" else 0.25) * scale, abs=0.26 * scale)


def test_lead_names_stand_where_asked() -> None:
    for where in ("above", "below", "left"):
        _, drawing = drawn(layout="3x4+1", plot={"lead_names": where})
        for trace in drawing.traces:
            assert trace.name is not None
            x, y = trace.name.x - trace.origin[0], trace.name.y - trace.origin[1]
            if where == "left" and trace.column == 0:
                assert x < 0
                assert abs(y) < trace.name.size
            else:
                assert 0 < x < trace.name.size
                assert (y > 0) == (where == "below")
            assert trace.name.text == trace.lead
    assert all(trace.name is None for trace in drawn(plot={"lead_names": "none"})[1].traces)


def test_footer_tells_speed_and_gain() -> None:
    _, drawing = drawn(plot={"speed_mm_s": 12.5})
    assert [text.text for text in drawing.texts] == ["12.5 mm/s", "10 mm/mV"]
    _, drawing = drawn(plot={"gains": {"limb_mm_mv": 20}})
    assert drawing.texts[1].text == "Limb: 20 mm/mV  Chest: 10 mm/mV"
    assert not drawn(page={"footer_mm": 3})[1].texts


def test_a_record_shorter_than_the_window() -> None:
    short = builtin_record(1, duration_s=4, sampling_rate_hz=100).record
    _, drawing = drawn(short, layout="3x4+1")
    spans = [(trace.start_sample, trace.end_sample) for trace in drawing.traces]
    assert spans == [(0, 250)] * 3 + [(250, 400)] * 3 + [(400, 400)] * 6 + [(0, 400)]


@pytest.mark.parametrize("rate", [257, 360.5, 1000])
def test_odd_sampling_rates(rate: float) -> None:
    """At 257 Hz columns begin between two samples: the first one drawn stands a little to the right."""
    record = builtin_record(2, sampling_rate_hz=rate).record
    spec, drawing = drawn(record, layout="3x4+1")
    for trace in drawing.traces:
        check_trace(record, spec, drawing, trace)
        late = trace.points[0, 0] - trace.origin[0]
        assert 0 <= late < 25 / rate * spec.page.px_per_mm
    ends = [trace.end_sample for trace in drawing.traces if trace.row == 0]
    starts = [trace.start_sample for trace in drawing.traces if trace.row == 0]
    assert starts == [0, *ends[:-1]], "samples lost or drawn twice between two columns"


def test_window_of_a_long_record() -> None:
    record = builtin_record(3, duration_s=25, sampling_rate_hz=100).record
    values = {"layout": "12x1", "window": {"start_sample": 1200, "duration_s": 10}}
    spec, drawing = drawn(record, plot={"lead_names": "above"}, **values)
    trace = drawing.traces[4]
    assert (trace.start_sample, trace.end_sample) == (0, 1000)
    height = (trace.origin[1] - trace.points[:, 1]) / (10 * spec.page.px_per_mm)
    np.testing.assert_allclose(height, record.lead("aVL")[1200:2200], atol=1e-6)
    _, beyond = drawn(record, layout="12x1", window={"start_sample": 99_999})
    assert all(len(trace.points) == 0 for trace in beyond.traces)


def test_grid_period() -> None:
    assert grid_period_px(drawn(page={"dpi": 254})[1]) == pytest.approx((10, 50))
