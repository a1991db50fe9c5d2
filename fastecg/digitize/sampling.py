"""Sampling: from the heights of a trace in columns to samples in mV at the wanted rate."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

SMOOTHNESS: Final = 0.2
"""Weight of the samples' second differences beside the columns, where there is one of each."""


def fit_samples(
    x: NDArray[np.float64],
    height: NDArray[np.floating],
    weight: NDArray[np.floating],
    times: NDArray[np.float64],
    longest_gap: float = 0.0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit the samples of a polyline to heights read from it.

    A trace is drawn as straight lines from sample to sample, so its heights between are known when the
    samples are: linear least squares with a band of three, and a weak preference for smooth signals that
    decides where there are more samples than columns.

    Parameters
    ----------
    x
        Shape (columns,), rising: where heights were read.
    height
        Shape (columns,); NaN where unknown.
    weight
        Shape (columns,), 0 or more: how much each counts.
    times
        Shape (samples,), equally spaced: where the samples lie, in the unit of ``x``.
    longest_gap
        Unread columns between read ones are bridged up to this length.

    Returns
    -------
    tuple
        Samples, NaN where no column is near, and the weight of the columns at each.

    Examples
    --------
    >>> x = np.linspace(0, 4, 41)
    >>> samples, _ = fit_samples(x, np.abs(x - 2), np.ones(41), np.arange(5.0))
    >>> bool(np.abs(samples - [2, 1, 0, 1, 2]).max() < 0.02)
    True
    """
    from scipy.linalg import solveh_banded  # noqa: PLC0415 - heavy

    count = len(times)
    if count == 0 or len(x) == 0:
        return np.full(count, np.nan), np.zeros(count)
    step = float(times[1] - times[0]) if count > 1 else 1.0
    known = np.isfinite(height) & (weight > 0)
    place = (x[known] - times[0]) / step
    inside = (place >= 0) & (place <= count - 1)
    y = np.asarray(height, np.float64)[known]
    w = np.asarray(weight, np.float64)[known]
    place, y, w = place[inside], y[inside], w[inside]
    left = np.minimum(place.astype(int), max(count - 2, 0))
    share = place - left
    band = np.zeros((3, count))
    right_side = np.zeros(count)
    band[0] += np.bincount(left, w * (1 - share) ** 2, count)
    right_side += np.bincount(left, w * (1 - share) * y, count)
    if count > 1:
        band[0] += np.bincount(left + 1, w * share**2, count)
        band[1, :-1] += np.bincount(left, w * share * (1 - share), count)[:-1]
        right_side += np.bincount(left + 1, w * share * y, count)
    per_sample = max(len(x) and (step / max(float(x[1] - x[0]), 1e-9)) if len(x) > 1 else 1.0, 1e-6)
    _add_smoothness(band, SMOOTHNESS * min(per_sample, 1 / per_sample))
    band[0] += 1e-9
    samples = solveh_banded(band, right_side, lower=True)
    near = _covered(x[known], times, step, longest_gap)
    return np.where(near, samples, np.nan), np.where(
        near, np.interp(times, x, np.where(known, weight, 0)), 0.0
    )


def _covered(
    x: NDArray[np.float64], times: NDArray[np.float64], step: float, longest_gap: float
) -> NDArray[np.bool_]:
    """Return which times lie within a step of a read column, or in a gap that may be bridged."""
    if not len(x):
        return np.zeros(len(times), np.bool_)
    after = np.searchsorted(x, times)
    right = np.where(after < len(x), x[np.minimum(after, len(x) - 1)], np.inf)
    left = np.where(after > 0, x[np.maximum(after - 1, 0)], -np.inf)
    near = np.minimum(right - times, times - left) <= step
    return np.asarray(near | (right - left <= longest_gap), np.bool_)


def _add_smoothness(band: NDArray[np.float64], weight: float) -> None:
    """Add the squared second differences to the lower band of a symmetric matrix."""
    n = band.shape[1]
    if n < 3:
        return
    for k, diagonal in ((0, (1.0, 4.0, 1.0)), (1, (-2.0, -2.0)), (2, (1.0,))):
        for shift, value in enumerate(diagonal):
            band[k, shift : shift + n - 2] += weight * value
