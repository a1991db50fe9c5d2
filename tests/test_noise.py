"""ECG noises against their stated spectra, the lead relations, exact SNR and the MIT-BIH noise recordings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg import noise
from fastecg.errors import RecipeError, RecordError
from fastecg.leads import STANDARD_12
from fastecg.noise_models import muscle_coefficients
from fastecg.record import Record

ALL: list[Callable[..., NDArray[np.float32]]] = [
    noise.baseline_wander,
    noise.power_line,
    noise.muscle,
    noise.electrode_motion,
    noise.white,
    noise.quiet,
]


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


def tones(seconds: float) -> Record:
    """Return twelve different tones with offsets, at 500 Hz."""
    times = np.arange(round(seconds * 500)) / 500
    rows = [0.1 * row + (0.2 + 0.05 * row) * np.sin((5 + row) * times) for row in range(12)]
    return Record.from_array(rows, STANDARD_12, 500.0)


def share(signals: NDArray[Any], rate: float, low: float, high: float) -> float:
    """Return the share of power between two frequencies, over all rows."""
    windowed = (signals - signals.mean(axis=1, keepdims=True)) * np.hanning(signals.shape[1])
    power = np.square(np.abs(np.fft.rfft(windowed, axis=1))).sum(axis=0)
    frequency = np.fft.rfftfreq(signals.shape[1], 1.0 / rate)
    return float(power[(frequency >= low) & (frequency < high)].sum() / power.sum())


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("rate", [128.0, 257.0, 500.0, 1000.0])
def test_noise_is_float32_of_unit_power_and_obeys_the_lead_relations(
    make: Callable[..., NDArray[np.float32]], rate: float
) -> None:
    samples = round(7 * rate)
    values = make(STANDARD_12, samples, rate, rng())
    assert values.shape == (12, samples)
    assert values.dtype == np.float32
    assert float(np.mean(np.square(values, dtype=np.float64))) == pytest.approx(
        1.0, rel=0.1 if make is noise.quiet else 1e-3
    )
    one, two, three, avr, avl, avf = values[:6]
    scale = np.abs(values).max()
    for derived, expected in (
        (three, two - one),
        (avr, -(one + two) / 2),
        (avl, one - two / 2),
        (avf, two - one / 2),
    ):
        np.testing.assert_allclose(derived, expected, rtol=0, atol=2e-6 * scale)
    between = np.atleast_2d(np.corrcoef(values[[0, 6, 9]]))
    assert np.abs(between[np.triu_indices(3, 1)]).max() < 0.999


@pytest.mark.parametrize("make", ALL)
def test_noise_is_reproducible_and_leads_outside_the_twelve_work(
    make: Callable[..., NDArray[np.float32]],
) -> None:
    leads = ("II", "V1", "Vx", "MLII", "V7")
    first = make(leads, 1000, 257.0, rng(3))
    assert first.tobytes() == make(leads, 1000, 257.0, rng(3)).tobytes()
    assert first.tobytes() != make(leads, 1000, 257.0, rng(4)).tobytes()
    assert (first.std(axis=1) > 0).all()
    assert np.isfinite(make(("V1",), 2, 500.0, rng())).all()


@pytest.mark.parametrize("rate", [100.0, 257.0, 1000.0])
def test_baseline_wander_stays_below_one_hertz(rate: float) -> None:
    values = noise.baseline_wander(STANDARD_12, round(60 * rate), rate, rng(5))
    assert share(values, rate, 0.0, 1.0) > 0.995
    assert share(values, rate, 0.1, 0.7) > 0.2


@pytest.mark.parametrize("mains", [50.0, 60.0])
@pytest.mark.parametrize("rate", [257.0, 500.0, 1000.0])
def test_power_line_is_a_narrow_peak_with_weak_harmonics(rate: float, mains: float) -> None:
    values = noise.power_line(STANDARD_12, round(20 * rate), rate, rng(2), mains_hz=mains)
    assert share(values, rate, mains - 0.5, mains + 0.5) > 0.85
    harmonics = sum(share(values, rate, k * mains - 1, k * mains + 1) for k in (1, 2, 3, 5))
    assert harmonics > 0.999
    if rate > 6 * mains:
        assert 0.003 < share(values, rate, 3 * mains - 1, 3 * mains + 1) < 0.1


def test_power_line_above_nyquist_is_refused() -> None:
    with pytest.raises(RecipeError, match="60 Hz at a sampling rate of 100 Hz"):
        noise.power_line(["II"], 1000, 100.0, rng(), mains_hz=60.0)


def test_muscle_noise_is_broad_from_20_to_150_hz() -> None:
    values = noise.muscle(STANDARD_12, 60_000, 1000.0, rng(7))
    assert share(values, 1000.0, 20.0, 150.0) > 0.75
    assert share(values, 1000.0, 0.0, 10.0) < 0.05
    assert share(values, 1000.0, 250.0, 500.0) < 0.08
    bands = [share(values, 1000.0, low, low + 20.0) for low in (30.0, 50.0, 70.0, 90.0)]
    assert max(bands) / min(bands) < 2.0


@pytest.mark.parametrize("rate", [100.0, 257.0, 500.0, 1000.0])
def test_the_muscle_model_is_stable_and_fits_its_target(rate: float) -> None:
    coefficients = muscle_coefficients(rate)
    assert np.abs(np.roots(coefficients)).max() < 1.0
    frequency = np.linspace(0.02, 0.98, 200) * rate / 2
    order = np.arange(coefficients.size)
    model = 1.0 / np.square(np.abs(np.exp(-2j * np.pi * np.outer(frequency, order) / rate) @ coefficients))
    target = 1.0 / ((1 + (20 / frequency) ** 4) * (1 + (frequency / 120) ** 4)) + 1e-3
    model, target = model / model.sum(), target / target.sum()
    strong = target > 0.2 * target.max()
    assert np.abs(10 * np.log10(model[strong] / target[strong])).max() < 3.0


def test_muscle_noise_differs_between_chest_electrodes() -> None:
    values = noise.muscle(STANDARD_12, 20_000, 500.0, rng(9))
    assert abs(np.corrcoef(values[7], values[10])[0, 1]) < 0.6


def test_electrode_motion_is_slow_and_jerky() -> None:
    values = noise.electrode_motion(STANDARD_12, 60 * 500, 500.0, rng(6))
    assert share(values, 500.0, 0.0, 5.0) > 0.9
    assert share(values, 500.0, 1.0, 10.0) > 0.1
    steps = np.diff(values[:, ::10].astype(np.float64), axis=1)
    kurtosis = np.mean(steps**4, axis=1) / np.mean(steps**2, axis=1) ** 2
    assert np.median(kurtosis) > 5.0  # jumps: far more than the 3 of a Gaussian process


def test_white_noise_is_flat() -> None:
    values = noise.white(("V1", "V4"), 50_000, 500.0, rng(8))
    assert [share(values, 500.0, low, low + 50.0) for low in range(0, 250, 50)] == pytest.approx(
        [0.2] * 5, abs=0.02
    )


@given(snr_db=st.floats(-20, 60), seed=st.integers(0, 1000), gap=st.booleans())
@settings(max_examples=30, deadline=None)
def test_snr_is_exact(snr_db: float, seed: int, gap: bool) -> None:
    clean = tones(3.0)
    if gap:
        clean.signals_mv[2, 100:400] = np.nan
        clean.signals_mv[5] = np.nan
    noisy = noise.add_noise(clean, noise.quiet(clean.leads, clean.samples, 500.0, rng(seed)), snr_db)
    assert (np.isnan(noisy.signals_mv) == np.isnan(clean.signals_mv)).all()
    added = noisy.signals_mv.astype(np.float64) - clean.signals_mv
    ratio = power(clean.signals_mv.astype(np.float64)) / power(added)
    assert 10 * np.log10(ratio) == pytest.approx(snr_db, abs=0.01)
    assert (noisy.name, noisy.leads, noisy.header) == (clean.name, clean.leads, clean.header)


def power(signals: NDArray[np.float64]) -> float:
    """Return the mean square about each lead's mean, written out."""
    rows = [row[~np.isnan(row)] for row in signals]
    rows = [row - row.mean() for row in rows if row.size]
    return float(np.mean(np.concatenate(rows) ** 2))


