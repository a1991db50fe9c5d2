"""Whole pages: image to record, and images that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

import fastecg
from fastecg.cli.app import app
from fastecg.digitize.assembly import digitize, overlay
from fastecg.errors import DigitizeError, FastECGError
from fastecg.record import Record

pytestmark = pytest.mark.pages


def snr_db(truth: Record, read: Record) -> float:
    """Median over the leads of signal to noise, in dB."""
    found = []
    for lead in truth.leads:
        a, b = truth.lead(lead).astype(float), read.lead(lead).astype(float)
        length = min(len(a), len(b))
        a, b = a[:length], b[:length]
        both = np.isfinite(a) & np.isfinite(b)
        off = b[both] - a[both]
        found.append(10 * np.log10((a[both] ** 2).mean() / ((off - off.mean()) ** 2).mean()))
    return float(np.median(found))


def page(recipe: str = "clean", values: dict[str, Any] | None = None) -> tuple[NDArray[np.uint8], Record]:
    """A page of the first built-in record, and what is drawn on it."""
    shown = fastecg.render(fastecg.builtin_record(0).record, recipe, seed=3, **(values or {}))
    return shown.image, shown.truth.drawn_record(mask_unplotted=True)


def test_a_clean_page_comes_back() -> None:
    image, truth = page()
    result = digitize(image)
    assert result.report["layout"] == "3x4+1"
    assert set(result.record.leads) == set(truth.leads)
    assert snr_db(truth, result.record) > 12
    assert result.confidence.shape == result.record.signals_mv.shape
    assert overlay(image, result).shape == image.shape


def test_zero_is_where_the_pulses_stand() -> None:
    record = fastecg.builtin_record(0).record
    high = Record("high", record.signals_mv + np.float32(0.05), record.leads, record.sampling_rate_hz)
    shown = fastecg.render(high, "clean", seed=3)
    read = digitize(shown.image).record
    for lead in ("I", "V1", "V6"):
        truth = shown.truth.drawn_record(mask_unplotted=True).lead(lead)
        off = read.lead(lead)[: len(truth)] - truth[: read.samples]
        assert abs(np.nanmedian(off)) < 0.012, lead


def test_fast_paper_is_read_in_its_own_seconds() -> None:
    image, truth = page(values={"plot.speed_mm_s": 50.0})
    result = digitize(image)
    assert result.report["speed_mm_s"] == 50.0
    assert snr_db(truth, result.record) > 12


def test_upside_down_is_the_same() -> None:
    image, truth = page()
    result = digitize(np.ascontiguousarray(image[::-1, ::-1]))
    assert result.report["turned_deg"] == 180
    assert snr_db(truth, result.record) > 12


def test_a_slow_page_with_a_low_gain() -> None:
    values = {"plot.speed_mm_s": 12.5, "plot.gains.limb_mm_mv": 5.0, "plot.gains.chest_mm_mv": 5.0}
    image, _ = page(values=values)
    report = digitize(image).report
    assert (report["speed_mm_s"], report["gain_mm_mv"]) == (12.5, 5.0)


@pytest.mark.parametrize("kind", ["blank", "noise", "tiny", "gray"])
def test_what_is_no_page_is_refused(kind: str) -> None:
    rng = np.random.default_rng(0)
    images = {
        "blank": np.full((600, 800, 3), 250, np.uint8),
        "noise": rng.integers(0, 256, (400, 500, 3)).astype(np.uint8),
        "tiny": np.zeros((20, 20, 3), np.uint8),
        "gray": np.zeros((300, 300), np.uint8),
    }
    with pytest.raises(DigitizeError):
        digitize(images[kind])


def test_the_command_line_goes_on_after_a_bad_image(tmp_path: Path) -> None:
    image, _ = page()
    cv2.imwrite(str(tmp_path / "good.png"), image[:, :, ::-1])
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    output = tmp_path / "out"
    done = CliRunner().invoke(
        app, ["digitize", str(tmp_path / "good.png"), str(tmp_path / "bad.png"), str(output)]
    )
    assert done.exit_code == 1
    report = json.loads((output / "report.json").read_text())
    assert "error" in report["bad"]
    assert report["good"]["layout"] == "3x4+1"
    assert fastecg.read_record(str(output / "good")).samples == 5000
    assert (output / "good-overlay.png").exists()


def test_no_images_is_an_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["digitize", str(tmp_path), str(tmp_path / "out")])
    assert isinstance(done.exception, FastECGError)
