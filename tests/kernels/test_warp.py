"""The camera's pass: every backend against the NumPy reference, bit for bit, and against OpenCV's warp."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg_kernels import Kernels, cpu, reference

NO_HOLES = np.zeros((0, 0), np.uint8)
NO_SHADOW = np.ones((1, 1), np.float32)
FRAME = np.array([0, 0, 16], np.float32)


def mesh_of(matrix: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Nodes of the map from image points to page points, whose inverse is ``matrix``."""
    rows, columns = (-(-side // 8) + 1 for side in shape)
    x, y = np.meshgrid(8.0 * np.arange(columns), 8.0 * np.arange(rows))
    points = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.linalg.inv(matrix).T
    return np.asarray(points[:, :, :2] / points[:, :, 2:], np.float32)


def tilted(height: int, width: int, inset: float) -> NDArray[np.float64]:
    """Homography of a page whose corners lie about ``inset`` inside the image (outside if negative)."""
    page = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = np.array([[1, 0.7], [-1.2, 1], [-0.8, -1], [1.3, -0.9]], np.float32) * inset
    return np.asarray(cv2.getPerspectiveTransform(page, page + moved), np.float64)


@st.composite
def scenes(draw: Any) -> dict[str, NDArray[Any]]:
    """Small pages, whole or with holes, seen in small images at any angle, size and distance."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image_shape = draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    page_shape = draw(st.tuples(st.integers(4, 40), st.integers(4, 40)))
    angle, zoom = draw(st.floats(-3.2, 3.2)), draw(st.floats(0.05, 8))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * zoom
    rows, columns = (-(-side // 8) + 1 for side in image_shape)
    x, y = np.meshgrid(8.0 * np.arange(columns), 8.0 * np.arange(rows))
    mesh = np.stack([x, y], axis=-1) @ turn + rng.uniform(-60, 60, 2) + rng.normal(0, 0.3, (rows, columns, 2))
    holes = np.where(rng.random(page_shape) < 0.05, rng.integers(0, 256, page_shape), 255).astype(np.uint8)
    return {
        "image": np.empty((*image_shape, 3), np.uint8),
        "page": rng.integers(0, 256, (*page_shape, 3), np.uint8),
        "alpha": holes if draw(st.booleans()) else NO_HOLES,
        "mesh": np.clip(mesh, -1e5, 1e5).astype(np.float32),
        "surface": rng.integers(0, 256, (draw(st.integers(1, 9)), image_shape[1] + 3, 3), np.uint8),
        "light": rng.random((draw(st.integers(1, 5)), draw(st.integers(1, 5)))).astype(np.float32),
        "frame": rng.uniform((-30, -30, 1), (10, 10, 30)).astype(np.float32),
    }


@given(scene=scenes())
@settings(max_examples=60)
def test_every_backend_equals_the_reference(any_order: Kernels, scene: dict[str, NDArray[Any]]) -> None:
    ours, plain = scene["image"].copy(), scene["image"].copy()
    others = list(scene.values())[1:]
    any_order.warp_page(ours, *others)
    reference.warp_page(plain, *others)
    assert np.array_equal(ours, plain)
    ours_mask, plain_mask = ours[:, :, 0].copy(), ours[:, :, 0].copy()
    mask = np.ascontiguousarray(scene["page"][:, :, 1])
    any_order.warp_mask(ours_mask, mask, scene["mesh"])
    reference.warp_mask(plain_mask, mask, scene["mesh"])
    assert np.array_equal(ours_mask, plain_mask)


def test_far_away_nodes_are_surface(kernels: Kernels) -> None:
    """Nodes at the horizon: no overflow, and no paper."""
    image = np.empty((16, 24, 3), np.uint8)
    mesh = np.full((3, 4, 2), -1e5, np.float32)
    mesh[:, 2:] = 1e5
    mesh[0, 0] = (1e5, -1e5)
    page, surface = np.full((40, 30, 3), 255, np.uint8), np.full((5, 24, 3), 40, np.uint8)
    kernels.warp_page(image, page, NO_HOLES, mesh, surface, NO_SHADOW, FRAME)
    assert (image[:, 16:] == 40).all()


def test_opencv_sees_the_same() -> None:
    """Within one level of cv2.warpPerspective, whose weights are as coarse, where both see paper only."""
    rng = np.random.default_rng(0)
    height, width = 170, 220
    page: Any = cv2.GaussianBlur(rng.integers(0, 256, (height, width, 3), np.uint8), (0, 0), 1.5)
    matrix = tilted(height, width, -25.0)
    image = np.empty_like(page)
    surface = np.zeros((1, width, 3), np.uint8)
    mesh = mesh_of(matrix, (height, width))
    cpu.warp_page(image, np.asarray(page, np.uint8), NO_HOLES, mesh, surface, NO_SHADOW, FRAME)
    to_corner = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # OpenCV counts from centres
    theirs = cv2.warpPerspective(page, np.linalg.inv(to_corner) @ matrix @ to_corner, (width, height))
    difference = np.abs(image.astype(int) - theirs)
    assert difference.max() <= 2  # 8 weights a pixel of theirs, 256 of ours, on a steep texture
    assert difference.mean() < 0.2


def test_the_identity_changes_nothing(kernels: Kernels) -> None:
    rng = np.random.default_rng(1)
    page = rng.integers(0, 256, (37, 52, 3), np.uint8)
    image = np.empty_like(page)
    surface, mesh = np.zeros((1, 52, 3), np.uint8), mesh_of(np.eye(3), (37, 52))
    kernels.warp_page(image, page, NO_HOLES, mesh, surface, NO_SHADOW, FRAME)
    assert np.array_equal(image, page)


def test_holes_show_the_surface_in_the_pages_shadow(kernels: Kernels) -> None:
    page, alpha = np.full((64, 64, 3), 250, np.uint8), np.full((64, 64), 255, np.uint8)
    alpha[24:40, 24:40] = 0
    image, surface = np.empty_like(page), np.full((64, 64, 3), 100, np.uint8)
    half = np.full((1, 1), 0.5, np.float32)
    kernels.warp_page(image, page, alpha, mesh_of(np.eye(3), (64, 64)), surface, half, FRAME)
    assert (image[26:38, 26:38] == 50).all()
    assert (image[:22] == 250).all()


def test_light_on_the_surface_is_bilinear_between_its_places(kernels: Kernels) -> None:
    """Places of light 32 px apart, beginning 16 px off the page, seen at a shift of 20 px."""
    page, image = np.full((8, 8, 3), 250, np.uint8), np.empty((80, 120, 3), np.uint8)
    matrix = np.array([[1.0, 0, 20], [0, 1, 20], [0, 0, 1]])
    light = np.array([[0.2, 1.0, 0.6], [0.2, 1.0, 0.6]], np.float32)
    surface, frame = np.full((1, 120, 3), 200, np.uint8), np.array([-16, -16, 32], np.float32)
    kernels.warp_page(image, page, NO_HOLES, mesh_of(matrix, (80, 120)), surface, light, frame)
    page_x = np.arange(120) + 0.5 - 20
    wanted = 200 * np.interp(page_x, [-16, 16, 48], [0.2, 1.0, 0.6])
    off = np.abs(wanted - image[60, :, 0])
    assert off.max() < 15  # where it bends within the 8 px between two nodes
    assert off[[0, 16, 48, 56, 64, 72, 110]].max() <= 3  # beside nodes


def test_masks_agree_with_the_page(kernels: Kernels) -> None:
    """A mask of the whole page covers what ``warp_page`` paints with paper."""
    page, image = np.full((60, 90, 3), 255, np.uint8), np.empty((60, 90, 3), np.uint8)
    mesh = mesh_of(tilted(60, 90, 9.0), (60, 90))
    kernels.warp_page(image, page, NO_HOLES, mesh, np.zeros((1, 90, 3), np.uint8), NO_SHADOW, FRAME)
    mask = np.empty((60, 90), np.uint8)
    kernels.warp_mask(mask, np.full((60, 90), 255, np.uint8), mesh)
    difference = np.abs(mask.astype(int) - image[:, :, 0])
    assert difference[3:-3, 3:-3].max() <= 70  # one blends over a page pixel at corners, the other samples
    assert difference.mean() < 1
