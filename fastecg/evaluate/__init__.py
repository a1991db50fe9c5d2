"""How well a digitized ECG agrees with its reference: signal-to-noise ratios, errors, intervals, reports."""

from fastecg.evaluate.challenge2024 import Score2024, mean_2024_db, score_2024, snr_2024_db
from fastecg.evaluate.compare import LeadResult, RecordResult, compare_folders, compare_records
from fastecg.evaluate.delineation import Beat, delineate
from fastecg.evaluate.intervals import Agreement, BeatPairs, agreement, compare_beats
from fastecg.evaluate.kaggle2025 import Power2025, power_2025, ratio_2025, snr_2025_db
from fastecg.evaluate.report import as_csv, as_html, as_json
from fastecg.evaluate.signals import Errors, errors, snr_raw_db
from fastecg.evaluate.summary import Summary, summarize

__all__ = [
    "Agreement",
    "Beat",
    "BeatPairs",
    "Errors",
    "LeadResult",
    "Power2025",
    "RecordResult",
    "Score2024",
    "Summary",
    "agreement",
    "as_csv",
    "as_html",
    "as_json",
    "compare_beats",
    "compare_folders",
    "compare_records",
    "delineate",
    "errors",
    "mean_2024_db",
    "power_2025",
    "ratio_2025",
    "score_2024",
    "snr_2024_db",
    "snr_2025_db",
    "snr_raw_db",
    "summarize",
]
