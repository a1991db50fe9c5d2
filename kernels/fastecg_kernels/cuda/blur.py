"""Blur of some images of a batch (CUDA)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cuda._device import Array, Device, blocks
from fastecg_kernels.cuda.camera import BLOCK, send_records

THREADS = 256
BLUR: Final = np.dtype([(name, np.int32) for name in ("image", "size", "start", "whole")])


def blur_images(device: Device, images: Array, blurs: Sequence[tuple[int, NDArray[np.float32]]]) -> None:
    """Filter images of a batch, in place; beyond an image its edge goes on.

    Parameters
    ----------
    device
        Where the images are.
    images
        Shape (N, H, W, 3), uint8.
    blurs
        Number of an image, once at most, and its weights. Shape (n,), float32, n odd: whole numbers of sum
        256, along both axes. Shape (n, n): any weights of sum 1.
    """
    if not blurs:
        return
    records, start = np.zeros(len(blurs), BLUR), 0
    for record, (image, weights) in zip(records, blurs, strict=True):
        record["image"], record["size"] = image, weights.shape[0]
        record["start"], record["whole"] = start, weights.ndim == 1
        start += weights.size
    flat = device.send(np.concatenate([weights.ravel() for _, weights in blurs]), np.float32)
    height, width = images.shape[1:3]
    there, blurred = send_records(device, records), device.empty((len(blurs), height, width, 3), np.uint8)
    grid = blocks(width, BLOCK[0]), blocks(height, BLOCK[1]), len(blurs)
    device.launch(
        "blur", "blur_images", grid, BLOCK, (blurred, images, flat, there, np.int32(height), np.int32(width))
    )
    count = 3 * height * width
    back = (blocks(count, THREADS), len(blurs))
    device.launch("blur", "replace_images", back, (THREADS,), (images, blurred, there, np.int64(count)))
