"""Smooth noise on paper, and patches of paper: what stages paint with, in millimetres.

Both are laid out in mm, and their chance is drawn in mm: a stain or a cloud of grey is the same
one at every resolution.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.chance import stream
from fastecg_kernels import Kernels

Field = NDArray[np.float32]

SPLINE_SD: Final = math.sqrt(151 / 315)
"""Standard deviation, along one axis, of a cubic B-spline whose coefficients have that of 1."""


def smooth_noise(
    kernels: Kernels,
    rng: np.random.Generator,
    size_mm: tuple[float, float],
    shape: tuple[int, int],
    feature_mm: float,
    octaves: int = 1,
) -> Field:
    """Return noise without edges or grain: mean 0, standard deviation 1, shape ``shape``, float32.

    Normal values at the nodes of a lattice, joined by cubic B-splines. What is drawn depends on the
    size in mm only, so the noise is the same in whatever shape it is asked for.

    Parameters
    ----------
    kernels
        The backend.
    rng
        A random stream, such as ``stream(f"{spec.key}/imaging/light")``.
    size_mm
        Height and width of the area, mm.
    shape
        Height and width of the result; its cells divide the area evenly.
    feature_mm
        Distance of the lattice's nodes: hills are about twice as wide, mm.
    octaves
        How many lattices are added, each twice as fine and half as strong as the one before.

    Examples
    --------
    >>> from fastecg_kernels import load_backend
    >>> cpu = load_backend("cpu")
    >>> coarse = smooth_noise(cpu, stream("7/cloud"), (100.0, 50.0), (50, 25), 10.0)
    >>> fine = smooth_noise(cpu, stream("7/cloud"), (100.0, 50.0), (500, 250), 10.0)
    >>> float(np.abs(fine.reshape(50, 10, 25, 10).mean(axis=(1, 3)) - coarse).max()) < 0.03
    True
    """
    field = np.zeros(shape, np.float32)
    cell_mm = size_mm[0] / shape[0], size_mm[1] / shape[1]
    for spacing, lattice in _lattices(rng, size_mm, feature_mm, octaves):
        step_y, step_x = cell_mm[0] / spacing, cell_mm[1] / spacing
        kernels.add_smooth(field, lattice, 1 + step_y / 2, 1 + step_x / 2, step_y, step_x)
    return field


def _lattices(
    rng: np.random.Generator, size_mm: tuple[float, float], feature_mm: float, octaves: int
) -> Iterator[tuple[float, Field]]:
    """Yield distances of nodes and values there, which together make a deviation of 1."""
    weights = 0.5 ** np.arange(octaves)
    weights /= np.sqrt((weights**2).sum()) * SPLINE_SD**2
    for octave, weight in enumerate(weights.tolist()):
        spacing = feature_mm / 2**octave
        nodes = math.ceil(size_mm[0] / spacing) + 3, math.ceil(size_mm[1] / spacing) + 3
        yield spacing, rng.standard_normal(nodes, np.float32) * np.float32(weight)


def smooth_lines(kernels: Kernels, nodes: Field, count: int, step: float) -> Field:
    """Return smooth noise along lines: mean 0, standard deviation 1, shape (lines, count), float32.

    Parameters
    ----------
    kernels
        The backend.
    nodes
        Shape (lines, n), float32: standard normal values, a row per line. What lies before the
        first and behind the last goes on as they do.
    count
        How many places to give; the first is the second node.
    step
        Distance of the places, in nodes.

    Examples
    --------
    >>> from fastecg_kernels import load_backend
    >>> nodes = stream("7/folds").standard_normal((3, 12), np.float32)
    >>> smooth_lines(load_backend("cpu"), nodes, 37, 0.25).shape
    (3, 37)
    """
    lines = np.zeros((len(nodes), count), np.float32)
    # Each row stands there four times, so that a line is joined with nothing but itself.
    kernels.add_smooth(lines, np.repeat(nodes, 4, axis=0) / np.float32(SPLINE_SD), 1.0, 1.0, 4.0, step)
    return lines


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of the page, divided into square cells: where a shape is worked out, at any dpi.

    Parameters
    ----------
    left_mm, top_mm
        Its corner on the page; it may lie outside.
    size_mm
        Height and width of the box it is for, mm; the last cells may reach beyond.
    cell_mm
        Side of a cell, mm.

    Examples
    --------
    >>> Patch(10.0, 20.0, (1.7, 1.0), 0.5).shape
    (4, 2)
    """

    left_mm: float
    top_mm: float
    size_mm: tuple[float, float]
    cell_mm: float

    @classmethod
    def around(cls, box_mm: tuple[float, float, float, float], cell_mm: float) -> Patch:
        """Return the patch that covers a box (x0, y0, x1, y1), mm."""
        x0, y0, x1, y1 = box_mm
        return cls(x0, y0, (y1 - y0, x1 - x0), cell_mm)

    @classmethod
    def about(
        cls, place_mm: tuple[float, float], reach_mm: float, page_mm: tuple[float, float], cell_mm: float
    ) -> Patch | None:
        """Return the square so many mm about a place, cut to a page (width, height); None if outside.

        Examples
        --------
        >>> Patch.about((10.0, 50.0), 30.0, (200.0, 100.0), 0.5)
        Patch(left_mm=0.0, top_mm=20.0, size_mm=(60.0, 40.0), cell_mm=0.5)
        """
        x0, y0 = (max(at - reach_mm, 0.0) for at in place_mm)
        x1, y1 = (min(at + reach_mm, side) for at, side in zip(place_mm, page_mm, strict=True))
        return cls.around((x0, y0, x1, y1), cell_mm) if x0 < x1 and y0 < y1 else None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        height, width = self.size_mm
        return max(math.ceil(height / self.cell_mm), 1), max(math.ceil(width / self.cell_mm), 1)

    @property
    def x(self) -> Field:
        """Where the cells' centres lie on the page, mm, shape (1, columns)."""
        return (np.arange(self.shape[1], dtype=np.float32) + np.float32(0.5))[None, :] * np.float32(
            self.cell_mm
        ) + np.float32(self.left_mm)

    @property
    def y(self) -> Field:
        """Where the cells' centres lie on the page, mm, shape (rows, 1)."""
        return (np.arange(self.shape[0], dtype=np.float32) + np.float32(0.5))[:, None] * np.float32(
            self.cell_mm
        ) + np.float32(self.top_mm)

    def frame(self, px_per_mm: float) -> NDArray[np.float64]:
        """Return the frame that the kernels ask for: top, left, height and width of a cell, px."""
        return np.array([self.top_mm, self.left_mm, self.cell_mm, self.cell_mm]) * px_per_mm

    def pixels(self, shape: tuple[int, int], px_per_mm: float) -> tuple[slice, slice]:
        """Return the rows and columns of a page whose centres lie on the patch."""
        spans = []
        for start, cells, length in zip((self.top_mm, self.left_mm), self.shape, shape, strict=True):
            first = math.ceil(start * px_per_mm - 0.5)
            end = math.ceil((start + cells * self.cell_mm) * px_per_mm - 0.5)
            spans.append(slice(min(max(first, 0), length), min(max(end, 0), length)))
        return spans[0], spans[1]

    def noise(self, kernels: Kernels, name: str, feature_mm: float, octaves: int = 1) -> Field:
        """Return ``smooth_noise`` over the patch, from the random stream of a name.

        A patch around the same box has the same noise, however large its cells are.
        """
        field = np.zeros(self.shape, np.float32)
        for spacing, lattice in _lattices(stream(name), self.size_mm, feature_mm, octaves):
            step = self.cell_mm / spacing
            kernels.add_smooth(field, lattice, 1 + step / 2, 1 + step / 2, step, step)
        return field


