"""The camera's one launch for a batch, against the kernels it stands for, one page and one step at a time."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg.spec import make_spec
from fastecg.stages.optics import Blur, blur_image, blur_weights
from fastecg.stages.perspective import make_camera
from fastecg_kernels import cpu, reference
from fastecg_kernels.cuda import CudaKernels, Device, open_cuda
from fastecg_kernels.cuda._host import HostDevice
from fastecg_kernels.cuda.blur import blur_images
from fastecg_kernels.cuda.camera import Layers, camera
from fastecg_kernels.cuda.develop import develop_shots
from fastecg_kernels.cuda.mesh import plane_meshes
from fastecg_kernels.cuda.shots import LIGHT, new_shots, set_noise, set_pepper
from fastecg_kernels.errors import BackendError
from fastecg_kernels.nodes import nodes_shape
from tests.cuda.sanitized import SWITCH

DEVICES = ("host", "reversed", pytest.param("gpu", marks=pytest.mark.gpu))
NO_HOLES = np.zeros((0, 0), np.uint8)


@pytest.fixture(scope="module", params=DEVICES)
def device(request: pytest.FixtureRequest) -> Device:
    try:
        if request.param == "gpu":
            return open_cuda().device
        return HostDevice(reverse=request.param == "reversed", sanitize=os.environ.get(SWITCH) == "1")
    except BackendError as error:
        pytest.skip(f"{error}")


@dataclass
class Batch:
    """Pages, what is laid on them, and the images that the reference makes of them."""

    rng: np.random.Generator
    shape: tuple[int, int]
    page_shape: tuple[int, int]
    count: int
    plain: list[NDArray[np.uint8]] = field(default_factory=list)
    layers: dict[str, list[NDArray[Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shots = new_shots(self.count)
        self.pages = self.rng.integers(0, 256, (self.count, *self.page_shape, 3), np.uint8)
        # Not in order, and one page may be seen more than once.
        self.shots["page"] = self.rng.integers(0, self.count, self.count)
        self.shots["image"] = self.rng.permutation(self.count)
        for number in range(self.count):
            self.plain.append(self._picture(self.shots[number : number + 1]))

    def keep(self, name: str, array: NDArray[Any]) -> int:
        kept = self.layers.setdefault(name, [])
        kept.append(array)
        return len(kept) - 1

    def _picture(self, shot: NDArray[Any]) -> NDArray[np.uint8]:
        rng, page = self.rng, self.pages[int(shot["page"][0])].copy()
        if rng.random() < 0.5:
            shade = rng.integers(0, 256, self.page_shape, np.uint8)
            shot["shade"] = self.keep("shades", shade)
            reference.relight(page, shade)
        image = page if self.page_shape == self.shape and rng.random() < 0.3 else self._seen(page, shot)
        key = int(rng.integers(2**64, dtype=np.uint64))
        if rng.random() < 0.7:
            light = rng.uniform(0, 2, (*nodes_shape(*self.shape), 3)).astype(np.float32)
            shot["light"] = self.keep("lights", light)
            offset, gaussian, poisson = rng.uniform((-50, 0, 0), 20).tolist()
            set_noise(shot, offset, gaussian, poisson, key)
            reference.develop(image, light, offset, gaussian, poisson, key)
        if rng.random() < 0.4:
            set_pepper(shot, 0.2, key)
            reference.salt_pepper(image, 0.2, key)
        return image

    def _seen(self, page: NDArray[np.uint8], shot: NDArray[Any]) -> NDArray[np.uint8]:
        rng = self.rng
        rows, columns = nodes_shape(*self.shape)
        turn = rng.uniform(-1.5, 1.5, (2, 2))
        x, y = np.meshgrid(8.0 * np.arange(columns), 8.0 * np.arange(rows))
        bent = np.stack([x, y], axis=-1) @ turn + rng.normal(0, 0.3, (rows, columns, 2))
        mesh = np.asarray(bent + rng.uniform(-20, 20, 2), np.float32)
        shot["mesh"] = self.keep("meshes", mesh)
        alpha = NO_HOLES
        if rng.random() < 0.5:
            alpha = np.where(rng.random(self.page_shape) < 0.1, 60, 255).astype(np.uint8)
            shot["alpha"] = self.keep("alphas", alpha)
        surface = rng.integers(0, 256, (rng.integers(1, 9), self.shape[1] + rng.integers(3), 3), np.uint8)
        light = rng.random(tuple(rng.integers(1, 5, 2))).astype(np.float32)
        frame = np.asarray(rng.uniform((-30, -30, 1), (10, 10, 30)), np.float32)
        shot["surface_start"] = sum(tile.size for tile in self.layers.get("surfaces", []))
        shot["ground_start"] = sum(tile.size for tile in self.layers.get("ground", []))
        self.keep("surfaces", surface)
        self.keep("ground", light)
        shot["surface_rows"], shot["surface_columns"] = surface.shape[:2]
        shot["ground_rows"], shot["ground_columns"] = light.shape
        for name, value in zip(("frame_x", "frame_y", "frame_step"), frame, strict=True):
            shot[name] = value
        image = np.empty((*self.shape, 3), np.uint8)
        reference.warp_page(image, page, alpha, mesh, surface, light, frame)
        return image

    def there(self, device: Device) -> Layers:
        def stacked(name: str) -> Any:
            kept = self.layers.get(name)
            return device.send(np.stack(kept), kept[0].dtype) if kept else None

        def joined(name: str) -> Any:
            kept = self.layers.get(name)
            return device.send(np.concatenate([one.ravel() for one in kept]), kept[0].dtype) if kept else None

        pages = device.send(self.pages, np.uint8)
        whole = {name: stacked(name) for name in ("shades", "alphas", "meshes", "lights")}
        return Layers(pages, **whole, surfaces=joined("surfaces"), ground=joined("ground"))

    def wanted(self) -> NDArray[np.uint8]:
        return np.stack([self.plain[k] for k in np.argsort(self.shots["image"])])


SIDES = st.integers(1, 40)


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(SIDES, SIDES),
    page_shape=st.tuples(st.integers(4, 40), st.integers(4, 40)),
    alike=st.booleans(),
    count=st.integers(1, 4),
)
@settings(max_examples=80)
def test_one_launch_is_all_steps_of_the_reference(
    device: Device,
    *,
    seed: int,
    shape: tuple[int, int],
    page_shape: tuple[int, int],
    alike: bool,
    count: int,
) -> None:
    """Byte for byte: relief, warp, holes, surface, light, noise, salt and pepper, each for some pages."""
    batch = Batch(np.random.default_rng(seed), page_shape if alike else shape, page_shape, count)
    images = device.empty((count, *batch.shape, 3), np.uint8)
    camera(device, images, batch.there(device), batch.shots)
    np.testing.assert_array_equal(device.fetch(images), batch.wanted())


def test_some_images_are_developed_later(device: Device) -> None:
    """What comes between the warp and the light sees the images before it, and the bytes are the same."""
    batch = Batch(np.random.default_rng(4), (21, 36), (21, 36), 5)
    layers, images = batch.there(device), device.empty((5, 21, 36, 3), np.uint8)
    first = batch.shots.copy()
    first["steps"][1:4] = 0
    camera(device, images, layers, first)
    develop_shots(device, images, layers.lights, batch.shots[1:4])
    np.testing.assert_array_equal(device.fetch(images), batch.wanted())


def test_a_batch_is_developed_with_a_key_for_each(device: Device) -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (3, 13, 18, 3), np.uint8)
    light = rng.uniform(0, 2, (3, *nodes_shape(13, 18), 3)).astype(np.float32)
    plain, keys, offsets = image.copy(), [5, 2**63 + 1, 7], [0.0, -20.0, 9.0]
    for k in range(3):
        reference.develop(plain[k], light[k], offsets[k], 3.0, 4.0, keys[k])
        reference.salt_pepper(plain[k], 0.1, keys[k])
    kernels, there = CudaKernels(device), device.send(image, np.uint8)
    kernels.develop(there, device.send(light, np.float32), offsets, 3.0, 4.0, keys)
    kernels.salt_pepper(there, 0.1, keys)
    np.testing.assert_array_equal(device.fetch(there), plain)


@pytest.mark.parametrize("lens", [{}, {"k1": 0.03}, {"k1": -0.1, "k2": 0.05}])
def test_meshes_of_planes_are_those_of_the_cpu(device: Device, lens: dict[str, float]) -> None:
    poses: list[dict[str, float]] = [
        {"tilt_x_deg": 60, "distance": 0.7, "fill": 0.1},  # the horizon is in the image
        {"tilt_y_deg": -58, "distance": 0.7, "fill": 3},
    ]
    cameras = [
        make_camera(
            make_spec({"page": {"dpi": 60}, "perspective": {"enabled": True, "lens": lens, **pose}}),
            None,
            cpu,
        )
        for pose in poses
    ]
    shape = cameras[0].shape
    meshes = device.empty((2, *nodes_shape(*shape), 2), np.float32)
    backs = np.stack([np.linalg.inv(one.homography) for one in cameras])
    lenses = np.array([[lens.get("k1", 0), lens.get("k2", 0), *shape]] * 2, np.float64)
    plane_meshes(device, meshes, backs, lenses)
    for mesh, one in zip(device.fetch(meshes), cameras, strict=True):
        assert one.mesh is not None
        np.testing.assert_allclose(mesh, one.mesh, rtol=3e-7)


@pytest.mark.parametrize("radius", [0.2, 0.6, 1.0, 1.4, 1.6, 5.0])
@pytest.mark.parametrize("motion", [0.0, 1.5, 9.0])
def test_blur_is_opencvs(device: Device, radius: float, motion: float) -> None:
    """Within one level where a sum lies halfway between two; what is not to be blurred stays."""
    image = np.random.default_rng(3).integers(0, 256, (3, 31, 45, 3), np.uint8)
    image[1] = cv2.GaussianBlur(image[1], (0, 0), 1.0)
    blur = Blur(defocus_mm=radius / 10, motion_mm=motion / 10, motion_deg=33)
    there = device.send(image.copy(), np.uint8)
    for weights in blur_weights(blur, 10.0):
        blur_images(device, there, [(2, weights), (1, weights)])
    found = device.fetch(there)
    assert np.array_equal(found[0], image[0])
    for k in (1, 2):
        off = np.abs(found[k].astype(int) - blur_image(image[k], blur, 10.0))
        assert off.max() <= 1
        assert (off > 0).mean() < 0.002


def test_shots_count_the_keys_as_they_come() -> None:
    shots = new_shots(2)
    set_noise(shots, [1, 2], 0, 0, [3, 4])
    assert shots["key_first"][0] != shots["key_first"][1]
    assert shots["steps"].tolist() == [LIGHT, LIGHT]
