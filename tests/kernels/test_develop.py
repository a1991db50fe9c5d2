"""Light and noise: every backend against NumPy, byte for byte, and the noise against what it should be.

The statistics are of fixed keys: they pass or fail the same on every run. Their tolerances are five
standard errors and more, so that any other key would do as well.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from fastecg_kernels import Kernels, cpu, reference
from fastecg_kernels.counter import split_key
from fastecg_kernels.nodes import nodes_shape, spread_nodes

SIZES = st.tuples(st.integers(1, 20), st.integers(1, 30))
KEYS = st.integers(0, 2**64 - 1)
LARGE = (600, 700)


def noise_at(
    level: int, gaussian_sd: float, poisson_sd: float, *, key: int = 5, shape: tuple[int, int] = LARGE
) -> NDArray[np.float64]:
    """Return what is added to an image of one grey level."""
    image = np.full((*shape, 3), level, np.uint8)
    light = np.ones((*nodes_shape(*shape), 3), np.float32)
    cpu.develop(image, light, 0.0, gaussian_sd, poisson_sd, key)
    return image.astype(np.float64) - level


@given(
    size=SIZES,
    seed=st.integers(0, 2**32 - 1),
    offset=st.floats(-80, 80),
    gaussian_sd=st.floats(0, 50),
    poisson_sd=st.floats(0, 50),
    key=KEYS,
)
@settings(max_examples=60)
def test_every_backend_equals_the_reference(
    any_order: Kernels,
    *,
    size: tuple[int, int],
    seed: int,
    offset: float,
    gaussian_sd: float,
    poisson_sd: float,
    key: int,
) -> None:
    """Over sizes that are no multiple of the eight pixels between nodes."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*size, 3), np.uint8)
    light = rng.uniform(0, 2, (*nodes_shape(*size), 3)).astype(np.float32)
    ours, plain = image.copy(), image.copy()
    any_order.develop(ours, light, offset, gaussian_sd, poisson_sd, key)
    reference.develop(plain, light, offset, gaussian_sd, poisson_sd, key)
    assert np.array_equal(ours, plain)


@given(size=SIZES, seed=st.integers(0, 2**32 - 1), density=st.floats(0, 1), key=KEYS)
@settings(max_examples=60)
def test_every_backend_hits_the_same_pixels(
    any_order: Kernels, size: tuple[int, int], seed: int, density: float, key: int
) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    ours, plain = image.copy(), image.copy()
    any_order.salt_pepper(ours, density, key)
    reference.salt_pepper(plain, density, key)
    assert np.array_equal(ours, plain)


def test_light_is_linear_between_nodes(kernels: Kernels) -> None:
    """A light that is a plane is met exactly at the pixels' centres."""
    height, width = 21, 43
    rows, columns = (8.0 * np.arange(count) for count in nodes_shape(height, width))
    plane = 0.5 + 0.01 * rows[:, None, None] + 0.002 * columns[None, :, None] * np.array([1, 2, 3])
    y, x = np.mgrid[:height, :width] + 0.5
    expected = 0.5 + 0.01 * y[:, :, None] + 0.002 * x[:, :, None] * np.array([1, 2, 3])
    assert np.allclose(spread_nodes(plane.astype(np.float32), height, width), expected, atol=1e-6)
    image = np.full((height, width, 3), 200, np.uint8)
    kernels.develop(image, plane.astype(np.float32), 3.0, 0.0, 0.0, 0)
    assert np.abs(image - np.clip(200 * expected + 3, 0, 255)).max() <= 0.501


def test_no_light_changed_and_no_noise_leave_the_image(kernels: Kernels) -> None:
    image = np.arange(256 * 3, dtype=np.uint32).reshape(16, 16, 3).astype(np.uint8)
    ours = image.copy()
    kernels.develop(ours, np.ones((3, 3, 3), np.float32), 0.0, 0.0, 0.0, 9)
    kernels.salt_pepper(ours, 0.0, 9)
    assert np.array_equal(ours, image)


@pytest.mark.pages
@pytest.mark.parametrize("sd", [0.5, 2.0, 10.0, 35.0])
def test_gaussian_noise_has_its_mean_and_variance(sd: float) -> None:
    """Equation 5; rounding to whole grey levels adds 1/12 to the variance."""
    noise = noise_at(128, sd, 0.0)
    assert abs(noise.mean()) < 5 * sd / math.sqrt(noise.size)
    assert noise.var() == pytest.approx(sd**2 + 1 / 12, rel=5 * math.sqrt(2 / noise.size) + 0.005)


