"""The paper of an image: its grid found, or its size guessed, and the map to its millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize import lattice, nodes, refine
from fastecg.digitize.light import shrink, tones
from fastecg.digitize.rectify import Rectifier, flat_rectifier

Floats = NDArray[np.floating[Any]]

LONGEST_PX: Final = 2400
LEAST_SHARE: Final = 0.12
SHARP_MM: Final = (2.0, 1.8)
"""Over what distances the grid's phases are averaged in the end."""
CREASED_MM: Final = 0.01
"""Paper without creases is not followed so closely, which would follow the ink upon the grid too."""
DRAWN_SHARE: Final = 0.2
INK: Final = 0.3
MOST_INK_PERCENT: Final = 5
INK_SHARE: Final = 0.55
DARKER: Final = 0.1
"""How much darker than a dark grid ink is."""


@dataclass(frozen=True, eq=False, slots=True)
class Paper:
    """A map to millimetres, and how far to trust it.

    Parameters
    ----------
    rectifier
        Paper to image.
    grid
        Shape (rows, columns): how surely the grid is seen in every square millimetre of the extent, from
        0 to 1; None where there is no grid.
    sureness
        0 to 1: how surely a millimetre is one.
    """

    rectifier: Rectifier
    grid: Floats | None
    sureness: float


def find_paper(image: NDArray[np.uint8], dpi: float | None = None) -> Paper:
    """Find the grid of a page and the map to its millimetres.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB.
    dpi
        What the file says of its resolution, for pages without a grid.
    """
    small, share = shrink(image, LONGEST_PX)
    tone = tones(small)
    if min(small.shape[:2]) >= 64:
        found = _by_grid(tone.grid, tone.ink, drawn=is_drawn(small))
        if found is not None:
            return Paper(found.rectifier.scaled(1 / share), found.grid, found.sureness)
    return _without_grid(tone.ink, image.shape[:2], share, dpi)


def _by_grid(grid: Floats, ink: Floats, *, drawn: bool) -> Paper | None:
    fine = lattice.high_pass(grid)
    _blot(fine, ink)
    tiles = lattice.cut_tiles(fine)
    amplitudes = lattice.spectra(tiles)
    across = lattice.find_family(tiles, amplitudes, 0)
    down = lattice.find_family(tiles, amplitudes, 1)
    if across is None or down is None:
        return None
    trust = np.sqrt(across.confidence * down.confidence)
    if (trust > 0.15).mean() < LEAST_SHARE:
        return None
    first, second, sureness = nodes.periods_mm(across, down, max(grid.shape))
    paper, confidence = nodes.walk(tiles, across, down, (first, second))
    if np.count_nonzero(confidence > 0.1) < 6:
        return None
    rough = refine.rectifier_of(paper, tiles.centres, confidence, (grid.shape[0], grid.shape[1]))
    if max(rough.extent_mm) > 900 or min(rough.extent_mm[2:]) < 15:
        return None
    best, seen = _exact(rough, fine, drawn=drawn)
    return Paper(best, seen, sureness) if (seen > 0.2).mean() > 0.05 else None


def _exact(rough: Rectifier, fine: Floats, *, drawn: bool) -> tuple[Rectifier, Floats]:
    """Return a map that follows every bend of the paper, and how surely the grid is known."""
    better, _ = refine.refined(rough, fine, sigma_mm=4, stiffness=1.0, reach_mm=refine.FAR_MM)
    best, seen = refine.refined(better, fine, sigma_mm=2.5, stiffness=0.3)
    straight = refine.straightened(best, seen) if drawn else None
    if straight is not None:
        return straight, seen
    sharp = best
    for sigma_mm in SHARP_MM:
        sharp = refine.sharpened(sharp, fine, sigma_mm=sigma_mm)
    return (sharp if _apart_mm(best, sharp) > CREASED_MM else best), seen


def _apart_mm(first: Rectifier, second: Rectifier) -> float:
    """Return how far apart two maps put a point, on the median."""
    x0, y0, x1, y1 = first.extent_mm
    share = np.linspace(0.1, 0.9, 40)
    points = np.stack(np.meshgrid(x0 + share * (x1 - x0), y0 + share * (y1 - y0)), -1).reshape(-1, 2)
    off = np.hypot(*(second.to_image(points) - first.to_image(points)).T)
    return float(np.median(off)) / float(np.mean(first.px_per_mm(points)))


def is_drawn(image: NDArray[np.uint8]) -> bool:
    """Return whether a program made an image: much of its paper has one and the same colour.

    Examples
    --------
    >>> is_drawn(np.full((64, 64, 3), 250, np.uint8))
    True
    """
    some = image[1::3, 1::3].reshape(-1, 3).astype(np.uint32)
    _, counts = np.unique((some[:, 0] << 16) | (some[:, 1] << 8) | some[:, 2], return_counts=True)
    return bool(counts.max() > DRAWN_SHARE * len(some))


def _blot(fine: Floats, ink: Floats) -> None:
    """Take ink out of a picture of the grid, in place: its edges would be taken for the grid's."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    dark_grid, level = (float(v) for v in np.percentile(ink[::3, ::3], (100 - MOST_INK_PERCENT, 99)))
    least = max(INK, dark_grid + DARKER, INK_SHARE * level)
    dark: Any = (ink > least).astype(np.uint8)
    fine[cv2.dilate(dark, np.ones((5, 5), np.uint8)) > 0] = 0


def _without_grid(ink: Floats, shape: tuple[int, ...], share: float, dpi: float | None) -> Paper:
    """Return a guess: level by the rows of ink, and as large as the file says or a page usually is."""
    angle = skew_deg(ink)
    height, width = shape[0], shape[1]
    if dpi is not None and 50 <= dpi <= 1200:
        scale = dpi / 25.4
    else:
        scale = max(height, width) / _usual_length(height, width)
    del share
    return Paper(flat_rectifier((height, width), scale, angle), None, 0.3 if dpi else 0.15)


def _usual_length(height: int, width: int) -> float:
    """Return the long side in mm of the sheet whose shape comes nearest: A4 or letter."""
    shape = max(height, width) / min(height, width)
    return 297.0 if abs(shape - 297 / 210) < abs(shape - 279.4 / 215.9) else 279.4


def skew_deg(ink: Floats) -> float:
    """Return by how many degrees the rows of ink run down to the right, within 6."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    step = max(max(ink.shape) // 900, 1)
    small = cv2.resize(ink, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    best, best_score = 0.0, -1.0
    for angles in (np.arange(-6, 6.01, 0.5), np.arange(-0.5, 0.51, 0.1), np.arange(-0.08, 0.081, 0.02)):
        centre = best
        for angle in centre + angles:
            turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), 1.0)
            profile = cv2.warpAffine(small, turn, (width, height)).sum(axis=1)
            score = float((np.diff(profile) ** 2).sum())
            if score > best_score:
                best, best_score = float(angle), score
    return best
