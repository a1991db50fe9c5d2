"""Shapes of the heart vector's waves: sums of Gaussians, their marks, and the lead matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import RecordError
from fastecg.leads import STANDARD_12

VISIBLE_MV: Final = 0.02
"""A wave begins and ends where the first and the last of its Gaussians pass this size."""

MIN_SUPPORT_SIGMAS: Final = 2.0
"""Gaussians hardly larger than ``VISIBLE_MV`` still count as this many widths either side."""


@dataclass(frozen=True, slots=True)
class Bump:
    """One Gaussian of the heart vector.

    Parameters
    ----------
    time_s
        Centre, in seconds after the beat's R fiducial.
    width_s
        Standard deviation in seconds.
    x_mv, y_mv, z_mv
        Vector at the centre, in mV, on Frank's axes: left, down, back.
    """

    time_s: float
    width_s: float
    x_mv: float
    y_mv: float
    z_mv: float


@dataclass(frozen=True, slots=True)
class BeatShape:
    """The P wave, QRS complex and T wave of one kind of beat; T as at an RR interval of 1 s.

    Parameters
    ----------
    p, qrs, t
        The Gaussians each wave is the sum of; an empty tuple leaves the wave out.
    """

    p: tuple[Bump, ...]
    qrs: tuple[Bump, ...]
    t: tuple[Bump, ...]


# Amplitudes were set by hand until all twelve leads looked like those of a healthy adult.
SINUS: Final = BeatShape(
    p=(
        Bump(-0.166, 0.017, 0.055, 0.075, -0.040),  # right atrium: down and forward
        Bump(-0.136, 0.019, 0.105, 0.065, 0.025),  # left atrium: left and back
    ),
    qrs=(
        Bump(-0.023, 0.0070, -0.17, -0.03, -0.22),  # septum: right and forward
        Bump(-0.004, 0.0100, 0.95, 0.55, -0.26),  # apex: left, down, forward
        Bump(0.0105, 0.0110, 0.52, 0.30, 0.86),  # free wall of the left ventricle: left, down, back
        Bump(0.0305, 0.0088, -0.13, -0.12, 0.26),  # base: right, up, back
    ),
    t=(
        Bump(0.233, 0.050, 0.16, 0.095, -0.09),  # slow rise
        Bump(0.283, 0.032, 0.19, 0.10, -0.08),  # faster fall
    ),
)
"""A healthy adult's beat."""

ECTOPIC_P: Final = (
    Bump(-0.146, 0.015, 0.035, -0.045, 0.000),
    Bump(-0.122, 0.017, 0.060, -0.030, 0.040),
)
"""P wave of a premature atrial beat that starts low in the atria: inverted in II and aVF."""

VENTRICULAR: Final = BeatShape(
    p=(),
    qrs=(
        Bump(-0.030, 0.0145, 0.25, 0.55, -0.22),
        Bump(0.000, 0.0170, 1.05, 1.00, 0.75),
        Bump(0.034, 0.0170, 0.75, 0.45, 0.80),
    ),
    t=(
        Bump(0.240, 0.055, -0.28, -0.24, -0.26),
        Bump(0.295, 0.042, -0.26, -0.22, -0.24),
    ),
)
"""A premature beat from the right ventricle: wide QRS, T the other way."""

FRANK_LEADS: Final = ("Vx", "Vy", "Vz")

_DOWER: Final[dict[str, tuple[float, float, float]]] = {
    "I": (0.632, -0.235, 0.059),
    "II": (0.235, 1.066, -0.132),
    "V1": (-0.515, 0.157, -0.917),
    "V2": (0.044, 0.164, -1.387),
    "V3": (0.882, 0.098, -1.277),
    "V4": (1.213, 0.127, -0.601),
    "V5": (1.125, 0.127, -0.086),
    "V6": (0.831, 0.076, 0.230),
    "Vx": (1.0, 0.0, 0.0),
    "Vy": (0.0, 1.0, 0.0),
    "Vz": (0.0, 0.0, 1.0),
}
_FROM_I_AND_II: Final = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}

LEADS: Final = (*STANDARD_12, *FRANK_LEADS)
"""Leads that a heart vector can be seen from."""


