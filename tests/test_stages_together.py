"""All stages of a page together: each can be switched on and off alone, and every recipe is reproducible."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final

import numpy as np
import pytest

from fastecg import Generator, Page, builtin_record
from fastecg.presets import preset_names
from fastecg.spec import make_spec

RECORD: Final = builtin_record(1, sampling_rate_hz=250).record
SMALL: Final = {"dpi": 72}
EFFECTS: Final[dict[str, dict[str, Any]]] = {
    "handwriting": {"notes": 3, "marks": 1},
    "wrinkles": {"candidates": 40},
    "creases": {"n_horizontal": 2},
    "damage": {"coffee": {"enabled": True}, "fading": {"enabled": True}, "holes": {"enabled": True}},
    "perspective": {"tilt_x_deg": 20, "fill": 0.9, "curl": {"height_mm": 5}},
    "imaging": {"light": {"exposure_ev": -0.5}, "noise": {"gaussian_sd": 3}, "jpeg_quality": 60},
}

pytestmark = pytest.mark.pages


@cache
def generator_of(recipe: str) -> Generator:
    return Generator(recipe, overrides={"page.dpi": 72, "wrinkles.candidates": 60})


def page_of(**values: Any) -> Page:
    return generator_of("clean").render_spec(RECORD, make_spec({"page": SMALL, "key": 11, **values}))


@pytest.mark.parametrize("stage", EFFECTS)
def test_each_stage_is_switched_on_and_off_alone(stage: str) -> None:
    clean = page_of().image
    off = page_of(**{stage: {**EFFECTS[stage], "enabled": False}}).image
    assert np.array_equal(off, clean)
    on = page_of(**{stage: {**EFFECTS[stage], "enabled": True}}).image
    assert on.shape == clean.shape
    assert not np.array_equal(on, clean)


@pytest.mark.parametrize("stage", EFFECTS)
def test_another_key_gives_another_shape_but_not_another_place(stage: str) -> None:
    one = page_of(**{stage: {**EFFECTS[stage], "enabled": True}})
    other = page_of(key=12, **{stage: {**EFFECTS[stage], "enabled": True}})
    assert not np.array_equal(one.image, other.image)
    if stage == "perspective":
        assert one.truth.to_json() != b""
        assert np.array_equal(one.truth.trace(0), other.truth.trace(0))


def copies_of(recipe: str) -> range:
    return range(max(len(generator_of(recipe).recipe.series), 2))


@pytest.mark.parametrize("recipe", preset_names("recipes"))
def test_a_page_is_the_same_alone_and_after_others(recipe: str) -> None:
    """Sheets, papers, surfaces and ink are kept between pages; none of it shows on the next."""
    generator = generator_of(recipe)
    in_order = [
        generator.render_spec(RECORD, generator.draw(RECORD, seed=4, copy=k)) for k in copies_of(recipe)
    ]
    last = copies_of(recipe)[-1]
    alone = Generator(recipe, overrides={"page.dpi": 72, "wrinkles.candidates": 60})
    again = alone.render_spec(RECORD, alone.draw(RECORD, seed=4, copy=last))
    assert np.array_equal(again.image, in_order[-1].image)
    assert again.truth.to_json() == in_order[-1].truth.to_json()


@pytest.mark.parametrize("recipe", preset_names("recipes"))
def test_a_page_is_made_again_from_its_file(recipe: str) -> None:
    generator = generator_of(recipe)
    page = generator.render_spec(RECORD, generator.draw(RECORD, seed=9, copy=len(copies_of(recipe)) - 1))
    saved = json.loads(page.truth.to_json())
    again = generator_of("clean").render_spec(RECORD, make_spec(saved["spec"]))
    assert np.array_equal(again.image, page.image)


def test_threads_make_the_same_pages() -> None:
    recipes = ("photo", "scan-bw", "damaged", "paper")

    def images(thread: int) -> list[Any]:
        own = [Generator(name, overrides={"page.dpi": 72, "wrinkles.candidates": 60}) for name in recipes]
        return [one.render_spec(RECORD, one.draw(RECORD, seed=2)).image for one in own]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(images, range(2))
    for one, other, name in zip(first, second, recipes, strict=True):
        assert np.array_equal(one, other), name
        alone = generator_of(name).render_spec(RECORD, generator_of(name).draw(RECORD, seed=2)).image
        assert np.array_equal(one, alone), name


def test_the_light_map_is_what_the_image_was_multiplied_by() -> None:
    """On grey paper without a grid, noise or tone: image = 200 x light, folds and shadow included."""
    page = page_of(
        paper={"preset": "blank", "tint": [200, 200, 200]},
        creases={"enabled": True, "n_horizontal": 2, "wear": 0},
        perspective={"enabled": True, "fill": 1.2},
        imaging={
            "enabled": True,
            "light": {"exposure_ev": -0.6, "vignetting": 0.3, "shadow": {"depth": 0.3}},
        },
    )
    ink = np.maximum(page.masks.traces(), page.masks.text())
    ink = np.maximum(ink, np.maximum(page.masks.pulses(), page.masks.separators()))
    light = page.light()
    plain = ink == 0
    assert plain.mean() > 0.8
    off = np.abs(page.image[plain] - 200 * light[plain])
    assert off.max() < 4  # two roundings of the page, and shades in steps of 1 / 128
    assert off.mean() < 0.5
    assert np.ptp(light) > 0.2


def test_a_page_without_light_or_folds_has_a_light_of_one() -> None:
    assert (page_of().light() == 1).all()
