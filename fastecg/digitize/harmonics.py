"""Which harmonic of the squares the strongest wave of a grid is, and so how many millimetres it is long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

RATIOS: Final = np.exp(np.arange(np.log(0.08), np.log(6.6), 0.02))
NARROWEST_TEETH: Final = 0.06
"""Harmonics closer than this, as a share of their frequency, are not told apart."""
STANDS_OUT: Final = 0.35
MOST_FAINTER: Final = 0.7
"""By how much, as a logarithm, lines of one kind may differ from harmonic to harmonic."""
HARMONICS: Final = (2, 3, 4, 5, 6, 7, 10)
ALIKE: Final = 0.75
"""Harmonics whose teeth stand out by no less than this share of the best ones' are as good."""
SQUARES_FAINTER: Final = 1.6
"""The same for the squares' beside the millimetres'."""
HALF_MM: Final = 0.5
FEWEST_MM: Final = 110
"""With so many periods across it an image shows millimetres: as squares it would be half a metre."""
MOST_SQUARES: Final = 75


def ray_profile(amplitudes: Floats, frequency: Floats, confidence: Floats, size: int) -> Floats:
    """Return amplitudes on the rays through the carriers, at ``RATIOS`` of their frequency."""
    from scipy import ndimage  # noqa: PLC0415 - 0.1 s to import

    best = np.argsort(-confidence)[:48]
    best = best[confidence[best] > 0.05]
    total = np.zeros(len(RATIOS))
    weight = np.zeros(len(RATIOS))
    for k in best:
        at = frequency[k][:, None] * RATIOS * size + size // 2
        inside = (np.abs(frequency[k][:, None] * RATIOS) < 0.47).all(axis=0)
        values = ndimage.map_coordinates(amplitudes[k], at[::-1], order=1, mode="nearest")
        # compared with what is beside the ray
        side = np.array([-frequency[k][1], frequency[k][0]]) / (np.hypot(*frequency[k]) + 1e-9) * 5
        beside = [
            ndimage.map_coordinates(amplitudes[k], (at + s * side[:, None])[::-1], order=1, mode="nearest")
            for s in (-1, -0.6, 0.6, 1)
        ]
        level = np.mean(beside, axis=0) + 0.01 * float(amplitudes[k].max())
        values = np.where(inside, np.log(np.maximum(values, 0) / level + 0.05), 0.0)
        total += values
        weight += inside
    profile: Floats = total / np.maximum(weight, 1)
    return profile


def _at(profile: Floats, ratio: float) -> float:
    """Return the highest value near a ratio."""
    near = np.abs(np.log(RATIOS / ratio)) < max(0.022, 0.012 / ratio)
    return float(profile[near].max()) if near.any() else 0.0


def _between(profile: Floats, ratio: float) -> float:
    near = np.abs(np.log(RATIOS / ratio)) < 0.03
    return float(np.median(profile[near])) if near.any() else 0.0


@dataclass(frozen=True, slots=True)
class _Comb:
    """A carrier taken as a harmonic: how its fundamental's new teeth stand out, and beside the carrier's."""

    harmonic: int
    new: float
    beside_old: float
    fifths: float


def _comb(profile: Floats, h: int, lowest: float, highest: float) -> _Comb | None:
    """Return what speaks for a carrier's being the h-th harmonic; None where too little of it is seen."""
    teeth = [
        k for k in range(1, int(h * highest) + 1) if lowest < k / h < highest and 1 / k > NARROWEST_TEETH
    ]
    gaps = [k + 0.5 for k in (0, *teeth) if lowest < (k + 0.5) / h < highest]
    height = {k: _at(profile, k / h) for k in teeth}
    fresh = [height[k] for k in teeth if math.gcd(k, h) == 1]
    old = [height[k] for k in teeth if k % h == 0]
    if not fresh or not old or not gaps:
        return None
    floor = float(np.mean([_between(profile, gap / h) for gap in gaps]))
    fifths = []
    for k in (5, 10):
        around = [height[m] for m in (k - 2, k - 1, k + 1, k + 2) if m in height]
        if k in height and len(around) > 2:
            fifths.append(height[k] - float(np.mean(around)))
    mean = float(np.mean(fresh))
    return _Comb(h, mean - floor, mean - float(np.mean(old)), float(np.mean(fifths)) if fifths else 0.0)


def millimetres(profile: Floats, common: float, tile: int, longest_px: float) -> tuple[float, float]:
    """Return how many millimetres a carrier's period is, and how surely.

    Lines have a fundamental, their period, of which the carrier is some harmonic: the largest one whose
    teeth stand out between the carrier's. Where every fifth tooth is higher the lines are millimetres
    with squares; where none is, all lines are alike, and their number tells which they are.

    Parameters
    ----------
    profile
        As :func:`ray_profile` returns it.
    common
        The carrier's frequency, periods per pixel.
    tile
        Pixels along a tile's side.
    longest_px
        Of the image.
    """
    lowest, highest = 2.5 / tile / common, min(0.45 / common, 6.3)
    combs = [comb for h in HARMONICS if (comb := _comb(profile, h, lowest, highest)) is not None]
    good = [
        comb
        for comb in combs
        if comb.new > STANDS_OUT
        and comb.beside_old > -(MOST_FAINTER if comb.harmonic % 5 else SQUARES_FAINTER)
    ]
    # teeth of one harmonic lie near some of another's, but a multiple adds its own to all of it
    good = [
        comb
        for comb in good
        if all(comb.new > ALIKE * other.new for other in good if comb.harmonic % other.harmonic)
    ]
    best = good[-1] if good else _comb(profile, 1, lowest, highest)
    if best is None:
        return 0.0, 0.0
    h = best.harmonic
    if best.fifths > 0.25 or (h % 5 == 0 and best.beside_old < -0.3):
        return 5.0 / h, min(0.5 + best.new / 2, 1.0)
    count = longest_px * common / h
    if count > FEWEST_MM:
        return 1.0 / h, 0.5
    return 5.0 / h, 0.5 if count < MOST_SQUARES else 0.15
