"""Perspective: poses, matrices, lens and curl; one map for pixels and points, and its inverse."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastecg.camera import Camera, mesh_nodes
from fastecg.errors import RecipeError
from fastecg.layers import Relief
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.perspective import homography, make_camera
from fastecg_kernels import load_backend

KERNELS = load_backend("cpu")
SMALL = {"size": "custom", "width_mm": 279.4, "height_mm": 215.9, "dpi": 50}


def spec_of(**values: Any) -> PageSpec:
    return make_spec({"page": SMALL, "perspective": {"enabled": True, **values}})


def camera_of(**values: Any) -> Camera:
    return make_camera(spec_of(**values), None, KERNELS)


poses = st.fixed_dictionaries(
    {
        "tilt_x_deg": st.floats(-45, 45),
        "tilt_y_deg": st.floats(-45, 45),
        "roll_deg": st.floats(-180, 180),
        "distance": st.floats(1.0, 10),
        "fill": st.floats(0.4, 1.5),
        "shift_x": st.floats(-0.2, 0.2),
        "lens": st.fixed_dictionaries({"k1": st.floats(-0.08, 0.1)}),
        "curl": st.fixed_dictionaries(
            {
                "height_mm": st.floats(-25, 25),
                "direction_deg": st.floats(0, 180),
                "center": st.floats(-0.5, 0.5),
            }
        ),
    }
)


@given(poses, st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_the_inverse_agrees_to_a_hundredth_of_a_pixel(pose: dict[str, Any], seed: int) -> None:
    """Image points on the page go to page points and come back, whatever bends the page."""
    camera = camera_of(**pose)
    rng = np.random.default_rng(seed)
    image = rng.uniform((0, 0), (camera.shape[1], camera.shape[0]), (300, 2))
    page = camera.to_page(image)
    on_page = ((page >= 0) & (page <= (550, 425))).all(axis=1)
    back = camera.to_image(page[on_page])
    assert np.abs(back - image[on_page]).max(initial=0) < 0.01
    assert np.abs(camera.to_page(back) - page[on_page]).max(initial=0) < 0.01


@given(poses)
@settings(max_examples=30)
def test_the_plane_is_where_a_pinhole_sees_it(pose: dict[str, Any]) -> None:
    """Against OpenCV's own pinhole: rotate by Rodrigues, project, then fit the outline into the image."""
    spec = spec_of(**{**pose, "lens": {}, "curl": {}})
    seen = spec.perspective
    x, y, z = np.deg2rad([seen.tilt_x_deg, seen.tilt_y_deg, seen.roll_deg])
    turns = [
        cv2.Rodrigues(np.array(axis) * angle)[0]
        for axis, angle in (((0, 0, 1.0), z), ((-1.0, 0, 0), x), ((0, -1.0, 0), y))
    ]
    turn = turns[0] @ turns[1] @ turns[2]
    half = np.array([279.4, 215.9]) / 2
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * [*half, 1]
    away = np.array([0, 0, seen.distance * np.hypot(279.4, 215.9)])
    pixels = cv2.projectPoints(corners, cv2.Rodrigues(turn)[0], away, np.eye(3), np.zeros(4))[0][:, 0]
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    zoom = seen.fill * min(550 / (high - low)[0], 425 / (high - low)[1])
    wanted = (pixels - (low + high) / 2) * zoom + np.array([550 * (0.5 + seen.shift_x), 425 / 2])
    page = np.array([[0, 0], [550, 0], [550, 425], [0, 425]], float)
    found = cv2.perspectiveTransform(page[None], homography(spec))[0]
    np.testing.assert_allclose(found, wanted, atol=0.35)  # the page is 550 px wide, and 549.99 by its mm


def test_the_fill_is_met_by_the_outline() -> None:
    corners = np.array([[0, 0], [550, 0], [550, 425], [0, 425]], float)
    seen = camera_of(tilt_x_deg=30, tilt_y_deg=-20, roll_deg=35, fill=0.8).to_image(corners)
    size = np.ptp(seen, axis=0) / (550, 425)
    assert max(size) == pytest.approx(0.8, abs=1e-3)
    assert (seen.min(axis=0) + seen.max(axis=0)) / 2 == pytest.approx([275, 212.5], abs=0.1)


def test_a_page_fitted_lying_straight_keeps_its_size_as_it_turns() -> None:
    spec = spec_of(fit="page", fill=1.25, roll_deg=30)
    matrix = homography(spec)
    np.testing.assert_allclose(matrix[:2, :2], 1.25 * np.array([[0.75**0.5, -0.5], [0.5, 0.75**0.5]]))
    middle = np.array([[275.0, 212.5]])  # of a page of 550 x 425 px, which stays where it is
    np.testing.assert_allclose(make_camera(spec, None, KERNELS).to_image(middle), middle, atol=0.3)


