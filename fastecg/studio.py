"""Studio: a printed page, crumpled and folded, on a surface before the camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.camera import Camera
from fastecg.kept import Kept
from fastecg.layers import Relief
from fastecg.spec import PageSpec
from fastecg.stages.creases import crease
from fastecg.stages.damage import cut_paper, damage_relief
from fastecg.stages.page_shadow import shadow_light
from fastecg.stages.perspective import make_camera
from fastecg.stages.surface import VARIANTS, surface_tile
from fastecg.stages.wrinkle_atlas import Atlas
from fastecg.stages.wrinkles import wrinkle
from fastecg_kernels import Kernels

KEPT_SURFACE_BYTES: Final = 64 << 20
"""Memory for surfaces kept for the next pages; one for an image of 2200 px is 7 MB."""


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """What lies around a page before the camera, as the kernel ``warp_page`` takes it.

    Parameters
    ----------
    alpha
        Shape (H, W), uint8: 0 where the page has a hole; None for a page without.
    surface_name
        Of the surface: equal names are equal surfaces.
    surface
        Shape (s, W, 3), uint8: what lies below the page, in image pixels, repeated downwards.
    light, frame
        Light that the page's shadow leaves to the surface, float32, and where its places are.
    """

    alpha: NDArray[np.uint8] | None
    surface_name: str
    surface: NDArray[np.uint8]
    light: NDArray[np.float32]
    frame: NDArray[np.float32]


class Studio:
    """Looks at pages on one backend; use one per thread.

    Parameters
    ----------
    kernels
        The backend.
    """

    def __init__(self, kernels: Kernels) -> None:
        self._kernels = kernels
        self._surfaces = Kept(KEPT_SURFACE_BYTES)
        self._atlas = Atlas(kernels)

    def relief(self, spec: PageSpec) -> Relief | None:
        """Return what wrinkles and creases do to a spec's page; None if it lies flat."""
        wet = spec.damage.enabled and spec.damage.soaking.enabled
        if not (spec.wrinkles.enabled or spec.creases.enabled or wet):
            return None
        relief = Relief.flat(*spec.page.shape_px)
        wrinkle(relief, spec, self._atlas)
        crease(self._kernels, relief, spec)
        damage_relief(self._kernels, relief, spec)
        return relief

    def crumple(self, page: NDArray[np.uint8], relief: Relief | None) -> None:
        """Let the light of a relief fall on a page, in place."""
        if relief is not None:
            self._kernels.relight(page, relief.shade)

    def camera(self, spec: PageSpec, relief: Relief | None) -> Camera:
        """Return the map between page and image that a spec and its page's relief ask for."""
        moved = relief is not None and bool(relief.shift.any())
        return make_camera(spec, relief.shift if relief is not None and moved else None, self._kernels)

    def photograph(self, page: NDArray[np.uint8], camera: Camera, spec: PageSpec) -> NDArray[np.uint8]:
        """Return what the camera sees, before light and noise.

        Parameters
        ----------
        page
            Shape (H, W, 3), uint8 RGB.
        camera
            Where each image pixel lies on the page.
        spec
            The page's values; they say what is cut off the page, and what it lies on.
        """
        scene = self.scene(page.shape[:2], camera, spec)
        if scene is None:
            return page
        image = np.empty((*camera.shape, 3), np.uint8)
        holes = np.zeros((0, 0), np.uint8) if scene.alpha is None else scene.alpha
        lit = scene.light, scene.frame
        self._kernels.warp_page(image, page, holes, camera.nodes(), scene.surface, *lit)
        return image

    def scene(self, shape: tuple[int, ...], camera: Camera, spec: PageSpec) -> Scene | None:
        """Return what lies around a page, shape (H, W); None if the page is all that the camera sees."""
        alpha = cut_paper(self._kernels, spec)
        if camera.mesh is None and alpha is None:
            return None
        below = spec.perspective.below
        variant = 0 if below.surface == "void" else spec.key % VARIANTS
        name = f"{below.surface}/{variant}/{camera.shape[1]}"
        surface = self._surfaces.get(name, lambda: surface_tile(below.surface, variant, camera.shape[1]))
        light, frame = shadow_light(shape, alpha, below, spec.page.px_per_mm)
        return Scene(alpha, name, surface, light, frame)