def test_adding_noise_leaves_the_record_alone() -> None:
    clean = tones(2.0)
    before = clean.signals_mv.copy()
    noise.add_noise(clean, noise.white(clean.leads, clean.samples, 500.0, rng()), 10.0)
    np.testing.assert_array_equal(clean.signals_mv, before)


def test_noise_that_cannot_be_added_is_refused() -> None:
    record = tones(2.0)
    with pytest.raises(RecordError, match="shape"):
        noise.add_noise(record, np.zeros((12, 3), np.float32), 10.0)
    with pytest.raises(RecordError, match=r"noise .* has no power"):
        noise.add_noise(record, np.ones((12, 1000), np.float32), 10.0)
    with pytest.raises(RecordError, match=r"signal .* has no power"):
        noise.add_noise(
            Record.from_array(np.ones((1, 50)), ["II"], 100), np.eye(1, 50, dtype=np.float32), 10.0
        )
    with pytest.raises(RecordError, match="not finite"):
        noise.add_noise(record, np.full((12, 1000), np.nan, np.float32), 10.0)


def test_recorded_noise_keeps_its_frequency_when_resampled() -> None:
    tape = np.stack([np.sin(2 * np.pi * 7.0 * np.arange(20_000) / 360.0 + phase) for phase in (0, 1)])
    for rate in (100.0, 257.0, 499.5, 1000.0):
        values = noise.recorded_noise(tape, STANDARD_12, round(8 * rate), rate, rng())
        assert share(values, rate, 6.5, 7.5) > 0.99
        assert float(np.mean(np.square(values))) == pytest.approx(1.0, rel=1e-3)
        np.testing.assert_allclose(values[2], values[1] - values[0], atol=1e-5)
        # a tone from the first sample to the last: nothing of the filter's run-in is left
        phase = 2 * np.pi * 7.0 * np.arange(values.shape[1]) / rate
        basis = np.stack([np.sin(phase), np.cos(phase), np.ones_like(phase)], axis=1)
        fitted = basis @ np.linalg.lstsq(basis, values.T, rcond=None)[0]
        assert np.abs(fitted - values.T).max() < 0.02
    values = noise.recorded_noise(tape, ["V1"], 4000, 500.0, rng(), source_rate_hz=720.0)
    assert share(values, 500.0, 13.5, 14.5) > 0.99


