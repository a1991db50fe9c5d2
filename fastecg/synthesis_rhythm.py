"""Beat times: heart-rate variability, premature beats and atrial fibrillation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

BeatKind = Literal["N", "V", "A"]
"""N: conducted normally; V: premature ventricular; A: premature atrial (the MIT-BIH letters)."""

Rhythm = Literal["sinus", "afib"]

MIN_RR_S: Final = 0.28
MAX_RR_S: Final = 3.0
VASOMOTOR_HZ: Final = 0.1
_BAND_SD_HZ: Final = 0.01
_TONES_PER_BAND: Final = 24
_MIN_COUPLING_S: Final = 0.36


@dataclass(frozen=True, slots=True)
class Beats:
    """R fiducials of a stretch of rhythm.

    Parameters
    ----------
    times_s
        Time of each R fiducial, ascending, in seconds.
    kinds
        Kind of each beat.
    """

    times_s: NDArray[np.float64]
    kinds: tuple[BeatKind, ...]


@dataclass(frozen=True, slots=True)
class Variability:
    """How RR intervals vary about their mean.

    Parameters
    ----------
    mean_s, sd_s
        Mean and standard deviation of the RR interval in seconds.
    lf_hf_ratio
        Power of the vasomotor band (0.1 Hz) over that of the respiratory band.
    respiration_hz
        Centre of the respiratory band.
    """

    mean_s: float
    sd_s: float
    lf_hf_ratio: float
    respiration_hz: float


def sinus_times(
    variability: Variability, start_s: float, stop_s: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return R times of a sinus rhythm from ``start_s`` to the first one at or after ``stop_s``.

    RR(t) is a sum of cosines with random phases. Their frequencies are drawn from two Gaussians
    of 0.01 Hz standard deviation, at 0.1 Hz and at the respiratory rate; mean, standard deviation
    and the ratio of the bands' powers are as asked for.

    References
    ----------
    McSharry, Clifford, Tarassenko, Smith: A dynamical model for generating synthetic
    electrocardiogram signals, IEEE Trans. Biomed. Eng. 50(3) (2003), section III-B.
    """
    v = variability
    count = _TONES_PER_BAND
    centres = np.repeat((VASOMOTOR_HZ, v.respiration_hz), count)
    angular = 2.0 * np.pi * (centres + _BAND_SD_HZ * rng.standard_normal(2 * count))
    phases = rng.uniform(0.0, 2.0 * np.pi, 2 * count)
    powers = np.array([v.lf_hf_ratio, 1.0]) / (1.0 + v.lf_hf_ratio)
    sizes = v.sd_s * np.sqrt(2.0 / count * np.repeat(powers, count))
    time = start_s + v.mean_s * rng.uniform()
    times = [time]
    while time < stop_s:
        interval = v.mean_s + float(sizes @ np.cos(angular * time + phases))
        time += min(max(interval, MIN_RR_S), MAX_RR_S)
        times.append(time)
    return np.array(times)


def fibrillation_times(
    mean_s: float, sd_s: float, start_s: float, stop_s: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return R times of atrial fibrillation: independent gamma-distributed intervals.

    They reach from ``start_s`` to at least ``stop_s``; no interval is below ``MIN_RR_S``.
    """
    count = int(1.5 * (stop_s - start_s) / max(mean_s, MIN_RR_S)) + 32
    shape = (mean_s / max(sd_s, 1e-6)) ** 2
    times = start_s + np.cumsum(np.clip(rng.gamma(shape, mean_s / shape, count), MIN_RR_S, MAX_RR_S))
    last = int(np.searchsorted(times, stop_s)) + 1
    return times[:last]


def with_premature_beats(
    times_s: NDArray[np.float64],
    ventricular_rate: float,
    atrial_rate: float,
    rng: np.random.Generator,
) -> Beats:
    """Make some sinus beats premature.

    A ventricular beat leaves the sinus clock alone, so that a compensatory pause follows; an
    atrial beat resets it. Two premature beats never follow each other, nor is the first beat one.

    Parameters
    ----------
    times_s
        R times of the sinus rhythm.
    ventricular_rate, atrial_rate
        Share of all beats, each 0 to 0.5, together 0.5 at most.
    rng
        Source of the choice and of the coupling intervals.
    """
    total = ventricular_rate + atrial_rate
    chance, kind, coupling = rng.uniform(size=(times_s.size, 3)).T
    # a beat can be premature only after one that is not: r / (1 - r) of those make r of all
    candidates = chance < total / (1.0 - total)
    moved = times_s.copy()
    kinds: list[BeatKind] = ["N"] * times_s.size
    for beat in np.flatnonzero(candidates).tolist():
        if beat == 0 or kinds[beat - 1] != "N":
            continue
        interval = float(times_s[beat] - times_s[beat - 1])
        ventricular = kind[beat] * total < ventricular_rate
        share = (0.58 if ventricular else 0.66) + 0.12 * coupling[beat]
        early = min(max(share * interval, _MIN_COUPLING_S), 0.95 * interval) - interval
        moved[beat] += early
        kinds[beat] = "V" if ventricular else "A"
        if not ventricular:
            moved[beat + 1 :] += early + 0.08 * interval  # a reset sinus node takes a little longer
    return Beats(moved, tuple(kinds))
