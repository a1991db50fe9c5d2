"""The three ratios against plain implementations, against what must not change them, and at their edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bench.reference.plain_ratios import plain_2024_db, plain_2025_power, plain_raw_db
from fastecg.errors import RecordError
from fastecg.evaluate import (
    Power2025,
    errors,
    mean_2024_db,
    power_2025,
    ratio_2025,
    score_2024,
    snr_2024_db,
    snr_2025_db,
    snr_raw_db,
)
from fastecg.synthesis import builtin_record

Lead = NDArray[np.float64]
RATE = 250.0


@st.composite
def pairs(draw: st.DrawFn, gaps: bool = True) -> tuple[Lead, Lead]:
    """Return a smooth random lead and a noisy, moved copy of another length, both with gaps."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    samples = draw(st.integers(8, 160))
    curve = np.cumsum(rng.standard_normal(samples + 40)) * draw(st.sampled_from([0.01, 0.1, 1.0]))
    late = draw(st.integers(-20, 20))
    estimate = curve[20 - late : 20 - late + samples] + draw(st.floats(-1.5, 1.5))
    estimate = estimate + rng.standard_normal(samples) * draw(st.sampled_from([1e-3, 0.05, 0.5]))
    reference = curve[20 : 20 + samples].copy()
    if gaps:
        reference[rng.random(samples) < draw(st.sampled_from([0.0, 0.3]))] = np.nan
        estimate[rng.random(samples) < draw(st.sampled_from([0.0, 0.3]))] = np.nan
        reference[: draw(st.integers(0, samples // 2))] = np.nan
        estimate = estimate[: draw(st.integers(samples // 2, samples))]
    assume(np.isfinite(reference).any() and np.isfinite(estimate).any())
    return reference, estimate


@pytest.fixture(scope="module")
def lead() -> Lead:
    """Return ten seconds of a lead at 250 Hz."""
    record = builtin_record(3, sampling_rate_hz=RATE).record
    return record.lead("II").astype(np.float64)


@given(pairs())
@settings(max_examples=60)
def test_2024_equals_the_plain_one(pair: tuple[Lead, Lead]) -> None:
    reference, estimate = pair
    found, wanted = snr_2024_db(reference, estimate, RATE), plain_2024_db(reference, estimate, RATE)
    assert found == pytest.approx(wanted, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("noise_mv", [0.005, 0.05, 0.5])
@pytest.mark.parametrize(("late", "higher"), [(0, 0.0), (30, -0.4), (-30, 0.4), (200, 0.0), (0, 1.4)])
def test_2024_equals_the_plain_one_on_an_ecg(lead: Lead, noise_mv: float, late: int, higher: float) -> None:
    rng = np.random.default_rng(late + 500)
    reference = lead.copy()
    reference[700:1400] = np.nan
    estimate = np.roll(lead, late) + higher + noise_mv * rng.standard_normal(lead.size)
    estimate[100:150] = np.nan
    wanted = plain_2024_db(reference, estimate, RATE)
    assert snr_2024_db(reference, estimate, RATE) == pytest.approx(wanted, abs=1e-6)


@given(pairs())
def test_raw_equals_the_plain_one(pair: tuple[Lead, Lead]) -> None:
    reference, estimate = pair
    shared = min(reference.size, estimate.size)
    assume(np.isfinite(reference[:shared] + estimate[:shared]).any())
    assert snr_raw_db(reference, estimate) == pytest.approx(plain_raw_db(reference, estimate), abs=1e-9)


@given(pairs(gaps=False))
def test_2025_equals_the_plain_one(pair: tuple[Lead, Lead]) -> None:
    reference, estimate = pair
    found = power_2025(reference, estimate, RATE)
    signal, noise = plain_2025_power(reference, estimate, RATE)
    assert found.signal_mv2 == pytest.approx(signal)
    assert 10 * math.log10(found.noise_mv2) == pytest.approx(10 * math.log10(noise), abs=1e-6)


@given(pairs())
def test_errors_equal_the_plain_ones(pair: tuple[Lead, Lead]) -> None:
    from scipy.stats import pearsonr

    reference, estimate = pair
    shared = min(reference.size, estimate.size)
    both = np.isfinite(reference[:shared]) & np.isfinite(estimate[:shared])
    assume(both.sum() > 2)
    x, y = reference[:shared][both], estimate[:shared][both]
    found = errors(reference, estimate)
    assert found.mse_mv2 == pytest.approx(sum((y - x) ** 2) / both.sum())
    assert found.mae_mv == pytest.approx(sum(abs(y - x)) / both.sum())
    assert found.psnr_db == pytest.approx(10 * math.log10(max(abs(x)) ** 2 / found.mse_mv2))
    assert found.correlation == pytest.approx(pearsonr(x, y).statistic, abs=1e-9)
    assert found.coverage == pytest.approx(both.sum() / np.isfinite(reference).sum())


@given(pairs(), st.sampled_from([0.5, 2.0, 1024.0]))
def test_ratios_know_no_unit(pair: tuple[Lead, Lead], gain: float) -> None:
    """A power of two changes no digit; only the limit of 1 mV knows the unit, so nothing is moved here."""
    reference, estimate = pair
    wanted = score_2024(reference, estimate, RATE, align=False).snr_db
    scaled = score_2024(gain * reference, gain * estimate, RATE, align=False).snr_db
    assert scaled == pytest.approx(wanted, nan_ok=True)
    assert snr_raw_db(gain * reference, gain * estimate) == pytest.approx(
        snr_raw_db(reference, estimate), nan_ok=True
    )
    power, larger = (power_2025(k * reference, k * estimate, RATE) for k in (1.0, gain))
    assert larger.noise_mv2 == pytest.approx(gain**2 * power.noise_mv2)
    assert larger.lag_s == power.lag_s


@pytest.mark.parametrize("late", [-30, -1, 0, 7, 40])
def test_a_moved_copy_is_found(lead: Lead, late: int) -> None:
    rng = np.random.default_rng(1)
    estimate = np.roll(lead, late) + 0.25 + 0.002 * rng.standard_normal(lead.size)
    found, power = score_2024(lead, estimate, RATE), power_2025(lead, estimate, RATE)
    assert found.lag_s == power.lag_s == late / RATE
    assert found.offset_mv == pytest.approx(0.25, abs=0.01)
    assert power.offset_mv == pytest.approx(0.25, abs=0.001)
    assert found.moved
    assert found.coverage == pytest.approx(1 - abs(late) / lead.size)
    assert found.snr_db > 25
    assert snr_raw_db(lead, estimate) < 5


@pytest.mark.parametrize(("late", "higher"), [(126, 0.0), (0, 1.1)])
def test_2024_moves_no_further_than_half_a_second_and_a_millivolt(
    lead: Lead, late: int, higher: float
) -> None:
    estimate = np.roll(lead, late) + higher + 0.001 * np.sin(np.arange(lead.size))
    found = score_2024(lead, estimate, RATE)
    assert not found.moved
    assert found.lag_s == late / RATE
    assert found.offset_mv == pytest.approx(higher, abs=0.01)
    assert found.snr_db == pytest.approx(snr_raw_db(lead, estimate))


def test_2024_multiplies_by_the_share_that_is_there(lead: Lead) -> None:
    estimate = lead + 0.01 * np.cos(np.arange(lead.size))
    estimate[: lead.size // 4] = np.nan
    found = score_2024(lead, estimate, RATE, align=False)
    assert found.coverage == 0.75
    assert found.snr_db == pytest.approx(0.75 * snr_raw_db(lead, estimate))


def test_edges_of_2024(lead: Lead) -> None:
    nothing = np.full(lead.size, np.nan)
    assert snr_2024_db(lead, nothing, RATE) == 0
    assert snr_2024_db(lead, [], RATE) == 0
    assert math.isnan(snr_2024_db(nothing, lead, RATE))
    assert math.isnan(snr_2024_db(lead, lead, RATE))  # a perfect lead is left out of the mean
    assert math.isnan(snr_2024_db(np.zeros(9), np.ones(9), RATE))
    assert math.isnan(mean_2024_db([math.nan]))
    constant = snr_2024_db(lead, np.zeros(lead.size), RATE)
    assert constant == pytest.approx(plain_2024_db(lead, np.zeros(lead.size), RATE), abs=1e-6)


def test_edges_of_2025(lead: Lead) -> None:
    nothing = np.full(lead.size, np.nan)
    assert ratio_2025([power_2025(lead, lead, RATE)]) == 384
    assert ratio_2025([power_2025(lead, lead, RATE)], math.inf) == math.inf
    missing = power_2025(lead, nothing, RATE)
    assert missing.noise_mv2 == pytest.approx(np.sum((lead - lead.mean()) ** 2))
    assert power_2025(nothing, lead, RATE) == Power2025(0, 0, 0, 0)
    assert math.isnan(snr_2025_db([]))
    assert snr_2025_db([0.0]) == -384


def test_2025_sums_before_it_divides_and_means_before_the_logarithm() -> None:
    """The image with a good large lead and a bad small one is good; the mean of the leads would not be."""
    large, small = Power2025(100.0, 1.0, 0, 0), Power2025(1.0, 1.0, 0, 0)
    assert ratio_2025([large, small]) == pytest.approx(50.5)
    assert snr_2025_db([100.0, 1.0]) == pytest.approx(10 * math.log10(50.5))


def test_2025_counts_only_what_is_drawn(lead: Lead) -> None:
    masked = np.full(lead.size, np.nan)
    masked[500:1125] = lead[500:1125]
    estimate = lead + 0.02
    estimate[:500] = 7.0
    found = power_2025(masked, estimate, RATE)
    assert found.noise_mv2 < 1e-9
    assert found.signal_mv2 == pytest.approx(np.sum(lead[500:1125] ** 2))
    masked[700:720] = np.nan
    assert power_2025(masked, estimate, RATE).noise_mv2 < 1e-9


def test_edges_of_errors() -> None:
    equal = errors([1.0, 2.0], [1.0, 2.0])
    assert (equal.snr_db, equal.psnr_db, equal.mse_mv2) == (math.inf, math.inf, 0)
    assert math.isnan(errors([1.0, 2.0], [3.0, 3.0]).correlation)
    assert math.isnan(errors([0.1] * 7, [0.1, 0.2] * 3).correlation)
    apart = errors([1.0, np.nan], [np.nan, 1.0])
    assert math.isnan(apart.snr_db)
    assert apart.coverage == 0
    assert math.isnan(errors([np.nan], [1.0]).coverage)
    assert math.isfinite(errors([1.0, np.inf], [1.5, 2.0]).mse_mv2)


@pytest.mark.parametrize("wrong", ["text", [[1.0, 2.0]], 3.0, [1j]])
def test_wrong_signals_are_refused(wrong: Any) -> None:
    for measure in (errors, lambda x, y: score_2024(x, y, 500), lambda x, y: power_2025(x, y, 500)):
        with pytest.raises(RecordError):
            measure([1.0, 2.0], wrong)


@pytest.mark.parametrize("rate", [0, -5, math.nan])
def test_wrong_rates_are_refused(rate: float) -> None:
    for measure in (score_2024, power_2025):
        with pytest.raises(RecordError, match="sampling rate"):
            measure([1.0], [1.0], rate)
