"""Maps known at nodes, one row at a time, as kernels need them (Numba)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel


@kernel
def spread_across(nodes: NDArray[np.float32], row: NDArray[np.float32]) -> None:
    """Interpolate a row of nodes, shape (nodes, 3), along x for the three bytes of every pixel."""
    width = row.shape[0] // 3
    for block in range((width + 7) // 8):
        for k in range(min(8, width - 8 * block)):
            share = (np.float32(k) + np.float32(0.5)) / np.float32(8)
            for channel in range(3):
                left = nodes[block, channel]
                row[3 * (8 * block + k) + channel] = left + (nodes[block + 1, channel] - left) * share
