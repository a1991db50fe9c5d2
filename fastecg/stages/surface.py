"""Surfaces that a page lies on, made from noise: wood, cloth, steel, a desk, a scanner's lid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.chance import stream

Floats = NDArray[np.float32]
Rng = np.random.Generator

ROWS: Final = 1024
VARIANTS: Final = 16
"""Different tiles of each kind; pages take one by their key."""

FULL_PX: Final = 2200
"""Image width at which a texture has its full size."""


def surface_tile(name: str, variant: int, width: int) -> NDArray[np.uint8]:
    """Return a surface as wide as an image, that goes on downwards when it is repeated.

    Parameters
    ----------
    name
        ``white``, ``scanner``, ``gray``, ``black``, ``desk``, ``wood``, ``cloth``, ``steel``,
        or ``void``, where there is nothing.
    variant
        Which of its kind, 0 to 15; nothing is always the same.
    width
        Width of the image in pixels; textures grow with it.

    Returns
    -------
    ndarray
        Shape (1024, width, 3), uint8 RGB.

    Examples
    --------
    >>> surface_tile("white", 0, 40).shape
    (1024, 40, 3)
    """
    rng = stream(f"surface/{name}/{variant}")
    tile = SURFACES[name](rng, width)
    return np.ascontiguousarray(np.clip(tile + 0.5, 0, 255).astype(np.uint8))


def _noise(rng: Rng, width: int, along_px: float, down_px: float) -> Floats:
    """Smooth noise of standard deviation 1 that repeats downwards; sizes in px at full width."""
    import cv2  # noqa: PLC0415 - 0.14 s, and pages without a camera need none

    scale = width / FULL_PX
    across, down = max(along_px * scale, 0.3), max(down_px * scale, 0.3)
    rows, columns = max(round(ROWS / down), 4), max(round(width / across), 4)
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    coarse = np.concatenate([coarse[-2:], coarse, coarse[:2]])
    tall = round(ROWS * len(coarse) / rows)
    fine = cv2.resize(coarse, (width, tall), interpolation=cv2.INTER_CUBIC)
    start = (tall - ROWS) // 2
    return np.asarray(fine[start : start + ROWS], np.float32)


def _plain(rng: Rng, width: int, color: tuple[float, float, float], grain: float) -> Floats:
    """Make one colour, with large soft differences and a fine grain."""
    level = grain * (0.6 * _noise(rng, width, 900, 700) + 0.5 * _noise(rng, width, 2, 2))
    return np.asarray(np.array(color, np.float32) * (1 + level[:, :, None] / 100), np.float32)


def _wood(rng: Rng, width: int) -> Floats:
    """Saw one wood: long fibres, rings that bend slowly, pores."""
    bent = 9 * _noise(rng, width, 1100, 260) + 1.2 * _noise(rng, width, 500, 40)
    rings = np.sin(2 * np.pi * bent / rng.uniform(2.5, 5)).astype(np.float32)
    fibre = _noise(rng, width, 160, 3)
    pores = np.minimum(_noise(rng, width, 60, 2) + 1.2, 0) * 5
    level = 4.5 * rings + 3 * fibre + pores + 3 * _noise(rng, width, 800, 400)
    tone = np.array(
        [(142, 104, 72), (170, 132, 94), (96, 66, 46), (188, 158, 122)][rng.integers(4)], np.float32
    )
    tint = np.array([1.0, 1.1, 1.2], np.float32)
    return np.asarray(tone * (1 + level[:, :, None] * tint / 100), np.float32)


def _cloth(rng: Rng, width: int) -> Floats:
    """Weave a blanket or drape: threads both ways and slow folds of light."""
    thread = max(7 * width / FULL_PX, 2.0)
    rows = round(ROWS / thread) * 2 * np.pi / ROWS  # a whole number of threads in a tile
    x, y = np.arange(width, dtype=np.float32), np.arange(ROWS, dtype=np.float32)[:, None]
    weave = np.sin(x * (2 * np.pi / thread)) * np.sin(y * rows)
    level = 6 * weave + 4 * _noise(rng, width, 3, 3) + 6 * _noise(rng, width, 700, 500)
    tone = np.array(
        [(72, 92, 118), (196, 200, 204), (104, 128, 118), (150, 142, 134)][rng.integers(4)], np.float32
    )
    return np.asarray(tone * (1 + level[:, :, None] / 100), np.float32)


def _steel(rng: Rng, width: int) -> Floats:
    """Brush the metal of a trolley."""
    level = 3 * _noise(rng, width, 700, 1.5) + 5 * _noise(rng, width, 1200, 500)
    return np.asarray(np.array([168, 171, 174], np.float32) * (1 + level[:, :, None] / 100), np.float32)


def _desk(rng: Rng, width: int) -> Floats:
    """Make a laminated table top: grey, beige or white."""
    tones = [(203, 199, 192), (176, 176, 178), (214, 204, 186), (120, 122, 126)]
    return _plain(rng, width, tones[rng.integers(4)], 2.0)


SURFACES: Final[dict[str, Callable[[Rng, int], Floats]]] = {
    "white": lambda rng, width: _plain(rng, width, (238, 238, 236), 0.8),
    "scanner": lambda rng, width: _plain(rng, width, (226, 227, 229), 0.7),
    "gray": lambda rng, width: _plain(rng, width, (128, 129, 131), 1.2),
    "black": lambda rng, width: _plain(rng, width, (30, 30, 33), 3.0),
    "desk": _desk,
    "wood": _wood,
    "cloth": _cloth,
    "steel": _steel,
    "void": lambda _, width: np.zeros((ROWS, width, 3), np.float32),
}
