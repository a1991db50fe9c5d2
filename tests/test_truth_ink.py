"""Truth against the image: where the ink is, measured on the pixels alone, and where the JSON says it is."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg import Generator, Record, simulate
from fastecg.leads import STANDARD_12
from fastecg.presets import preset_names
from fastecg.spec import make_spec

Darkness = NDArray[np.float64]
CLEAR = {"lead_names": "none", "pulse": "none", "separator": "none", "ink": [0, 0, 0]}

pytestmark = pytest.mark.pages


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator("clean")


@pytest.fixture(scope="module")
def record() -> Record:
    """Return 15 leads without noise, so that flat stretches are flat, and with a drift of 0.2 mV in 10 s.

    Pixels of a box filter pull the centroid of a line towards their centres, by up to 0.06 px for one as
    thin as a pixel; the drift takes each lead through all places between two pixels.
    """
    clean = simulate(seed=4, noise_snr_db=None, leads=(*STANDARD_12, "Vx", "Vy", "Vz")).record
    drift = np.linspace(-0.1, 0.1, clean.samples, dtype=np.float32)
    return Record.from_array(clean.signals_mv + drift, clean.leads, clean.sampling_rate_hz)


@pytest.fixture(scope="module")
def nothing() -> Record:
    """Return 20 s of which the first half holds no value: a page of it shows all but the traces."""
    signals = np.zeros((12, 2000))
    signals[:, :1001] = np.nan
    return Record.from_array(signals, STANDARD_12, 100)


def seen(generator: Generator, record: Record, **values: Any) -> tuple[Darkness, dict[str, Any]]:
    """Render on plain paper; return how much each pixel is inked, and the truth as a file has it."""
    spec = make_spec({"paper": "blank", **values})
    page = generator.render_spec(record, spec)
    ink = np.array(spec.plot.ink, float)
    darkness = (255.0 - page.image).sum(axis=2) / (255.0 - ink).sum()
    return darkness, json.loads(page.truth.to_json())


def flat_deviations(darkness: Darkness, trace: NDArray[np.float64], half_width: float) -> list[float]:
    """Return ink centroid minus truth, in px, for each pixel column where the trace is flat and alone.

    The truth of a column is the mean of the trace over it; a column counts where the trace changes
    by less than 0.3 px over three columns and the rows next to its ink are blank.
    """
    x, y = trace.T
    deviations = []
    for column in range(int(x[0]) + 2, int(x[-1]) - 2, 1 + int(x[-1] - x[0]) // 80):
        near = y[(x >= column - 1) & (x <= column + 2)]
        if len(near) < 3 or np.isnan(near).any() or np.ptp(near) > 0.3:
            continue
        fine = np.interp(column + (np.arange(16) + 0.5) / 16, x, y).mean()
        top, bottom = int(fine - half_width - 1), int(fine + half_width + 2)
        if top < 3 or bottom + 3 > len(darkness):
            continue
        ring = darkness[[*range(top - 3, top), *range(bottom, bottom + 3)], column]
        ink = darkness[top:bottom, column]
        if ring.any() or ink.sum() < half_width:
            continue
        centroid = (ink * (np.arange(top, bottom) + 0.5)).sum() / ink.sum()
        deviations.append(float(centroid - fine))
    return deviations


@pytest.mark.parametrize("dpi", [75, 150, 300])
@pytest.mark.parametrize("layout", preset_names("layouts"))
def test_centroid_of_ink_lies_on_the_truth(
    generator: Generator, record: Record, layout: str, dpi: int
) -> None:
    darkness, truth = seen(generator, record, layout=layout, page={"dpi": dpi}, plot=CLEAR)
    half_width = 0.15 * dpi / 25.4
    per_lead = [
        flat_deviations(darkness, np.array(lead["trace"], float), half_width) for lead in truth["leads"]
    ]
    assert sum(len(lead) >= 10 for lead in per_lead) >= 0.75 * len(per_lead), "too little to measure"
    assert sum(map(len, per_lead)) > 150
    deviations = np.concatenate(per_lead)
    assert abs(np.median(deviations)) < 0.01
    assert np.median(abs(deviations)) < 0.05


@pytest.mark.parametrize("planted", [0.5, -0.5, 0.1])
def test_half_a_pixel_of_offset_is_seen(generator: Generator, record: Record, planted: float) -> None:
    darkness, truth = seen(generator, record, layout="12x1", page={"dpi": 150}, plot=CLEAR)
    off = [np.add(np.array(lead["trace"], float), (0, planted)) for lead in truth["leads"]]
    deviations = np.concatenate([flat_deviations(darkness, trace, 0.9) for trace in off])
    assert np.median(deviations) == pytest.approx(-planted, abs=0.05)
    assert np.median(abs(deviations)) > 0.05


def test_upright_ink_lies_on_the_truth_in_x(generator: Generator) -> None:
    """Spikes of one sample: their tips' ink is centred on the x of that sample."""
    signals = np.zeros((1, 1000))
    signals[0, 37::60] = 1.5
    spiky = Record.from_array(signals, ["II"], 100)
    layout = {"rows": 1, "columns": 1}
    for dpi in (75, 150, 300):
        darkness, truth = seen(generator, spiky, layout=layout, page={"dpi": dpi}, plot=CLEAR)
        (lead,) = truth["leads"]
        off = []
        for x, y in lead["trace"][37::60]:
            rows, columns = slice(int(y) + 2, int(y) + 8), slice(int(x) - 9, int(x) + 11)
            ink = darkness[rows, columns]
            centres = np.arange(columns.start, columns.stop) + 0.5
            off.append((ink * centres).sum() / ink.sum() - x)
        assert len(off) > 10
        assert np.max(np.abs(off)) < 0.05


