"""Imaging as a whole: neutral values change nothing, the same spec gives the same bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import BaseModel

from fastecg.errors import RecipeError
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.imaging import Imaging, take
from fastecg_kernels import load_backend

CPU, REFERENCE = load_backend("cpu"), load_backend("reference")

EVERYTHING: dict[str, Any] = {
    "blur": {"defocus_mm": 0.3, "motion_mm": 0.5, "motion_deg": 20},
    "screen": {"strength": 0.1, "mesh": 0.05},
    "light": {
        "exposure_ev": -0.3,
        "vignetting": 0.2,
        "temperature_k": 3200,
        "lamp": {"share": 0.3, "temperature_k": 2700},
        "shadow": {"depth": 0.4, "shape": "hand"},
    },
    "tone": {"contrast": 1.1, "veil": 12},
    "noise": {"gaussian_sd": 3, "poisson_sd": 4, "salt_pepper": 0.002},
    "scanner": {"white": [252, 250, 244], "streaks": 3},
    "jpeg_quality": 80,
}


def spec_of(imaging: dict[str, Any], key: int = 5) -> PageSpec:
    return make_spec({"key": key, "page": {"dpi": 100}, "imaging": {"enabled": True, **imaging}})


def view(height: int = 90, width: int = 130) -> NDArray[np.uint8]:
    """Return an image that is neither square nor even."""
    image = np.full((height, width, 3), (252, 246, 240), np.uint8)
    image[::8] = (238, 165, 168)
    image[:, ::8] = (238, 165, 168)
    image[height // 2] = 20
    return image


def test_imaging_that_is_off_changes_nothing() -> None:
    image = view()
    off = make_spec({"imaging": EVERYTHING | {"enabled": False}})
    assert take(image, off, CPU) is image
    assert np.array_equal(image, view())


@given(st.tuples(st.integers(1, 30), st.integers(1, 40)))
@settings(max_examples=25)
def test_neutral_values_change_nothing(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    assert np.array_equal(take(image.copy(), spec_of({}), CPU), image)


def switched_on() -> list[tuple[str, dict[str, Any]]]:
    """Return each thing that can happen to an image, alone."""
    return [
        ("defocus", {"blur": {"defocus_mm": 0.3}}),
        ("motion", {"blur": {"motion_mm": 0.8}}),
        ("bands", {"screen": {"strength": 0.1}}),
        ("mesh", {"screen": {"mesh": 0.1, "mesh_mm": 0.6}}),
        ("exposure", {"light": {"exposure_ev": -0.5}}),
        ("vignetting", {"light": {"vignetting": 0.3}}),
        ("warm", {"light": {"temperature_k": 3000}}),
        ("lamp", {"light": {"lamp": {"share": 0.3}}}),
        ("shadow", {"light": {"shadow": {"depth": 0.3, "softness_mm": 5}}}),
        ("contrast", {"tone": {"contrast": 0.9}}),
        ("veil", {"tone": {"veil": 20}}),
        ("gaussian", {"noise": {"gaussian_sd": 2}}),
        ("poisson", {"noise": {"poisson_sd": 3}}),
        ("salt and pepper", {"noise": {"salt_pepper": 0.01}}),
        ("white", {"scanner": {"white": [240, 240, 200]}}),
        ("streaks", {"scanner": {"streaks": 5, "streak_depth": 0.3}}),
        ("dust", {"scanner": {"dust_dm2": 100}}),
        ("grey", {"bilevel": {"mode": "gray"}}),
        ("black and white", {"bilevel": {"mode": "global"}}),
        ("adaptive", {"bilevel": {"mode": "adaptive"}}),
        ("fax", {"fax": {"resolution": "fine"}}),
        ("jpeg", {"jpeg_quality": 60}),
    ]


@pytest.mark.parametrize("imaging", [pytest.param(values, id=name) for name, values in switched_on()])
def test_each_part_works_alone_and_gives_the_same_bytes_again(imaging: dict[str, Any]) -> None:
    first = take(view(), spec_of(imaging), CPU)
    assert first.shape == view().shape
    assert first.dtype == np.uint8
    assert first.flags.c_contiguous
    assert not np.array_equal(first, view())
    assert np.array_equal(first, take(view(), spec_of(imaging), CPU))


def test_backends_agree_byte_for_byte() -> None:
    assert np.array_equal(
        take(view(), spec_of(EVERYTHING), CPU), take(view(), spec_of(EVERYTHING), REFERENCE)
    )


def test_another_page_has_other_noise() -> None:
    noisy = {"noise": {"gaussian_sd": 3}}
    one, other = (take(view(), spec_of(noisy, key), CPU).astype(int) for key in (5, 6))
    assert 0.3 < (one != other).mean() < 0.95


@pytest.mark.pages
def test_threads_and_order_change_nothing() -> None:
    specs = [spec_of(EVERYTHING, key) for key in range(6)]
    alone = [take(view(200, 300), spec, CPU) for spec in specs]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda spec: take(view(200, 300), spec, CPU), reversed(specs)))
    assert all(np.array_equal(one, other) for one, other in zip(alone, reversed(together), strict=True))


@pytest.mark.pages
def test_shadows_are_noisier_than_light_only_by_gaussian_noise() -> None:
    """Noise is laid on after the light: half the light has half the variance of its photons."""
    image = np.full((300, 400, 3), 220, np.uint8)
    for noise, ratio in (({"gaussian_sd": 6}, 1.0), ({"poisson_sd": 8}, 0.5)):
        dim = {"light": {"exposure_ev": -2.2}, "noise": noise}
        bright = take(image.copy(), spec_of({"noise": noise, "light": {"exposure_ev": -0.3}}), CPU)
        dark = take(image.copy(), spec_of(dim), CPU)
        expected = ratio * 2 ** (0.3 / 2.2) if ratio < 1 else 1.0
        assert dark.var() / bright.var() == pytest.approx(expected, rel=0.05)


def test_ranges_are_checked_with_their_names() -> None:
    with pytest.raises(RecipeError, match=r"imaging\.light\.temperature_k .*1000 to 40000"):
        spec_of({"light": {"temperature_k": 900}})
    with pytest.raises(RecipeError, match="defocus_mm"):
        spec_of({"blur": {"defocus": 1}})


def test_every_value_has_its_words() -> None:
    def parts(model: type[BaseModel]) -> list[type[BaseModel]]:
        inner = [field.annotation for field in model.model_fields.values()]
        below = [kind for kind in inner if isinstance(kind, type) and issubclass(kind, BaseModel)]
        return [model, *(part for kind in below for part in parts(kind))]

    for part in parts(Imaging):
        text = part.__doc__ or ""
        for name in part.model_fields:
            assert name in text.split("Parameters")[1], f"{part.__name__}.{name}"
