"""Rows of rendered pages as strips, with what a network has to find in them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.strips import COLUMNS_MM, HALF_MM, X_PX_MM, Y_PX_MM
from fastecg.page import Page
from fastecg_kernels import load_backend

KNOT_MM = 2.0
"""Distance of the points at which the camera is asked; it is bilinear between."""


@dataclass(frozen=True, slots=True)
class Slip:
    """How a strip fails to lie where it should: what a digitizer's geometry leaves over.

    Values are in mm; ``wave_mm`` is the height of a sine along the row of ``wave_length_mm``.
    """

    dx_mm: float = 0.0
    dy_mm: float = 0.0
    stretch: float = 0.0
    skew: float = 0.0
    wave_mm: float = 0.0
    wave_length_mm: float = 60.0
    phase: float = 0.0

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Slip:
        """Draw a slip of the usual size."""
        return cls(
            dx_mm=float(rng.normal(0, 0.15)),
            dy_mm=float(rng.normal(0, 0.5)),
            stretch=float(rng.normal(0, 0.002)),
            skew=float(rng.normal(0, 0.002)),
            wave_mm=float(abs(rng.normal(0, 0.1))),
            wave_length_mm=float(rng.uniform(30, 200)),
            phase=float(rng.uniform(0, 2 * np.pi)),
        )

    def down(self, x_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far below its place on the paper the strip's middle lies, mm."""
        return (
            self.dy_mm
            + self.skew * x_mm
            + self.wave_mm * np.sin(2 * np.pi * x_mm / self.wave_length_mm + self.phase)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of a row of a page.

    Parameters
    ----------
    strip
        Shape (352, W, 3), uint8 RGB.
    ink
        Shape (352, W), uint8: coverage by the row's own traces and nothing else.
    y_px
        Shape (2 W,), float32: height of the trace at each column of the read-out, in pixels from
        the strip's top; NaN where there is none, or none to see.
    """

    strip: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    y_px: NDArray[np.float32]


def row_of(page: Page, row: int, x0_mm: float, width_px: int, slip: Slip, half_mm: float = HALF_MM) -> Row:
    """Cut a stretch of a row out of a page, flat and with its truth.

    Parameters
    ----------
    page
        A rendered page.
    row
        Index of the row.
    x0_mm
        Where on the paper the stretch begins.
    width_px
        Its width in pixels of the strip.
    slip
        What is wrong with the place.
    half_mm
        What the strip shows above and below the baseline.
    """
    truth, height = page.truth, round(2 * half_mm * Y_PX_MM)
    baseline_mm = truth.drawing.geometry.baselines[row]
    strip = _resample(page, (x0_mm, baseline_mm), (width_px, height), slip)
    canvas = np.zeros((round(2 * half_mm * X_PX_MM), width_px), np.uint8)
    y_px = np.full(COLUMNS_MM // X_PX_MM * width_px, np.nan, np.float32)
    columns = (np.arange(len(y_px)) + 0.5) / COLUMNS_MM
    kernels = load_backend("cpu")
    scale = truth.drawing.px_per_mm
    for trace in truth.drawing.traces:
        if trace.row != row or not len(trace.points):
            continue
        points = trace.points / scale
        x_mm = (points[:, 0] - x0_mm - slip.dx_mm) / (1 + slip.stretch)
        y_mm = points[:, 1] - baseline_mm - slip.down(x_mm) + half_mm
        placed = np.column_stack([x_mm, y_mm]) * X_PX_MM
        half = truth.drawing.trace_half_width / scale * X_PX_MM
        kernels.polyline_coverage(canvas, np.clip(placed, -1e6, 1e6).astype(np.float32), half)
        if len(points) > 1:
            read = np.interp(columns, x_mm, y_mm, left=np.nan, right=np.nan) * Y_PX_MM
            # NaN in the samples spreads to both neighbours, as no line is drawn there.
            y_px = np.where(np.isnan(read), y_px, read).astype(np.float32)
    y_px[(y_px < 0) | (y_px >= height)] = np.nan
    _forget_unseen(page, y_px, (x0_mm, baseline_mm - half_mm), slip)
    ink = np.asarray(cv2.resize(canvas, (width_px, height), interpolation=cv2.INTER_AREA), np.uint8)
    return Row(strip, ink, y_px)


def to_page_mm(
    x_mm: NDArray[np.float64], y_mm: NDArray[np.float64], baseline_mm: float, x0_mm: float, slip: Slip
) -> NDArray[np.float64]:
    """Return where points of a strip, in mm from its left end and its middle, lie on the paper."""
    return np.column_stack(
        [x0_mm + slip.dx_mm + (1 + slip.stretch) * x_mm, baseline_mm + slip.down(x_mm) + y_mm]
    )


def _resample(
    page: Page, place_mm: tuple[float, float], size: tuple[int, int], slip: Slip
) -> NDArray[np.uint8]:
    """Sample the image once, at the strip's pixels."""
    (x0_mm, baseline_mm), (width_px, height) = place_mm, size
    half_mm = height / Y_PX_MM / 2
    camera, scale = page.truth.camera, page.truth.drawing.px_per_mm
    xs = np.arange(0.0, width_px / X_PX_MM + 2 * KNOT_MM, KNOT_MM)
    ys = np.arange(-half_mm, half_mm + KNOT_MM, KNOT_MM)
    grid_x, grid_y = np.meshgrid(xs, ys)
    paper = to_page_mm(grid_x.ravel(), grid_y.ravel(), baseline_mm, x0_mm, slip)
    seen = camera.to_image(paper * scale).reshape(*grid_x.shape, 2).astype(np.float32)
    across = np.tile((np.arange(width_px, dtype=np.float32) + 0.5) / X_PX_MM / KNOT_MM, (height, 1))
    down = np.tile(((np.arange(height, dtype=np.float32) + 0.5) / Y_PX_MM / KNOT_MM)[:, None], (1, width_px))
    places = cv2.remap(seen, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    x, y = (np.ascontiguousarray(places[:, :, k], np.float32) - np.float32(0.5) for k in (0, 1))
    image = page.image
    steps = np.linalg.norm(seen[:, 1] - seen[:, 0], axis=1) / (KNOT_MM * X_PX_MM)
    finer = float(np.nanmedian(steps))
    if finer > 1.1:  # several pixels of the image in one of the strip
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 * finer), np.uint8)
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _forget_unseen(page: Page, y_px: NDArray[np.float32], corner_mm: tuple[float, float], slip: Slip) -> None:
    """Make those columns NaN where the trace lies beyond the image, or where the paper is gone."""
    known = np.flatnonzero(~np.isnan(y_px))
    if not len(known):
        return
    x_mm = (known + 0.5) / COLUMNS_MM
    y_mm = y_px[known].astype(np.float64) / Y_PX_MM
    truth = page.truth
    paper = to_page_mm(x_mm, y_mm, corner_mm[1], corner_mm[0], slip)
    seen = truth.camera.to_image(paper * truth.drawing.px_per_mm)
    height, width = truth.camera.shape
    x, y = np.floor(seen[:, 0]), np.floor(seen[:, 1])
    lost = ~((x >= 0) & (y >= 0) & (x < width) & (y < height))
    if truth.spec.damage.enabled:
        column, line = np.where(lost, 0, x).astype(int), np.where(lost, 0, y).astype(int)
        lost |= page.masks.paper()[line, column] < 128
    y_px[known[lost]] = np.nan