def stain(
    kernels: Kernels,
    image: NDArray[np.uint8],
    patch: Patch,
    density: Field,
    color: tuple[int, int, int],
    px_per_mm: float,
) -> None:
    """Stain a page as a dye does: light passes it and is weakened, so it darkens paper and ink alike.

    By the law of Beer and Lambert: at density d white becomes (color / 255)^d.

    Parameters
    ----------
    kernels
        The backend.
    image
        The page, shape (H, W, 3), uint8; changed in place where the density is above 0.
    patch
        Where the stain is.
    density
        Shape ``patch.shape``, 0 to 3; values beyond are cut.
    color
        What the stain makes of white at density 1.
    px_per_mm
        Resolution of the page.

    Examples
    --------
    >>> from fastecg_kernels import load_backend
    >>> page = np.full((4, 4, 3), 255, np.uint8)
    >>> half = Patch(0.0, 0.0, (4.0, 2.0), 2.0)
    >>> stain(load_backend("cpu"), page, half, np.ones((2, 1), np.float32), (180, 140, 90), 1.0)
    >>> page[0, 1:3].tolist()
    [[180, 140, 90], [255, 255, 255]]
    """
    # 255 steps up to the largest density used: about a quarter of a grey level each for a faint stain.
    most = min(float(density.max(initial=0.0)), 3.0)
    if most <= 0:
        return
    share = np.log(np.maximum(np.array(color), 1) / 255)
    gains = np.round(32768 * np.exp(np.arange(256)[:, None] / 255 * most * share)).astype(np.uint16)
    kernels.tint(image, density * np.float32(255 / most), patch.frame(px_per_mm), gains)
