"""digitize: an image of a paper ECG to a record, a report and a picture of what was read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.evidence import check_after, check_before
from fastecg.digitize.layout_match import Segment
from fastecg.digitize.light import shrink
from fastecg.digitize.page_reading import Understood, understand
from fastecg.digitize.paper import find_paper
from fastecg.digitize.read_out import StripReader, open_reader, samples_mv
from fastecg.digitize.reading import Reading
from fastecg.digitize.rectify import Rectifier
from fastecg.digitize.redundancy import fill_limb_leads
from fastecg.digitize.strips import COLUMNS_MM, HALF_MM, TALL_HALF_MM, X_PX_MM, Y_PX_MM
from fastecg.digitize.timing import told_speed, told_timing
from fastecg.errors import DigitizeError
from fastecg.leads import standard_order
from fastecg.record import Record

Floats = NDArray[np.floating[Any]]

RATE_HZ: Final = 500.0
MARGIN_MM: Final = 3.0
SMALLEST_PX: Final = 100
LARGEST_PX: Final = 120_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Digitized:
    """What was read from an image.

    Parameters
    ----------
    record
        Leads in mV; NaN where nothing can be said.
    confidence
        Shape of the signals, 0 to 1.
    report
        Plain values: scales, layout, leads, checks, warnings.
    segments
        Where leads stand, in mm on paper.
    rectifier
        Paper to image.
    readings
        What was read of each row: where its strip begins in mm, and its baseline.
    """

    record: Record
    confidence: Floats
    report: dict[str, Any]
    segments: tuple[Segment, ...]
    rectifier: Rectifier
    readings: dict[int, tuple[float, float, Reading]]


def digitize(
    image: NDArray[np.uint8],
    *,
    name: str = "page",
    sampling_rate_hz: float = RATE_HZ,
    dpi: float | None = None,
    reader: StripReader | None = None,
) -> Digitized:
    """Read the leads from an image of a paper ECG.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB.
    name
        Name of the record.
    sampling_rate_hz
        Samples per second of the record, 50 to 10,000.
    dpi
        What the file says of its resolution; it helps where there is no grid.
    reader
        Reads strips; the best one there is unless given.

    Raises
    ------
    DigitizeError
        If it is no such image, or no trace is found on it.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise DigitizeError(
            f"the image has shape {image.shape} and type {image.dtype}", "(H, W, 3) and uint8"
        )
    if min(image.shape[:2]) < SMALLEST_PX or image.shape[0] * image.shape[1] > LARGEST_PX:
        raise DigitizeError(
            f"the image has {image.shape[1]} x {image.shape[0]} pixels",
            f"{SMALLEST_PX} to {LARGEST_PX:g} in all",
        )
    begun = time.perf_counter()
    paper = find_paper(image, dpi)
    found = check_before(understand(image, paper), has_grid=paper.grid is not None)
    geometry_s = time.perf_counter() - begun
    readings = _read_rows(image, found, reader or open_reader())
    found = told_timing(told_speed(found, readings), readings)
    record, confidence = _assemble(found, readings, name, sampling_rate_hz)
    check_after(found, record, confidence)
    limb_off = fill_limb_leads(record.signals_mv, confidence, record.leads)
    report = _report(found, paper.sureness, paper.grid is not None, record, confidence)
    report["limb_leads_off_mv"] = limb_off
    report["seconds"] = {"geometry": round(geometry_s, 3), "all": round(time.perf_counter() - begun, 3)}
    return Digitized(record, confidence, report, found.segments, found.rectifier, readings)


def _read_rows(
    image: NDArray[np.uint8], found: Understood, reader: StripReader
) -> dict[int, tuple[float, float, Reading]]:
    """Cut and read a strip for every row that has segments."""
    readings = {}
    for row in sorted({segment.row for segment in found.segments}):
        mine = [segment for segment in found.segments if segment.row == row]
        x0 = min(segment.x0_mm for segment in mine) - MARGIN_MM
        x1 = max(segment.x1_mm for segment in mine) + MARGIN_MM
        baseline = mine[0].baseline_mm
        for half in (HALF_MM, TALL_HALF_MM):  # tall waves are read again from a taller strip
            region = (x0, baseline - half, x1, baseline + half)
            reading = reader.read(found.rectifier.resample(image, region, (X_PX_MM, Y_PX_MM)))
            if not reading.leaves_strip:
                break
        readings[row] = (x0, baseline, reading)
    return readings


