"""Screen: the bands' distance, direction and colour, measured in the image's spectrum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.stages.screen import Screen, show_on_screen
from fastecg_kernels import load_backend

CPU = load_backend("cpu")
SHAPE = (72, 104)
LARGE = (512, 640)


def shown(
    shape: tuple[int, int] = SHAPE, px_per_mm: float = 4.0, name: str = "a", **values: Any
) -> NDArray[np.uint8]:
    image = np.full((*shape, 3), 240, np.uint8)
    show_on_screen(image, Screen(**values), px_per_mm, name, CPU)
    return image


@pytest.mark.pages
@pytest.mark.parametrize("angle_deg", [0.0, 20.0, 90.0, 130.0])
@pytest.mark.parametrize("pitch_mm", [5.0, 12.0])
def test_bands_have_their_pitch_and_direction(pitch_mm: float, angle_deg: float) -> None:
    image = shown(LARGE, strength=0.4, pitch_mm=pitch_mm, angle_deg=angle_deg, bend=0, color=0)[:, :, 1]
    power = np.abs(np.fft.fft2(image - image.mean(), (2048, 2048))) ** 2
    power[:, 1024:] = 0
    row, column = np.unravel_index(power.argmax(), power.shape)
    across, down = np.fft.fftfreq(2048)[column], np.fft.fftfreq(2048)[row]
    assert np.hypot(across, down) * 4.0 == pytest.approx(1 / pitch_mm, rel=0.03)
    turned = np.degrees(np.arctan2(-down, across)) - angle_deg
    assert abs((turned + 90) % 180 - 90) < 2


def test_bands_only_darken_by_their_strength() -> None:
    image = shown(strength=0.3)
    assert image.max() <= 240
    assert image.min() >= 240 * 0.7 * 0.85 - 1


def test_color_is_what_tells_the_channels_apart() -> None:
    grey, colored = shown(strength=0.3, color=0), shown(strength=0.3, color=1)
    assert (grey == grey[:, :, :1]).all()
    assert np.ptp(colored.astype(int), axis=2).mean() > 10


def test_bands_bend_and_lie_elsewhere_for_another_page() -> None:
    straight, bent = shown(strength=0.3, bend=0), shown(strength=0.3, bend=5)
    assert not np.array_equal(straight, bent)
    assert not np.array_equal(bent, shown(strength=0.3, bend=5, name="b"))
    assert np.array_equal(bent, shown(strength=0.3, bend=5))


@pytest.mark.pages
def test_the_look_does_not_hang_on_the_resolution() -> None:
    coarse = shown(LARGE, strength=0.3, pitch_mm=20, px_per_mm=4).astype(np.float64)
    fine = shown((1024, 1280), 8.0, strength=0.3, pitch_mm=20).astype(np.float64)
    assert np.abs(coarse - fine.reshape(512, 2, 640, 2, 3).mean(axis=(1, 3))).max() < 4


def test_a_mesh_has_the_distance_of_the_screen_s_pixels() -> None:
    row = shown(mesh=0.3, mesh_mm=2.0, angle_deg=0)[50, :, 0].astype(np.float64)
    power = np.abs(np.fft.rfft(row - row.mean()))
    assert power.argmax() / len(row) == pytest.approx(1 / 8)


def test_no_screen_leaves_the_image() -> None:
    assert (shown() == 240).all()
