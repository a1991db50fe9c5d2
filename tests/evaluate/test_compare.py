"""Records and folders compared: names, what is missing, other rates, and that the reports say so."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import orjson
import pytest

from fastecg.errors import RecordError
from fastecg.evaluate import (
    as_csv,
    as_html,
    as_json,
    compare_folders,
    compare_records,
    snr_2024_db,
    summarize,
)
from fastecg.evaluate.compare import matched, resampled
from fastecg.evaluate.summary import histogram, sparkline
from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.record import Record
from fastecg.synthesis import builtin_records


def noisy(record: Record, sd_mv: float = 0.02, seed: int = 1) -> Record:
    noise = np.random.default_rng(seed).normal(0, sd_mv, record.signals_mv.shape)
    return replace(record, signals_mv=(record.signals_mv + noise).astype(np.float32), adc=None)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Return references r0 to r3, and estimates of r0 and r1's page, a broken one of r3 and another."""
    reference, estimate = tmp_path / "reference", tmp_path / "estimate"
    (reference / "sub").mkdir(parents=True)
    estimate.mkdir()
    records = list(builtin_records(4))
    for number, record in enumerate(records):
        write_wfdb(reference / "sub" if number == 1 else reference, f"r{number}", record)
    write_wfdb(estimate, "r0", noisy(records[0], 0.005))
    write_wfdb(estimate, "r1-0", noisy(records[1], 0.05))
    write_wfdb(estimate, "other", records[0])
    (estimate / "r3.hea").write_text("broken", encoding="utf-8")
    return reference, estimate


def test_folders_are_matched_and_what_is_wrong_is_counted(folders: tuple[Path, Path]) -> None:
    seen: list[str] = []
    results, extra = compare_folders(*folders, on_record=lambda result: seen.append(result.key))
    assert seen == [result.key for result in results] == ["r0", "r2", "r3", "sub/r1"]
    by_key = {result.key: result for result in results}
    assert [by_key[key].estimate for key in ("r0", "r2", "r3", "sub/r1")] == ["r0", None, "r3", "r1-0"]
    assert extra == ("other",)
    assert by_key["r0"].reason is None
    assert "no estimate" in str(by_key["r2"].reason)
    assert "header" in str(by_key["r3"].reason)
    summary = summarize(results)
    assert (summary.records, summary.missing, summary.failed, summary.leads) == (4, 1, 1, 48)
    assert by_key["r2"].snr_2024_db == by_key["r3"].snr_2024_db == 0
    scores = [lead.score_2024.snr_db for result in results for lead in result.leads]
    assert summary.snr_2024_db == pytest.approx(np.nanmean(scores))
    assert summary.snr_2025_db == pytest.approx(10 * math.log10(np.mean([r.ratio_2025 for r in results])))
    worst = {spread.measure.key: spread.worst_key for spread in summary.spreads}
    assert worst["snr_raw_db"] == worst["mse_uv2"] == "sub/r1"
    assert worst["snr_2024_db"] in {"r2", "r3"}


def test_single_records_are_compared_whatever_their_names(folders: tuple[Path, Path]) -> None:
    reference, estimate = folders
    (result,), extra = compare_folders(reference / "r0", estimate / "other")
    assert result.reason is None
    assert result.estimate == "other"
    assert not extra
    assert result.mean("mse_mv2") == 0


def test_a_missing_lead_is_compared_with_nothing() -> None:
    record = next(iter(builtin_records(1)))
    partial = Record.from_array(noisy(record).signals_mv[:3], record.leads[:3], 500)
    result = compare_records(record, partial)
    assert [lead.score_2024.snr_db == 0 for lead in result.leads] == [False] * 3 + [True] * 9
    assert result.leads[5].errors.coverage == 0
    assert result.leads[5].beats is not None
    assert result.leads[5].beats.missed == result.leads[5].beats.beats > 0


