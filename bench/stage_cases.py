"""Stages that work on layers with kernels, each beside the same stage with the NumPy kernels; a few others.

Others have a reference of their own, in bench/reference.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from bench.cases import CPU, REFERENCE, Pair, both, drawing_of, in_turn, ink, paper, spec_of, stage
from bench.reference.matplotlib_page import plain_page
from bench.reference.plain_quilting import plain_quilt
from fastecg.layers import Relief
from fastecg.spec import PageSpec
from fastecg.stages.ageing import fade_ink, yellow_paper
from fastecg.stages.bleed import bleed_through
from fastecg.stages.creases import crease, wear_ink
from fastecg.stages.cuts import bare_fibre, cut_out
from fastecg.stages.damage import cut_paper, damage_ink, damage_paper, damage_relief
from fastecg.stages.fields import smooth_noise
from fastecg.stages.imaging import take
from fastecg.stages.light import Light, light_nodes
from fastecg.stages.mould import grow_mould
from fastecg.stages.plot import draw_ink, paint_paper
from fastecg.stages.quilting import Quilting, quilt
from fastecg.stages.scanner import Scanner, scan
from fastecg.stages.screen import Screen, show_on_screen
from fastecg.stages.sensor import Noise, Tone, expose
from fastecg.stages.soaking import cockle, soak_ink, soak_paper
from fastecg.stages.stains import stain_paper
from fastecg.stages.wrinkle_atlas import Atlas
from fastecg.stages.wrinkles import wrinkle

ON: dict[str, Any] = {"enabled": True}


@stage
def ageing() -> Pair:
    """Yellow the paper and fade the ink."""
    spec = spec_of(damage={"enabled": True, "yellowing": ON, "fading": ON})
    image, mask = paper(spec), ink(spec)
    return both(
        lambda k: in_turn(lambda: yellow_paper(k, image.copy(), spec), lambda: fade_ink(k, mask.copy(), spec))
    )


@stage
def bleed() -> Pair:
    """Let the back show through."""
    spec = spec_of(damage={"enabled": True, "bleed": {"enabled": True, "rows": 1}})
    image, back = paper(spec), ink(spec)
    return both(lambda k: lambda: bleed_through(k, image.copy(), spec, back))


@stage
def creases() -> Pair:
    """Fold a page and wear its ink."""
    spec = spec_of(creases={"enabled": True, "n_horizontal": 2, "n_vertical": 2, "angle_deg": 20})
    mask, shape = ink(spec), spec.page.shape_px
    return both(
        lambda k: in_turn(
            lambda: crease(k, Relief.flat(*shape), spec), lambda: wear_ink(k, mask.copy(), spec)
        )
    )


@stage
def cuts() -> Pair:
    """Tear, punch and dog-ear."""
    spec = spec_of(damage={"enabled": True, "corner": ON, "tear": ON, "holes": ON})
    image = paper(spec)
    return both(lambda k: in_turn(lambda: cut_out(k, spec), lambda: bare_fibre(k, image.copy(), spec)))


@stage
def damage() -> Pair:
    """Do several kinds of damage to all layers."""
    kinds = {"coffee": ON, "soaking": ON, "fading": ON, "tear": ON}
    spec = spec_of(damage={"enabled": True, **kinds})
    image, mask, shape = paper(spec), ink(spec), spec.page.shape_px
    return both(
        lambda k: in_turn(
            lambda: damage_ink(k, mask.copy(), spec),
            lambda: damage_paper(k, image.copy(), spec),
            lambda: damage_relief(k, Relief.flat(*shape), spec),
            lambda: cut_paper(k, spec),
        )
    )


@stage
def fields() -> Pair:
    """Make a page of smooth noise."""
    return both(lambda k: lambda: smooth_noise(k, np.random.default_rng(0), (216, 279), (425, 550), 60.0, 3))


@stage
def imaging() -> Pair:
    """Take a photograph: blur, light, tone and noise."""
    values = {"blur": {"defocus_mm": 0.3}, "light": {"exposure_ev": -0.4}, "noise": {"gaussian_sd": 2}}
    spec = spec_of(imaging={"enabled": True, **values})
    image = paper(spec)
    return both(lambda k: lambda: take(image.copy(), spec, k))


@stage
def mould() -> Pair:
    """Grow a colony."""
    spec = spec_of(damage={"enabled": True, "mould": {"enabled": True, "clusters": 1}})
    image = paper(spec)
    return both(lambda k: lambda: grow_mould(k, image.copy(), spec))


@stage
def plot() -> Pair:
    """Lay paper and draw ink, beside matplotlib as plots are usually made."""
    spec = spec_of(100)
    drawing = drawing_of(spec)

    def ours() -> None:
        paint_paper(CPU, drawing, spec)
        draw_ink(CPU, drawing, np.zeros(spec.page.shape_px, np.uint8))

    return ours, lambda: plain_page(drawing, spec)


@stage
def quilting() -> Pair:
    """Quilt 3 x 3 blocks, beside plain Python."""
    texture = np.random.default_rng(2).integers(0, 256, (96, 96, 3), np.uint8)
    rows = texture.tolist()
    ours = partial(quilt, CPU, texture, (60, 60), Quilting(24, 6, 0.1, 20, 7))
    return ours, lambda: plain_quilt(rows, 3, 3, 24, 6, (0.1, 20, 7))


@stage
def scanner() -> Pair:
    """Lay streaks and dust on a scan."""
    spec = spec_of()
    image, dirt = paper(spec), Scanner(streaks=4, dust_dm2=1)
    return both(lambda k: lambda: scan(image.copy(), dirt, spec.page.px_per_mm, "a", k))


@stage
def screen() -> Pair:
    """Show a page on a screen."""
    spec = spec_of()
    image, values = paper(spec), Screen(strength=0.1, mesh=0.1)
    return both(lambda k: lambda: show_on_screen(image.copy(), values, spec.page.px_per_mm, "a", k))


@stage
def sensor() -> Pair:
    """Lay light, tone and noise on an image."""
    spec = spec_of()
    image = paper(spec)
    light = light_nodes(Light(exposure_ev=-0.3, vignetting=0.2), spec.page.shape_px, spec.page.px_per_mm)
    noise = Noise(gaussian_sd=2, poisson_sd=3, salt_pepper=0.001)
    return both(lambda k: lambda: expose(image.copy(), light, Tone(contrast=1.05), noise, 7, k))


@stage
def soaking() -> Pair:
    """Soak a page."""
    spec = spec_of(damage={"enabled": True, "soaking": ON})
    image, mask, shape = paper(spec), ink(spec), spec.page.shape_px
    return both(
        lambda k: in_turn(
            lambda: soak_paper(k, image.copy(), spec),
            lambda: soak_ink(k, mask.copy(), spec),
            lambda: cockle(k, Relief.flat(*shape), spec),
        )
    )


@stage
def stains() -> Pair:
    """Leave coffee and water."""
    spec = spec_of(damage={"enabled": True, "coffee": ON, "water": {"enabled": True, "spots": 1}})
    image = paper(spec)
    return both(lambda k: lambda: stain_paper(k, image.copy(), spec))


@stage
def wrinkle_atlas() -> Pair:
    """Quilt a small sheet whose texture is there already, beside some blocks of it in plain Python."""
    page = {"dpi": 50, "size": "custom", "width_mm": 60.0, "height_mm": 50.0}
    spec = spec_of(page=page, wrinkles={"enabled": True, "candidates": 20, "fresh": True})
    atlas = Atlas(CPU)
    rows = atlas.texture(spec.wrinkles, 0)[:96, :96].tolist()
    return partial(atlas.sheet, spec, 0), lambda: plain_quilt(rows, 2, 2, 24, 6, (0.1, 20, 7))


@stage
def wrinkles() -> Pair:
    """Take a page's relief from an atlas whose sheet is there already."""
    spec = spec_of(wrinkles={"enabled": True, "sheets": 1})
    atlases = Atlas(CPU), Atlas(CPU)
    for atlas, kernels in zip(atlases, (CPU, REFERENCE), strict=True):
        wrinkle(Relief.flat(*spec.page.shape_px), spec, atlas)
        atlas.kernels = kernels  # the sheet is quilted: a page's relief alone is left
    ours, plain = (partial(crumple, atlas, spec) for atlas in atlases)
    return ours, plain


def crumple(atlas: Atlas, spec: PageSpec) -> None:
    """Take a page's relief."""
    wrinkle(Relief.flat(*spec.page.shape_px), spec, atlas)
