"""Light, noise, and bands of light on images that are there already (CUDA)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fastecg_kernels.cuda._device import Array, Device, blocks
from fastecg_kernels.cuda.camera import BLOCK, send_records
from fastecg_kernels.cuda.shots import Shots, new_shots, set_noise, set_pepper


def develop_shots(device: Device, images: Array, lights: Array | None, shots: Shots) -> None:
    """Lay light, tone and noise on those images of a batch that shots are of, in place, in one launch.

    Parameters
    ----------
    device
        Where all arrays are.
    images
        Shape (N, H, W, 3), uint8.
    lights
        Shape (L, ceil(H / 8) + 1, ceil(W / 8) + 1, 3), float32; None if no shot has light.
    shots
        One image each, as ``fastecg_kernels.cuda.shots.SHOT``.
    """
    height, width = images.shape[-3:-1]
    nodes = device.empty((1,), np.float32) if lights is None else lights
    grid = blocks(width, BLOCK[0]), blocks(height, BLOCK[1]), len(shots)
    args = images, nodes, send_records(device, shots), np.int32(height), np.int32(width)
    device.launch("develop", "develop", grid, BLOCK, args)


def develop(
    device: Device,
    image: Array,
    light: Array,
    offset: ArrayLike,
    gaussian_sd: ArrayLike,
    poisson_sd: ArrayLike,
    key: ArrayLike,
) -> None:
    """Multiply images by their light, and add a sensor's noise; see the reference of this name.

    A batch has a light for each image, and may have numbers and keys for each.
    """
    shots = new_shots(image.shape[0] if image.ndim == 4 else 1)
    set_noise(shots, offset, gaussian_sd, poisson_sd, key)
    develop_shots(device, image, light, shots)


def salt_pepper(device: Device, image: Array, density: ArrayLike, key: ArrayLike) -> None:
    """Make pixels black or white; see the reference of this name."""
    shots = new_shots(image.shape[0] if image.ndim == 4 else 1)
    set_pepper(shots, density, key)
    develop_shots(device, image, None, shots)


def moire(device: Device, image: Array, phase: Array, depth: float) -> None:
    """Darken an image, shape (H, W, 3), by waves of a phase; see the reference of this name."""
    height, width = image.shape[:2]
    grid = blocks(width, BLOCK[0]), blocks(height, BLOCK[1])
    sizes = np.float32(depth / 2), np.int32(height), np.int32(width)
    nodes = device.send(phase, np.float32)
    device.launch("develop", "moire", grid, BLOCK, (image, nodes, *sizes))