def test_recorded_noise_cuts_at_random_places_and_plays_short_tapes_forth_and_back() -> None:
    tape = rng(4).standard_normal((2, 1000)).cumsum(axis=1)
    first, second = (noise.recorded_noise(tape, ["II", "V1"], 5000, 500.0, rng(seed)) for seed in (1, 2))
    assert first.tobytes() != second.tobytes()
    assert np.isfinite(first).all()
    # no seams: the steepest step is no steeper than the tape's own, resampled
    assert np.abs(np.diff(first, axis=1)).max() < 1.0


@pytest.mark.parametrize("form", ["wfdb", "mat", "array"])
def test_recorded_noise_reads_each_form_alike(form: str, tmp_path: Path) -> None:
    tape = np.round(np.clip(rng(2).standard_normal((2, 6000)).cumsum(axis=1), -150, 150)) / 20.0
    source: Any = tape
    if form == "wfdb":
        import wfdb

        wfdb.wrsamp(
            "em", 360, ["mV"] * 2, ["noise1", "noise2"], tape.T, fmt=["16", "16"],
            adc_gain=[200.0] * 2, baseline=[0, 0], write_dir=str(tmp_path),
        )  # fmt: skip
        source = tmp_path / "em"
    elif form == "mat":
        from scipy.io import savemat

        numbered = np.column_stack([np.arange(1, 6001), tape.T * 200.0])
        savemat(tmp_path / "EM.mat", {"EM": numbered})
        source = str(tmp_path / "EM.mat")
    values = noise.recorded_noise(source, STANDARD_12, 2570, 257.0, rng(3))
    expected = noise.recorded_noise(tape, STANDARD_12, 2570, 257.0, rng(3))
    np.testing.assert_allclose(values, expected, atol=1e-4)


def test_recordings_that_are_no_noise_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be read"):
        noise.recorded_noise(tmp_path / "absent", ["II"], 1000, 500.0, rng())
    with pytest.raises(RecordError, match="constant"):
        noise.recorded_noise(np.ones((2, 5000)), ["II"], 1000, 500.0, rng())
    with pytest.raises(RecordError, match="10 samples"):
        noise.recorded_noise(rng().standard_normal((2, 10)), ["II"], 1000, 500.0, rng())


@pytest.mark.parametrize(
    ("name", "make", "low", "high"),
    [
        ("BW", noise.baseline_wander, 0.0, 1.0),
        ("EM", noise.electrode_motion, 0.0, 10.0),
        ("MA", noise.muscle, 20.0, 50.0),
    ],
)
def test_models_have_their_power_where_the_recordings_have(
    records_dir: Path, name: str, make: Callable[..., NDArray[np.float32]], low: float, high: float
) -> None:
    # muscle recordings also hold a drifting baseline, so they are compared above 5 Hz only
    above = 5.0 if name == "MA" else 0.0
    taped = noise.recorded_noise(records_dir / "nstdb" / f"{name}.mat", STANDARD_12, 9000, 360.0, rng(1))
    made = make(STANDARD_12, 9000, 360.0, rng(1))
    shares = [share(v, 360.0, low, high) / share(v, 360.0, above, 180.0) for v in (taped, made)]
    assert shares[0] > (0.5 if name == "MA" else 0.9)
    assert shares[1] > (0.2 if name == "MA" else 0.9)
