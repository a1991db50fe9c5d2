"""Damage, whatever its kind: the same spec the same bytes, any dpi the same look, neutral values nothing."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.layers import Relief
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.damage import Damage, cut_paper, damage_ink, damage_paper, damage_pen, damage_relief
from fastecg_kernels import load_backend

pytestmark = pytest.mark.pages

KINDS: Final = [name for name in Damage.model_fields if name != "enabled"]
CHANGES: Final[dict[str, tuple[str, ...]]] = {
    "coffee": ("paper",),
    "water": ("paper",),
    "soaking": ("paper", "ink", "pen", "relief"),
    "mould": ("paper",),
    "yellowing": ("paper",),
    "fading": ("ink",),
    "bleed": ("paper",),
    "corner": ("paper", "alpha"),
    "tear": ("paper", "alpha"),
    "holes": ("alpha",),
}
"""The layers that each kind may change, and does."""
NEUTRAL: Final[dict[str, dict[str, Any]]] = {
    "coffee": {"strength": 0.0},
    "water": {"strength": 0.0},
    "soaking": {"strength": 0.0, "tide": 0.0, "fade": 0.0, "cockle": 0.0},
    "mould": {"strength": 0.0, "halo": 0.0},
    "yellowing": {"amount": 0.0, "edge": 0.0},
    "fading": {"overall": 0.0, "unevenness": 0.0},
    "bleed": {"strength": 0.0},
}


def spec_of(kind: str, values: dict[str, Any] | None = None, dpi: int = 100, key: int = 3) -> PageSpec:
    part = {"enabled": True, **(values or {})}
    return make_spec({"damage": {"enabled": True, kind: part}, "page": {"dpi": dpi}, "key": key})


def layers(spec: PageSpec, backend: str = "cpu") -> dict[str, NDArray[np.uint8]]:
    """Return every layer that damage may change: white paper, even ink, a flat relief, whole paper."""
    kernels, shape = load_backend(backend), spec.page.shape_px
    paper, ink, relief = (
        np.full((*shape, 3), 255, np.uint8),
        np.full(shape, 200, np.uint8),
        Relief.flat(*shape),
    )
    pen = ink.copy()
    damage_ink(kernels, ink, spec)
    damage_pen(kernels, pen, spec)
    damage_paper(kernels, paper, spec)
    damage_relief(kernels, relief, spec)
    assert not relief.shift.any()
    alpha = cut_paper(kernels, spec)
    whole = np.full(shape, 255, np.uint8)
    return {
        "paper": paper,
        "ink": ink,
        "pen": pen,
        "relief": relief.shade,
        "alpha": whole if alpha is None else alpha,
    }


def changed(found: dict[str, NDArray[np.uint8]]) -> tuple[str, ...]:
    plain = {"paper": 255, "ink": 200, "pen": 200, "relief": 128, "alpha": 255}
    return tuple(name for name, layer in found.items() if (layer != plain[name]).any())


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_changes_its_layers_and_no_other(kind: str) -> None:
    assert changed(layers(spec_of(kind))) == CHANGES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_switched_off_it_changes_nothing(kind: str) -> None:
    off = spec_of(kind, {"enabled": False})
    without = make_spec({"damage": {kind: {"enabled": True}}, "page": {"dpi": 100}})
    assert not changed(layers(off))
    assert not changed(layers(without))
    assert cut_paper(load_backend("cpu"), off) is None
    assert cut_paper(load_backend("cpu"), without) is None


@pytest.mark.parametrize("kind", NEUTRAL)
def test_neutral_values_change_nothing(kind: str) -> None:
    assert not changed(layers(spec_of(kind, NEUTRAL[kind])))


@pytest.mark.parametrize("kind", KINDS)
def test_a_spec_gives_the_same_bytes_and_another_key_others(kind: str) -> None:
    first, again, other = (layers(spec_of(kind, key=key)) for key in (3, 3, 4))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    drawn = kind != "holes"  # they are where the spec says
    assert any(not np.array_equal(first[name], other[name]) for name in first) == drawn


VIVID: Final[dict[str, dict[str, Any]]] = {
    "coffee": {"rings": 2},
    "mould": {"species": "black"},
    "soaking": {"strength": 0.8, "fade": 0.6, "cockle": 0.1},
    "fading": {"streaks": 12, "streak_mm": 4.0},
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_looks_the_same_at_every_dpi(kind: str) -> None:
    """At 200 dpi averaged down against 100 dpi: a few grey levels, but on edges finer than a pixel."""
    coarse, fine = (layers(spec_of(kind, VIVID.get(kind), dpi)) for dpi in (100, 200))
    for name in CHANGES[kind]:
        height, width = coarse[name].shape[:2]
        pixels = fine[name].reshape(height, 2, width, 2, -1).mean(axis=(1, 3))
        difference = np.abs(pixels - coarse[name].reshape(height, width, -1))
        assert difference.mean() < 0.5, name
        assert np.percentile(difference, 99) < 4, name
        assert np.percentile(difference, 99.9) < 16, name


@pytest.mark.parametrize("kind", KINDS)
def test_paper_only_gets_darker_but_where_fibre_is_bared(kind: str) -> None:
    """On grey, so that lighter would show."""
    spec = spec_of(kind)
    grey = np.full((*spec.page.shape_px, 3), 120, np.uint8)
    damage_paper(load_backend("cpu"), grey, spec)
    assert (grey > 120).any() == (kind in ("corner", "tear"))


@pytest.mark.pages
@pytest.mark.parametrize("kind", KINDS)
def test_both_backends_agree(kind: str) -> None:
    """To two levels: amounts are rounded to steps of a table, and edges are steep."""
    few = {"mould": {"spots": 8, "clusters": 1, "cluster_mm": 8.0}, "coffee": {"drops": 3, "radius_mm": 10.0}}
    values = few.get(kind, {"water": {"spots": 1, "radius_mm": 10.0}}.get(kind))
    ours, plain = (layers(spec_of(kind, values, dpi=50), backend) for backend in ("cpu", "reference"))
    for name in ours:
        difference = np.abs(ours[name].astype(int) - plain[name])
        assert difference.max() <= 4, name
        assert np.mean(difference > 1) < 0.001, name


@pytest.mark.parametrize("size", ["A3", "legal"])
@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_everything_at_once_on_any_page(size: str, orientation: str) -> None:
    parts = {kind: {"enabled": True} for kind in KINDS}
    page = {"size": size, "orientation": orientation, "dpi": 50}
    found = layers(make_spec({"damage": {"enabled": True, **parts}, "page": page, "key": 8}))
    assert changed(found) == ("paper", "ink", "pen", "relief", "alpha")
