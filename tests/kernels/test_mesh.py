"""Points through a mesh: every backend against the reference, there and back, and the exact homography."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastecg_kernels import Kernels, reference
from tests.kernels.test_warp import mesh_of, tilted

SHAPE = (200, 300)


@given(seed=st.integers(0, 2**32 - 1), waves=st.floats(0, 1.2))
@settings(max_examples=40)
def test_there_and_back(any_order: Kernels, seed: int, waves: float) -> None:
    """Within 0.0001 px, for a page that is tilted and wavy, in the image and somewhat beyond."""
    rng = np.random.default_rng(seed)
    mesh = mesh_of(tilted(*SHAPE, rng.uniform(-30, 30)), SHAPE)
    mesh += waves * np.sin(np.cumsum(rng.normal(0, 0.5, mesh.shape), axis=0)).astype(np.float32)
    points = rng.uniform((-20, -20), (320, 220), (50, 2))
    page = any_order.mesh_to_page(mesh, points)
    assert np.abs(page - reference.mesh_to_page(mesh, points)).max() < 1e-9
    guess = points + rng.uniform(-5, 5, points.shape)
    back = any_order.mesh_to_image(mesh, page, guess)
    assert np.abs(any_order.mesh_to_page(mesh, back) - page).max() < 1e-4
    assert np.abs(back - points).max() < 1e-3
    assert np.abs(reference.mesh_to_image(mesh, page, guess) - back).max() < 1e-4


def test_a_homography_is_met_to_a_hundredth_pixel(kernels: Kernels) -> None:
    matrix = tilted(1700, 2200, 240.0)
    mesh = mesh_of(matrix, (1700, 2200))
    page = np.random.default_rng(0).uniform((0, 0), (2200, 1700), (500, 2))
    exact = cv2.perspectiveTransform(page[None], matrix)[0]
    seen = kernels.mesh_to_image(mesh, page, exact + 3.0)
    assert np.abs(seen - exact).max() < 0.01


def test_gaps_stay_gaps_and_what_is_far_out_stays_where_it_was(kernels: Kernels) -> None:
    mesh = mesh_of(np.eye(3), SHAPE)
    points = np.array([[np.nan, 3.0], [5.0, np.nan], [1e6, 10.0], [7.0, 9.0]])
    guess = np.array([[0.0, 0.0], [0.0, 0.0], [1e6, 12.0], [0.0, 0.0]])
    seen = kernels.mesh_to_image(mesh, points, guess)
    assert np.isnan(seen[:2]).all()
    assert seen[2].tolist() == [1e6, 12.0]
    assert seen[3] == pytest.approx([7.0, 9.0], abs=1e-6)
    assert np.isnan(kernels.mesh_to_page(mesh, points)[:2]).all()
