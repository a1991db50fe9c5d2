"""Rectifier: which pixel of an image shows which point of the paper, and flat strips cut by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.nodes import project
from fastecg.errors import FastECGError

Floats = NDArray[np.floating[Any]]

COARSE_MM: Final = 1.0
"""Between points this far apart the map is as good as straight."""

REMAP_LARGEST: Final = 32_000
"""OpenCV's limit to the sides of what it samples from."""


@dataclass(frozen=True, eq=False, slots=True)
class Rectifier:
    """The map from millimetres on paper to pixels of an image.

    Parameters
    ----------
    homography
        Shape (3, 3), mm to pixels.
    origin_mm, step_mm
        Where the field's first node is, and how far apart nodes are.
    field
        Shape (rows, columns, 2), pixels that nodes lie off where the homography puts them.
    extent_mm
        (x0, y0, x1, y1) of the paper that the image shows.

    Examples
    --------
    >>> flat = flat_rectifier((80, 160), 8.0)
    >>> flat.to_image(np.array([[1.0, 2.0]])).tolist()
    [[8.0, 16.0]]
    >>> flat.resample(np.full((80, 160, 3), 9, np.uint8), (0, 0, 10, 5), (4, 2)).shape
    (10, 40, 3)
    """

    homography: Floats
    origin_mm: tuple[float, float]
    step_mm: float
    field: Floats
    extent_mm: tuple[float, float, float, float]

    def to_image(self, points_mm: Floats) -> Floats:
        """Map points on paper, shape (N, 2), to pixels; NaN stays NaN."""
        x, y = points_mm[:, 0], points_mm[:, 1]
        off = np.stack(
            [_cubic_at(self.field[:, :, k], self._at(x, 0), self._at(y, 1)) for k in (0, 1)], axis=-1
        )
        result: Floats = project(self.homography, points_mm) + off
        return result

    def to_paper(self, points: Floats) -> Floats:
        """Map pixels, shape (N, 2), to points on paper; NaN stays NaN."""
        inverse = np.linalg.inv(self.homography)
        paper = project(inverse, points)
        for _ in range(12):
            paper = project(inverse, points - (self.to_image(paper) - project(self.homography, paper)))
        return paper

    def to_image_grid(self, x_mm: Floats, y_mm: Floats) -> Floats:
        """Map the points of a raster, shape (len(y), len(x), 2)."""
        points = np.stack(np.meshgrid(x_mm, y_mm), axis=-1)
        across, down = (
            _cubic(self._at(x_mm, 0), self.field.shape[1]),
            _cubic(self._at(y_mm, 1), self.field.shape[0]),
        )
        off = np.stack([down @ self.field[:, :, k] @ across.T for k in (0, 1)], axis=-1)
        result: Floats = project(self.homography, points) + off
        return result

    def px_per_mm(self, points_mm: Floats) -> tuple[float, float]:
        """Return how many pixels of the image a millimetre has along x and y, on the median."""
        here = self.to_image(points_mm)
        right, below = (
            self.to_image(points_mm + np.array([1.0, 0.0])),
            self.to_image(points_mm + np.array([0.0, 1.0])),
        )
        return float(np.median(np.hypot(*(right - here).T))), float(np.median(np.hypot(*(below - here).T)))

    def resample(
        self,
        image: NDArray[Any],
        region_mm: tuple[float, float, float, float],
        px_per_mm: tuple[float, float],
    ) -> NDArray[Any]:
        """Cut a flat strip from the image, in one resampling.

        Parameters
        ----------
        image
            Shape (H, W, 3) or (H, W), uint8 or float32.
        region_mm
            (x0, y0, x1, y1) on paper.
        px_per_mm
            Scale of the strip along x and y.

        Returns
        -------
        ndarray
            Shape (rows, columns, 3) or (rows, columns), as the image; its edge goes on beyond it.
        """
        import cv2  # noqa: PLC0415 - 0.1 s to import

        x0, y0, x1, y1 = region_mm
        columns, rows = max(round((x1 - x0) * px_per_mm[0]), 1), max(round((y1 - y0) * px_per_mm[1]), 1)
        if max(image.shape[:2]) > REMAP_LARGEST:
            raise FastECGError(
                f"the image is {max(image.shape[:2])} pixels long", f"{REMAP_LARGEST}", "make it smaller"
            )
        coarse_x = np.arange(x0 - COARSE_MM, x1 + 2 * COARSE_MM, COARSE_MM)
        coarse_y = np.arange(y0 - COARSE_MM, y1 + 2 * COARSE_MM, COARSE_MM)
        coarse = self.to_image_grid(coarse_x, coarse_y)
        source, shrunk = self._shrunk(image, coarse, px_per_mm)
        across = _linear(((np.arange(columns) + 0.5) / px_per_mm[0] + COARSE_MM) / COARSE_MM, len(coarse_x))
        down = _linear(((np.arange(rows) + 0.5) / px_per_mm[1] + COARSE_MM) / COARSE_MM, len(coarse_y))
        middle = coarse[len(coarse_y) // 2, len(coarse_x) // 2]  # float32 keeps more of what is small
        maps = [
            _between(((coarse[:, :, k] - middle[k]) * shrunk).astype(np.float32), across, down)
            + np.float32(middle[k] * shrunk - 0.5)
            for k in (0, 1)
        ]
        strip = cv2.remap(source, maps[0], maps[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        result: NDArray[Any] = strip
        return result

    def _shrunk(
        self, image: NDArray[Any], coarse: Floats, px_per_mm: tuple[float, float]
    ) -> tuple[NDArray[Any], float]:
        """Return an image not much finer than the strip wants it, or else it would alias."""
        import cv2  # noqa: PLC0415 - 0.1 s to import

        across = (
            float(np.median(np.hypot(*np.moveaxis(np.diff(coarse, axis=1), -1, 0))))
            / COARSE_MM
            / px_per_mm[0]
        )
        down = (
            float(np.median(np.hypot(*np.moveaxis(np.diff(coarse, axis=0), -1, 0))))
            / COARSE_MM
            / px_per_mm[1]
        )
        times = min(int(min(across, down) + 0.2), *image.shape[:2])
        if times < 2:
            return image, 1.0
        height, width = image.shape[0] // times * times, image.shape[1] // times * times
        small = cv2.resize(
            image[:height, :width], (width // times, height // times), interpolation=cv2.INTER_AREA
        )
        return small, 1.0 / times

    def scaled(self, share: float) -> Rectifier:
        """Return the map to the pixels of the image made larger (or smaller) by a factor."""
        matrix = np.diag([share, share, 1.0]) @ self.homography
        return Rectifier(matrix, self.origin_mm, self.step_mm, self.field * share, self.extent_mm)

    def _at(self, values: Floats, axis: int) -> Floats:
        at: Floats = (np.asarray(values, np.float64) - self.origin_mm[axis]) / self.step_mm
        return at


def flat_rectifier(
    shape: tuple[int, int], px_per_mm: float | tuple[float, float], angle_deg: float = 0.0
) -> Rectifier:
    """Return the map of an image that shows paper flat, its corner at the paper's.

    Parameters
    ----------
    shape
        (H, W) of the image.
    px_per_mm
        Its scale, or its scales along x and y.
    angle_deg
        How far the paper is turned clockwise about the image's centre.
    """
    sx, sy = px_per_mm if isinstance(px_per_mm, tuple) else (px_per_mm, px_per_mm)
    height, width = shape
    turn = np.deg2rad(angle_deg)
    centre = np.array([width / 2, height / 2])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = np.eye(3)
    matrix[:2, :2] = rotation @ np.diag([sx, sy])
    matrix[:2, 2] = centre - rotation @ centre
    return Rectifier(matrix, (0.0, 0.0), 50.0, np.zeros((2, 2, 2)), (0.0, 0.0, width / sx, height / sy))


def turned(rectifier: Rectifier, quarters: int) -> Rectifier:
    """Return the map for paper that is held so many quarter turns clockwise from how it should be read.

    The field is carried over exactly; the new paper's corner is the extent's.
    """
    x0, y0, x1, y1 = rectifier.extent_mm
    for _ in range(quarters % 4):
        # the new x runs down the old paper's y backwards: new (x, y) is old (x0 + y, y1 - x)
        matrix = np.array([[0.0, 1.0, x0], [-1.0, 0.0, y1], [0.0, 0.0, 1.0]])
        field = np.rot90(rectifier.field, -1).copy()
        rows = rectifier.field.shape[0]
        last_y = rectifier.origin_mm[1] + (rows - 1) * rectifier.step_mm
        origin = (y1 - last_y, rectifier.origin_mm[0] - x0)
        rectifier = Rectifier(
            rectifier.homography @ matrix, origin, rectifier.step_mm, field, (0.0, 0.0, y1 - y0, x1 - x0)
        )
        x0, y0, x1, y1 = rectifier.extent_mm
    return rectifier


def _linear(at: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the left neighbours of parts of an index, and the share of the right ones."""
    low = np.clip(np.floor(at).astype(np.intp), 0, count - 2)
    return low, np.clip(at - low, 0, 1).astype(np.float32)


def _between(
    values: Floats, across: tuple[NDArray[np.intp], Floats], down: tuple[NDArray[np.intp], Floats]
) -> Floats:
    """Interpolate a raster linearly, shape (len(down), len(across))."""
    low, part = across
    wide = values[:, low] + (values[:, low + 1] - values[:, low]) * part
    low, part = down
    found: Floats = np.diff(wide, axis=0)[low]
    found *= part[:, None]
    found += wide[low]
    return found


def _weights(at: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
    """Return four neighbours, clipped, and the weights of cubic interpolation (Catmull and Rom)."""
    held = np.clip(np.nan_to_num(at), 0, count - 1)
    low = np.minimum(np.floor(held).astype(int), max(count - 2, 0))
    t = held - low
    weights = np.stack(
        [
            0.5 * (-t + 2 * t**2 - t**3),
            0.5 * (2 - 5 * t**2 + 3 * t**3),
            0.5 * (t + 4 * t**2 - 3 * t**3),
            0.5 * (-(t**2) + t**3),
        ]
    )
    neighbours = np.clip(low + np.arange(-1, 3)[:, None], 0, count - 1)
    return neighbours, weights


def _cubic(at: Floats, count: int) -> Floats:
    """Return the matrix that interpolates cubically at parts of an index."""
    neighbours, weights = _weights(at, count)
    matrix = np.zeros((len(at), count))
    for neighbour, weight in zip(neighbours, weights, strict=True):
        np.add.at(matrix, (np.arange(len(at)), neighbour), weight)
    return matrix


def _cubic_at(values: Floats, x: Floats, y: Floats) -> Floats:
    """Interpolate cubically at single points."""
    columns, wx = _weights(x, values.shape[1])
    rows, wy = _weights(y, values.shape[0])
    total = np.zeros(len(x))
    for row, weight_y in zip(rows, wy, strict=True):
        for column, weight_x in zip(columns, wx, strict=True):
            total += weight_y * weight_x * values[row, column]
    return total
