"""Seconds to simulate one 10 s, 12-lead, 500 Hz record and to make each kind of noise for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from fastecg import noise
from fastecg.leads import STANDARD_12
from fastecg.synthesis import EcgModel, builtin_record, simulate

SAMPLES, RATE_HZ = 5000, 500.0


@pytest.mark.parametrize("noise_snr_db", [None, 30.0])
def test_simulate(benchmark: BenchmarkFixture, noise_snr_db: float | None) -> None:
    """Time the textbook adult, without and with noise."""
    ecg = benchmark(simulate, EcgModel(), noise_snr_db=noise_snr_db)
    assert ecg.record.signals_mv.shape == (12, SAMPLES)


def test_builtin_record(benchmark: BenchmarkFixture) -> None:
    """Time a built-in record, the drawing of the person included."""
    ecg = benchmark(builtin_record, 3)
    assert len(ecg.waves) > 10


@pytest.mark.parametrize(
    "make", [noise.baseline_wander, noise.power_line, noise.muscle, noise.electrode_motion, noise.white]
)
def test_noise(benchmark: BenchmarkFixture, make: Callable[..., NDArray[np.float32]]) -> None:
    """Time one kind of noise in twelve leads."""

    def run() -> NDArray[np.float32]:
        return make(STANDARD_12, SAMPLES, RATE_HZ, np.random.Generator(np.random.Philox(1)))

    assert benchmark(run).shape == (12, SAMPLES)
