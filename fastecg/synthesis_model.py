"""The person whose ECG is simulated: parameters of the heart-vector model and how people differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import RecipeError
from fastecg.synthesis_rhythm import Rhythm
from fastecg.synthesis_shapes import ECTOPIC_P, SINUS, VENTRICULAR, BeatShape, Bump, reshaped, rotation


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Raise RecipeError unless ``low <= value <= high``."""
    if not low <= value <= high:
        raise RecipeError(f"{name} is {value}", f"{low:g} to {high:g}")


@dataclass(frozen=True, slots=True)
class EcgModel:
    """One invented person's heart; the defaults are a healthy adult at rest.

    Parameters
    ----------
    heart_rate_bpm
        Mean rate in beats per minute, 25 to 200.
    rr_sd_s
        Standard deviation of the RR interval in seconds, 0 to a third of its mean; for p per
        cent give ``p / 100 * 60 / heart_rate_bpm``.
    lf_hf_ratio
        Power of RR at 0.1 Hz over that at the respiratory rate, 0 or more.
    respiration_hz
        Respiratory rate, 0.12 to 0.6 Hz.
    sway_deg
        How far respiration turns the heart vector either way, in degrees, 0 to 20.
    rhythm
        ``sinus`` or ``afib``: no P waves, fibrillatory waves, irregular intervals.
    ventricular_rate, atrial_rate
        Share of beats that are premature, 0 to 0.5, together 0.5 at most; ignored in ``afib``.
    f_wave_mv
        Peak size of the fibrillatory waves' vector in mV, 0 to 0.5; used in ``afib`` only.
    normal, ventricular, atrial
        Shapes of the beats.
    age, sex
        Invented, written to the record's header: years, and ``Male`` or ``Female``.

    Raises
    ------
    RecipeError
        If a value is outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> EcgModel(heart_rate_bpm=60).rhythm
    'sinus'
    >>> 50 <= EcgModel.draw(np.random.Generator(np.random.Philox(7))).heart_rate_bpm <= 110
    True
    """

    heart_rate_bpm: float = 70.0
    rr_sd_s: float = 0.03
    lf_hf_ratio: float = 0.5
    respiration_hz: float = 0.25
    sway_deg: float = 3.0
    rhythm: Rhythm = "sinus"
    ventricular_rate: float = 0.0
    atrial_rate: float = 0.0
    f_wave_mv: float = 0.08
    normal: BeatShape = SINUS
    ventricular: BeatShape = VENTRICULAR
    atrial: BeatShape = field(default=BeatShape(ECTOPIC_P, SINUS.qrs, SINUS.t))
    age: int = 45
    sex: Literal["Male", "Female"] = "Female"

    def __post_init__(self) -> None:
        check_range("heart_rate_bpm", self.heart_rate_bpm, 25.0, 200.0)
        check_range("rr_sd_s", self.rr_sd_s, 0.0, 20.0 / self.heart_rate_bpm)
        check_range("lf_hf_ratio", self.lf_hf_ratio, 0.0, 100.0)
        check_range("respiration_hz", self.respiration_hz, 0.12, 0.6)
        check_range("sway_deg", self.sway_deg, 0.0, 20.0)
        check_range("ventricular_rate", self.ventricular_rate, 0.0, 0.5)
        check_range("atrial_rate", self.atrial_rate, 0.0, 0.5 - self.ventricular_rate)
        check_range("f_wave_mv", self.f_wave_mv, 0.0, 0.5)
        if self.rhythm not in ("sinus", "afib"):
            raise RecipeError(f"rhythm is {self.rhythm!r}", "sinus, afib")

    @classmethod
    def draw(cls, rng: np.random.Generator, rhythm: Literal["any", "sinus", "afib"] = "any") -> EcgModel:
        """Return a plausible adult of their own.

        Parameters
        ----------
        rng
            Source of the variation.
        rhythm
            ``sinus`` without premature beats, ``afib``, or ``any``: of 100 people about 86 in
            sinus rhythm, 5 each with premature ventricular and atrial beats, 4 in fibrillation.
        """
        lot = float(rng.uniform())
        rate = float(np.clip(rng.normal(73.0, 13.0), 50.0, 110.0))
        fibrillating = rhythm == "afib" or (rhythm == "any" and lot >= 0.96)
        normal, atrial = _drawn_shapes(rate, rng)
        age = int(np.clip(rng.normal(67.0 if fibrillating else 52.0, 14.0), 18, 95))
        variation = rng.uniform(0.15, 0.25) if fibrillating else rng.uniform(0.008, 0.06) * (1.3 - age / 100)
        premature = float(rng.uniform(0.08, 0.25))
        return cls(
            heart_rate_bpm=rate,
            rr_sd_s=float(variation) * 60.0 / rate,
            lf_hf_ratio=float(rng.uniform(0.3, 2.0)),
            respiration_hz=float(rng.uniform(0.19, 0.33)),
            sway_deg=float(rng.uniform(1.0, 5.0)),
            rhythm="afib" if fibrillating else "sinus",
            ventricular_rate=premature if rhythm == "any" and 0.91 <= lot < 0.96 else 0.0,
            atrial_rate=premature if rhythm == "any" and 0.86 <= lot < 0.91 else 0.0,
            f_wave_mv=float(rng.uniform(0.04, 0.12)),
            normal=normal,
            ventricular=_drawn_ventricular(rng),
            atrial=atrial,
            age=age,
            sex="Female" if rng.uniform() < 0.5 else "Male",
        )


