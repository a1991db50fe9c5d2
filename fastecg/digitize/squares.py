"""A second look at a grid's scale: how far apart its lines stand on the page laid flat."""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.rectify import Rectifier

Floats = NDArray[np.floating[Any]]

PX: Final = 6
"""Pixels per assumed millimetre."""
BLOCK_MM: Final = 40
FURTHEST_MM: Final = 16
SQUARE_MM: Final = 5.0
LEAST: Final = 0.25
"""Lines are seen where a profile comes again so well."""
DOUBT: Final = 0.5
"""Squares are doubted where the profile comes again so much less well after 5 mm than elsewhere."""
HIGH: Final = 0.75
USUAL_MM: Final = 280.0
"""Long side of what an image shows, as a rule."""
SPREAD: Final = 0.35


def true_millimetres(rectifier: Rectifier, fine: Floats) -> tuple[float, float]:
    """Return how many true millimetres an assumed one is, across and down; 1 where nothing else is evident.

    A grid comes again after 5 mm. Where it does not, but does after another length, that length is a square,
    or a small square: what makes the page more like a page.

    Parameters
    ----------
    rectifier
        Assumed millimetres to the image.
    fine
        Shape (H, W): the grid in the image, without what is smooth.
    """
    flat = rectifier.resample(fine.astype(np.float32, copy=False), rectifier.extent_mm, (PX, PX))
    across, down = repetition(flat), repetition(flat.T)
    if not (_doubtful(across) and _doubtful(down)):
        return 1.0, 1.0
    found = [_basic_mm(profile) for profile in (across, down)]
    if min(found) == 0:
        return 1.0, 1.0
    x0, y0, x1, y1 = rectifier.extent_mm
    length = max(x1 - x0, y1 - y0)
    likely = []
    for first, second in itertools.product((SQUARE_MM, 1.0), repeat=2):
        factors = first / found[0], second / found[1]
        off = np.log(length * np.sqrt(factors[0] * factors[1]) / USUAL_MM) / SPREAD
        likely.append((off**2 + (np.log(factors[0] / factors[1]) / 0.1) ** 2, factors))
    return min(likely)[1]


def repetition(flat: Floats) -> Floats:
    """Return how well a flat grid's profile along x comes again after each distance.

    Parameters
    ----------
    flat
        Shape (H, W), 6 pixels per assumed mm.

    Returns
    -------
    ndarray
        Shape (96 + 1,), correlations at 0 to 16 assumed mm.
    """
    side, lags = BLOCK_MM * PX, FURTHEST_MM * PX
    total, weight = np.zeros(lags + 1), 0.0
    for top in range(0, flat.shape[0] - side // 2, side):
        profiles = flat[top : top + side].mean(axis=0)
        for left in range(0, len(profiles) - side - lags, side):
            part = profiles[left : left + side + lags].astype(np.float64)
            part = part - part.mean()
            power = float((part**2).mean())
            if power <= 0:
                continue
            spectrum = np.fft.rfft(part, 2 * len(part))
            again = np.fft.irfft(np.abs(spectrum) ** 2)[: lags + 1]
            total += again / (len(part) - np.arange(lags + 1)) / np.sqrt(power)
            weight += np.sqrt(power)
    return total / weight if weight else total


def _at(again: Floats, distance_mm: float) -> float:
    middle = round(distance_mm * PX)
    return float(again[max(middle - 2, 0) : middle + 3].max())


def _doubtful(again: Floats) -> bool:
    """Return whether the profile comes again elsewhere, and not after 5 and 10 mm."""
    best = float(again[PX:].max())
    return best > LEAST and min(_at(again, SQUARE_MM), _at(again, 2 * SQUARE_MM)) < DOUBT * best


def _basic_mm(again: Floats) -> float:
    """Return the shortest distance after which a profile comes again about as well as after any other."""
    low = PX // 4
    inner = again[low:-1]
    peaks = low + np.flatnonzero((inner >= again[low - 1 : -2]) & (inner > again[low + 1 :]))
    peaks = peaks[again[peaks] > LEAST]
    if not len(peaks):
        return 0.0
    at = int(peaks[again[peaks] > HIGH * again[peaks].max()][0])
    before, here, after = again[at - 1 : at + 2]
    bend = before - 2 * here + after
    return float((at + (0.5 * (before - after) / bend if bend else 0.0)) / PX)
