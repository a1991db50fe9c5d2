"""How well a digitized ECG agrees with its reference: signal-to-noise ratios, errors, intervals, reports."""

from fastecg.evaluate.challenge2024 import Score2024, mean_2024_db, score_2024, snr_2024_db
from fastecg.evaluate.kaggle2025 import Power2025, power_2025, ratio_2025, snr_2025_db
from fastecg.evaluate.signals import Errors, errors, snr_raw_db

__all__ = [
    "Errors",
    "Power2025",
    "Score2024",
    "errors",
    "mean_2024_db",
    "power_2025",
    "ratio_2025",
    "score_2024",
    "snr_2024_db",
    "snr_2025_db",
    "snr_raw_db",
]