def bounds(darkness: Darkness) -> tuple[int, int, int, int]:
    """Return x0, y0, x1, y1 of all pixels with ink."""
    rows, columns = np.flatnonzero(darkness.any(axis=1)), np.flatnonzero(darkness.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def assert_tight(darkness: Darkness, box: list[float]) -> None:
    """Assert that no ink lies outside the box, and that the box is less than a pixel too large."""
    x0, y0, x1, y1 = bounds(darkness)
    left, top, right, bottom = box
    assert int(left) <= x0 < left + 1.5
    assert int(top) <= y0 < top + 1.5
    assert right - 1.5 < x1 < right + 1
    assert bottom - 1.5 < y1 < bottom + 1


def test_box_of_each_lead_holds_its_ink(generator: Generator, record: Record) -> None:
    """Each trace alone on its page."""
    for dpi in (75, 200):
        for lead in record.leads[::3]:
            layout = {"rows": 1, "columns": 1, "order": [lead]}
            page = {"dpi": dpi, "footer_mm": 0}
            plot = {**CLEAR, "trace_width_mm": 0.7, "gains": {"limb_mm_mv": 20, "chest_mm_mv": 20}}
            darkness, truth = seen(generator, record, layout=layout, page=page, plot=plot)
            assert_tight(darkness, truth["leads"][0]["box"])


def test_spikes_of_50_mv_are_cut_at_the_edge(generator: Generator) -> None:
    signals = np.zeros((1, 1000))
    signals[0, [300, 600]] = [50, -50]
    layout = {"rows": 1, "columns": 1}
    spikes = Record.from_array(signals, ["II"], 100)
    page = {"dpi": 75, "footer_mm": 0}
    darkness, truth = seen(generator, spikes, layout=layout, page=page, plot=CLEAR)
    box = truth["leads"][0]["box"]
    assert (box[1], box[3]) == (0, truth["image"]["height"])
    assert_tight(darkness, box)
    assert truth["leads"][0]["trace"][300][1] < -1000


@pytest.mark.parametrize("where", ["auto", "above", "below", "left"])
@pytest.mark.parametrize("layout", ["3x4+1", "12x1", "6x2-cabrera"])
def test_name_boxes_hold_the_names(generator: Generator, nothing: Record, layout: str, where: str) -> None:
    plot = {**CLEAR, "lead_names": where}
    darkness, truth = seen(generator, nothing, layout=layout, page={"footer_mm": 0}, plot=plot)
    bare, _ = seen(generator, nothing, layout=layout, page={"footer_mm": 0}, plot=CLEAR)
    assert not bare.any()
    for lead in truth["leads"]:
        x0, y0, x1, y1 = (round(edge) for edge in lead["name_box"])
        name = darkness[y0:y1, x0:x1]
        assert bounds(name) == (0, 0, x1 - x0, y1 - y0), f"the box of {lead['name']} is not tight"
        darkness[y0:y1, x0:x1] = 0
    assert not darkness.any(), "ink outside all boxes"


def test_texts_are_where_their_quads_are(generator: Generator, nothing: Record) -> None:
    darkness, truth = seen(generator, nothing, plot=CLEAR)
    assert [text["kind"] for text in truth["texts"]] == ["speed", "gain"]
    for text in truth["texts"]:
        (x0, y0), _, (x1, y1), _ = ((round(x), round(y)) for x, y in text["quad"])
        assert bounds(darkness[y0:y1, x0:x1]) == (0, 0, x1 - x0, y1 - y0)
        darkness[y0:y1, x0:x1] = 0
    assert not darkness.any()


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("chest", [10, 20])
def test_pulse_boxes_hold_the_pulses(generator: Generator, nothing: Record, side: str, chest: float) -> None:
    plot = {**CLEAR, "pulse": side, "pulse_width_mm": 0.5, "gains": {"chest_mm_mv": chest}}
    darkness, truth = seen(generator, nothing, layout="3x4+1", page={"footer_mm": 0}, plot=plot)
    assert [pulse["row"] for pulse in truth["calibration_pulses"]] == [0, 1, 2, 3]
    for pulse in truth["calibration_pulses"]:
        x0, y0, x1, y1 = (
            round_(edge)
            for round_, edge in zip((np.floor, np.floor, np.ceil, np.ceil), pulse["box"], strict=True)
        )
        rows, columns = slice(int(y0), int(y1)), slice(int(x0), int(x1))
        own = np.zeros_like(darkness)
        own[rows, columns] = darkness[rows, columns]
        assert_tight(own, pulse["box"])
        darkness[rows, columns] = 0
    assert not darkness.any(), "ink outside all boxes"


def test_separators_are_where_the_truth_says(generator: Generator, nothing: Record) -> None:
    plot = {
        **CLEAR,
        "separator": "tick",
        "pulse_width_mm": 0.3,
    }  # 3 px: a box filter is exact for whole pixels
    page = {"footer_mm": 0, "dpi": 254}
    darkness, truth = seen(generator, nothing, layout="6x2", page=page, plot=plot)
    assert len(truth["separators"]) == 6
    half = 1.5
    for (x0, y0), (x1, y1) in truth["separators"]:
        rows = slice(int(y0 - half), int(y1 + half) + 1)
        columns = slice(int(x0 - half), int(x1 + half) + 1)
        ink = darkness[rows, columns]
        centre = (ink.sum(axis=0) * (np.arange(columns.start, columns.stop) + 0.5)).sum() / ink.sum()
        assert centre == pytest.approx(x0, abs=0.02)
        darkness[rows, columns] = 0
    assert not darkness.any()


def test_no_ink_in_gaps(generator: Generator, record: Record) -> None:
    signals = record.signals_mv.copy()
    signals[:, 1000:2000] = np.nan
    holed = Record.from_array(signals, record.leads, 500)
    layout = {"rows": 1, "columns": 1, "order": ["II"]}
    page = {"dpi": 100, "footer_mm": 0}
    darkness, truth = seen(generator, holed, layout=layout, page=page, plot=CLEAR)
    trace = truth["leads"][0]["trace"]
    assert trace[1000:2000] == [[None, None]] * 1000
    inked = np.flatnonzero(darkness.any(axis=0))
    before, after = trace[999][0], trace[2000][0]
    assert after - before > 190
    half = 0.15 * 100 / 25.4
    empty = inked[(inked > before + half) & (inked + 1 < after - half)]
    assert not empty.size
    assert inked[0] <= trace[0][0]
    assert set(range(int(after) + 1, int(trace[-1][0]))) <= set(inked.tolist())


def line_centres(profile: Darkness) -> list[float]:
    """Return the centroid of every run of inked pixels along a profile."""
    centres, run = [], []
    for k, value in enumerate([*profile, 0.0]):
        if value > 0:
            run.append((k + 0.5, value))
        elif run:
            weights = sum(weight for _, weight in run)
            centres.append(sum(place * weight for place, weight in run) / weights)
            run = []
    return centres


def midway(origin: float, period: float) -> int:
    """Return a pixel that lies in the middle between two lines, clear of both."""
    middles = [origin + (k + 0.5) * period for k in range(20)]
    return int(min(middles, key=lambda middle: abs(middle % 1 - 0.5)))


@pytest.mark.parametrize("dpi", [100, 150, 300])  # at 75 no pixel between two 1 mm lines may be clear of both
@pytest.mark.parametrize("level", ["minor", "major"])
@pytest.mark.parametrize("extent", ["page", "frame"])
def test_grid_lines_are_where_the_truth_says(
    generator: Generator, nothing: Record, dpi: int, level: str, extent: str
) -> None:
    # One pixel wide: then a box filter leaves the centroid where it is.
    lines = {"style": "lines", "color": [0, 0, 0], "width_mm": 25.4 / dpi}
    paper = {"tint": [255, 255, 255], "minor": {"style": "none"}, "major": {"style": "none"}, level: lines}
    page = {"dpi": dpi, "grid_extent": extent, "footer_mm": 0}
    darkness, truth = seen(generator, nothing, layout="3x4", paper=paper, page=page, plot=CLEAR)
    grid = truth["grid"]
    period = grid[f"{level}_px"]
    assert period == pytest.approx({"minor": 1, "major": 5}[level] * dpi / 25.4)
    (left, top), _, (right, bottom), _ = grid["quad"]
    if extent == "page":
        assert (left, top, right, bottom) == (0, 0, truth["image"]["width"], truth["image"]["height"])
    else:
        assert (left, top) == pytest.approx(grid["origin"], abs=1e-3)
    # Between two lines of the other direction there is only this direction's ink.
    column, row = (midway(start, period) for start in grid["origin"])
    for profile, origin, start, end in (
        (darkness[row], grid["origin"][0], left, right),
        (darkness[:, column], grid["origin"][1], top, bottom),
    ):
        centres = line_centres(profile)
        numbers = [round((centre - origin) / period) for centre in centres]
        inner = [
            (centre, origin + k * period)
            for centre, k in zip(centres, numbers, strict=True)
            if 1 < centre < len(profile) - 1
        ]
        assert max(abs(found - said) for found, said in inner) < 0.05
        expected = np.floor((end - origin) / period + 1e-4) - np.ceil((start - origin) / period - 1e-4) + 1
        assert abs(len(set(numbers)) - expected) <= (0 if extent == "frame" else 2)


def test_dots_stand_at_the_crossings(generator: Generator, nothing: Record) -> None:
    paper = {
        "tint": [255, 255, 255],
        "minor": {"style": "dots", "color": [0, 0, 0], "width_mm": 0.3},
        "major": {"style": "none"},
    }
    darkness, truth = seen(
        generator, nothing, paper=paper, page={"dpi": 254, "footer_mm": 0}, layout="3x4", plot=CLEAR
    )
    (x, y), period = truth["grid"]["origin"], truth["grid"]["minor_px"]
    reach = period / 2
    for k in range(1, 40):
        rows, columns = (slice(round(z + k * period - reach), round(z + k * period + reach)) for z in (y, x))
        cell = darkness[rows, columns]
        i, j = (np.arange(span.start, span.stop) + 0.5 for span in (rows, columns))
        assert (cell.sum(axis=0) * j).sum() / cell.sum() == pytest.approx(x + k * period, abs=0.05)
        assert (cell.sum(axis=1) * i).sum() / cell.sum() == pytest.approx(y + k * period, abs=0.05)
        assert cell.sum() == pytest.approx((0.3 * 10) ** 2, rel=0.02)
        assert not cell[0].any()
