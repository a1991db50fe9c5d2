"""The camera's pass over an image's pixels: where each lies on the page, and its colour (NumPy reference)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.nodes import NODE_STEP as STEP

FRACTION = 14
"""Binary digits behind the point of a page coordinate: 2^-14 px, on pages of up to 131,000 px."""

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


def warp_page(
    image: NDArray[np.uint8],
    page: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    mesh: NDArray[np.float32],
    surface: NDArray[np.uint8],
    light: NDArray[np.float32],
    frame: NDArray[np.float32],
) -> None:
    """Paint an image of a page that lies on a surface: bilinear samples of the page where it is seen.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8; every pixel is written.
    page
        Shape (h, w, 3), uint8, at least 4 × 4.
    alpha
        Shape (h, w), uint8: 0 where the page has a hole; shape (0, 0) for a page without.
    mesh
        Shape (ceil(H / 8) + 1, ceil(W / 8) + 1, 2), float32: where the image's corner of pixel
        (8 i, 8 j) lies on the page, (x, y) in page pixels, within ±100,000; bilinear between.
    surface
        Shape (s, at least W, 3), uint8: what lies below the page, in image pixels, repeated downwards.
    light
        Shape (m, n), float32, 0 to 1: the light that the page's shadow leaves to the surface, at places
        of the page; bilinear between them and on to the mesh's nodes, and constant beyond.
    frame
        Shape (3,), float32, page px: x and y of the light's first place, and the places' distance.

    Notes
    -----
    Page coordinates are rounded to 2^-14 px and weights to 1/256, so all backends agree on every
    byte where the page is seen. Where it ends, half a page pixel on either side blends into the surface.

    Examples
    --------
    >>> page = np.full((8, 8, 3), 200, np.uint8)
    >>> nodes = np.stack(np.meshgrid([0, 8], [0, 8]), axis=-1).astype(np.float32)
    >>> image, wood = np.empty((8, 8, 3), np.uint8), np.zeros((1, 8, 3), np.uint8)
    >>> light, frame = np.ones((1, 1), np.float32), np.array([0, 0, 16], np.float32)
    >>> warp_page(image, page, np.zeros((0, 0), np.uint8), nodes, wood, light, frame)
    >>> image[4, :, 0].tolist()
    [200, 200, 200, 200, 200, 200, 200, 200]
    """
    x, y = _coordinates(mesh, image.shape[:2])
    height, width = page.shape[:2]
    flat_x, flat_y = np.clip(x, 0, (width - 1) << FRACTION), np.clip(y, 0, (height - 1) << FRACTION)
    paper = _bilinear(page, flat_x, flat_y, FRACTION).astype(np.float32)
    px, py = _pixels(x), _pixels(y)
    cover = _inside(px, width) * _inside(py, height)
    if alpha.size:
        cover *= _bilinear(alpha[:, :, None], flat_x, flat_y, FRACTION)[:, :, 0].astype(
            np.float32
        ) / np.float32(255)
    rows, columns = image.shape[:2]
    ground = surface[np.arange(rows) % len(surface), :columns].astype(np.float32)
    ground *= _light_left(mesh, light, frame, (rows, columns))[:, :, None]
    mixed = ground + (paper - ground) * cover[:, :, None]
    image[:] = (mixed + np.float32(0.5)).astype(np.uint8)


def warp_mask(image: NDArray[np.uint8], mask: NDArray[np.uint8], mesh: NDArray[np.float32]) -> None:
    """Paint what an image shows of a page's mask: bilinear samples, 0 beyond the page.

    Parameters
    ----------
    image
        Shape (H, W), uint8; every pixel is written.
    mask
        Shape (h, w), uint8.
    mesh
        As in ``warp_page``.

    Examples
    --------
    >>> nodes = np.stack(np.meshgrid([0, 8], [0, 8]), axis=-1).astype(np.float32)
    >>> image = np.empty((8, 8), np.uint8)
    >>> warp_mask(image, np.full((4, 8), 90, np.uint8), nodes)
    >>> image[:, 0].tolist()
    [90, 90, 90, 90, 0, 0, 0, 0]
    """
    x, y = _coordinates(mesh, image.shape)
    padded = np.pad(mask, 1)[:, :, None]
    one, (height, width) = 1 << FRACTION, mask.shape
    outside = (x <= -one) | (y <= -one) | (x >= width << FRACTION) | (y >= height << FRACTION)
    safe_x, safe_y = np.where(outside, 0, x + one), np.where(outside, 0, y + one)
    image[:] = np.where(outside, 0, _bilinear(padded, safe_x, safe_y, FRACTION)[:, :, 0])


def _coordinates(mesh: Floats, shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return x and y of every image pixel's centre, counted between centres of page pixels."""
    height, width = shape
    rows, columns = np.arange(height), np.arange(width)
    down = ((rows % STEP + 0.5) / STEP).astype(np.float32)[:, None, None]
    upper, lower = mesh[rows // STEP], mesh[rows // STEP + 1]
    edges = upper + (lower - upper) * down
    step = edges[:, 1:] - edges[:, :-1]
    half, one = np.float32(0.5), np.float32(1 << FRACTION)
    first = ((edges[:, :-1] + step * np.float32(0.5 / STEP) - half) * one).astype(np.int32)
    moved = (step * (one / np.float32(STEP))).astype(np.int32)
    cell, nth = columns // STEP, (columns % STEP).astype(np.int32)
    found = first[:, cell] + nth[None, :, None] * moved[:, cell]
    return found[:, :, 0], found[:, :, 1]


def _bilinear(image: NDArray[np.uint8], x: Ints, y: Ints, fraction: int) -> NDArray[np.int32]:
    """Sample an image (h, w, channels) at fixed-point coordinates within it."""
    j, i = x >> fraction, y >> fraction
    right, below = np.minimum(j + 1, image.shape[1] - 1), np.minimum(i + 1, image.shape[0] - 1)
    across, down = (x >> (fraction - 8)) & 255, (y >> (fraction - 8)) & 255
    w11 = (across * down + 128) >> 8
    w01, w10 = across - w11, down - w11
    w00 = 256 - across - down + w11
    pixels = image.astype(np.int32)
    total = np.full((*x.shape, image.shape[2]), 128, np.int32)
    for row, column, weight in ((i, j, w00), (i, right, w01), (below, j, w10), (below, right, w11)):
        total += pixels[row, column] * weight[:, :, None]
    return total >> 8


def _pixels(fixed: Ints) -> Floats:
    return fixed.astype(np.float32) * np.float32(1 / (1 << FRACTION)) + np.float32(0.5)


def _inside(at: Floats, length: int) -> Floats:
    """Share of a pixel-wide window around each place that lies within [0, length]."""
    half = np.float32(0.5)
    return np.asarray(np.clip(np.minimum(at, np.float32(length) - at) + half, 0, 1), np.float32)


def _light_left(mesh: Floats, light: Floats, frame: Floats, shape: tuple[int, int]) -> Floats:
    """Share of the light that the page's shadow leaves to each image pixel."""
    last = np.array([light.shape[1] - 1, light.shape[0] - 1], np.float32)
    places = np.clip((mesh - frame[:2]) / frame[2], np.float32(0), last)
    j, i = (places[:, :, axis].astype(np.int32) for axis in (0, 1))
    along, down = places[:, :, 0] - j.astype(np.float32), places[:, :, 1] - i.astype(np.float32)
    right, below = np.minimum(j + 1, int(last[0])), np.minimum(i + 1, int(last[1]))
    upper = light[i, j] + (light[i, right] - light[i, j]) * along
    lower = light[below, j] + (light[below, right] - light[below, j]) * along
    nodes = upper + (lower - upper) * down
    rows, columns = np.arange(shape[0]), np.arange(shape[1])
    within = ((rows % STEP + 0.5) / STEP).astype(np.float32)[:, None]
    edges = nodes[rows // STEP] + (nodes[rows // STEP + 1] - nodes[rows // STEP]) * within
    across = ((columns % STEP + 0.5) / STEP).astype(np.float32)
    here, there = edges[:, columns // STEP], edges[:, columns // STEP + 1]
    return np.asarray(here + (there - here) * across, np.float32)
