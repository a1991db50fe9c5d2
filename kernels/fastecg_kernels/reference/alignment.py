"""How far one sampled curve lies from another: the peak of the correlation of their pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TIE = 1e-9
"""Scores that differ by less, relative to the best, are equal: that much is rounding."""


def curve_shift(
    reference: NDArray[np.int32], estimate: NDArray[np.int32], levels: int, taps: NDArray[np.float64]
) -> tuple[int, int, float]:
    """Return the shift at which the pictures of two curves are most alike.

    Each curve becomes a picture with a row for every level and a column for every sample, 1 where the
    curve is and 0 elsewhere, smoothed along both axes. The shift is where the correlation of the two
    pictures is greatest; of equal ones the smallest in time, then in level, then the negative one.

    Parameters
    ----------
    reference, estimate
        Level of every sample, shape (samples,) both, 0 to ``levels - 1``; negative where there is none.
    levels
        Rows of the pictures, at least as many as there are taps.
    taps
        Weights of the smoothing, an odd number, symmetric, sum 1; at the edges of a picture it goes on
        mirrored, the outermost pixel twice.

    Returns
    -------
    tuple
        Samples that the estimate is later, levels that it is higher, and the correlation there.

    Examples
    --------
    >>> curve = np.array([3, 3, 9, 1, 3, 3, 4, 3], np.int32)
    >>> late = np.array([-1, 5, 5, 11, 3, 5, 5, 6], np.int32)
    >>> curve_shift(curve, late, 16, np.array([0.1, 0.8, 0.1]))[:2]
    (1, 2)

    References
    ----------
    The alignment of the George B. Moody PhysioNet Challenge 2024's evaluation, ``align_signals``:
    github.com/physionetchallenges/evaluation-2024, described here and written anew.
    """
    samples = reference.size
    first, second = (_picture(curve, levels, taps) for curve in (reference, estimate))
    shape = (2 * levels - 1, 2 * samples - 1)
    spectrum = np.fft.rfft2(first, shape) * np.fft.rfft2(second[::-1, ::-1], shape)
    scores = np.fft.irfft2(spectrum, shape)
    best = float(scores.max())
    rows, columns = np.nonzero(scores >= best - TIE * max(best, 1.0))
    ties = zip((samples - 1 - columns).tolist(), (levels - 1 - rows).tolist(), strict=True)
    time, level = min(ties, key=lambda tie: (abs(tie[0]), abs(tie[1]), tie))
    return time, level, best


def _picture(curve: NDArray[np.int32], levels: int, taps: NDArray[np.float64]) -> NDArray[np.float64]:
    picture = np.zeros((levels, curve.size))
    there = np.flatnonzero(curve >= 0)
    picture[curve[there], there] = 1.0
    return _smoothed(_smoothed(picture, taps).T, taps).T


def _smoothed(picture: NDArray[np.float64], taps: NDArray[np.float64]) -> NDArray[np.float64]:
    reach, rows = taps.size // 2, picture.shape[0]
    # np.pad mirrors again and again where the picture is shorter than the reach
    padded = np.pad(picture, ((reach, reach), (0, 0)), mode="symmetric")
    total = np.zeros_like(picture)
    for tap, weight in enumerate(taps):
        total += weight * padded[tap : tap + rows]
    return total