def test_leads_that_are_not_drawn_do_not_count() -> None:
    record = next(iter(builtin_records(1)))
    signals = record.signals_mv.copy()
    signals[4:] = np.nan
    assert len(compare_records(replace(record, signals_mv=signals), record).leads) == 4


def test_order_and_case_of_leads_do_not_matter() -> None:
    record = next(iter(builtin_records(1)))
    reading = noisy(record)
    turned = Record.from_array(reading.signals_mv[::-1], [name.upper() for name in record.leads[::-1]], 500)
    wanted, found = compare_records(record, reading), compare_records(record, turned)
    assert found.snr_2024_db == wanted.snr_2024_db
    first = record.leads[0]
    assert found.leads[0].score_2024.snr_db == snr_2024_db(record.lead(first), reading.lead(first), 500)


def test_other_sampling_rates_are_refused_or_resampled() -> None:
    record = next(iter(builtin_records(1)))
    reading = resampled(record, 1000)
    with pytest.raises(RecordError, match=r"1000 Hz and the reference 500 Hz"):
        compare_records(record, reading)
    assert compare_records(record, reading, resample=True).snr_raw_db > 60 or math.isnan(
        compare_records(record, reading, resample=True).snr_raw_db
    )


def test_resampling_keeps_gaps() -> None:
    record = Record.from_array([[0.0, 1.0, np.nan, 3.0, 4.0]], ["I"], 100)
    found = resampled(record, 200).signals_mv[0]
    assert np.array_equal(found, [0, 0.5, 1, *[np.nan] * 3, 3, 3.5, 4, 4], equal_nan=True)


def test_names_that_datasets_give() -> None:
    references = ["a/x 1", "b/y", "c/y", "z"]
    found = matched(references, ["a_2f_x_20_1-0", "b/y-0", "y", "z-0-copy1", "z-1"])
    assert found == {"a/x 1": "a_2f_x_20_1-0", "b/y": "b/y-0", "z": "z-0-copy1"}  # "y" may be either


def test_reports_say_the_same(folders: tuple[Path, Path]) -> None:
    results, extra = compare_folders(*folders)
    summary = summarize(results)
    told = orjson.loads(as_json(results, summary, extra))
    assert told["summary"]["snr_2024_db"] == pytest.approx(summary.snr_2024_db)
    assert told["summary"]["extra_estimates"] == ["other"]
    assert told["summary"]["intervals"]["QT"]["beats"] == summary.intervals["QT"].count > 0
    assert [record["record"] for record in told["records"]] == [result.key for result in results]
    rows = list(csv.DictReader(io.StringIO(as_csv(results))))
    assert len(rows) == summary.leads
    r0 = [float(row["snr_2024_db"]) for row in rows if row["record"] == "r0"]
    assert np.mean(r0) == pytest.approx(told["records"][0]["snr_2024_db"])
    assert {row["reason"] for row in rows if row["record"] == "r2"} == {"there is no estimate"}
    page = as_html(results, summary, "<both>")
    assert "<both>" not in page
    for picture in page.split("<svg")[1:]:
        ET.fromstring("<svg" + picture.partition("</svg>")[0] + "</svg>")
    assert page.count("<svg") == 12
    assert "sub/r1" in page
    assert "http" not in page  # it needs nothing else


def test_nothing_is_no_number() -> None:
    summary = summarize([])
    assert orjson.loads(as_json([], summary))["summary"]["snr_2024_db"] is None
    assert "<svg" in as_html([], summary, "nothing")


def test_histograms_count_every_value() -> None:
    values = [1.0, 2.0, 2.0, math.nan, 5.0]
    counts, low, high = histogram(values, 4)
    assert (counts, low, high) == ([1, 2, 0, 1], 1.0, 5.0)
    assert sparkline(values, 4) == "▄█ ▄"
    assert sparkline([], 3) == "   "
    assert histogram([2.0], 2) == ([0, 1], 1.5, 2.5)
