"""Colour temperature: compared with published chromaticities, and its direction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.stages.temperature import black_body_xyz, light_color

KELVIN = st.floats(1000, 40000)


def chromaticity(temperature_k: float) -> tuple[float, float]:
    x, y, z = black_body_xyz(temperature_k)
    return x / (x + y + z), y / (x + y + z)


def kim_chromaticity(temperature_k: float) -> tuple[float, float]:
    """The Planckian locus by the cubic splines of Kim et al. (US patent 7024034), 1,667 to 25,000 K."""
    k = 1e3 / temperature_k
    if temperature_k < 4000:
        x = -0.2661239 * k**3 - 0.2343589 * k**2 + 0.8776956 * k + 0.179910
    else:
        x = -3.0258469 * k**3 + 2.1070379 * k**2 + 0.2226347 * k + 0.240390
    if temperature_k < 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif temperature_k < 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    return x, y


@pytest.mark.parametrize("temperature_k", [1667, 2000, 2500, 3200, 4000, 5000, 6500, 8000, 12000, 25000])
def test_black_bodies_lie_on_the_planckian_locus(temperature_k: float) -> None:
    """Within 0.004, which is how far the sums of Gaussians miss the observer's curves at red."""
    assert chromaticity(temperature_k) == pytest.approx(kim_chromaticity(temperature_k), abs=0.004)


@pytest.mark.parametrize(
    ("temperature_k", "published", "tolerance"),
    [
        (2855.5, (0.44757, 0.40745), 0.0015),  # CIE standard illuminant A
        (1000, (0.6527, 0.3445), 0.012),  # Wyszecki and Stiles, Color Science, 2nd edition, table 1(3.11)
        (10000, (0.2807, 0.2884), 0.0005),
        (1e9, (0.2399, 0.2342), 0.001),  # the locus' end
    ],
)
def test_published_chromaticities(
    temperature_k: float, published: tuple[float, float], tolerance: float
) -> None:
    assert chromaticity(temperature_k) == pytest.approx(published, abs=tolerance)


@given(KELVIN, KELVIN, st.floats(0, 0.95))
def test_warmer_light_is_redder(one: float, other: float, adaptation: float) -> None:
    low, high = sorted((one, other))
    red, _, blue = light_color(low, adaptation).astype(np.float64)
    redder, _, bluer = light_color(high, adaptation).astype(np.float64)
    assert red / blue >= redder / bluer * (1 - 1e-6)
    if high > 1.05 * low:
        assert red / blue > redder / bluer


@given(KELVIN, st.floats(0, 1))
def test_the_strongest_channel_stays_and_green_lies_between(temperature_k: float, adaptation: float) -> None:
    color = light_color(temperature_k, adaptation)
    assert color.max() == 1
    assert 0 < color.min() <= color[1] <= 1


@given(st.floats(0, 1))
def test_daylight_is_neutral(adaptation: float) -> None:
    assert light_color(6500.0, adaptation).tolist() == [1, 1, 1]


@given(KELVIN)
def test_full_adaptation_takes_every_cast_out(temperature_k: float) -> None:
    assert light_color(temperature_k, 1.0).tolist() == [1, 1, 1]


def test_casts_are_warm_and_cold() -> None:
    """Candle light is red, sky light blue; a camera's usual white balance leaves neither neon."""
    candle, sky = light_color(1900, 0.0), light_color(20000, 0.0)
    assert candle[0] == 1 > candle[1] > candle[2]
    assert sky[2] == 1 > sky[1] > sky[0]
    assert (light_color(2700, 0.8) ** (1 / 2.2)).min() > 0.75
