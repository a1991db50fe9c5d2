"""Stages as one would write them without thinking of speed: each pixel, each point, each letter by itself."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

Floats = NDArray[np.float64]
Grey = NDArray[np.uint8]


def set_lines(lines: Sequence[str], shape: tuple[int, int], size: float) -> Grey:
    """Print lines with Pillow, one below the other, on a page of their own."""
    page = Image.new("L", shape[::-1])
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size)
    for number, line in enumerate(lines):
        pen.text((10, 10 + 1.3 * size * number), line, 255, font=font)
    return np.asarray(page)


def draw_lines(lines: Sequence[Sequence[tuple[float, float]]], shape: tuple[int, int]) -> Grey:
    """Draw lines with Pillow on a page of their own."""
    page = Image.new("L", shape[::-1])
    for line in lines:
        ImageDraw.Draw(page).line(list(line), 255, 2)
    return np.asarray(page)


def jpeg(image: Grey, quality: int) -> Grey:
    """Save and open a JPEG file with Pillow, in memory."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def local_threshold(image: Grey, side: int, margin: float) -> Grey:
    """Compare each pixel with the mean about it."""
    grey = image @ np.array([0.299, 0.587, 0.114])
    mean: Floats = ndimage.uniform_filter(grey, side, mode="nearest")
    return np.asarray(np.where(grey > mean - margin, 255, 0), np.uint8)


def filtered(image: Grey, kernel: NDArray[np.float32]) -> Grey:
    """Blur each channel with SciPy."""
    planes = [ndimage.correlate(image[:, :, c].astype(float), kernel, mode="nearest") for c in range(3)]
    return np.asarray(np.rint(np.stack(planes, axis=-1)), np.uint8)


def triangles(size: int, cell: float, layers: int) -> Floats:
    """Lay random facets over each other, each layer linear between random corners, and soften them."""
    from scipy.interpolate import LinearNDInterpolator

    rng, heights = np.random.default_rng(0), np.zeros((size, size))
    y, x = np.mgrid[:size, :size]
    for layer in range(layers):
        count = int((2 * size / (cell / 2**layer)) ** 2)
        corners = rng.uniform(-size / 2, 1.5 * size, (count, 2))
        facets = LinearNDInterpolator(corners, rng.standard_normal(count), fill_value=0.0)
        heights += ndimage.gaussian_filter(np.asarray(facets(x, y), float), 1.0) / 2**layer
    return heights


def slopes(heights: Floats) -> Floats:
    """Return the slopes of the surface of a curvature, by the whole complex spectrum in 64 bits."""
    rows, columns = (2 - 2 * np.cos(2 * np.pi * np.fft.fftfreq(side)) for side in heights.shape)
    weights = rows[:, None] + columns[None, :] + 1e-4
    surface = np.real(np.fft.ifft2(np.fft.fft2(heights) / -weights))
    return np.stack([np.gradient(surface, axis=axis) for axis in (0, 1)], axis=-1)


def glyph(segments: Sequence[Sequence[float]], radius: float, side: int) -> list[list[float]]:
    """Return the distance of each pixel to the nearest stroke, pixel by pixel."""
    found = []
    for row in range(side):
        line = []
        for column in range(side):
            nearest = math.inf
            for x0, y0, x1, y1 in segments:
                dx, dy = x1 - x0, y1 - y0
                t = ((column + 0.5 - x0) * dx + (row + 0.5 - y0) * dy) / max(dx * dx + dy * dy, 1e-9)
                t = min(max(t, 0.0), 1.0)
                nearest = min(nearest, math.hypot(column + 0.5 - x0 - t * dx, row + 0.5 - y0 - t * dy))
            line.append(min(max(radius + 0.5 - nearest, 0.0), 1.0))
        found.append(line)
    return found


