"""Measure the read-out on strips of unseen records: ``python -m training.digitizer.measure --help``.

The strips lie where the truth says (or slip as a digitizer's do, with ``--slip``), so what is measured is the
read-out alone: from the strip to millivolts.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import fastecg
from fastecg.digitize.read_out import StripReader, open_reader, read_strip, samples_mv
from fastecg.digitize.reading import HALVES, Reading
from fastecg.digitize.strips import TALL_HALF_MM, X_PX_MM
from fastecg.drawing import Trace
from fastecg.page import Page
from fastecg.record import Record
from training.digitizer.crops import RECIPES
from training.digitizer.rows import Slip, row_of
from training.digitizer.split import Part, builtin, real_records

MARGIN_MM = 4.0


class TruthReader:
    """Gives back the truth of the strip that is set: what sampling alone loses."""

    method = "truth"

    def __init__(self) -> None:
        self.y_px: NDArray[np.float32] = np.empty(0, np.float32)

    def read(self, strip: NDArray[np.uint8]) -> Reading:
        """Return the truth."""
        return Reading(self.y_px, np.ones(HALVES * strip.shape[1], np.float32))


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead as drawn and as read, mV."""

    page: int
    name: str
    reference: NDArray[np.float64]
    found: NDArray[np.float64]

    def snr_db(self, *, aligned: bool = False) -> float:
        """Return the SNR in dB times the share of samples read; 0 without a finite ratio.

        ``raw`` as in the PhysioNet Challenge 2024 before its alignment; aligned takes the offset out,
        and the best shift of up to 20 samples.
        """
        usable = np.isfinite(self.reference)
        power = float(np.mean(self.reference[usable] ** 2)) if usable.any() else 0.0
        shifts = range(-20, 21) if aligned else (0,)
        noises = []
        for shift in shifts:
            error = self.reference - np.roll(self.found, shift)
            error = error[20:-20] if aligned else error
            both = error[np.isfinite(error)]
            if len(both):
                noises.append(float(np.var(both) if aligned else np.mean(both**2)))
        if not noises or power == 0 or min(noises) == 0:
            return 0.0
        share = np.count_nonzero(usable & np.isfinite(self.found)) / np.count_nonzero(usable)
        return float(10 * np.log10(power / min(noises)) * share)


def read_page(page: Page, reader: StripReader, number: int = 0, slip: Slip | None = None) -> Iterator[Lead]:
    """Read all leads of a page from strips that lie where the truth says."""
    drawing, record = page.truth.drawing, page.truth.record
    scale, first = drawing.px_per_mm, page.spec.window.start_sample
    for row in range(len(drawing.geometry.baselines)):
        traces = [trace for trace in drawing.traces if trace.row == row and len(trace.points) > 40]
        if not traces:
            continue
        x0 = min(trace.origin[0] for trace in traces) / scale - MARGIN_MM
        x1 = max(trace.origin[0] + trace.width for trace in traces) / scale + MARGIN_MM
        cut = row_of(page, row, x0, int(np.ceil((x1 - x0) * X_PX_MM)), slip or Slip())
        if isinstance(reader, TruthReader):
            reader.y_px = cut.y_px
        reading = read_strip(cut.strip, reader)
        if reading.leaves_strip and reader.method != "truth":
            cut = row_of(page, row, x0, cut.strip.shape[1], slip or Slip(), TALL_HALF_MM)
            reading = read_strip(cut.strip, reader)
        for trace in traces:
            mv, _ = _samples(reading, trace, scale, x0)
            part = slice(first + trace.start_sample, first + trace.end_sample)
            reference = record.lead(trace.lead)[part].astype(np.float64)
            yield Lead(number, trace.lead, reference, mv.astype(np.float64))


def _samples(reading: Reading, trace: Trace, scale: float, x0: float) -> tuple[Any, Any]:
    x_mm = trace.points[:, 0] / scale - x0
    return samples_mv(reading, x_mm=x_mm, gain_mm_mv=trace.gain_mm_mv)


def records_of(folder: Path | None, part: Part, count: int) -> list[Record]:
    """Return unseen records in a fixed mixed order; built-in ones where there is no folder."""
    if folder is None:
        return list(builtin(count))
    found = real_records(folder, part)
    order = np.random.default_rng(4).permutation(len(found))
    return [found[k] for k in order[:count]]


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, help="folder of real records; else the built-in ones")
    parser.add_argument("--part", default="test", choices=("test", "validation"))
    parser.add_argument("--pages", type=int, default=10, help="of each recipe")
    parser.add_argument("--recipes", default=",".join(RECIPES))
    parser.add_argument("--methods", default="network,plain,truth")
    parser.add_argument("--precision", default="int8")
    parser.add_argument("--model", type=Path, help="folder of a model; else the shipped one")
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--slip", action="store_true", help="let the strips slip")
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    readers = {method: reader_of(method, wanted) for method in wanted.methods.split(",")}
    records = records_of(wanted.records, wanted.part, wanted.pages)
    for recipe in wanted.recipes.split(","):
        generator = fastecg.Generator(recipe, overrides={"page.dpi": wanted.dpi})
        pages = [generator.render_spec(record, generator.draw(record, seed=5)) for record in records]
        for method, reader in readers.items():
            print(json.dumps({"recipe": recipe, "method": method, **figures(pages, reader, wanted.slip)}))  # noqa: T201


def reader_of(method: str, wanted: argparse.Namespace) -> StripReader:
    """Return the reader of a name."""
    if method == "truth":
        return TruthReader()
    if method == "plain":
        return open_reader("plain")
    from fastecg.digitize.read_out import NetworkReader  # noqa: PLC0415 - needs ONNX Runtime

    if wanted.model is None:
        return NetworkReader(wanted.precision)
    return NetworkReader(wanted.precision, folder=wanted.model)


def figures(pages: list[Page], reader: StripReader, slips: bool = False) -> dict[str, float]:
    """Return mean, spread and worst of the SNR over all leads, and the seconds."""
    since = time.process_time()
    rng = np.random.default_rng(8)
    leads = [
        lead
        for number, page in enumerate(pages)
        for lead in read_page(page, reader, number, Slip.draw(rng) if slips else None)
    ]
    seconds = time.process_time() - since
    raw = np.array([lead.snr_db() for lead in leads])
    aligned = np.array([lead.snr_db(aligned=True) for lead in leads])
    missing = np.mean([np.mean(np.isnan(lead.found) & np.isfinite(lead.reference)) for lead in leads])
    return {
        "snr_db": round(float(raw.mean()), 2),
        "aligned_db": round(float(aligned.mean()), 2),
        "sd_db": round(float(raw.std()), 2),
        "median_db": round(float(np.median(raw)), 2),
        "worst_db": round(float(raw.min()), 1),
        "below_10_db": round(float(np.mean(raw < 10)), 4),
        "missing": round(float(missing), 4),
        "leads": float(len(leads)),
        "cpu_s_per_page": round(seconds / len(pages), 2),
    }


if __name__ == "__main__":
    main()
