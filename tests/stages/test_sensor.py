"""Tone and noise: what a page's values do to grey levels; the noise itself is tested with its kernel."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg.stages.sensor import Noise, Tone, expose
from fastecg_kernels import load_backend
from fastecg_kernels.nodes import nodes_shape

CPU = load_backend("cpu")
LEVELS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1).reshape(16, 16, 3)


def exposed(
    tone: Tone | None = None, noise: Noise | None = None, key: int = 1
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = LEVELS.copy()
    expose(image, np.ones((*nodes_shape(16, 16), 3), np.float32), tone or Tone(), noise or Noise(), key, CPU)
    return image


def test_neutral_tone_and_no_noise_leave_every_level() -> None:
    assert np.array_equal(exposed(), LEVELS)


@pytest.mark.parametrize("contrast", [0.5, 0.9, 1.3])
def test_contrast_turns_about_middle_grey(contrast: float) -> None:
    expected = np.clip(128 + contrast * (LEVELS.astype(np.float64) - 128), 0, 255)
    assert np.abs(exposed(Tone(contrast=contrast)) - expected).max() <= 0.501


def test_a_veil_lifts_black_and_leaves_white() -> None:
    veiled = exposed(Tone(veil=40)).reshape(-1, 3)[:, 0]
    assert veiled[0] == 40
    assert veiled[255] == 255
    assert (np.diff(veiled.astype(int)) >= 0).all()


def test_noise_hangs_on_the_key() -> None:
    noise = Noise(gaussian_sd=5)
    assert np.array_equal(exposed(noise=noise), exposed(noise=noise))
    assert not np.array_equal(exposed(noise=noise), exposed(noise=noise, key=2))


def test_every_noise_has_its_switch() -> None:
    for noise in (Noise(gaussian_sd=5), Noise(poisson_sd=5), Noise(salt_pepper=0.2)):
        assert not np.array_equal(exposed(noise=noise), LEVELS)
