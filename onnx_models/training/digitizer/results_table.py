"""Results of whole pages as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from fastecg.evaluate.kaggle2025 import snr_2025_db

Lines = list[dict[str, Any]]

HEAD = (
    "recipe",
    "pages",
    "SNR 2024, dB",
    "sd",
    "median",
    "SNR raw, dB",
    "SNR 2025, dB",
    "PSNR, dB",
    "MSE, µV²",
    "RR, ms",
    "QT, ms",
    "QRS, ms",
    "beats missed",
    "failed",
    "s/page",
)


def tables(lines: Lines, poor_db: float) -> str:
    """Return a table for each resolution and rate.

    Parameters
    ----------
    lines
        What :mod:`training.digitizer.results` wrote.
    poor_db
        Pages below count as failed.
    """
    kinds = sorted(
        {(line["dpi"], line["rate_hz"]) for line in lines}, key=lambda kind: (kind != (200, 500), kind)
    )
    return "\n".join(_table(lines, dpi, rate, poor_db) for dpi, rate in kinds)


def _table(lines: Lines, dpi: int, rate_hz: int, poor_db: float) -> str:
    mine = [line for line in lines if (line["dpi"], line["rate_hz"]) == (dpi, rate_hz)]
    recipes = list(dict.fromkeys(line["recipe"] for line in mine))
    rows = [
        [recipe, *_cells([line for line in mine if line["recipe"] == recipe], poor_db)] for recipe in recipes
    ]
    if len(rows) > 1:
        rows.append(["all", *_cells(mine, poor_db)])
    head = (
        f"{dpi} dpi, records of {rate_hz} Hz:\n\n" + _row(HEAD) + _row(["---"] + ["---:"] * (len(HEAD) - 1))
    )
    return head + "".join(map(_row, rows))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _cells(lines: Lines, poor_db: float) -> list[str]:
    leads = np.array([value for line in lines for value in line["leads"].values()])
    pages = np.array([line["snr_2024_db"] for line in lines])
    failed = sum(bool(line["refused"]) or line["snr_2024_db"] < poor_db for line in lines)
    read = [line for line in lines if not line["refused"]]
    beats = sum(line["beats"] for line in read)
    return [
        str(len(lines)),
        f"{leads.mean():.2f}",
        f"{pages.std():.2f}",
        f"{np.median(pages):.2f}",
        f"{np.mean([line['snr_raw_db'] for line in read]):.2f}",
        f"{snr_2025_db([line['ratio_2025'] for line in lines]):.2f}",
        f"{np.mean([line['psnr_db'] for line in read]):.1f}",
        f"{1e6 * np.nanmedian([line['mse_mv2'] for line in read]):.0f}",
        *(_spread(read, name) for name in ("RR", "QT", "QRS")),
        f"{100 * sum(line['missed'] for line in read) / max(beats, 1):.1f} %",
        f"{failed}",
        f"{np.median([line['cpu_s'] for line in lines]):.1f}",
    ]


def _spread(lines: Lines, name: str) -> str:
    """Return the median size of an interval's error over all beats, and the 95th percentile."""
    values = np.abs([value for line in lines for value in line["ms"][name]])
    return f"{np.median(values):.0f} ({np.percentile(values, 95):.0f})" if values.size else "-"