def _assemble(
    found: Understood, readings: dict[int, tuple[float, float, Reading]], name: str, rate: float
) -> tuple[Record, Floats]:
    """Put the segments' samples where they belong in time; of two readings the surer counts more."""
    length = max(round((s.start_s + (s.x1_mm - s.x0_mm) / s.speed_mm_s) * rate) for s in found.segments)
    leads = standard_order(tuple(dict.fromkeys(s.lead.removeprefix("-") for s in found.segments)))
    total = np.zeros((len(leads), length), np.float64)
    weight = np.zeros((len(leads), length), np.float64)
    best = np.zeros((len(leads), length), np.float32)
    for segment in found.segments:
        x0, _, reading = readings[segment.row]
        first = int(np.ceil(segment.start_s * rate - 1e-6))
        last = min(
            int(
                np.ceil(
                    (segment.start_s + (segment.x1_mm - segment.x0_mm) / segment.speed_mm_s) * rate - 1e-6
                )
            ),
            length,
        )
        times = np.arange(first, last) / rate
        x_mm = segment.x0_mm - x0 + (times - segment.start_s) * segment.speed_mm_s
        values, sure = samples_mv(reading, x_mm=x_mm, gain_mm_mv=segment.gain_mm_mv)
        if segment.lead.startswith("-"):
            values = -values
        row = leads.index(segment.lead.removeprefix("-"))
        known = np.isfinite(values)
        share = np.where(known, np.maximum(sure, 1e-3) ** 2, 0.0)
        total[row, first:last] += np.where(known, values, 0.0) * share
        weight[row, first:last] += share
        best[row, first:last] = np.maximum(best[row, first:last], np.where(known, sure, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        signals = np.where(weight > 0, total / weight, np.nan).astype(np.float32)
    return Record(name, signals, leads, rate), np.clip(best, 0, 1)


def _report(
    found: Understood, sureness: float, has_grid: bool, record: Record, confidence: Floats
) -> dict[str, Any]:
    share = np.isfinite(record.signals_mv).mean(axis=1)
    warnings = []
    if not has_grid:
        warnings.append("no grid is found: millimetres are a guess from the size of the page")
    elif sureness < 0.4:
        warnings.append("the grid does not tell surely which of its lines are 1 mm apart")
    if found.notes["speed_from"] == "usual":
        warnings.append(f"the speed is not told: {found.speed_mm_s:g} mm/s is taken")
    if found.notes["gain_from"] == "usual":
        warnings.append(f"the gain is not told: {found.gain_mm_mv:g} mm/mV is taken")
    if found.match.read < 0.5 * len(found.match.slots):
        warnings.append(f"{found.match.read} of {len(found.match.slots)} lead names are read")
    return {
        "layout": found.match.name,
        "layout_score": round(found.match.score, 2),
        "names_read": found.match.read,
        "turned_deg": 90 * found.quarters,
        "grid": has_grid,
        "grid_sureness": round(sureness, 2),
        "px_per_mm": [
            round(v, 3)
            for v in found.rectifier.px_per_mm(np.array([[s.x0_mm, s.baseline_mm] for s in found.segments]))
        ],
        "speed_mm_s": found.speed_mm_s,
        "speed_from": found.notes["speed_from"],
        "gain_mm_mv": found.gain_mm_mv,
        "gain_from": found.notes["gain_from"],
        "leads": {
            lead: {
                "share": round(float(share[k]), 3),
                "confidence": round(
                    float(confidence[k][confidence[k] > 0].mean()) if (confidence[k] > 0).any() else 0.0, 3
                ),
            }
            for k, lead in enumerate(record.leads)
        },
        "segments": [
            {
                "lead": s.lead,
                "kind": s.kind,
                "row": s.row,
                "x_mm": [round(s.x0_mm, 2), round(s.x1_mm, 2)],
                "baseline_mm": round(s.baseline_mm, 2),
                "start_s": round(s.start_s, 3),
            }
            for s in found.segments
        ],
        "warnings": warnings,
    }


def overlay(
    image: NDArray[np.uint8], result: Digitized, *, longest_px: int | None = None
) -> NDArray[np.uint8]:
    """Return the image, paler, with the read traces and lead names on it.

    Parameters
    ----------
    image
        What was digitized.
    result
        What came of it.
    longest_px
        Longer side that the picture may have; that of the image unless given.
    """
    import cv2  # noqa: PLC0415 - 0.1 s to import

    image, share = shrink(image, longest_px or max(image.shape))
    rectifier = result.rectifier if share == 1 else result.rectifier.scaled(share)
    picture = (255 - (255 - image) // 2).astype(np.uint8)
    colors = ((200, 0, 0), (0, 90, 200), (0, 140, 0), (180, 0, 180), (200, 110, 0), (0, 140, 150))
    thick = max(round(max(image.shape) / 1600), 1)
    for k, segment in enumerate(result.segments):
        x0, baseline, reading = result.readings[segment.row]
        x = x0 + (np.arange(len(reading.y_px)) + 0.5) / COLUMNS_MM
        inside = (x >= segment.x0_mm) & (x <= segment.x1_mm)
        y = baseline + (reading.y_px[inside] - reading.middle_px) / Y_PX_MM
        color = colors[k % len(colors)]
        points = rectifier.to_image(np.column_stack([x[inside], y]))
        gaps = np.flatnonzero(~np.isfinite(points[:, 1]) | (reading.confidence[inside] < 0.15))
        for part in np.split(points, gaps):
            run = part[np.isfinite(part[:, 1])]
            if len(run) > 1:
                cv2.polylines(
                    picture, [np.round(run * 16 - 8).astype(np.int32)], False, color, thick, cv2.LINE_AA, 4
                )
        corner = rectifier.to_image(np.array([[segment.x0_mm + 2, segment.baseline_mm - 5]]))[0]
        if np.isfinite(corner).all():
            at = (int(corner[0]), int(corner[1]))
            cv2.putText(
                picture, segment.lead, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6 * thick, color, thick, cv2.LINE_AA
            )
    return picture
