"""Delineation beside the marks of cardiologists and of the simulator, and what must not change it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.reference.ludb import compare_with_ludb
from fastecg.errors import RecordError
from fastecg.evaluate import agreement, compare_beats, delineate
from fastecg.synthesis import EcgModel, simulate

MARKS = ("r_s", "qrs_on_s", "qrs_off_s", "t_on_s", "t_s", "t_off_s", "p_on_s", "p_s", "p_off_s")


@pytest.fixture(scope="module")
def sinus() -> Any:
    """Return a simulated record in sinus rhythm at 60 beats per minute."""
    return simulate(EcgModel(heart_rate_bpm=60.0), seed=1, noise_snr_db=None)


def test_marks_are_those_of_cardiologists(records_dir: Path, wfdb: Any) -> None:
    """On the even records of LUDB, which no rule was set on; docs/evaluating.md gives the figures."""
    found = compare_with_ludb(records_dir / "ludb", wfdb, 0)
    assert found["QRS"].right > 6_000
    least = {"P": (0.85, 0.84), "QRS": (0.995, 0.97), "T": (0.92, 0.94)}
    for kind, (sensitivity, precision) in least.items():
        assert found[kind].sensitivity > sensitivity, kind
        assert found[kind].precision > precision, kind
    most_ms = {
        ("QRS", 0): (3, 18),
        ("QRS", 2): (3, 18),
        ("T", 2): (12, 34),
        ("P", 0): (8, 32),
        ("P", 2): (12, 32),
    }
    for (kind, mark), (bias_ms, sd_ms) in most_ms.items():
        assert abs(found[kind].bias_ms(mark)) < bias_ms, (kind, mark)
        assert found[kind].sd_ms(mark) < sd_ms, (kind, mark)


def test_marks_are_those_of_qtdb(records_dir: Path) -> None:
    from scipy.io import loadmat

    held = loadmat(records_dir / "qtdb" / "sel32.mat", squeeze_me=True, struct_as_record=False)
    told, rate = held["true_position"], float(held["fs"])
    first, last = int(told.R.min() - 5 * rate), int(told.R.max() + 5 * rate)
    beats = delineate(held["ecg"][first:last, 0], rate)
    limits_ms = {"QRSon": (20, 12), "QRSoff": (15, 15), "P": (10, 12), "T": (10, 12), "Toff": (10, 20)}
    fields = {"QRSon": "qrs_on_s", "QRSoff": "qrs_off_s", "P": "p_s", "T": "t_s", "Toff": "t_off_s"}
    for name, (bias_ms, sd_ms) in limits_ms.items():
        seen = np.array([getattr(beat, fields[name]) for beat in beats])
        wanted = (getattr(told, name) - first) / rate
        errors = [1000 * (seen[np.nanargmin(np.abs(seen - mark))] - mark) for mark in wanted]
        found = agreement(errors)
        assert found.count == 30
        assert abs(found.bias) < bias_ms, name
        assert found.sd < sd_ms, name


@pytest.mark.parametrize("rate_bpm", [50.0, 70.0, 95.0])
@pytest.mark.parametrize("rate_hz", [100.0, 250.0, 500.0, 1000.0])
def test_every_simulated_wave_is_found_at_any_sampling_rate(rate_bpm: float, rate_hz: float) -> None:
    made = simulate(EcgModel(heart_rate_bpm=rate_bpm), seed=7, sampling_rate_hz=rate_hz, noise_snr_db=None)
    beats = delineate(made.record.lead("II"), rate_hz)
    kinds = {"QRS": ("r_s", 0.02), "T": ("t_s", 0.03), "P": ("p_s", 0.03)}
    inner = [wave for wave in made.waves if wave.onset_s > 0.6 and wave.offset_s < 9.4]
    for wave in inner:
        name, tolerance_s = kinds[wave.kind]
        nearest = min(
            abs(getattr(beat, name) - wave.peak_s) for beat in beats if not math.isnan(getattr(beat, name))
        )
        assert nearest < tolerance_s, (wave, rate_hz)
    assert abs(len(beats) - sum(wave.kind == "QRS" for wave in made.waves)) <= 2  # those cut by the ends


def test_intervals_are_those_of_the_simulator(sinus: Any) -> None:
    """The simulator's marks are where a wave reaches 0.02 mV in some lead: those of one lead lie inside."""
    beats = delineate(sinus.record.lead("II"), 500)[1:-1]
    waves = {kind: [wave for wave in sinus.waves if wave.kind == kind] for kind in ("P", "QRS", "T")}
    qrs_ms = 1000 * np.median([wave.offset_s - wave.onset_s for wave in waves["QRS"]])
    qt_ms = 1000 * np.median([t.offset_s - q.onset_s for q, t in zip(waves["QRS"], waves["T"], strict=False)])
    assert 1000 * np.median([beat.qrs_off_s - beat.qrs_on_s for beat in beats]) == pytest.approx(
        qrs_ms, abs=25
    )
    assert 1000 * np.median([beat.t_off_s - beat.qrs_on_s for beat in beats]) == pytest.approx(qt_ms, abs=45)


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.5, 1.0, 2.0, -1.0]),
    st.floats(-2, 2),
    st.integers(0, 400),
)
@settings(max_examples=15)
def test_marks_are_in_order_and_know_no_gain_offset_or_beginning(
    seed: int, gain: float, offset_mv: float, gap: int
) -> None:
    lead = simulate(seed=seed, noise_snr_db=25.0).record.lead("V5").astype(np.float64)
    beats = delineate(lead, 500)
    for beat in beats:
        known = [
            mark
            for mark in (
                *(beat.p_on_s, beat.p_s, beat.p_off_s),
                *(beat.qrs_on_s, beat.qrs_off_s, beat.t_on_s, beat.t_s, beat.t_off_s),
            )
            if not math.isnan(mark)
        ]
        assert known == sorted(known)
        assert beat.qrs_on_s <= beat.r_s <= beat.qrs_off_s
    if abs(gain) == 1.0:  # what is below 8 µV is no wave, so only the sign may change
        moved = delineate(np.concatenate([np.full(gap, np.nan), gain * lead + offset_mv]), 500)
        assert len(moved) == len(beats)
        for one, other in zip(beats, moved, strict=True):
            for name in MARKS:
                assert getattr(other, name) - gap / 500 == pytest.approx(
                    getattr(one, name), abs=1e-9, nan_ok=True
                )


