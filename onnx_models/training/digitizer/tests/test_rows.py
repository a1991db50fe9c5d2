"""Strips and their truth, crops, and who may be learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fastecg
from training.digitizer.crops import WIDTH, crops_of, save
from training.digitizer.crops_data import Crops
from training.digitizer.measure import Lead, TruthReader, read_page
from training.digitizer.rows import Slip, row_of
from training.digitizer.split import builtin, read_split, simulated

pytestmark = [pytest.mark.train, pytest.mark.pages]


def page(recipe: str = "clean", **values: object) -> fastecg.Page:
    return fastecg.render(fastecg.builtin_record(2).record, recipe, seed=3, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("recipe", ["clean", "photo"])
@pytest.mark.parametrize("slip", [Slip(), Slip(0.3, -0.8, 0.004, 0.003, 0.2, 50.0, 1.0)])
def test_the_ink_of_a_strip_lies_where_its_truth_says(recipe: str, slip: Slip) -> None:
    seen = page(recipe, header={"enabled": False}, handwriting={"enabled": False})
    left = seen.truth.drawing.traces[0].origin[0] / seen.truth.drawing.px_per_mm
    row = row_of(seen, 1, left + 2, 480, slip)
    level = row.strip.min(2).astype(float)
    y = row.y_px.reshape(-1, 2).mean(1)
    flat = np.abs(np.gradient(y)) < 0.3
    flat[:8] = flat[-8:] = False
    assert np.count_nonzero(flat) > 200
    columns = np.flatnonzero(flat)
    window = np.rint(y[columns])[None].astype(int) + np.arange(-5, 6)[:, None]
    for weight in (np.median(level) - level, row.ink.astype(float)):
        near = np.maximum(weight[np.clip(window, 0, 351), columns], 0) ** 2
        centre = (near * (window + 0.5)).sum(0) / near.sum(0)
        assert abs(np.median(centre - y[columns])) < 0.25
        assert np.quantile(np.abs(centre - y[columns]), 0.8) < 1.2


def test_beyond_the_leads_there_is_no_truth() -> None:
    seen = page()
    scale = seen.truth.drawing.px_per_mm
    end = max(trace.origin[0] + trace.width for trace in seen.truth.drawing.traces) / scale
    row = row_of(seen, 0, end - 10, 200, Slip())
    assert np.isfinite(row.y_px[:190]).all()
    assert np.isnan(row.y_px[210:]).all()


@pytest.mark.parametrize("recipe", ["clean", "photo"])
def test_from_the_truth_of_the_strips_the_record_comes_back(recipe: str) -> None:
    leads = list(read_page(page(recipe), TruthReader()))
    assert len(leads) >= 12
    assert min(lead.snr_db() for lead in leads) > 25
    assert all(lead.snr_db() <= lead.snr_db(aligned=True) + 1 for lead in leads)


def test_the_snr_is_that_of_the_formula() -> None:
    rng = np.random.default_rng(2)
    reference = rng.normal(size=5000)
    lead = Lead(0, "I", reference, reference + 0.1 * rng.normal(size=5000))
    assert lead.snr_db() == pytest.approx(20, abs=0.3)
    half = np.where(np.arange(5000) < 2500, lead.found, np.nan)
    assert Lead(0, "I", reference, half).snr_db() == pytest.approx(10, abs=0.3)
    moved = np.roll(lead.found, 7) + 0.5
    assert Lead(0, "I", reference, moved).snr_db() < 1
    assert Lead(0, "I", reference, moved).snr_db(aligned=True) == pytest.approx(20, abs=0.3)
    assert Lead(0, "I", reference, np.full(5000, np.nan)).snr_db() == 0


def test_crops_become_batches(tmp_path: Path) -> None:
    folder = tmp_path / "train"
    folder.mkdir()
    seen = page(layout="12x1", plot={"separator": "none"})
    rows = crops_of(seen, 3, np.random.default_rng(1))
    assert rows[0].strip.shape == (352, WIDTH, 3)
    save(folder / "0.npz", rows, "clean")
    assert [path.name for path in folder.iterdir()] == ["0.npz"]
    dark, y_px, ink = Crops(folder, 64, 5, 0).batch()
    assert dark.shape == (5, 3, 352, 64)
    assert y_px.shape == (5, 128)
    assert ink.shape == (5, 352, 64)
    assert 0 <= float(ink.min()) < float(ink.max()) <= 1


def test_parts_share_no_record() -> None:
    parts = read_split()
    assert set(parts.values()) == {"train", "validation", "test"}
    by_number: dict[str, set[str]] = {}
    for key, part in parts.items():
        if key.startswith("ptbxl"):  # one record at two rates under two names
            by_number.setdefault(key.split("/")[1].removesuffix("_lr").removeprefix("HR"), set()).add(part)
    assert all(len(found) == 1 for found in by_number.values())
    names = {simulated(part, 4).name for part in ("train", "validation", "test")}
    assert len(names) == 3
    assert not names & {record.name for record in builtin(8)}