def _drawn_turn(sds_deg: tuple[float, float, float], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return frontal, horizontal and sagittal angles in radians, within two standard deviations."""
    angles: NDArray[np.float64] = np.radians(np.clip(rng.standard_normal(3), -2.0, 2.0) * sds_deg)
    return angles


def _near(mean: float, sd: float, rng: np.random.Generator) -> float:
    """Return a normal value within two standard deviations."""
    return mean + sd * float(np.clip(rng.standard_normal(), -2.0, 2.0))


def _drawn_shapes(rate_bpm: float, rng: np.random.Generator) -> tuple[BeatShape, BeatShape]:
    """Return the normal and the premature atrial beat of a person with the given heart rate."""
    axis = _drawn_turn((17.0, 8.0, 6.0), rng)
    # T follows QRS half the way: in health the angle between the two stays small
    t_turn = rotation(*(0.5 * axis + _drawn_turn((6.0, 6.0, 4.0), rng)))
    p_turn = rotation(*_drawn_turn((8.0, 6.0, 4.0), rng))
    qrs_gain = np.exp(_near(0.0, 0.17, rng) + 0.12 * np.clip(rng.standard_normal(len(SINUS.qrs)), -2.0, 2.0))
    qrs = reshaped(SINUS.qrs, rotation(*axis), gain=qrs_gain, stretch=_near(1.0, 0.06, rng))
    t_gain = np.exp(_near(0.0, 0.2, rng) + 0.1 * np.clip(rng.standard_normal(len(SINUS.t)), -2.0, 2.0))
    t = reshaped(SINUS.t, t_turn, gain=t_gain, stretch=_near(1.0, 0.035, rng))
    p_gain, p_stretch = float(np.exp(_near(0.0, 0.18, rng))), _near(1.0, 0.06, rng)
    centre_s = SINUS.p[-1].time_s
    shift_s = centre_s * (1.0 - p_stretch) + _near(0.0, 0.011, rng) + 2.5e-4 * (rate_bpm - 70.0)
    p = reshaped(SINUS.p, p_turn, gain=p_gain, stretch=p_stretch, shift_s=shift_s)
    early = reshaped(ECTOPIC_P, p_turn, gain=p_gain, stretch=p_stretch, shift_s=shift_s)
    return BeatShape(p, qrs, t), BeatShape(early, qrs, t)


def _drawn_ventricular(rng: np.random.Generator) -> BeatShape:
    """Return a premature ventricular beat that starts in the right or the left ventricle."""
    turn = rotation(*_drawn_turn((25.0, 10.0, 10.0), rng))
    if rng.uniform() < 0.4:
        turn = turn @ np.diag([-1.0, 1.0, -1.0])  # from the left ventricle: right and forward
    gain, stretch = float(np.exp(_near(0.0, 0.15, rng))), _near(1.03, 0.05, rng)
    wave: list[tuple[Bump, ...]] = [
        reshaped(bumps, turn, gain=gain, stretch=stretch) for bumps in (VENTRICULAR.qrs, VENTRICULAR.t)
    ]
    return BeatShape((), wave[0], wave[1])