def spline(points: Sequence[Sequence[float]], pieces: int) -> list[tuple[float, float]]:
    """Return a Catmull-Rom spline through points, point by point."""
    line = []
    for k in range(1, len(points) - 2):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[k - 1 : k + 3]
        for piece in range(pieces):
            t = piece / pieces
            line.append(
                (
                    bx
                    + t / 2 * (cx - ax + t * (2 * ax - 5 * bx + 4 * cx - dx + t * (3 * (bx - cx) + dx - ax))),
                    by
                    + t / 2 * (cy - ay + t * (2 * ay - 5 * by + 4 * cy - dy + t * (3 * (by - cy) + dy - ay))),
                )
            )
    return line


def speeds(points: Sequence[Sequence[float]]) -> list[float]:
    """Return how fast a hand is at each point, point by point, smoothed twice."""
    found = [math.hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
    for _ in range(2):
        found = [
            (found[max(k - 1, 0)] + 2 * found[k] + found[min(k + 1, len(found) - 1)]) / 4
            for k in range(len(found))
        ]
    return found


def clear_place(boxes: Sequence[Sequence[float]], size: tuple[float, float], tries: int) -> float:
    """Return the least area of boxes under a box, over places on a grid, box by box."""
    best = math.inf
    for k in range(tries):
        x, y = (k * 97) % 1500, (k * 61) % 1100
        area = 0.0
        for x0, y0, x1, y1 in boxes:
            across = min(x1, x + size[0]) - max(x0, x)
            down = min(y1, y + size[1]) - max(y0, y)
            area += max(across, 0.0) * max(down, 0.0)
        best = min(best, area)
    return best


def black_body(temperature_k: float, lobes: Any) -> list[float]:  # noqa: ANN401 - a table
    """Return the colour of a black body, wavelength by wavelength."""
    xyz = []
    for curve in lobes:
        total = 0.0
        for nm in range(360, 831, 5):
            energy = nm**-5.0 / math.expm1(1.4387769e7 / (nm * temperature_k))
            for height, centre, below, above in curve:
                width = below if nm < centre else above
                total += energy * height * math.exp(-0.5 * ((nm - centre) / width) ** 2)
        xyz.append(total)
    return [value / xyz[1] for value in xyz]


def light(shape: tuple[int, int], vignetting: float, gains: Floats) -> Floats:
    """Return light that falls off to the corners and to one side, at every pixel."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    radius = math.hypot(*shape) / 2
    squared = ((x - shape[1] / 2) ** 2 + (y - shape[0] / 2) ** 2) / radius**2
    steep = (1 - vignetting) ** -0.5 - 1
    fall = (1 + squared * steep) ** -2.0 * (1 + (x / shape[1]) ** 2) ** -1.5
    return np.asarray((fall[:, :, None] * gains) ** (1 / 2.2))


def soft_shadow(shape: tuple[int, int], softness_px: float) -> Floats:
    """Blur the shadow of a block over every pixel of an image."""
    mask = np.zeros(shape)
    mask[shape[0] // 3 :, shape[1] // 3 :] = 1
    return np.asarray(ndimage.gaussian_filter(mask, softness_px))


def pixels_to_page(matrix: Floats, shape: tuple[int, int]) -> Floats:
    """Return where every pixel of an image lies on the page, through a homography and a bend."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    points = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.linalg.inv(matrix).T
    page = points[:, :, :2] / points[:, :, 2:]
    return np.asarray(page + 5 * np.sin(page[:, :, ::-1] / 300))


def grain(shape: tuple[int, int]) -> Grey:
    """Make wood of noise that is blurred at full size, one scale after the other."""
    rng, level = np.random.default_rng(0), np.zeros(shape)
    for along, down in ((200, 60), (60, 10), (30, 1), (12, 1)):
        level += ndimage.gaussian_filter(rng.standard_normal(shape), (down, along), mode="wrap")
    tone = np.array([142, 104, 72]) * (1 + level[:, :, None] / 10)
    return np.clip(tone, 0, 255).astype(np.uint8)
