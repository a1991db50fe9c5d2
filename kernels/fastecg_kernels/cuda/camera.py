"""The camera's pass over a batch of images in one launch (CUDA)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastecg_kernels.cuda._device import Array, Device, blocks
from fastecg_kernels.cuda.shots import Shots, new_shots

BLOCK = (32, 8)
TOGETHER = 4
"""Pixels of one thread of the camera."""


@dataclass(frozen=True, eq=False, slots=True)
class Layers:
    """What the images of a batch are made from: arrays of the device; None is one that is not needed.

    Parameters
    ----------
    pages
        Shape (N, h, w, 3), uint8.
    shades
        Shape (S, h, w), uint8: light on the relief of pages, 128 is neutral.
    alphas
        Shape (A, h, w), uint8: 0 where a page has a hole.
    meshes
        Shape (M, ceil(H / 8) + 1, ceil(W / 8) + 1, 2), float32, as ``reference.warp_page`` takes one.
    lights
        Shape (L, ceil(H / 8) + 1, ceil(W / 8) + 1, 3), float32, as ``reference.develop`` takes one.
    surfaces, ground
        Flat: the pixels of the surfaces, uint8, and the light that pages' shadows leave there, float32.
        A shot says where its own begin.
    """

    pages: Array
    shades: Array | None = None
    alphas: Array | None = None
    meshes: Array | None = None
    lights: Array | None = None
    surfaces: Array | None = None
    ground: Array | None = None


def camera(device: Device, images: Array, layers: Layers, shots: Shots) -> None:
    """Take pictures of pages: relief, warp, surface, light, tone and noise in one pass over their pixels.

    It is what ``relight``, ``warp_page``, ``develop`` and ``salt_pepper`` do one after another, each as a
    shot asks for it, and the bytes are the same.

    Parameters
    ----------
    device
        Where all arrays are.
    images
        Shape (N, H, W, 3), uint8; every pixel of those that shots are of is written.
    layers
        What they are made from.
    shots
        One image each, as ``fastecg_kernels.cuda.shots.SHOT``.
    """
    height, width = images.shape[-3:-1]
    page_height, page_width = layers.pages.shape[-3:-1]
    none, nowhere = device.empty((1,), np.uint8), device.empty((1,), np.float32)

    def given(layer: Array | None, instead: Array) -> Array:
        return instead if layer is None else layer

    arrays = (
        images,
        layers.pages,
        given(layers.shades, none),
        given(layers.alphas, none),
        given(layers.meshes, nowhere),
        given(layers.lights, nowhere),
        given(layers.surfaces, none),
        given(layers.ground, nowhere),
        send_records(device, shots),
    )
    sizes = (np.int32(height), np.int32(width), np.int32(page_height), np.int32(page_width))
    grid = blocks(width, BLOCK[0] * TOGETHER), blocks(height, BLOCK[1]), len(shots)
    device.launch("camera", "camera", grid, BLOCK, (*arrays, *sizes))


def warp_page(
    device: Device,
    image: Array,
    page: Array,
    alpha: Array,
    mesh: Array,
    surface: Array,
    light: Array,
    frame: Array,
) -> None:
    """Paint an image of a page that lies on a surface; see the reference of this name."""
    shots = new_shots(1)
    shots["mesh"] = 0
    shots["surface_rows"], shots["surface_columns"] = surface.shape[:2]
    shots["ground_rows"], shots["ground_columns"] = light.shape
    for name, value in zip(("frame_x", "frame_y", "frame_step"), device.fetch(frame), strict=True):
        shots[name] = value
    if alpha.size:
        shots["alpha"] = 0
    layers = Layers(page, alphas=alpha if alpha.size else None, meshes=mesh, surfaces=surface, ground=light)
    camera(device, image, layers, shots)


def send_records(device: Device, records: Shots) -> Array:
    """Return an array of records as bytes of the device: CuPy has no records of its own."""
    return device.send(np.ascontiguousarray(records).reshape(-1).view(np.uint8), np.uint8)
