"""The studio: what it leaves alone, what it crumples, and what shows where the page is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fastecg.layers import NEUTRAL
from fastecg.spec import PageSpec, make_spec
from fastecg.studio import Studio
from fastecg_kernels import load_backend

pytestmark = pytest.mark.pages

STUDIO = Studio(load_backend("cpu"))


def spec_of(**values: Any) -> PageSpec:
    return make_spec({"page": {"dpi": 50}, **values})


def white_page(spec: PageSpec) -> Any:
    return np.full((*spec.page.shape_px, 3), 200, np.uint8)


def test_a_flat_page_seen_by_nobody_is_the_page_itself() -> None:
    spec = spec_of()
    page, relief = white_page(spec), STUDIO.relief(spec)
    assert relief is None
    STUDIO.crumple(page, relief)
    camera = STUDIO.camera(spec, relief)
    assert camera.is_identity
    assert STUDIO.photograph(page, camera, spec) is page
    assert (page == 200).all()


def test_folds_that_do_not_shift_leave_the_camera_plain() -> None:
    folded = spec_of(creases={"enabled": True, "shift_mm": 0})
    relief = STUDIO.relief(folded)
    assert relief is not None
    assert (relief.shade != NEUTRAL).any()
    assert not relief.shift.any()
    assert STUDIO.camera(folded, relief).is_identity


def test_wrinkles_and_creases_lie_on_one_another() -> None:
    wrinkles = {"enabled": True, "candidates": 20}
    creases = {"enabled": True, "n_horizontal": 2}
    both = STUDIO.relief(spec_of(wrinkles=wrinkles, creases=creases))
    alone = [
        STUDIO.relief(spec_of(**{name: part}))
        for name, part in (("wrinkles", wrinkles), ("creases", creases))
    ]
    assert both is not None
    assert alone[0] is not None
    assert alone[1] is not None
    np.testing.assert_allclose(both.shift, alone[0].shift + alone[1].shift, atol=1e-5)
    product = alone[0].shade.astype(float) * alone[1].shade / NEUTRAL
    off = np.abs(both.shade - np.clip(product, 0, 255))
    assert np.quantile(off, 0.99) <= 2  # creases are dithered, each time about another shade


@pytest.mark.parametrize("perspective", [{}, {"enabled": True, "fill": 0.9}])
def test_holes_show_what_the_page_lies_on(perspective: dict[str, Any]) -> None:
    """Without a camera's pose too: the surface lies below the page in any case."""
    black = {"below": {"surface": "black", "shadow_depth": 0}}
    spec = spec_of(damage={"enabled": True, "holes": {"enabled": True}}, perspective={**perspective, **black})
    camera = STUDIO.camera(spec, None)
    image = STUDIO.photograph(white_page(spec), camera, spec)
    x, y = camera.to_image(np.array([[24.0, 133.0]]))[0]
    assert image[int(y), int(x)].max() < 60
    x, y = camera.to_image(np.array([[60.0, 133.0]]))[0]
    assert image[int(y), int(x)].min() == 200
