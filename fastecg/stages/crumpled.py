"""Paper that was crumpled and smoothed out again, as a field of heights.

Crumpled paper is made of nearly flat facets that meet in ridges, small facets upon large ones, some
ridges sharp and some worn soft, with a few dents of fingers and nails. Heights are piecewise
linear over random triangles of several sizes, softened here more and there less.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]

FACETS: Final = ((22.0, 0.10), (11.0, 0.07), (5.5, 0.035))
"""Size of the facets in mm, and how steep they are."""

STRETCH: Final = 1.3
"""Facets are longer than wide, each size in a direction of its own."""

SHARP_MM: Final = 0.22
DENTS_PER_MM2: Final = 0.0012


def crumpled_heights(
    rng: np.random.Generator, size: int, px_per_mm: float, softness: float = 0.5
) -> NDArray[np.float64]:
    """Return the heights of a square piece of crumpled paper.

    Parameters
    ----------
    rng
        Where facets, ridges and dents come from.
    size
        Side of the piece, in pixels.
    px_per_mm
        Pixels per millimetre.
    softness
        0 leaves nearly all ridges sharp, 1 wears nearly all of them soft.

    Returns
    -------
    ndarray
        Shape (size, size), float64, in pixels.

    Examples
    --------
    >>> crumpled_heights(np.random.default_rng(1), 64, 2.0).shape
    (64, 64)
    """
    from cv2 import GaussianBlur  # noqa: PLC0415 - slow to import, and few pages need it

    y, x = np.mgrid[0:size, 0:size] + 0.5
    # Ridges are not drawn with a ruler: bend the plane before the facets are laid on it.
    bent = [
        value
        + px_per_mm * (1.2 * _noise(rng, size, 24 * px_per_mm) + 0.12 * _noise(rng, size, 6 * px_per_mm))
        for value in (x, y)
    ]
    heights = np.zeros((size, size))
    for facet_mm, steepness in FACETS:
        flat = _facets(rng, bent, facet_mm * px_per_mm)
        sharp, worn = (
            np.asarray(GaussianBlur(flat, (0, 0), radius * px_per_mm), np.float64)
            for radius in (SHARP_MM, min(0.14 * facet_mm, 2.0))
        )
        worn -= sharp
        wear = 4 * _noise(rng, size, 18 * px_per_mm) + 8 * softness - 4
        heights += steepness * (sharp + worn * (0.5 + 0.5 * wear / np.sqrt(1 + wear * wear)))
    _dent(rng, heights, px_per_mm)
    return heights


def _noise(rng: np.random.Generator, size: int, cell: float) -> Field:
    """Return smooth noise of mean 0 and variance about 0.5, with a period of about two cells."""
    from cv2 import INTER_CUBIC, resize  # noqa: PLC0415 - as above

    step = max(round(cell), 1)
    nodes = rng.standard_normal((-(-size // step) + 2,) * 2)
    smooth = resize(nodes, (len(nodes) * step,) * 2, interpolation=INTER_CUBIC)
    return np.asarray(smooth[step : step + size, step : step + size], np.float64)


def _facets(rng: np.random.Generator, plane: list[Field], cell: float) -> Field:
    """Return heights that are linear over each of many random triangles, about as high as they are wide."""
    from cv2 import fillConvexPoly  # noqa: PLC0415 - as above
    from scipy.spatial import Delaunay  # noqa: PLC0415 - as above

    x, y = plane
    size = len(x)
    corners = _corners(rng, size, cell)
    meeting = Delaunay(corners).simplices
    triangles, high = corners[meeting], rng.standard_normal(len(corners))[meeting] * cell
    seen = ((triangles > -cell) & (triangles < size + cell)).all(axis=2).any(axis=1)
    triangles, high = triangles[seen], high[seen]
    owner = np.zeros((size, size), np.int32)
    for number, points in enumerate(np.round(triangles * 256 - 128).astype(np.int32)):
        fillConvexPoly(owner, points, number, shift=8)
    planes = np.linalg.solve(np.dstack([triangles, np.ones(high.shape)]), high[:, :, None])[:, :, 0]
    column, row = (np.clip(value, 0, size - 1).astype(np.int64) for value in plane)
    a, b, c = planes[owner[row, column]].transpose(2, 0, 1)
    return np.asarray(a * x + b * y + c, np.float64)


def _corners(rng: np.random.Generator, size: int, cell: float) -> Field:
    """Return the corners of the facets: a stretched and turned grid, shaken, with gaps."""
    count = int(np.ceil(2 * size / cell)) + 4
    grid = np.stack(np.divmod(np.arange(count * count), count), axis=1) - count / 2
    grid = grid + rng.uniform(-0.4, 0.4, grid.shape)
    grid = grid[rng.random(len(grid)) < 0.8] * cell * (STRETCH, 1 / STRETCH)
    angle = rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(grid @ turn + size / 2, np.float64)


def _dent(rng: np.random.Generator, heights: Field, px_per_mm: float) -> None:
    """Press short curved dents into a surface, steep on one side and soft on the other."""
    size = len(heights)
    for _ in range(round(DENTS_PER_MM2 * (size / px_per_mm) ** 2)):
        length = 1.5 * 6 ** rng.random() * px_per_mm
        cx, cy, angle = rng.uniform((0, 0, 0), (size, size, 2 * np.pi))
        bend, depth = rng.normal(0, 0.2), rng.normal(0, 0.03) * np.sqrt(length * px_per_mm)
        steep, soft = rng.uniform(0.3, 0.6) * px_per_mm, rng.uniform(0.15, 0.5) * length
        left, top = max(int(cx - 1.6 * length), 0), max(int(cy - 1.6 * length), 0)
        part = heights[top : int(cy + 1.6 * length), left : int(cx + 1.6 * length)]
        y, x = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
        along = ((x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)) / length
        across = (y - cy) * np.cos(angle) - (x - cx) * np.sin(angle) - bend * along * along * length
        fade = np.maximum(1 - along**2, 0) ** 2 * np.maximum(1 - (across / (1.2 * length)) ** 2, 0) ** 2
        part += depth * fade / (1 + (across / np.where(across < 0, steep, soft)) ** 2)
