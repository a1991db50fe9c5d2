"""Synthetic 12-lead ECGs from a heart-vector model, with the truth of every wave.

The heart vector is a sum of Gaussians that run beat by beat, as in the models of McSharry,
Clifford, Tarassenko and Smith (IEEE Trans. Biomed. Eng. 50(3), 2003) and of Sameni, Clifford,
Jutten and Shamsollahi (EURASIP J. Adv. Signal Process., 2007, article 43407, section 3). Their
phase is counted here in seconds from each R: P and QRS then keep their widths at any rate, and
T stretches with the cube root of the RR interval (Fridericia). The sum is evaluated directly,
without solving a differential equation. Dower's matrix projects it to the leads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from fastecg import noise
from fastecg.leads import STANDARD_12
from fastecg.record import MAX_RATE_HZ, MIN_RATE_HZ, Record
from fastecg.synthesis_model import EcgModel, check_range
from fastecg.synthesis_rhythm import (
    BeatKind,
    Beats,
    Variability,
    fibrillation_times,
    sinus_times,
    with_premature_beats,
)
from fastecg.synthesis_shapes import (
    BeatShape,
    Bump,
    bump_table,
    lead_matrix,
    marks_s,
    rotation,
    vector_mv,
)

__all__ = ["EcgModel", "SyntheticEcg", "Wave", "builtin_record", "builtin_records", "simulate"]

WaveKind = Literal["P", "QRS", "T"]
_Stream = Literal["person", "rhythm", "atria", "noise"]

_WAVE_KINDS: Final[tuple[WaveKind, ...]] = ("P", "QRS", "T")
_STREAMS: Final[tuple[_Stream, ...]] = ("person", "rhythm", "atria", "noise")

_LEAD_IN_S: Final = 3.0  # beats start before the record, so that it begins in the midst of a rhythm
_LEAD_OUT_S: Final = 1.5
_REACH_SIGMAS: Final = 5.5  # beyond it a Gaussian of 2 mV is below 1 nV
_QT_MEMORY: Final = 0.8  # QT follows the mean RR; a single interval moves it by only a fifth
_F_WAVE_DIRECTION: Final = (-0.35, 0.55, -0.75)  # largest in V1, well seen in II
_SNOMED: Final = {
    "sinus": "426783006",
    "bradycardia": "426177001",
    "tachycardia": "427084000",
    "afib": "164889003",
    "V": "427172004",
    "A": "284470004",
}


@dataclass(frozen=True, slots=True)
class Wave:
    """Where one wave lies; see :func:`fastecg.synthesis_shapes.marks_s` for the definition.

    Parameters
    ----------
    kind
        ``P``, ``QRS`` or ``T``.
    beat
        ``N`` for a normal beat, ``V`` for a premature ventricular, ``A`` for a premature atrial one.
    onset_s, peak_s, offset_s
        Seconds after the first sample, not rounded to samples.
    """

    kind: WaveKind
    beat: BeatKind
    onset_s: float
    peak_s: float
    offset_s: float


@dataclass(frozen=True, eq=False, slots=True)
class SyntheticEcg:
    """A synthetic record and its waves in order of onset, those wholly inside the record."""

    record: Record
    waves: tuple[Wave, ...]


def simulate(
    model: EcgModel | None = None,
    *,
    seed: int = 0,
    duration_s: float = 10.0,
    sampling_rate_hz: float = 500.0,
    noise_snr_db: float | None = 30.0,
    leads: Sequence[str] = STANDARD_12,
) -> SyntheticEcg:
    """Simulate one ECG record.

    Without noise the same model and seed give the same voltage curve at any sampling rate and,
    while it lasts, for any duration.

    Parameters
    ----------
    model
        The person; None draws one from the seed.
    seed
        0 to 2**64 - 1; the same seed gives the same bytes.
    duration_s
        Seconds, 1 to 3,600.
    sampling_rate_hz
        Samples per second, 50 to 10,000, not necessarily a whole number.
    noise_snr_db
        Signal-to-noise ratio in dB of :func:`fastecg.noise.quiet`; None adds no noise.
    leads
        Any of the 12 standard leads and ``Vx``, ``Vy``, ``Vz``, in the order wanted.

    Returns
    -------
    SyntheticEcg
        ``record``, named ``synthetic-`` and the seed, and ``waves``.

    Raises
    ------
    RecipeError
        If seed, duration, rate or noise is out of range.
    RecordError
        If a lead is unknown.

    Examples
    --------
    >>> ecg = simulate(EcgModel(heart_rate_bpm=60, rr_sd_s=0), duration_s=4)
    >>> ecg.record.signals_mv.shape, [wave.kind for wave in ecg.waves[:3]]
    ((12, 2000), ['P', 'QRS', 'T'])
    """
    frame = _Frame(f"synthetic-{seed}", duration_s, sampling_rate_hz, noise_snr_db, tuple(leads))
    return _simulated(model or EcgModel.draw(_generator(seed, 0, "person")), seed, 0, frame)


def builtin_record(
    index: int,
    *,
    seed: int = 0,
    duration_s: float = 10.0,
    sampling_rate_hz: float = 500.0,
    leads: Sequence[str] = STANDARD_12,
) -> SyntheticEcg:
    """Return one of the built-in records with its waves; it depends on nothing but the arguments.

    Parameters
    ----------
    index
        Number of the record, 0 or more; each is another person, with noise 25 to 35 dB down.
    seed, duration_s, sampling_rate_hz, leads
        As for :func:`simulate`.

    Examples
    --------
    >>> builtin_record(12, seed=1).record.name
    'synthetic-0012'
    """
    person = _generator(seed, index, "person")
    model = EcgModel.draw(person)
    snr_db = float(person.uniform(25.0, 35.0))
    frame = _Frame(f"synthetic-{index:04d}", duration_s, sampling_rate_hz, snr_db, tuple(leads))
    return _simulated(model, seed, index, frame)


def builtin_records(
    count: int, *, seed: int = 0, duration_s: float = 10.0, sampling_rate_hz: float = 500.0
) -> Iterator[Record]:
    """Yield the built-in records ``synthetic-0000`` and on; see :func:`builtin_record`.

    Parameters
    ----------
    count
        How many.
    seed, duration_s, sampling_rate_hz
        As for :func:`simulate`.

    Examples
    --------
    >>> [record.name for record in builtin_records(2)]
    ['synthetic-0000', 'synthetic-0001']
    """
    for index in range(count):
        yield builtin_record(
            index, seed=seed, duration_s=duration_s, sampling_rate_hz=sampling_rate_hz
        ).record


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is recorded of a heart, checked."""

    name: str
    duration_s: float
    sampling_rate_hz: float
    noise_snr_db: float | None
    leads: tuple[str, ...]

    def __post_init__(self) -> None:
        check_range("duration_s", self.duration_s, 1.0, 3600.0)
        check_range("sampling_rate_hz", self.sampling_rate_hz, MIN_RATE_HZ, MAX_RATE_HZ)
        if self.noise_snr_db is not None:
            check_range("noise_snr_db", self.noise_snr_db, -40.0, 200.0)

    @property
    def samples(self) -> int:
        return round(self.duration_s * self.sampling_rate_hz)


