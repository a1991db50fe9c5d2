"""Synthetic ECGs against lead relations, a plain QRS detector, physiology's ranges and their own marks."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg.errors import RecipeError, RecordError
from fastecg.leads import STANDARD_12
from fastecg.record import Record, validated
from fastecg.synthesis import (
    EcgModel,
    SyntheticEcg,
    Wave,
    builtin_record,
    builtin_records,
    simulate,
)
from fastecg.synthesis_shapes import FRANK_LEADS, LEADS, lead_matrix, rotation

ADULT = EcgModel()


def person(seed: int) -> EcgModel:
    """Return a drawn adult in plain sinus rhythm."""
    return EcgModel.draw(np.random.Generator(np.random.Philox(seed)), "sinus")


def heart(ecg: SyntheticEcg) -> NDArray[np.float64]:
    """Return the length of the heart vector at each sample."""
    frank = np.array([ecg.record.lead(name) for name in FRANK_LEADS], dtype=np.float64)
    length: NDArray[np.float64] = np.linalg.norm(frank, axis=0)
    return length


def of_kind(waves: tuple[Wave, ...], kind: str) -> list[Wave]:
    return [wave for wave in waves if wave.kind == kind]


def rr_intervals(ecg: SyntheticEcg) -> NDArray[np.float64]:
    return np.diff([wave.peak_s for wave in of_kind(ecg.waves, "QRS")])


def detected_beats_s(record: Record) -> NDArray[np.float64]:
    """Find QRS complexes by slope alone: smoothed squared differences over all leads, one threshold."""
    slope = np.square(np.diff(record.signals_mv.astype(np.float64), axis=1)).sum(axis=0)
    width = round(0.08 * record.sampling_rate_hz)
    energy = np.sqrt(np.convolve(slope, np.ones(width) / width, mode="same"))
    above = np.concatenate([[False], energy > 0.3 * np.percentile(energy, 99.5), [False]])
    edges = np.flatnonzero(np.diff(above.astype(np.int8)))
    centres = edges.reshape(-1, 2).mean(axis=1) / record.sampling_rate_hz
    beats: NDArray[np.float64] = centres[np.diff(centres, prepend=-1.0) > 0.2]
    return beats


def test_a_record_is_what_the_rest_of_the_library_expects() -> None:
    ecg = simulate(seed=4)
    assert validated(ecg.record) is ecg.record
    assert ecg.record.signals_mv.dtype == np.float32
    assert ecg.record.signals_mv.shape == (12, 5000)
    assert ecg.record.leads == STANDARD_12
    assert ecg.record.name == "synthetic-4"
    assert ecg.record.header["Source"] == "fastecg synthetic"
    assert 18 <= int(ecg.record.header["Age"]) <= 95


@pytest.mark.parametrize("noise_snr_db", [None, 20.0])
@pytest.mark.parametrize("seed", range(5))
def test_einthoven_and_goldberger_hold(seed: int, noise_snr_db: float | None) -> None:
    record = simulate(seed=seed, noise_snr_db=noise_snr_db).record
    one, two = record.lead("I"), record.lead("II")
    expected = {"III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    for name, values in expected.items():
        np.testing.assert_allclose(record.lead(name), values, rtol=0, atol=1e-5)


def test_chest_leads_are_dowers_view_of_the_frank_leads() -> None:
    record = simulate(ADULT, noise_snr_db=None, leads=LEADS).record
    vector = np.stack([record.lead(name) for name in FRANK_LEADS])
    np.testing.assert_allclose(record.signals_mv, lead_matrix(LEADS) @ vector, atol=1e-5)
    # signs and sizes a textbook gives for the horizontal plane: V1 looks back to front, V6 to the left
    assert lead_matrix(["V1"])[0, 2] < -0.8
    assert lead_matrix(["V6"])[0, 0] > 0.8


def test_rotation_keeps_lengths_and_turns_as_documented() -> None:
    np.testing.assert_allclose(rotation(0.3, -0.2, 0.1) @ rotation(0.3, -0.2, 0.1).T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(rotation(np.pi / 2, 0, 0) @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(rotation(0, np.pi / 2, 0) @ [1, 0, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(rotation(0, 0, np.pi / 2) @ [0, 1, 0], [0, 0, 1], atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_peak_marks_are_where_the_heart_vector_is_longest(seed: int) -> None:
    rate = 1000.0
    ecg = simulate(person(seed), seed=seed, sampling_rate_hz=rate, noise_snr_db=None, leads=FRANK_LEADS)
    length = heart(ecg)
    assert len(of_kind(ecg.waves, "QRS")) >= 7
    for wave in ecg.waves:
        first, last = (round(mark * rate) for mark in (wave.onset_s, wave.offset_s))
        assert abs(first + int(np.argmax(length[first : last + 1])) - wave.peak_s * rate) <= 1.0


def test_waves_fade_to_the_documented_size_at_their_marks() -> None:
    # a slow, steady rhythm, so that no wave overlaps another
    model = replace(ADULT, heart_rate_bpm=50.0, rr_sd_s=0.0, sway_deg=0.0)
    ecg = simulate(model, sampling_rate_hz=2000.0, noise_snr_db=None, leads=FRANK_LEADS)
    length = heart(ecg)
    for wave in ecg.waves:
        for mark in (wave.onset_s, wave.offset_s):
            assert 0.005 < length[round(mark * 2000)] < 0.035
    quiet = np.ones(length.size, dtype=bool)
    for wave in ecg.waves:
        quiet[round((wave.onset_s - 0.02) * 2000) : round((wave.offset_s + 0.04) * 2000)] = False
    inside = quiet[round(ecg.waves[0].onset_s * 2000) : round(ecg.waves[-1].offset_s * 2000)]
    assert inside.sum() > 2000
    assert length[round(ecg.waves[0].onset_s * 2000) :][: inside.size][inside].max() < 0.02


@pytest.mark.parametrize("seed", range(60))
def test_everyone_drawn_is_within_healthy_ranges(seed: int) -> None:
    model = person(seed)
    ecg = simulate(model, seed=seed, duration_s=6.0, noise_snr_db=None)
    start = next(i for i, wave in enumerate(ecg.waves) if wave.kind == "P")
    p, qrs, t = ecg.waves[start : start + 3]
    assert (p.kind, qrs.kind, t.kind) == ("P", "QRS", "T")
    rr = 60.0 / model.heart_rate_bpm
    assert 50.0 <= model.heart_rate_bpm <= 110.0
    assert 0.12 <= qrs.onset_s - p.onset_s <= 0.20
    assert 0.07 <= qrs.offset_s - qrs.onset_s <= 0.11
    assert 0.34 <= (t.offset_s - qrs.onset_s) / np.cbrt(rr) <= 0.45
    assert 0.08 <= p.offset_s - p.onset_s <= 0.125

    def most(lead: str, wave: Wave) -> float:
        part = ecg.record.lead(lead)[round(wave.onset_s * 500) : round(wave.offset_s * 500) + 1]
        return float(part[np.argmax(np.abs(part))])

    assert all(0.02 < most(lead, p) < 0.3 for lead in ("I", "II", "aVF", "V4", "V5", "V6"))
    assert all(0.03 < most(lead, t) < 1.0 for lead in ("I", "II", "V3", "V4", "V5", "V6"))
    assert all(most("aVR", wave) < 0 for wave in (p, qrs, t))
    assert most("V1", qrs) < -0.4  # rS
    assert most("V6", qrs) > 0.4  # qR


def test_r_grows_from_v1_to_v4_and_s_shrinks_from_v2_to_v6() -> None:
    ecg = simulate(ADULT, noise_snr_db=None)
    qrs = of_kind(ecg.waves, "QRS")[0]
    part = slice(round(qrs.onset_s * 500), round(qrs.offset_s * 500))
    highest = [ecg.record.lead(f"V{n}")[part].max() for n in range(1, 7)]
    lowest = [ecg.record.lead(f"V{n}")[part].min() for n in range(1, 7)]
    assert highest[0] < highest[1] < highest[2] < highest[3]
    assert lowest[1] < lowest[2] < lowest[3] < lowest[4]
    ratio = [high / -low for high, low in zip(highest, lowest, strict=True)]
    assert ratio[1] < 1 < ratio[3]  # transition between V2 and V4


@pytest.mark.parametrize("seed", range(30))
def test_a_plain_detector_finds_every_beat_of_a_builtin_record(seed: int) -> None:
    ecg = builtin_record(seed, seed=5)
    marks = np.array([wave.peak_s for wave in of_kind(ecg.waves, "QRS")])
    found = detected_beats_s(ecg.record)
    inside = found[(found > marks[0] - 0.1) & (found < marks[-1] + 0.1)]
    assert inside.size == marks.size
    assert np.abs(inside - marks).max() < 0.06


@given(seed=st.integers(0, 2**64 - 1), rate=st.floats(100, 1000), duration=st.floats(2, 12))
@settings(max_examples=30, deadline=None)
def test_waves_are_ordered_and_inside(seed: int, rate: float, duration: float) -> None:
    ecg = simulate(seed=seed, sampling_rate_hz=rate, duration_s=duration)
    assert ecg.record.samples == round(duration * rate)
    assert np.isfinite(ecg.record.signals_mv).all()
    assert np.abs(ecg.record.signals_mv).max() < 5.0
    for wave in ecg.waves:
        assert 0 <= wave.onset_s < wave.peak_s < wave.offset_s <= duration
    assert all(a.onset_s <= b.onset_s for a, b in pairwise(ecg.waves))


@pytest.mark.parametrize("rate", [100.0, 257.0, 1000.0])
def test_any_rate_samples_the_same_curve(rate: float) -> None:
    from scipy.interpolate import CubicSpline

    fine = simulate(seed=9, sampling_rate_hz=2000.0, noise_snr_db=None)
    other = simulate(seed=9, sampling_rate_hz=rate, noise_snr_db=None)
    assert fine.waves == other.waves
    curve = CubicSpline(np.arange(fine.record.samples) / 2000.0, fine.record.signals_mv, axis=1)
    times = np.arange(other.record.samples) / rate
    np.testing.assert_allclose(other.record.signals_mv, curve(times), atol=1e-4)


def test_a_longer_record_begins_like_a_shorter_one() -> None:
    for model in (ADULT, replace(ADULT, atrial_rate=0.3), replace(ADULT, rhythm="afib", rr_sd_s=0.15)):
        short = simulate(model, seed=2, duration_s=5, noise_snr_db=None).record.signals_mv
        long = simulate(model, seed=2, duration_s=20, noise_snr_db=None).record.signals_mv
        np.testing.assert_allclose(long[:, : short.shape[1]], short, atol=1e-6)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    first, again, other = (simulate(seed=seed) for seed in (11, 11, 12))
    assert first.record.signals_mv.tobytes() == again.record.signals_mv.tobytes()
    assert (first.waves, first.record.header) == (again.waves, again.record.header)
    assert first.record.signals_mv.tobytes() != other.record.signals_mv.tobytes()


def test_a_builtin_record_does_not_depend_on_the_others() -> None:
    three = list(builtin_records(3, seed=8))
    assert [record.name for record in three] == ["synthetic-0000", "synthetic-0001", "synthetic-0002"]
    alone = builtin_record(2, seed=8).record
    assert alone.signals_mv.tobytes() == three[2].signals_mv.tobytes()
    assert alone.header == three[2].header
    assert len({record.signals_mv.tobytes() for record in three}) == 3
    assert builtin_record(2, seed=9).record.signals_mv.tobytes() != alone.signals_mv.tobytes()


def test_rr_has_the_mean_the_spread_and_the_bands_asked_for() -> None:
    model = replace(ADULT, heart_rate_bpm=75.0, rr_sd_s=0.04, lf_hf_ratio=0.5, respiration_hz=0.25)
    ecg = simulate(model, seed=3, duration_s=1200, sampling_rate_hz=50, noise_snr_db=None, leads=["II"])
    beats = np.array([wave.peak_s for wave in of_kind(ecg.waves, "QRS")])
    rr = np.diff(beats)
    assert rr.mean() == pytest.approx(0.8, rel=0.01)
    assert rr.std() == pytest.approx(0.04, rel=0.2)
    grid = np.arange(beats[0], beats[-2], 0.25)
    even = np.interp(grid, beats[:-1], rr) - rr.mean()
    spectrum = np.square(np.abs(np.fft.rfft(even)))
    frequency = np.fft.rfftfreq(grid.size, 0.25)

    def band(low: float, high: float) -> float:
        return float(spectrum[(frequency > low) & (frequency < high)].sum())

    low, high = band(0.06, 0.14), band(0.20, 0.30)
    assert (low + high) / spectrum.sum() > 0.85
    # reading RR once a beat, linearly interpolated, takes a third off the higher band
    assert 0.4 < low / high < 1.2


def test_no_variability_means_equal_intervals() -> None:
    rr = rr_intervals(simulate(EcgModel(heart_rate_bpm=60, rr_sd_s=0.0)))
    np.testing.assert_allclose(rr, 1.0, atol=1e-9)


def test_premature_ventricular_beats_are_wide_early_and_followed_by_a_pause() -> None:
    model = replace(ADULT, ventricular_rate=0.15, rr_sd_s=0.0, heart_rate_bpm=60.0)
    ecg = simulate(model, seed=6, duration_s=300, sampling_rate_hz=100, noise_snr_db=None)
    beats = of_kind(ecg.waves, "QRS")
    early = [i for i in range(1, len(beats) - 1) if beats[i].beat == "V"]
    assert 0.10 < len(early) / len(beats) < 0.20
    for i in early:
        assert beats[i].offset_s - beats[i].onset_s > 0.12
        assert beats[i].peak_s - beats[i - 1].peak_s < 0.8
        assert beats[i + 1].peak_s - beats[i - 1].peak_s == pytest.approx(2.0, abs=1e-6)
        assert beats[i + 1].beat == "N"
    assert not [wave for wave in ecg.waves if wave.kind == "P" and wave.beat == "V"]
    qrs, t = (next(w for w in ecg.waves if w.beat == "V" and w.kind == kind) for kind in ("QRS", "T"))
    at = {w.kind: ecg.record.lead("II")[round(w.peak_s * 100)] for w in (qrs, t)}
    assert at["QRS"] * at["T"] < 0  # discordant
    assert "427172004" in ecg.record.header["Dx"]


def test_premature_atrial_beats_are_narrow_and_reset_the_sinus_node() -> None:
    model = replace(ADULT, atrial_rate=0.4, rr_sd_s=0.0, heart_rate_bpm=60.0)
    ecg = simulate(model, seed=6, duration_s=300, sampling_rate_hz=100, noise_snr_db=None)
    beats = of_kind(ecg.waves, "QRS")
    early = [i for i in range(1, len(beats) - 1) if beats[i].beat == "A"]
    assert 0.3 < len(early) / len(beats) < 0.5
    for i in early:
        assert beats[i].offset_s - beats[i].onset_s < 0.11
        assert beats[i + 1].peak_s - beats[i - 1].peak_s < 1.95
    assert beats[-1].peak_s > 298.0  # resetting does not use the rhythm up


def test_fibrillation_is_irregular_without_p_waves() -> None:
    model = EcgModel(heart_rate_bpm=90, rr_sd_s=0.14, rhythm="afib", f_wave_mv=0.1)
    ecg = simulate(model, seed=2, duration_s=120, sampling_rate_hz=250, noise_snr_db=None)
    assert not of_kind(ecg.waves, "P")
    rr = rr_intervals(ecg)
    assert rr.std() == pytest.approx(0.14, rel=0.25)
    assert abs(np.corrcoef(rr[:-1], rr[1:])[0, 1]) < 0.25
    still = simulate(
        replace(model, f_wave_mv=0.0), seed=2, duration_s=120, sampling_rate_hz=250, noise_snr_db=None
    )
    waves = ecg.record.lead("V1") - still.record.lead("V1")
    frequency = np.fft.rfftfreq(waves.size, 1 / 250)[np.argmax(np.abs(np.fft.rfft(waves)))]
    assert 4.0 < frequency < 9.0
    assert 0.03 < np.abs(waves).max() < 0.2


def test_people_differ_and_the_mix_is_as_documented() -> None:
    models = [EcgModel.draw(np.random.Generator(np.random.Philox(seed))) for seed in range(600)]
    share = {
        "afib": np.mean([model.rhythm == "afib" for model in models]),
        "V": np.mean([model.ventricular_rate > 0 for model in models]),
        "A": np.mean([model.atrial_rate > 0 for model in models]),
    }
    assert all(0.02 < value < 0.08 for value in share.values())
    assert len({model.normal for model in models}) == 600
    assert np.std([model.heart_rate_bpm for model in models]) > 10


@pytest.mark.parametrize(
    "change",
    [
        {"heart_rate_bpm": 0.0},
        {"heart_rate_bpm": float("nan")},
        {"rr_sd_s": 0.5},
        {"ventricular_rate": 0.3, "atrial_rate": 0.3},
        {"rhythm": "flutter"},
    ],
)
def test_impossible_models_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(RecipeError):
        replace(ADULT, **change)  # type: ignore[arg-type]


def test_impossible_frames_are_refused() -> None:
    with pytest.raises(RecipeError, match="duration_s is 0"):
        simulate(duration_s=0)
    with pytest.raises(RecipeError, match="sampling_rate_hz"):
        simulate(sampling_rate_hz=10)
    with pytest.raises(RecipeError, match="seed is -1"):
        simulate(seed=-1)
    with pytest.raises(RecordError, match="V9"):
        simulate(leads=["V9"])
