"""Light: falling off, shadow and colour, compared with what each is by its own formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg.spec import PageSpec, make_spec
from fastecg.stages.imaging import take
from fastecg.stages.light import Lamp, Light, light_map, light_nodes
from fastecg.stages.shadow import Shadow
from fastecg.stages.temperature import light_color
from fastecg_kernels import load_backend
from fastecg_kernels.nodes import spread_nodes

SHAPE = (400, 560)
PX_PER_MM = 2.0


def lit(shape: tuple[int, int] = SHAPE, px_per_mm: float = PX_PER_MM, **values: Any) -> NDArray[np.float32]:
    """Return the map of a light, its levels turned back into light."""
    return spread_nodes(light_nodes(Light(**values), shape, px_per_mm), *shape) ** np.float32(2.2)


def imaging_spec(**imaging: Any) -> PageSpec:
    return make_spec({"key": 3, "page": {"dpi": 100}, "imaging": {"enabled": True, **imaging}})


def test_no_light_changed_is_exactly_one() -> None:
    assert (light_nodes(Light(), SHAPE, PX_PER_MM) == 1).all()


@pytest.mark.parametrize("exposure_ev", [-4.0, -1.0, 0.5, 4.0])
def test_a_stop_doubles_the_light(exposure_ev: float) -> None:
    assert lit(exposure_ev=exposure_ev) == pytest.approx(2**exposure_ev, rel=1e-5)


def test_a_lens_loses_its_share_in_the_corners_and_nothing_in_the_middle() -> None:
    light = lit(vignetting=0.4)[:, :, 1]
    assert light[200, 280] == pytest.approx(1.0, abs=1e-4)
    for corner in (light[0, 0], light[0, -1], light[-1, 0], light[-1, -1]):
        assert corner == pytest.approx(0.6, abs=0.01)
    # The fourth power of a cosine: half way to the corner, tan² is a quarter.
    steep = 0.6**-0.5 - 1
    assert light[100, 140] == pytest.approx((1 + steep / 4) ** -2, abs=0.01)


@pytest.mark.parametrize(
    ("direction_deg", "spot"), [(0, (200, 559)), (90, (0, 280)), (180, (200, 0)), (-90, (399, 280))]
)
def test_a_lamp_is_where_its_direction_says(direction_deg: float, spot: tuple[int, int]) -> None:
    light = lit(lamp=Lamp(share=0.5, direction_deg=direction_deg))[:, :, 0]
    brightest = np.unravel_index(light.argmax(), light.shape)
    assert np.hypot(brightest[0] - spot[0], brightest[1] - spot[1]) < 10
    assert light.max() == pytest.approx(1.0, abs=1e-3)
    assert light.min() >= 0.5


def test_a_lamp_fades_by_distance_and_slant() -> None:
    light = lit(lamp=Lamp(share=1.0, direction_deg=180, reach=0.8))[200, :, 0]
    height = 0.8 * np.hypot(*SHAPE) / 2
    distance = np.arange(560) + 0.5
    assert np.allclose(light, (1 + (distance / height) ** 2) ** -1.5, atol=2e-3)


def test_light_is_mixed_of_two_colors() -> None:
    light = lit(
        temperature_k=9000, adaptation=0.5, lamp=Lamp(share=0.6, direction_deg=180, temperature_k=2700)
    )
    ratio = light[:, :, 0] / light[:, :, 2]
    assert ratio[200, 2] > 1.1
    assert ratio[200, 2] > ratio[200, 300] > ratio[200, 555]
    both = 0.4 * light_color(9000, 0.5) + 0.6 * light_color(2700, 0.5)
    assert light[200, 0] == pytest.approx(both, rel=0.01)


@pytest.mark.parametrize("shape", ["edge", "phone", "hand"])
def test_a_shadow_takes_its_depth_inside_and_nothing_outside(shape: str) -> None:
    shadow = Shadow(depth=0.4, shape=shape, x=0.5, y=0.7, size_mm=70, softness_mm=5)  # type: ignore[arg-type]
    light = lit(shadow=shadow)[:, :, 0]
    assert light[300, 280] == pytest.approx(0.6, abs=1e-3)
    assert light[5, 5] == 1
    assert light.min() == pytest.approx(0.6, abs=1e-3)
    assert 0.05 < (light < 0.8).mean() < 0.5


def test_a_phone_is_as_broad_as_it_is_said_to_be_and_turns_counter_clockwise() -> None:
    shadow = Shadow(depth=0.5, shape="phone", x=0.5, y=0.5, size_mm=60, softness_mm=2, angle_deg=90)
    upright = lit(shadow=shadow)[:, :, 0] < 0.75
    assert upright[200].sum() == pytest.approx(60 * PX_PER_MM, abs=3)
    assert upright[:, 280].sum() == pytest.approx(60 * 2.05 * PX_PER_MM, abs=3)
    lying = lit(shadow=shadow.model_copy(update={"angle_deg": 0.0}))[:, :, 0] < 0.75
    assert lying[:, 280].sum() == pytest.approx(60 * PX_PER_MM, abs=3)
    leaning = lit(shadow=shadow.model_copy(update={"angle_deg": 60.0}))[:, :, 0] < 0.75
    y, x = np.nonzero(leaning)
    assert np.corrcoef(x, y)[0, 1] < -0.3  # its upper end is to the right


def test_an_edge_shades_the_other_side_over_its_softness() -> None:
    shadow = Shadow(depth=0.5, shape="edge", x=0.25, y=0.5, angle_deg=0, softness_mm=40)
    row = lit(shadow=shadow)[200, :, 0]
    assert row[0] < row[-1] == 1
    assert row[139:141].mean() == pytest.approx(0.75, abs=0.01)
    changing = np.flatnonzero((row > 0.501) & (row < 0.999))
    assert np.ptp(changing) == pytest.approx(40 * PX_PER_MM, abs=8)


def test_what_is_left_in_a_shadow_has_a_color_of_its_own() -> None:
    shadow = Shadow(depth=0.3, temperature_k=3000, softness_mm=5)
    light = lit(adaptation=0.6, shadow=shadow)
    assert light[395, 280] == pytest.approx(0.7 * light_color(3000, 0.6), rel=1e-3)
    assert (light[5, 5] == 1).all()


@pytest.mark.parametrize("shape", ["edge", "phone", "hand"])
def test_the_look_does_not_hang_on_the_resolution(shape: str) -> None:
    values: dict[str, Any] = {
        "vignetting": 0.3,
        "lamp": Lamp(share=0.4, direction_deg=30),
        "shadow": Shadow(depth=0.4, shape=shape, softness_mm=30),  # type: ignore[arg-type]
    }
    coarse = lit((400, 560), 2.0, **values)
    fine = lit((800, 1120), 4.0, **values).reshape(400, 2, 560, 2, 3).mean(axis=(1, 3))
    assert np.abs(coarse - fine).max() < 0.04  # between the fingers, where 8 px are most
    assert np.abs(coarse - fine).mean() < 0.001


LIGHTS = st.fixed_dictionaries(
    {
        "exposure_ev": st.floats(-4, 4),
        "vignetting": st.floats(0, 0.8),
        "temperature_k": st.floats(1000, 40000),
        "adaptation": st.floats(0, 1),
        "lamp": st.builds(Lamp, share=st.floats(0, 1), direction_deg=st.floats(-360, 360)),
        "shadow": st.builds(
            Shadow,
            depth=st.floats(0, 1),
            shape=st.sampled_from(["edge", "phone", "hand"]),
            x=st.floats(-1, 2),
        ),
    }
)


@given(LIGHTS, st.tuples(st.integers(1, 40), st.integers(1, 60)))
@settings(max_examples=50)
def test_light_is_finite_and_not_above_the_exposure(values: dict[str, Any], shape: tuple[int, int]) -> None:
    light = light_nodes(Light(**values), shape, 2.0)
    assert light.dtype == np.float32
    assert (light > 0).all()
    assert light.max() <= 2 ** (values["exposure_ev"] / 2.2) * 1.001


def test_the_map_of_the_truth_is_what_the_image_was_multiplied_by() -> None:
    light = {
        "exposure_ev": -0.4,
        "vignetting": 0.3,
        "temperature_k": 3500,
        "lamp": {"share": 0.4},
        "shadow": {"depth": 0.5, "shape": "hand", "size_mm": 12, "softness_mm": 3},
    }
    spec = imaging_spec(light=light)
    image = np.random.default_rng(1).integers(0, 256, (90, 130, 3), np.uint8)
    expected = image * light_map(spec, (90, 130)).astype(np.float64)
    taken = take(image.copy(), spec, load_backend("cpu"))
    assert np.abs(taken - expected).max() <= 0.501


def test_without_imaging_the_map_is_one() -> None:
    spec = make_spec({"imaging": {"enabled": False, "light": {"exposure_ev": -1}}})
    assert light_map(spec, (7, 9)).shape == (7, 9, 3)
    assert (light_map(spec, (7, 9)) == 1).all()
