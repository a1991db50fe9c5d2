"""Darkroom: the pictures of a batch of pages, taken on a GPU, as the studio takes one on the CPU.

Pages come flat from the press and go up once; relief, warp, surface, light, tone and noise of all of them
are one launch. Blur and a screen's bands, where a page has them, come between the warp and the light.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from fastecg.backends import gpu_kernels
from fastecg.camera import Camera
from fastecg.errors import DeviceError, DeviceWarning
from fastecg.kept import Kept
from fastecg.spec import PageSpec
from fastecg.stages.imaging import lit_nodes
from fastecg.stages.optics import blur_weights
from fastecg.stages.screen import Screen, show_on_screen
from fastecg.stages.sensor import exposure
from fastecg.studio import Scene
from fastecg_kernels import Kernels
from fastecg_kernels.cuda import CudaKernels
from fastecg_kernels.cuda.blur import blur_images
from fastecg_kernels.cuda.camera import Layers, camera
from fastecg_kernels.cuda.develop import develop_shots
from fastecg_kernels.cuda.mesh import plane_meshes
from fastecg_kernels.cuda.shots import Shots, new_shots, set_noise, set_pepper
from fastecg_kernels.nodes import nodes_shape

BATCH: Final = 16
"""Pages of one launch. A page takes some 50 MB of the GPU: itself, its image, and what it is made from."""

KEPT_SURFACE_BYTES: Final = 256 << 20
"""Memory of the GPU for surfaces kept for the next batches."""

Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False, slots=True)
class Negative:
    """A page that lies before the camera.

    Parameters
    ----------
    page
        Shape (h, w, 3), uint8 RGB: the flat page.
    shade
        Shape (h, w), uint8: light on its relief, 128 is neutral; None for none.
    camera
        Where each image pixel lies on the page.
    scene
        What lies around the page; None if the page is all that is seen.
    spec
        The page's values.
    """

    page: Image
    shade: NDArray[np.uint8] | None
    camera: Camera
    scene: Scene | None
    spec: PageSpec

    @property
    def sizes(self) -> tuple[int, ...]:
        """Height and width of the image and of the page: what a batch has in common."""
        return *self.camera.shape, *self.page.shape[:2]


class Darkroom:
    """Takes pictures on one GPU; threads that share one wait for each other.

    Parameters
    ----------
    kernels
        The kernels on the GPU.
    batch
        Pages at a time, at most; fewer once the GPU's memory has not been enough.
    """

    def __init__(self, kernels: CudaKernels, batch: int = BATCH) -> None:
        self._kernels, self._device = kernels, kernels.device
        self.batch = batch
        self._in_use = threading.Lock()
        self._surfaces = Kept(KEPT_SURFACE_BYTES)
        self._streams = self._device.stream(), self._device.stream()

    @property
    def device_name(self) -> str:
        """Name of the GPU, for reports."""
        return self._device.name

    def wait(self) -> None:
        """Wait until everything that was launched is done."""
        with self._device.active():
            self._device.wait()

    def develop(self, negatives: Sequence[Negative]) -> list[Image]:
        """Return the images of pages, up to light and noise, in their order.

        Raises
        ------
        DeviceError
            If the memory of the GPU is not enough for one page.
        """
        images: dict[int, Image] = {}
        alike: dict[tuple[int, ...], list[int]] = {}
        for number, negative in enumerate(negatives):
            alike.setdefault(negative.sizes, []).append(number)
        with self._in_use:
            for numbers in alike.values():
                images.update(self._develop_alike(negatives, numbers))
        return [images[number] for number in range(len(negatives))]

    def _develop_alike(self, negatives: Sequence[Negative], numbers: list[int]) -> dict[int, Image]:
        images: dict[int, Image] = {}
        while len(images) < len(numbers):
            some = numbers[len(images) :][: self.batch]
            images.update(zip(some, self._take([negatives[number] for number in some]), strict=False))
        return images

    def _take(self, negatives: list[Negative]) -> list[Image]:
        """Return the images of as many pages as there is memory for: all, or the first half, and so on."""
        while True:
            try:
                return self._in_halves(negatives)
            except MemoryError as error:
                # Without the frames it came from, nothing holds the arrays of the failed batch.
                failed = error.with_traceback(None)
            self._surfaces = Kept(KEPT_SURFACE_BYTES)
            self._device.free()
            if len(negatives) == 1:
                height, width = negatives[0].camera.shape
                raise DeviceError(
                    f"the GPU's memory is not enough for one image of {width} x {height} px ({failed})",
                    action="choose a lower page.dpi, a GPU that nobody else uses, or the backend cpu",
                ) from failed
            self.batch = len(negatives) // 2
            warnings.warn(
                f"the GPU's memory is not enough for {len(negatives)} pages at a time: "
                f"going on with {self.batch}",
                DeviceWarning,
                stacklevel=2,
            )
            negatives = negatives[: self.batch]

    def _in_halves(self, negatives: list[Negative]) -> list[Image]:
        """Return the images of pages of equal sizes: one half goes up while the other is being taken."""
        middle = (len(negatives) + 1) // 2
        halves = [half for half in (negatives[:middle], negatives[middle:]) if half]
        started, images = [], []
        with self._device.active():
            for half, stream in zip(halves, self._streams, strict=False):
                with stream:
                    started.append(self.expose(self.load(half)))
            for there, stream in zip(started, self._streams, strict=False):
                with stream:
                    images += list(self._device.fetch(there))
        return images

    def load(self, negatives: Sequence[Negative]) -> Loaded:
        """Bring to the GPU what the images of pages of equal sizes are made from."""
        roll = _Roll(list(negatives))
        return Loaded(roll, self._layers(roll))

    def expose(self, loaded: Loaded) -> Any:  # noqa: ANN401 - an array of the device
        """Return the images of loaded pages on the GPU, shape (N, H, W, 3), where they may still be made."""
        roll, layers, negatives = loaded.roll, loaded.layers, loaded.roll.negatives
        images = self._device.empty((len(negatives), *negatives[0].camera.shape, 3), np.uint8)
        at_once = roll.shots.copy()
        at_once["steps"][roll.later] = 0
        camera(self._device, images, layers, at_once)
        self._blur(images, negatives)
        for number, negative in enumerate(negatives):
            screen, spec = negative.spec.imaging.screen, negative.spec
            if _shows(screen, spec):
                name = f"{spec.key}/imaging/screen"
                kernels = cast(Kernels, self._kernels)
                show_on_screen(images[number], screen, spec.page.px_per_mm, name, kernels)
        if roll.later and roll.shots["steps"][roll.later].any():
            develop_shots(self._device, images, layers.lights, roll.shots[roll.later])
        return images

    def _layers(self, roll: _Roll) -> Layers:
        """Bring to the GPU what images are made from."""
        device = self._device

        def sent(arrays: list[NDArray[Any]]) -> Any:  # noqa: ANN401 - an array of the device
            return device.send(np.stack(arrays), arrays[0].dtype) if arrays else None

        return Layers(
            pages=sent([negative.page for negative in roll.negatives]),
            shades=sent(roll.shades),
            alphas=sent(roll.alphas),
            meshes=self._meshes(roll),
            lights=sent(roll.lights),
            surfaces=self._ground(roll),
            ground=device.send(np.concatenate(roll.ground), np.float32) if roll.ground else None,
        )

    def _meshes(self, roll: _Roll) -> Any:  # noqa: ANN401 - an array of the device
        """Return all meshes: those of planes are made there, the others sent."""
        planes, bent = roll.planes, roll.bent
        if not planes and not bent:
            return None
        shape = roll.negatives[0].camera.shape
        meshes = self._device.empty((len(planes) + len(bent), *nodes_shape(*shape), 2), np.float32)
        if planes:
            lenses = np.broadcast_to(np.array([0, 0, *shape], np.float64), (len(planes), 4))
            plane_meshes(self._device, meshes[: len(planes)], np.stack(planes), lenses)
        if bent:
            meshes[len(planes) :] = self._device.send(np.stack(bent), np.float32)
        return meshes

    def _ground(self, roll: _Roll) -> Any:  # noqa: ANN401 - an array of the device
        """Return the pixels of all surfaces, one after another; those used before are there already."""
        if not roll.surfaces:
            return None
        pixels = self._device.empty((sum(tile.size for tile in roll.surfaces.values()),), np.uint8)
        start = 0
        for name, tile in roll.surfaces.items():
            there = self._surfaces.get(name, partial(self._sent, tile))
            pixels[start : start + tile.size] = there.reshape(-1)
            start += tile.size
        return pixels

    def _sent(self, tile: Image) -> Any:  # noqa: ANN401 - an array of the device
        """Return a surface on the GPU, there before any other stream may look for it."""
        there = self._device.send(tile, np.uint8)
        self._device.wait()
        return there

    def _blur(self, images: Any, negatives: list[Negative]) -> None:  # noqa: ANN401 - an array of the device
        """Blur the images that are, all first filters in one launch, then all second ones."""
        wanted = [_filters(negative.spec) for negative in negatives]
        for nth in range(max(len(filters) for filters in wanted)):
            some = [(number, filters[nth]) for number, filters in enumerate(wanted) if nth < len(filters)]
            blur_images(self._device, images, some)


@dataclass(frozen=True, eq=False, slots=True)
class Loaded:
    """Negatives on the GPU."""

    roll: _Roll
    layers: Layers


class Gpu:
    """The darkroom of a backend, opened when it is first asked for; use one per thread.

    Parameters
    ----------
    backend
        One of ``fastecg.backends.BACKENDS``. ``cuda`` is opened at once, so that what is missing shows at
        once; ``auto`` is not, as a process may still fork that has not looked for a GPU.
    """

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._found: Darkroom | None = None
        self._looked = False
        if backend == "cuda":
            self.look()

    def look(self) -> None:
        """Look for a GPU."""
        kernels = gpu_kernels(self._backend)
        self._found = None if kernels is None else Darkroom(kernels)
        self._looked = True

    @property
    def darkroom(self) -> Darkroom | None:
        """The darkroom; None for a backend or a machine without a GPU."""
        if not self._looked:
            self.look()
        return self._found


class _Roll:
    """The negatives of a batch, sorted out into what goes to the GPU once for each, or once for some."""

    def __init__(self, negatives: list[Negative]) -> None:
        self.negatives = negatives
        self.shots: Shots = new_shots(len(negatives))
        self.later: list[int] = []
        """Images that are developed after the warp, as something comes between."""
        self.shades: list[NDArray[np.uint8]] = []
        self.alphas: list[NDArray[np.uint8]] = []
        self.planes: list[NDArray[np.float64]] = []
        self.bent: list[NDArray[np.float32]] = []
        self.lights: list[NDArray[np.float32]] = []
        self.ground: list[NDArray[np.float32]] = []
        self.surfaces: dict[str, NDArray[np.uint8]] = {}
        for number, negative in enumerate(negatives):
            self._add(self.shots[number : number + 1], negative)
            spec = negative.spec
            if spec.imaging.enabled and (_filters(spec) or _shows(spec.imaging.screen, spec)):
                self.later.append(number)
        for number, negative in enumerate(negatives):  # bent meshes come after all planes
            if negative.scene is not None and _is_bent(negative.camera):
                self.shots["mesh"][number] += len(self.planes)

    def _add(self, shot: Shots, negative: Negative) -> None:
        if negative.shade is not None:
            shot["shade"] = len(self.shades)
            self.shades.append(negative.shade)
        if negative.scene is not None:
            self._add_scene(shot, negative.scene, negative.camera)
        imaging, key = negative.spec.imaging, negative.spec.key
        if not imaging.enabled:
            return
        light = lit_nodes(negative.spec, negative.camera.shape)
        nodes, offset = exposure(light, imaging.tone, imaging.noise)
        if nodes is not None:
            shot["light"] = len(self.lights)
            self.lights.append(nodes)
            set_noise(shot, offset, imaging.noise.gaussian_sd, imaging.noise.poisson_sd, key)
        if imaging.noise.salt_pepper > 0:
            set_pepper(shot, imaging.noise.salt_pepper, key)

    def _add_scene(self, shot: Shots, scene: Scene, camera: Camera) -> None:
        if scene.alpha is not None:
            shot["alpha"] = len(self.alphas)
            self.alphas.append(scene.alpha)
        if _is_bent(camera):
            shot["mesh"] = len(self.bent)
            self.bent.append(camera.nodes())
        else:
            shot["mesh"] = len(self.planes)
            self.planes.append(np.asarray(np.linalg.inv(camera.homography), np.float64))
        self.surfaces.setdefault(scene.surface_name, scene.surface)
        before = list(self.surfaces).index(scene.surface_name)
        shot["surface_start"] = sum(tile.size for tile in list(self.surfaces.values())[:before])
        shot["surface_rows"], shot["surface_columns"] = scene.surface.shape[:2]
        shot["ground_start"] = sum(light.size for light in self.ground)
        shot["ground_rows"], shot["ground_columns"] = scene.light.shape
        self.ground.append(scene.light.ravel())
        for name, value in zip(("frame_x", "frame_y", "frame_step"), scene.frame, strict=True):
            shot[name] = value


def _is_bent(camera: Camera) -> bool:
    """Say whether a camera has a mesh that its homography does not tell."""
    return camera.mesh is not None and camera.bent


def _filters(spec: PageSpec) -> list[NDArray[np.float32]]:
    return blur_weights(spec.imaging.blur, spec.page.px_per_mm) if spec.imaging.enabled else []


def _shows(screen: Screen, spec: PageSpec) -> bool:
    return spec.imaging.enabled and (screen.strength > 0 or screen.mesh > 0)