@pytest.mark.pages
def test_poisson_noise_has_the_variance_of_a_count() -> None:
    """Equation 6: mean and variance both grow with the signal, as those of photons counted by the pixel."""
    sd = 8.0
    levels = [20, 40, 80, 120, 160, 200]
    noises = [noise_at(level, 0.0, sd) for level in levels]
    for level, noise in zip(levels, noises, strict=True):
        counted = np.random.default_rng(level).poisson(level * 255 / sd**2, noise.size) * sd**2 / 255
        assert noise.mean() + level == pytest.approx(counted.mean(), abs=0.1)
        assert noise.var() - 1 / 12 == pytest.approx(counted.var(), rel=0.01)
    slope = stats.linregress(levels, [noise.var() for noise in noises])
    assert slope.slope == pytest.approx(sd**2 / 255, rel=0.01)
    assert slope.intercept == pytest.approx(1 / 12, abs=0.2)


@pytest.mark.pages
def test_both_noises_add_their_variances() -> None:
    noise = noise_at(102, 3.0, 5.0)
    assert noise.var() == pytest.approx(9 + 25 * 0.4 + 1 / 12, rel=0.01)


@pytest.mark.pages
def test_noise_is_normal_as_far_as_four_bytes_can_be() -> None:
    """Irwin-Hall of 4: skewness 0, excess kurtosis -1.2 / 4, and within 1.5 % of the normal distribution."""
    sd = 20.0
    noise = noise_at(128, sd, 0.0).ravel()
    assert abs(stats.skew(noise)) < 0.01
    assert stats.kurtosis(noise) == pytest.approx(-0.3, abs=0.02)
    assert np.abs(noise).max() < 3.46 * sd
    steps = np.arange(-60, 61)
    share = np.searchsorted(np.sort(noise), steps, "right") / noise.size
    assert np.abs(share - stats.norm.cdf(steps + 0.5, scale=math.sqrt(sd**2 + 1 / 12))).max() < 0.015


@pytest.mark.pages
def test_noise_of_neighbours_channels_and_keys_is_uncorrelated() -> None:
    noise = noise_at(128, 20.0, 0.0)
    others = {
        "right": (noise[:, 1:], noise[:, :-1]),
        "below": (noise[1:], noise[:-1]),
        "eight right": (noise[:, 8:], noise[:, :-8]),
        "channel": (noise[:, :, 1:], noise[:, :, :-1]),
        "red and blue": (noise[:, :, 0], noise[:, :, 2]),
        "next key": (noise, noise_at(128, 20.0, 0.0, key=6)),
        "far key": (noise, noise_at(128, 20.0, 0.0, key=5 + 2**40)),
        "magnitudes": (np.abs(noise[:, 1:]), np.abs(noise[:, :-1])),
    }
    for name, (one, other) in others.items():
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 5 / math.sqrt(one.size), name


@pytest.mark.pages
def test_the_spectrum_of_noise_is_flat() -> None:
    """No stripes or tiles: no frequency stands out more than chance lets one of that many."""
    noise = noise_at(128, 20.0, 0.0, shape=(512, 512))[:, :, 1]
    power = np.abs(np.fft.rfft2(noise))[1:, 1:-1] ** 2 / noise.size / noise.var()
    assert power.max() < math.log(power.size) + 7
    assert power.mean() == pytest.approx(1.0, abs=0.02)


@pytest.mark.pages
def test_salt_and_pepper_has_its_density_half_of_it_salt() -> None:
    """Equation 7: the shares of black and white pixels, with all three channels hit together."""
    for density in (0.001, 0.02, 0.3):
        image = np.full((*LARGE, 3), 128, np.uint8)
        cpu.salt_pepper(image, density, 11)
        flat = image.reshape(-1, 3)
        assert (flat == flat[:, :1]).all()
        for value in (0, 255):
            expected = density / 2
            error = math.sqrt(expected * (1 - expected) / len(flat))
            assert (flat[:, 0] == value).mean() == pytest.approx(expected, abs=5 * error)
    cpu.salt_pepper(image, 1.0, 11)
    assert np.isin(image, [0, 255]).all()


@pytest.mark.pages
def test_salt_and_pepper_has_nothing_in_common_with_the_noise() -> None:
    image = np.full((*LARGE, 3), 128, np.uint8)
    cpu.salt_pepper(image, 0.5, 5)
    hit = (image[:, :, 0] != 128).ravel().astype(np.float64)
    noise = noise_at(128, 20.0, 0.0)
    others = {f"channel {c}": noise[:, :, c].ravel() for c in range(3)}
    others["byte of the pixel's number"] = noise.ravel()[: hit.size]
    for name, other in others.items():
        assert abs(np.corrcoef(hit, other)[0, 1]) < 5 / math.sqrt(hit.size), name


def test_neighbouring_keys_differ_in_half_their_bits() -> None:
    words = [first | second << 32 for first, second in map(split_key, range(2000))]
    flips = [(one ^ other).bit_count() for one, other in pairwise(words)]
    assert np.mean(flips) == pytest.approx(32, abs=0.5)
    assert len(set(words)) == len(words)
