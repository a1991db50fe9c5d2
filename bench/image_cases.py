"""Stages about light, lenses and surfaces, beside the same thing done at every pixel."""

from __future__ import annotations

from functools import partial

import numpy as np

from bench.cases import CPU, Pair, paper, spec_of, stage
from bench.reference import plain_stages as plain
from fastecg.stages.bilevel import Bilevel, Fax, fax_image, reduce_levels
from fastecg.stages.compression import compress
from fastecg.stages.crumpled import crumpled_heights
from fastecg.stages.light import Light, light_nodes
from fastecg.stages.optics import Blur, blur_image, disc_kernel
from fastecg.stages.page_shadow import shadow_light
from fastecg.stages.perspective import Below, homography, make_camera
from fastecg.stages.relief_texture import to_slopes, to_texture
from fastecg.stages.shadow import Shadow, shadow_mask
from fastecg.stages.surface import surface_tile
from fastecg.stages.temperature import LOBES, black_body_xyz, light_color
from fastecg_kernels.nodes import NODE_STEP, nodes_shape

PX_PER_MM = 50 / 25.4


@stage
def bilevel() -> Pair:
    """Reduce a page to black and white, and fax it."""
    image = paper(spec_of())

    def ours() -> None:
        reduce_levels(image, Bilevel(mode="adaptive"), PX_PER_MM)
        fax_image(image, Fax(resolution="standard"), PX_PER_MM, "a", CPU)

    return ours, lambda: plain.local_threshold(image, 21, 8)


@stage
def compression() -> Pair:
    """Compress and open an image."""
    image = paper(spec_of())
    return partial(compress, image, 85), partial(plain.jpeg, image, 85)


@stage
def crumpled() -> Pair:
    """Crumple paper, beside SciPy's interpolation over triangles."""
    return lambda: crumpled_heights(np.random.default_rng(0), 200, 4.0), lambda: plain.triangles(200, 60, 3)


@stage
def light() -> Pair:
    """Work out light, at nodes."""
    lamp = Light(exposure_ev=-0.3, vignetting=0.2, temperature_k=3200)
    gains = np.array([0.9, 0.8, 0.6])
    return partial(light_nodes, lamp, (425, 550), PX_PER_MM), partial(plain.light, (425, 550), 0.2, gains)


@stage
def optics() -> Pair:
    """Put a page out of focus."""
    image, blur = paper(spec_of()), Blur(defocus_mm=1.5)
    kernel = disc_kernel(1.5 * PX_PER_MM)
    return partial(blur_image, image, blur, PX_PER_MM), partial(plain.filtered, image, kernel)


@stage
def page_shadow() -> Pair:
    """Work out a page's shadow."""
    alpha = np.full((425, 550), 255, np.uint8)
    return partial(shadow_light, (425, 550), alpha, Below(), PX_PER_MM), partial(
        plain.soft_shadow, (425, 550), 8
    )


@stage
def perspective() -> Pair:
    """Work out where an image's nodes lie on a tilted and curled page."""
    spec = spec_of(perspective={"enabled": True, "tilt_x_deg": 12, "curl": {"height_mm": 8}})
    return partial(make_camera, spec, None, CPU), lambda: plain.pixels_to_page(homography(spec), (425, 550))


@stage
def relief_texture() -> Pair:
    """Turn heights into a texture, and it into slopes."""
    heights = crumpled_heights(np.random.default_rng(0), 256, 4.0)
    return lambda: to_slopes(to_texture(heights)), lambda: (plain.slopes(heights), plain.slopes(heights))


@stage
def shadow() -> Pair:
    """Let a hand's shadow fall on a page, at nodes."""
    rows, columns = nodes_shape(425, 550)
    x = NODE_STEP * np.arange(columns, dtype=np.float32)[None, :]
    y = NODE_STEP * np.arange(rows, dtype=np.float32)[:, None]
    hand = Shadow(depth=0.3, shape="hand")
    return partial(shadow_mask, hand, x, y, (425, 550), PX_PER_MM), partial(plain.soft_shadow, (425, 550), 12)


@stage
def surface() -> Pair:
    """Make a table of wood."""
    return partial(surface_tile, "wood", 3, 550), partial(plain.grain, (1024, 550))


@stage
def temperature() -> Pair:
    """Work out the colour of a light, beside sums wavelength by wavelength."""
    return (
        lambda: (black_body_xyz(2856), light_color(3456.0, 0.3)),
        lambda: [plain.black_body(2856, LOBES) for _ in range(3)],
    )