def _generator(seed: int, index: int, stream: _Stream) -> np.random.Generator:
    """Return the generator of one stream of record ``index``: Philox, keyed, no state shared."""
    check_range("seed", seed, 0, 2**64 - 1)
    check_range("index", index, 0, 2**64 - 1)
    key = np.array([seed, index], dtype=np.uint64)
    counter = np.array([0, 0, 0, _STREAMS.index(stream)], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def _simulated(model: EcgModel, seed: int, index: int, frame: _Frame) -> SyntheticEcg:
    matrix = lead_matrix(frame.leads)
    beats = _beats(model, frame.duration_s, _generator(seed, index, "rhythm"))
    heart = _heart_vector(model, beats, frame, _generator(seed, index, "atria"))
    waves = _waves(model, beats, frame.duration_s)
    signals = (matrix @ heart).astype(np.float32)
    record = Record(frame.name, signals, frame.leads, float(frame.sampling_rate_hz), _header(model, waves))
    if frame.noise_snr_db is not None:
        rng = _generator(seed, index, "noise")
        disturbance = noise.quiet(frame.leads, frame.samples, frame.sampling_rate_hz, rng)
        record = noise.add_noise(record, disturbance, frame.noise_snr_db)
    return SyntheticEcg(record, waves)


def _beats(model: EcgModel, duration_s: float, rng: np.random.Generator) -> Beats:
    start_s, stop_s = -_LEAD_IN_S, duration_s + _LEAD_OUT_S
    mean_s = 60.0 / model.heart_rate_bpm
    if model.rhythm == "afib":
        times = fibrillation_times(mean_s, model.rr_sd_s, start_s, stop_s, rng)
        conducted: list[BeatKind] = ["N"] * times.size
        return Beats(times, tuple(conducted))
    variability = Variability(mean_s, model.rr_sd_s, model.lf_hf_ratio, model.respiration_hz)
    # premature atrial beats pull all later ones forward, by a seventh of the time at most
    reserve_s = 0.15 * (stop_s - start_s) if model.atrial_rate else 0.0
    times = sinus_times(variability, start_s, stop_s + reserve_s, rng)
    return with_premature_beats(times, model.ventricular_rate, model.atrial_rate, rng)


def _shape(model: EcgModel, kind: BeatKind) -> BeatShape:
    shape = {"N": model.normal, "V": model.ventricular, "A": model.atrial}[kind]
    return replace(shape, p=()) if model.rhythm == "afib" else shape


def _stretches(model: EcgModel, beats: Beats) -> NDArray[np.float64]:
    """Return by what factor each beat's T wave is later and wider than at an RR of 1 s."""
    intervals = np.diff(beats.times_s, prepend=beats.times_s[0] - 60.0 / model.heart_rate_bpm)
    effective = _QT_MEMORY * 60.0 / model.heart_rate_bpm + (1.0 - _QT_MEMORY) * intervals
    return np.cbrt(effective)


def _heart_vector(
    model: EcgModel, beats: Beats, frame: _Frame, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the heart vector at every sample, shape (3, samples), mV."""
    rate = frame.sampling_rate_hz
    heart = np.zeros((3, frame.samples))
    sway_phase = float(rng.uniform(0.0, 2.0 * math.pi))
    if model.rhythm == "afib":
        heart += _fibrillation(model, np.arange(frame.samples) / rate, rng)
    fixed = {
        kind: bump_table((*_shape(model, kind).p, *_shape(model, kind).qrs)) for kind in set(beats.kinds)
    }
    moving = {kind: bump_table(_shape(model, kind).t) for kind in set(beats.kinds)}
    for time, kind, stretch in zip(
        beats.times_s.tolist(), beats.kinds, _stretches(model, beats), strict=True
    ):
        t_wave = moving[kind].copy()
        t_wave[:, :2] *= stretch
        table = np.vstack([fixed[kind], t_wave])
        reach = _REACH_SIGMAS * table[:, 1]
        first = max(math.ceil((time + (table[:, 0] - reach).min()) * rate), 0)
        last = min(math.floor((time + (table[:, 0] + reach).max()) * rate) + 1, frame.samples)
        if first >= last:
            continue
        breath = math.sin(2.0 * math.pi * model.respiration_hz * time + sway_phase)
        sway = math.radians(model.sway_deg) * breath
        # one turn for the whole beat keeps the length of the vector, and so the wave marks
        turn = rotation(sway, 0.5 * sway, 0.0)
        heart[:, first:last] += turn @ vector_mv(table, np.arange(first, last) / rate - time)
    return heart


def _fibrillation(
    model: EcgModel, times_s: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return fibrillatory waves: a sawtooth-like wave of 5 to 8 Hz, slowly modulated.

    After Stridh and Sörnmo (IEEE Trans. Biomed. Eng. 48(1), 2001, section II): harmonics of a
    frequency-modulated tone under a varying envelope.
    """
    tone_hz, depth_hz, drift_hz, swell_hz = rng.uniform((5.0, 0.2, 0.1, 0.15), (8.0, 0.5, 0.3, 0.5))
    phases = rng.uniform(0.0, 2.0 * math.pi, 3)
    angular = 2.0 * math.pi * times_s
    phase = angular * tone_hz + depth_hz / drift_hz * np.sin(angular * drift_hz + phases[0]) + phases[1]
    envelope = 1.0 + 0.35 * np.sin(angular * swell_hz + phases[2])
    saw = np.sin(phase) + 0.4 * np.sin(2.0 * phase) + 0.15 * np.sin(3.0 * phase)
    direction = np.array(_F_WAVE_DIRECTION) / np.linalg.norm(_F_WAVE_DIRECTION)
    return np.outer(direction, model.f_wave_mv / 1.6 * envelope * saw)


def _waves(model: EcgModel, beats: Beats, duration_s: float) -> tuple[Wave, ...]:
    """Return the waves that lie wholly inside the record, in order of onset."""
    marks = {
        (kind, wave): marks_s(bumps)
        for kind in set(beats.kinds)
        for wave, bumps in zip(_WAVE_KINDS, _parts(_shape(model, kind)), strict=True)
        if bumps
    }
    waves = []
    for time, kind, stretch in zip(
        beats.times_s.tolist(), beats.kinds, _stretches(model, beats).tolist(), strict=True
    ):
        for wave in _WAVE_KINDS:
            if (kind, wave) in marks:
                scale = stretch if wave == "T" else 1.0
                onset, peak, offset = (time + scale * mark for mark in marks[kind, wave])
                if onset >= 0.0 and offset <= duration_s:
                    waves.append(Wave(wave, kind, onset, peak, offset))
    return tuple(sorted(waves, key=lambda wave: wave.onset_s))


def _parts(shape: BeatShape) -> tuple[tuple[Bump, ...], ...]:
    return shape.p, shape.qrs, shape.t


def _header(model: EcgModel, waves: tuple[Wave, ...]) -> dict[str, str]:
    """Return an invented header; diagnoses are SNOMED CT codes, as in the PhysioNet challenges."""
    if model.rhythm == "afib":
        codes = [_SNOMED["afib"]]
    elif model.heart_rate_bpm < 60.0:
        codes = [_SNOMED["bradycardia"]]
    else:
        codes = [_SNOMED["tachycardia" if model.heart_rate_bpm > 100.0 else "sinus"]]
    found = {wave.beat for wave in waves}
    codes += [_SNOMED[kind] for kind in ("V", "A") if kind in found]
    return {"Age": str(model.age), "Sex": model.sex, "Dx": ",".join(codes), "Source": "fastecg synthetic"}
