"""The three ratios once more, straight from their definitions: slow, and sharing nothing with the library."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.optimize import minimize_scalar
from scipy.signal import correlate, correlation_lags, fftconvolve

Lead = NDArray[np.float64]


def plain_raw_db(reference: Lead, estimate: Lead) -> float:
    """Return the ratio of powers over the samples in both."""
    signal = noise = 0.0
    for x, y in zip(reference, estimate, strict=False):
        if math.isfinite(x) and math.isfinite(y):
            signal += x * x
            noise += (x - y) * (x - y)
    return 10 * math.log10(signal / noise)


def plain_picture(lead: Lead, low: float, high: float, columns: int) -> NDArray[np.float64]:
    """Return the smoothed picture of a curve."""
    picture = np.zeros((256, columns))
    for column, value in enumerate(lead):
        if math.isfinite(value):
            level = round(255 * (value - low) / (high - low) + 1)  # to even, as numpy does
            picture[min(max(level, 1), 256) - 1, column] = 1
    smooth: NDArray[np.float64] = gaussian_filter(picture, 0.5)
    return smooth


def plain_shift(reference: Lead, estimate: Lead) -> tuple[int, float]:
    """Return samples late and mV high."""
    low = min(np.nanmin(reference), np.nanmin(estimate))
    high = max(np.nanmax(reference), np.nanmax(estimate))
    columns = max(len(reference), len(estimate))
    first, second = (plain_picture(lead, low, high, columns) for lead in (reference, estimate))
    alike = fftconvolve(first, second[::-1, ::-1])
    best = alike.max()
    itself = fftconvolve(first, first[::-1, ::-1])  # its peak is where nothing is moved
    zero_row, zero_column = np.unravel_index(np.argmax(itself), itself.shape)
    ties = [
        (int(zero_column - column), int(zero_row - row))
        for row, column in zip(*np.nonzero(alike >= best - 1e-9 * max(best, 1)), strict=True)
    ]
    late, higher = min(ties, key=lambda tie: (abs(tie[0]), abs(tie[1]), tie))
    return int(late), float(higher / 255 * (high - low))


def plain_2024_db(reference: Lead, estimate: Lead, rate: float) -> float:
    """Return the score of the Challenge."""
    if np.isfinite(reference).any() and np.isfinite(estimate).any():
        late, higher = plain_shift(reference, estimate)
        if abs(late) <= round(0.5 * rate) and abs(higher) <= 1:
            moved = {sample - late: value - higher for sample, value in enumerate(estimate)}
        else:
            moved = dict(enumerate(estimate))
    else:
        moved = {}
    wanted = [sample for sample, value in enumerate(reference) if math.isfinite(value)]
    both = [sample for sample in wanted if math.isfinite(moved.get(sample, math.nan))]
    if wanted and not both:
        return 0.0
    if not wanted:
        return math.nan
    signal = sum(reference[sample] ** 2 for sample in both) / len(both)
    noise = sum((reference[sample] - moved[sample]) ** 2 for sample in both) / len(both)
    if signal == 0 or noise == 0:
        return math.nan
    return float(10 * math.log10(signal / noise) * len(both) / len(wanted))


def plain_2025_power(reference: Lead, estimate: Lead, rate: float) -> tuple[float, float]:
    """Return signal and noise of one lead without gaps, both signals of one length."""
    likeness = correlate(reference - reference.mean(), estimate - estimate.mean(), "full", "direct")
    lags = correlation_lags(len(reference), len(estimate), "full")
    longest = int(0.2 * rate)
    best, best_lag = -math.inf, 0
    for lag in sorted(lags.tolist(), key=lambda lag: (abs(lag), lag)):
        here = likeness[lags == lag][0]
        if abs(lag) <= longest and here > best + 1e-12 * max(abs(likeness).max(), 1e-12):
            best, best_lag = here, lag
    moved = np.full(len(reference), np.nan)
    for sample in range(len(reference)):
        if 0 <= sample - best_lag < len(estimate):
            moved[sample] = estimate[sample - best_lag]
    offset = minimize_scalar(lambda height: np.nansum((reference - (moved - height)) ** 2), method="Brent").x
    moved = np.nan_to_num(moved - offset, nan=0.0)
    return float(np.sum(reference**2)), float(np.sum((reference - moved) ** 2))