def lead_matrix(leads: Sequence[str]) -> NDArray[np.float64]:
    """Return the matrix that turns a heart vector into leads.

    The eight independent leads are Dower's; III, aVR, aVL and aVF follow from I and II by
    the relations of Einthoven and Goldberger.

    Parameters
    ----------
    leads
        Any of the 12 standard leads and ``Vx``, ``Vy``, ``Vz``.

    Returns
    -------
    numpy.ndarray
        Shape (leads, 3), without unit; columns are left, down, back.

    Raises
    ------
    RecordError
        If a lead is unknown, named twice, or none is named.

    Examples
    --------
    >>> lead_matrix(["I", "III"])
    array([[ 0.632, -0.235,  0.059],
           [-0.397,  1.301, -0.191]])

    References
    ----------
    Dower, Machado, Osborne: On deriving the electrocardiogram from vectorcardiographic leads,
    Clinical Cardiology 3 (1980), table 1.
    """
    unknown = [name for name in leads if name not in LEADS]
    if unknown or not leads or len(set(leads)) < len(leads):
        raise RecordError(f"leads are {', '.join(leads) or 'none'}", f"each once at most: {', '.join(LEADS)}")
    one, two = np.array(_DOWER["I"]), np.array(_DOWER["II"])
    rows = []
    for name in leads:
        if name in _FROM_I_AND_II:
            first, second = _FROM_I_AND_II[name]
            rows.append(first * one + second * two)
        else:
            rows.append(np.array(_DOWER[name]))
    return np.stack(rows)


def bump_table(bumps: Sequence[Bump]) -> NDArray[np.float64]:
    """Return the Gaussians as rows (time_s, width_s, x_mv, y_mv, z_mv)."""
    rows = [(b.time_s, b.width_s, b.x_mv, b.y_mv, b.z_mv) for b in bumps]
    return np.array(rows, dtype=np.float64).reshape(-1, 5)


def vector_mv(table: NDArray[np.float64], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of Gaussians at the given times, shape (3, times), mV."""
    distance = (times_s - table[:, :1]) / table[:, 1:2]
    values: NDArray[np.float64] = table[:, 2:].T @ np.exp(-0.5 * distance * distance)
    return values


def marks_s(bumps: Sequence[Bump]) -> tuple[float, float, float]:
    """Return onset, peak and offset of a wave in seconds after the R fiducial.

    A Gaussian of size a (mV) and width σ spans its centre ± σ·max(2, √(2 ln(a / 0.02))): from
    where it reaches 0.02 mV, a fifth of a small square, until it falls below. The wave spans
    all of its Gaussians; its peak is where the length of their summed vector is greatest.

    Parameters
    ----------
    bumps
        The Gaussians of one wave, at least one.

    Examples
    --------
    >>> onset, peak, offset = marks_s([Bump(0.0, 0.01, 1.0, 0.0, 0.0)])
    >>> round(onset, 4), round(abs(peak), 4), round(offset, 4)
    (-0.028, 0.0, 0.028)
    """
    table = bump_table(bumps)
    size = np.linalg.norm(table[:, 2:], axis=1)
    floor = MIN_SUPPORT_SIGMAS
    visible = np.maximum(size / VISIBLE_MV, math.exp(0.5 * floor * floor))
    reach = table[:, 1] * np.sqrt(2.0 * np.log(visible))
    onset = float((table[:, 0] - reach).min())
    offset = float((table[:, 0] + reach).max())
    times, step = np.linspace(onset, offset, 1024, retstep=True)
    length = np.linalg.norm(vector_mv(table, times), axis=0)
    top = int(np.clip(np.argmax(length), 1, times.size - 2))
    before, here, after = length[top - 1 : top + 2]
    curve = before - 2.0 * here + after
    shift = 0.5 * (before - after) / curve if curve < 0 else 0.0
    return onset, float(times[top] + step * shift), offset


def rotation(frontal_rad: float, horizontal_rad: float, sagittal_rad: float) -> NDArray[np.float64]:
    """Return the matrix that turns a heart vector about the z, y and x axis in this order.

    A positive ``frontal_rad`` turns left towards down (the electrical axis to the right), a
    positive ``horizontal_rad`` left towards back, a positive ``sagittal_rad`` down towards back.
    """
    c, s = math.cos(frontal_rad), math.sin(frontal_rad)
    frontal = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    c, s = math.cos(horizontal_rad), math.sin(horizontal_rad)
    horizontal = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
    c, s = math.cos(sagittal_rad), math.sin(sagittal_rad)
    sagittal = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
    turn: NDArray[np.float64] = sagittal @ horizontal @ frontal
    return turn


def reshaped(
    bumps: Sequence[Bump],
    turn: NDArray[np.float64],
    *,
    gain: float | NDArray[np.float64] = 1.0,
    stretch: float = 1.0,
    shift_s: float = 0.0,
) -> tuple[Bump, ...]:
    """Return the Gaussians turned by a matrix, scaled in size and time, and moved.

    Parameters
    ----------
    bumps
        The Gaussians of one wave.
    turn
        Rotation matrix, shape (3, 3).
    gain
        Factor on the size, one for all or one for each Gaussian.
    stretch
        Factor on centres and widths.
    shift_s
        Seconds added to the centres after stretching.
    """
    table = bump_table(bumps)
    table[:, :2] *= stretch
    table[:, 0] += shift_s
    table[:, 2:] = table[:, 2:] @ turn.T * np.reshape(gain, (-1, 1))
    return tuple(Bump(*row) for row in table.tolist())
