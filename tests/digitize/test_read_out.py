"""Read-out of whole strips, by the shipped network and without it."""

from __future__ import annotations

import numpy as np
import pytest

import fastecg
from fastecg.digitize.read_out import (
    NetworkReader,
    PlainReader,
    StripReader,
    open_reader,
    read_strip,
    samples_mv,
)
from fastecg.digitize.reading import Reading
from fastecg.errors import DigitizeError
from fastecg_models.errors import ModelError
from tests.digitize.flat_rows import flat_rows, snrs_db


def page_of(index: int, **values: object) -> fastecg.Page:
    record = fastecg.builtin_record(index).record
    return fastecg.render(record, "clean", **values)  # type: ignore[arg-type]


def curve(width: int = 400) -> np.ndarray:
    """Heights of a smooth curve at the middles of a strip's columns."""
    x = (np.arange(2 * width) + 0.5) / 2
    return 176 + 30 * np.sin(x / 25)


def drawn(heights: np.ndarray, half: float = 1.5) -> np.ndarray:
    """Draw a curve with soft edges in black on white, coverage by how far each pixel is from it."""
    at_pixels = heights.reshape(-1, 2).mean(1)
    far = np.abs(np.arange(352)[:, None] + 0.5 - at_pixels[None])
    cover = np.clip(half + 0.5 - far, 0, 1)
    return np.repeat(np.rint(250 - 230 * cover).astype(np.uint8)[:, :, None], 3, 2)


def test_the_plain_reader_finds_a_smooth_curve_to_a_part_of_a_pixel() -> None:
    reading = read_strip(drawn(curve()), PlainReader())
    assert np.abs(reading.y_px - curve())[4:-4].max() < 0.35
    assert reading.confidence.min() > 0.5


def test_without_ink_nothing_is_said() -> None:
    blank = np.full((352, 160, 3), 230, np.uint8)
    for reader in (PlainReader(), NetworkReader()):
        reading = read_strip(blank, reader)
        samples, _ = samples_mv(reading, x_mm=np.arange(1.0, 15.0, 0.05), gain_mm_mv=10.0)
        assert np.isnan(samples).mean() > 0.9


@pytest.mark.pages
@pytest.mark.parametrize(("method", "least"), [("network", 21.0), ("plain", 12.0)])
def test_the_readers_read_pages(method: str, least: float) -> None:
    reader = open_reader(method)  # type: ignore[arg-type]
    assert reader.method == method
    found = [snr for index in (1, 2) for snr in snrs_db(page_of(index), reader)]
    assert np.mean(found) > least
    assert np.quantile(found, 0.1) > least - 6


@pytest.mark.pages
def test_int8_reads_as_well_as_floats() -> None:
    page = page_of(4, paper="gray", layout="6x2")
    means = {
        precision: np.mean(snrs_db(page, NetworkReader(precision))) for precision in ("fp32", "fp16", "int8")
    }
    assert means["fp32"] > 19
    assert means["fp16"] == pytest.approx(means["fp32"], abs=0.1)
    assert means["int8"] > means["fp32"] - 0.3


@pytest.mark.pages
def test_the_clean_ink_has_no_grid_and_no_neighbours() -> None:
    reader = NetworkReader()
    row = next(flat_rows(page_of(3, layout="6x2")))
    clean = reader.clean(row.strip)
    assert clean.shape == row.strip.shape[:2]
    y = np.rint(read_strip(row.strip, reader).y_px[::2])
    known = np.flatnonzero(np.isfinite(y))
    on_line = clean[y[known].astype(int), known]
    far = np.abs(np.arange(352)[:, None] - np.nan_to_num(y, nan=-999)[None]) > 40
    assert np.median(on_line) > 0.5
    assert clean[:, known][far[:, known]].mean() < 0.02


def test_a_lead_is_cut_out_where_it_lies() -> None:
    heights = np.full(400, 176.0, np.float32)
    heights[200:300] = 160  # 2 mm above the middle, from 10 to 15 mm
    reading = Reading(heights, np.ones(400, np.float32))
    samples, confidence = samples_mv(reading, x_mm=np.arange(10.1, 14.9, 0.1), gain_mm_mv=5.0, drop_mm=1.0)
    np.testing.assert_allclose(samples[2:-2], 0.6, atol=0.01)
    assert confidence[5:-5].min() == 1
    assert confidence[0] < 0.5 > confidence[-1]
    outside, _ = samples_mv(reading, x_mm=np.arange(30.0, 40.0, 0.1), gain_mm_mv=5.0)
    assert np.isnan(outside).all()


def test_a_trace_that_leaves_the_strip_is_noticed_and_a_taller_strip_holds_it() -> None:
    heights = 288 + 200 * np.sin(np.arange(800) / 60)
    tall = np.full((576, 400, 3), 250, np.uint8)
    far = np.abs(np.arange(576)[:, None] + 0.5 - heights.reshape(-1, 2).mean(1)[None])
    tall[far < 2] = 20
    assert read_strip(np.ascontiguousarray(tall[112:-112]), PlainReader()).leaves_strip
    reading = read_strip(tall, PlainReader())
    assert not reading.leaves_strip
    samples, _ = samples_mv(reading, x_mm=np.arange(1.0, 39.0, 0.05), gain_mm_mv=10.0)
    expected = -(heights[20:780] - 288) / 80
    assert np.abs(samples - expected).max() < 0.1


@pytest.mark.parametrize(
    "strip",
    [
        np.zeros((352, 7, 3), np.uint8),
        np.zeros((350, 80, 3), np.uint8),
        np.zeros((352, 80), np.uint8),
        np.zeros((352, 80, 3), np.float32),
    ],
)
def test_other_strips_are_refused(strip: np.ndarray) -> None:
    with pytest.raises(DigitizeError, match="352"):
        read_strip(strip, PlainReader())


def test_without_onnx_runtime_the_plain_reader_steps_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModelError("this needs ONNX Runtime")

    monkeypatch.setattr("fastecg_models._onnx._runtime", missing)
    reader: StripReader = open_reader()
    assert reader.method == "plain"
    with pytest.raises(ModelError, match="ONNX Runtime"):
        open_reader("network")
