"""What the camera makes of masks (CUDA)."""

from __future__ import annotations

import numpy as np

from fastecg_kernels.cuda._device import Array, Device, blocks
from fastecg_kernels.cuda.camera import BLOCK


def warp_mask(device: Device, image: Array, mask: Array, mesh: Array) -> None:
    """Paint what images show of their pages' masks, one or a batch; see the reference of this name."""
    count = image.shape[0] if image.ndim == 3 else 1
    (height, width), (page_height, page_width) = image.shape[-2:], mask.shape[-2:]
    sizes = (np.int32(height), np.int32(width), np.int32(page_height), np.int32(page_width))
    grid = blocks(width, BLOCK[0]), blocks(height, BLOCK[1]), count
    device.launch("mask", "warp_masks", grid, BLOCK, (image, mask, mesh, *sizes))
