"""Smooth noise and patches: their statistics, what they do not depend on, and the law a stain follows."""

from __future__ import annotations

import numpy as np
import pytest

from fastecg.chance import stream
from fastecg.stages.fields import Patch, smooth_lines, smooth_noise, stain
from fastecg_kernels import load_backend

CPU = load_backend("cpu")


@pytest.mark.parametrize("octaves", [1, 3])
def test_noise_has_mean_zero_and_deviation_one(octaves: int) -> None:
    """Over 3,600 nodes a mean is known to 0.04, a deviation to 0.03, three times over."""
    field = smooth_noise(CPU, stream("a"), (600.0, 600.0), (300, 300), 10.0, octaves)
    assert field.mean() == pytest.approx(0, abs=0.12)
    assert field.std() == pytest.approx(1, abs=0.09)


def test_noise_has_the_size_it_is_asked_for() -> None:
    """The autocorrelation of cubic splines over white nodes: 0.92 at half a node, 0.01 at three."""
    field = smooth_noise(CPU, stream("b"), (1000.0, 1000.0), (500, 500), 20.0)
    near = np.mean(field[:, 5:] * field[:, :-5])
    far = np.mean(field[:, 30:] * field[:, :-30])
    assert 0.8 < near < 1.05
    assert abs(far) < 0.1


def test_noise_is_the_same_in_any_shape() -> None:
    """At places that two shapes share, three cells of the one being a cell of the other."""
    fine = smooth_noise(CPU, stream("c"), (60.0, 90.0), (180, 270), 12.0, 2)
    coarse = smooth_noise(CPU, stream("c"), (60.0, 90.0), (60, 90), 12.0, 2)
    assert np.abs(fine[1::3, 1::3] - coarse).max() < 1e-4


def test_another_name_is_another_noise() -> None:
    one, two = (smooth_noise(CPU, stream(name), (50.0, 50.0), (50, 50), 5.0) for name in ("d", "e"))
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.3


def test_noise_does_not_fade_at_the_border() -> None:
    fields = [smooth_noise(CPU, stream(f"f{i}"), (100.0, 100.0), (100, 100), 20.0) for i in range(200)]
    assert np.std([field[0, 0] for field in fields]) == pytest.approx(1, abs=0.35)
    assert np.std([field[-1, -1] for field in fields]) == pytest.approx(1, abs=0.35)


def test_lines_are_the_same_at_any_step_and_alone() -> None:
    nodes = stream("g").standard_normal((50, 40), np.float32)
    fine, coarse = smooth_lines(CPU, nodes, 361, 0.1), smooth_lines(CPU, nodes, 121, 0.3)
    assert np.abs(fine[:, ::3] - coarse).max() < 1e-4
    assert np.abs(smooth_lines(CPU, nodes[7:8], 121, 0.3)[0] - coarse[7]).max() < 1e-6
    assert coarse.std() == pytest.approx(1, abs=0.06)


def test_a_patch_knows_where_its_cells_are() -> None:
    patch = Patch.around((-3.0, 10.0, 5.0, 12.0), 0.5)
    assert patch.shape == (4, 16)
    assert patch.size_mm == (2.0, 8.0)
    assert patch.x[0, [0, -1]].tolist() == [-2.75, 4.75]
    assert patch.y[[0, -1], 0].tolist() == [10.25, 11.75]
    assert patch.frame(4.0).tolist() == [40.0, -12.0, 2.0, 2.0]


@pytest.mark.parametrize("density", [0.1, 0.5, 1.0, 2.5])
def test_a_stain_follows_the_law_of_beer_and_lambert(density: float) -> None:
    page = np.full((2, 3, 3), [255, 200, 90], np.uint8)
    patch = Patch(0.0, 0.0, (2.0, 3.0), 1.0)
    stain(CPU, page, patch, np.full((2, 3), density, np.float32), (200, 150, 80), 1.0)
    wanted = np.array([255, 200, 90]) * (np.array([200, 150, 80]) / 255) ** density
    assert np.abs(page - wanted).max() <= 0.51


def test_two_stains_darken_as_one_of_both_densities() -> None:
    patch, color = Patch(0.0, 0.0, (1.0, 1.0), 1.0), (190, 160, 120)
    twice, once = (np.full((1, 1, 3), 250, np.uint8) for _ in range(2))
    for density in (0.4, 0.7):
        stain(CPU, twice, patch, np.full((1, 1), density, np.float32), color, 1.0)
    stain(CPU, once, patch, np.full((1, 1), 1.1, np.float32), color, 1.0)
    assert np.abs(twice.astype(int) - once).max() <= 1


def test_no_density_changes_no_byte() -> None:
    page = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    before, patch = page.copy(), Patch(0.0, 0.0, (5.0, 7.0), 1.0)
    for density in (np.zeros((5, 7), np.float32), np.full((5, 7), -1, np.float32)):
        stain(CPU, page, patch, density, (10, 20, 30), 1.0)
    assert np.array_equal(page, before)