def test_positive_tilts_bring_bottom_and_left_nearer() -> None:
    corners = np.array([[0, 0], [550, 0], [550, 425], [0, 425]], float)
    top_left, top_right, bottom_right, bottom_left = camera_of(tilt_x_deg=30).to_image(corners)
    assert bottom_right[0] - bottom_left[0] > 1.1 * (top_right[0] - top_left[0])
    top_left, top_right, bottom_right, bottom_left = camera_of(tilt_y_deg=30).to_image(corners)
    assert bottom_left[1] - top_left[1] > 1.1 * (bottom_right[1] - top_right[1])


def test_a_given_matrix_is_used_in_shares_of_page_and_image() -> None:
    shares = [0.8, 0.05, 0.1, 0.0, 0.7, 0.1, 0.1, 0.0, 1.0]
    for dpi in (50, 100):
        spec = make_spec({"page": {**SMALL, "dpi": dpi}, "perspective": {"enabled": True, "matrix": shares}})
        height, width = spec.page.shape_px
        corner = make_camera(spec, None, KERNELS).to_image(np.array([[width, height]], float))[0]
        assert corner / (width, height) == pytest.approx([(0.8 + 0.05 + 0.1) / 1.1, 0.8 / 1.1])


@pytest.mark.parametrize(
    "matrix",
    [[1, 0, 0], [1, 0, 0, 0, 1, 0, -2, 0, 1], [-1, 0, 1, 0, 1, 0, 0, 0, 1], [0] * 9, [float("nan")] * 9],
)
def test_matrices_that_do_not_see_the_page_are_refused(matrix: list[float]) -> None:
    with pytest.raises(RecipeError, match=r"perspective\.matrix"):
        spec_of(matrix=matrix)


def test_a_barrel_draws_corners_in_and_leaves_the_middle() -> None:
    plain, barrel = camera_of(), camera_of(lens={"k1": 0.1})
    corner, middle = np.array([[20.0, 20.0]]), np.array([[275.0, 212.5]])
    assert np.abs(barrel.to_image(middle) - middle).max() < 1e-3
    off_plain, off_barrel = plain.to_image(corner) - middle, barrel.to_image(corner) - middle
    assert np.linalg.norm(off_barrel) < 0.96 * np.linalg.norm(off_plain)


def test_a_curled_page_is_shorter_across_and_its_raised_edges_look_larger() -> None:
    """Edges raised towards the camera: seen from far above, only the length along the sheet is lost."""
    corners = np.array([[0, 212.5], [550, 212.5]], float)
    flat, far = camera_of(distance=100).to_image(corners), camera_of(distance=100, curl={"height_mm": 30})
    lost = np.ptp(flat[:, 0]) - np.ptp(far.to_image(corners)[:, 0])
    half, steep = 139.7, 30 / 139.7**2
    assert lost * 25.4 / 50 == pytest.approx(2 * (2 / 3) * steep**2 * half**3, rel=0.15)
    near = camera_of(distance=1.0, curl={"height_mm": 30}).to_image(np.array([[0, 0], [0, 425.0]]))
    assert np.ptp(near[:, 1]) > 1.05 * 425


def test_folds_move_what_is_seen_of_the_page() -> None:
    relief = Relief.flat(425, 550)
    relief.shift[:] = (3.0, -2.0)
    camera = make_camera(make_spec({"page": SMALL}), relief.shift, KERNELS)
    assert camera.bent
    assert camera.to_image(np.array([[100.0, 100.0]]))[0] == pytest.approx([97.0, 102.0], abs=1e-3)


def test_points_off_the_image_and_gaps_are_mapped_too() -> None:
    camera = camera_of(fill=2.0, curl={"height_mm": 10})
    seen = camera.to_image(np.array([[0.0, 0.0], [np.nan, 3.0], [1e7, 0.0]]))
    assert (seen[0] < 0).all()
    assert np.isnan(seen[1]).all()
    assert np.isfinite(seen[2]).all()


def test_steep_and_near_poses_have_finite_meshes() -> None:
    for tilt in (-60, 60):
        camera = camera_of(tilt_x_deg=tilt, tilt_y_deg=60, distance=0.7, fill=0.3)
        assert np.isfinite(camera.nodes()).all()
        assert np.abs(camera.nodes()).max() <= 1e5


def test_the_image_can_have_a_size_of_its_own() -> None:
    camera = camera_of(width_px=333, height_px=512)
    assert camera.shape == (512, 333)
    assert camera.nodes().shape == mesh_nodes((512, 333)).shape == (65, 43, 2)


def test_disabled_is_the_page_itself() -> None:
    camera = make_camera(make_spec({"page": SMALL, "perspective": {"roll_deg": 30}}), None, KERNELS)
    assert camera.is_identity
    assert camera.mesh is None
    assert camera.shape == (425, 550)
