"""Grey, black and white, and fax: images of fewer levels."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fastecg.chance import name_key, stream
from fastecg.parts import Part, Share
from fastecg_kernels import Kernels
from fastecg_kernels.nodes import nodes_shape

FAX_ACROSS_MM: Final = 8.04
FAX_LINES_MM: Final = {"standard": 3.85, "fine": 7.7}
"""Picture elements along a line, and lines, per mm (ITU-T T.4: 1,728 on 215 mm; 3.85 or 7.7 lines)."""

DITHER: Final = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))
"""Bayer's order of 4 x 4 thresholds."""

Grey = NDArray[np.uint8]


class Bilevel(Part):
    """Scans in grey, or in black and white by a threshold.

    Parameters
    ----------
    mode
        ``color`` leaves the colours; ``gray`` is a grey scan; ``global`` makes black what is darker than
        ``level``, ``adaptive`` what is darker than its neighbourhood.
    level
        Grey level below which ``global`` makes black.
    window_mm
        Side of the square whose mean is ``adaptive``'s neighbourhood.
    margin
        Grey levels by which ``adaptive`` wants black to be darker than that mean.
    """

    mode: Literal["color", "gray", "global", "adaptive"] = "color"
    level: int = Field(default=150, ge=0, le=255)
    window_mm: float = Field(default=8.0, ge=0.5, le=100)
    margin: float = Field(default=18.0, ge=-100, le=100)


class Fax(Part):
    """A fax: few lines, two levels, ragged edges, lines lost on the way.

    Parameters
    ----------
    resolution
        ``none`` is no fax; ``standard`` has 3.85 lines per mm, ``fine`` 7.7.
    level
        Grey level that is as often black as white.
    dither
        Share of the range over which greys become patterns of dots; 0 is a hard threshold.
    ragged
        Standard deviation of the chance in the threshold, grey levels.
    lost_lines
        Share of the lines that are lost: left white, or the one before once more.
    """

    resolution: Literal["none", "standard", "fine"] = "none"
    level: int = Field(default=160, ge=0, le=255)
    dither: Share = 0.25
    ragged: float = Field(default=10.0, ge=0, le=100)
    lost_lines: Share = 0.004


def reduce_levels(image: NDArray[np.uint8], bilevel: Bilevel, px_per_mm: float) -> NDArray[np.uint8]:
    """Return an image in grey, or in black and white; the same array where it stays in colour.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8.
    bilevel
        How it is reduced.
    px_per_mm
        Pixels per millimetre.

    Examples
    --------
    >>> image = np.array([[[90, 90, 90], [200, 200, 200]]], np.uint8)
    >>> reduce_levels(image, Bilevel(mode="global"), 8.0)[0, :, 0].tolist()
    [0, 255]
    """
    if bilevel.mode == "color":
        return image
    import cv2  # noqa: PLC0415 - 0.1 s, and clean pages need none

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if bilevel.mode == "global":
        grey = cv2.threshold(grey, bilevel.level - 1, 255, cv2.THRESH_BINARY)[1]
    elif bilevel.mode == "adaptive":
        side = max(round(bilevel.window_mm * px_per_mm) // 2 * 2 + 1, 3)
        mean, binary = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY
        grey = cv2.adaptiveThreshold(grey, 255, mean, binary, side, bilevel.margin)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def fax_image(
    image: NDArray[np.uint8], fax: Fax, px_per_mm: float, name: str, kernels: Kernels
) -> NDArray[np.uint8]:
    """Return an image as a fax brings it; the same array where there is none.

    A broad page goes through the machine on its side, so that its lines are the image's columns.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8.
    fax
        The fax.
    px_per_mm
        Pixels per millimetre.
    name
        Name of the random stream of its faults.
    kernels
        The backend.
    """
    if fax.resolution == "none":
        return image
    import cv2  # noqa: PLC0415 - 0.1 s, and clean pages need none

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    sideways = grey.shape[1] > grey.shape[0]
    if sideways:
        grey = cv2.transpose(grey)
    height, width = grey.shape
    lines = max(round(height / px_per_mm * FAX_LINES_MM[fax.resolution]), 1)
    # A multiple of three, so that the noise of color images serves for the grey levels in a row.
    across = 3 * max(round(width / px_per_mm * FAX_ACROSS_MM / 3), 1)
    small = np.ascontiguousarray(cv2.resize(grey, (across, lines), interpolation=cv2.INTER_AREA), np.uint8)
    even = np.ones((*nodes_shape(lines, across // 3), 3), np.float32)
    kernels.develop(small.reshape(lines, -1, 3), even, 0.0, fax.ragged, 0.0, name_key(name))
    sent = np.where(small < _thresholds(fax, lines, across), np.uint8(0), np.uint8(255))
    _lose_lines(sent, fax.lost_lines, stream(name))
    grey = cv2.resize(sent, (width, height), interpolation=cv2.INTER_NEAREST)
    if sideways:
        grey = cv2.transpose(grey)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def _thresholds(fax: Fax, lines: int, across: int) -> Grey:
    """Return the level below which each point is black: the same 4 x 4 over and over."""
    order = np.array(DITHER) - 7.5
    levels = np.clip(np.round(fax.level + order * (fax.dither * 255 / 16)), 1, 255).astype(np.uint8)
    return np.tile(levels, (-(-lines // 4), -(-across // 4)))[:lines, :across]


def _lose_lines(lines: Grey, share: float, rng: np.random.Generator) -> None:
    """Lose some of the lines, in place, each from a place on or as a whole."""
    count = len(lines)
    for line in np.flatnonzero(rng.random(count) < share):
        start = int(rng.random() * lines.shape[1]) if rng.random() < 0.5 else 0
        repeat = line > 0 and rng.random() < 0.5
        lines[line, start:] = lines[line - 1, start:] if repeat else 255
