"""Strips cut out of pages that lie flat, by an affine map written here on its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.read_out import StripReader, read_strip, samples_mv
from fastecg.page import Page

MARGIN_MM = 5.0


@dataclass(frozen=True)
class FlatRow:
    """A strip and the leads on it: samples in mV, place of each sample in mm from the left, mm per mV."""

    strip: NDArray[np.uint8]
    leads: list[tuple[NDArray[np.float64], NDArray[np.float64], float]]


def flat_rows(page: Page, height: int = 352) -> Iterator[FlatRow]:
    assert page.truth.camera.is_identity
    drawing = page.truth.drawing
    scale, start = drawing.px_per_mm, page.spec.window.start_sample
    for row, baseline in enumerate(drawing.geometry.baselines):
        traces = [trace for trace in drawing.traces if trace.row == row]
        x0 = min(trace.origin[0] for trace in traces) / scale - MARGIN_MM
        x1 = max(trace.origin[0] + trace.width for trace in traces) / scale + MARGIN_MM
        width = round((x1 - x0) * 10)
        top = baseline - height / 16
        # Strip pixel j has its middle at (j + 0.5) / 10 mm; image pixel i at i + 0.5.
        to_image = np.array(
            [
                [scale / 10, 0, (x0 + 0.05) * scale - 0.5],
                [0, scale / 8, (top + 0.0625) * scale - 0.5],
            ]
        )
        strip = cv2.warpAffine(
            page.image,
            to_image,
            (width, height),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        leads = []
        for trace in traces:
            part = slice(start + trace.start_sample, start + trace.end_sample)
            truth = page.truth.record.lead(trace.lead)[part].astype(np.float64)
            leads.append((truth, trace.points[:, 0] / scale - x0, trace.gain_mm_mv))
        yield FlatRow(np.asarray(strip, np.uint8), leads)


def snrs_db(page: Page, reader: StripReader) -> list[float]:
    found = []
    for row in flat_rows(page):
        reading = read_strip(row.strip, reader)
        for truth, x_mm, gain in row.leads:
            samples, _ = samples_mv(reading, x_mm=x_mm, gain_mm_mv=gain)
            error = np.nan_to_num(samples.astype(np.float64)) - truth
            found.append(float(10 * np.log10(np.mean(truth**2) / np.mean(error**2))))
    return found
