"""Camera: what it tells of itself; its maps are tested with the perspective stage."""

from __future__ import annotations

import numpy as np

from fastecg.camera import Camera, mesh_nodes


def bent_camera() -> Camera:
    nodes = mesh_nodes((200, 300))
    mesh = (nodes + 2 * np.sin(nodes / 40)[:, :, ::-1]).astype(np.float32)
    return Camera((200, 300), np.eye(3), mesh, bent=True)


def test_the_told_mesh_is_the_map_at_every_64th_pixel() -> None:
    camera = bent_camera()
    told = camera.to_dict()["mesh"]
    assert told["step_px"] == 64
    assert told["page_xy"].shape == (4, 5, 2)
    at = np.array([[128.0, 64.0]])
    np.testing.assert_allclose(told["page_xy"][1, 2], camera.to_page(at)[0], atol=0.006)


def test_a_plain_camera_tells_its_homography_only() -> None:
    assert set(Camera((2, 2)).to_dict()) == {"homography"}


def test_the_nodes_of_the_identity_are_the_image_points() -> None:
    assert np.array_equal(Camera((20, 30)).nodes(), mesh_nodes((20, 30)))


def test_there_and_back_through_a_mesh() -> None:
    camera = bent_camera()
    points = np.random.default_rng(0).uniform((10, 10), (290, 190), (100, 2))
    np.testing.assert_allclose(camera.to_image(camera.to_page(points)), points, atol=1e-3)
