"""Damage: stains, mould, yellowing, holes and faded ink.

After the classes of ECG-Image-Database (Reyna et al., arXiv 2409.16612), whose pages were soaked,
stained, left to mould, and scanned or photographed. Every kind of damage is a part of its own, off
unless asked for; its shapes come from the page's key, its sizes are in mm, so that a page looks the
same at every dpi. Nothing here moves a trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fastecg.layers import Relief
from fastecg.parts import Part
from fastecg.stages.ageing import Fading, Yellowing, fade_ink, yellow_paper
from fastecg.stages.bleed import BleedThrough, bleed_through
from fastecg.stages.cuts import Corner, Holes, Tear, bare_fibre, cut_out
from fastecg.stages.mould import Mould, grow_mould
from fastecg.stages.soaking import Soaking, cockle, soak_ink, soak_paper
from fastecg.stages.stains import Coffee, Water, stain_paper
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from fastecg.spec import PageSpec


class Damage(Part):
    """Damage: stains, mould, yellowing, holes and faded ink.

    Parameters
    ----------
    enabled
        Whether the page is damaged at all; every kind has a switch of its own besides.
    coffee, water, soaking
        Rings and drops of coffee; dried water; a large part of the page that was wet.
    mould
        Colonies of spots.
    yellowing, fading, bleed
        Old paper; pale print; print on the back that shows.
    corner, tear, holes
        What of the paper is missing.
    """

    enabled: bool = False
    coffee: Coffee = Coffee()
    water: Water = Water()
    soaking: Soaking = Soaking()
    mould: Mould = Mould()
    yellowing: Yellowing = Yellowing()
    fading: Fading = Fading()
    bleed: BleedThrough = BleedThrough()
    corner: Corner = Corner()
    tear: Tear = Tear()
    holes: Holes = Holes()


def damage_ink(kernels: Kernels, ink: NDArray[np.uint8], spec: PageSpec) -> None:
    """Fade printed ink, and wash it out where the page was wet.

    Call it before the ink is composited. What a pen wrote does not fade with the print: call
    ``damage_pen`` on that.

    Parameters
    ----------
    kernels
        The backend.
    ink
        Coverage of the print, shape (H, W), uint8; changed in place.
    spec
        The page's values.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg_kernels import load_backend
    >>> spec = make_spec({"damage": {"enabled": True, "fading": {"enabled": True}}, "page": {"dpi": 50}})
    >>> ink = np.full(spec.page.shape_px, 255, np.uint8)
    >>> damage_ink(load_backend("cpu"), ink, spec)
    >>> bool(ink.max() < 220)
    True
    """
    if spec.damage.enabled:
        fade_ink(kernels, ink, spec)
        soak_ink(kernels, ink, spec)


def damage_pen(kernels: Kernels, pen: NDArray[np.uint8], spec: PageSpec) -> None:
    """Wash out what a pen wrote where the page was wet; shape (H, W), uint8, changed in place."""
    if spec.damage.enabled:
        soak_ink(kernels, pen, spec)


def damage_paper(
    kernels: Kernels,
    image: NDArray[np.uint8],
    spec: PageSpec,
    back: NDArray[np.uint8] | None = None,
) -> None:
    """Age, soak and stain a page, let mould grow on it, and bare the fibre of its torn edges.

    Call it after the ink is composited: stains lie over paper and ink.

    Parameters
    ----------
    kernels
        The backend.
    image
        The page, shape (H, W, 3), uint8 RGB, C-contiguous; changed in place, only where there is damage.
    spec
        The page's values.
    back
        Ink of the page on the back for bleed-through, shape (H, W), uint8; without it, traces
        are invented.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg_kernels import load_backend
    >>> spec = make_spec({"damage": {"enabled": True, "coffee": {"enabled": True}}, "page": {"dpi": 50}})
    >>> page = np.full((*spec.page.shape_px, 3), 255, np.uint8)
    >>> damage_paper(load_backend("cpu"), page, spec)
    >>> bool(0 < np.mean(page < 250) < 0.1)
    True
    """
    if not spec.damage.enabled:
        return
    yellow_paper(kernels, image, spec)
    bleed_through(kernels, image, spec, back)
    soak_paper(kernels, image, spec)
    stain_paper(kernels, image, spec)
    grow_mould(kernels, image, spec)
    bare_fibre(kernels, image, spec)


def damage_relief(kernels: Kernels, relief: Relief, spec: PageSpec) -> None:
    """Lay the waves in which wet paper dried into the shade of a relief; its shift stays as it is."""
    if spec.damage.enabled:
        cockle(kernels, relief, spec)


def cut_paper(kernels: Kernels, spec: PageSpec) -> NDArray[np.uint8] | None:
    """Return the paper's alpha, shape (H, W), uint8, 255 on paper; None if nothing is cut off.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg_kernels import load_backend
    >>> spec = make_spec({"damage": {"enabled": True, "holes": {"enabled": True}}, "page": {"dpi": 50}})
    >>> alpha = cut_paper(load_backend("cpu"), spec)
    >>> int(alpha[133, 24]), int(alpha[133, 60])
    (0, 255)
    """
    return cut_out(kernels, spec) if spec.damage.enabled else None