def test_a_gap_has_no_beats(sinus: Any) -> None:
    lead = sinus.record.lead("II").astype(np.float64)
    lead[1500:3500] = np.nan
    beats = delineate(lead, 500)
    assert not [beat for beat in beats if 3.05 < beat.r_s < 6.95]
    assert len(beats) >= 5


@pytest.mark.parametrize("signal", [[], [0.0], np.zeros(5000), np.full(5000, np.nan), np.ones(300)])
def test_what_has_no_beats_gives_none(signal: Any) -> None:
    assert delineate(signal, 500) == ()


def test_intervals_of_a_stretched_copy_differ(sinus: Any) -> None:
    """Planted: an estimate whose time runs 2 % slow."""
    lead = sinus.record.lead("II").astype(np.float64)
    slow = np.interp(np.arange(lead.size) / 1.02, np.arange(lead.size), lead)
    lag_s = 0.0
    found = compare_beats(lead[:2000], slow[:2000], 500, lag_s)
    rr = agreement(found.differences_ms["RR"])
    assert rr.bias == pytest.approx(20, abs=3)
    assert agreement(found.differences_ms["QT"]).bias == pytest.approx(8, abs=4)


def test_missed_and_extra_beats_are_counted(sinus: Any) -> None:
    lead = sinus.record.lead("II").astype(np.float64)
    assert compare_beats(lead, np.full(lead.size, np.nan), 500).missed == len(delineate(lead, 500))
    half = lead.copy()
    half[2500:] = np.nan
    found = compare_beats(half, lead, 500)
    assert found.missed <= 1
    assert found.extra in (4, 5, 6)
    late = compare_beats(lead, np.roll(lead, 100), 500, 0.2)
    assert late.missed <= 1
    assert set(late.differences_ms["QRS"][1:-1]) == {0.0}


def test_agreement_is_bland_and_altmans() -> None:
    values = np.random.default_rng(1).normal(3, 2, 50)
    found = agreement(values)
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - 1.96 * values.std(ddof=1), values.mean() + 1.96 * values.std(ddof=1))
    )
    assert math.isnan(agreement([]).bias)
    assert math.isnan(agreement([1.0]).sd)


def test_wrong_rates_are_refused() -> None:
    with pytest.raises(RecordError, match="50 or more"):
        delineate([0.0], 20)
