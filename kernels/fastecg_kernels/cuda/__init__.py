"""CUDA kernels: the same names and arguments as the reference, on arrays of a GPU, one page or a batch.

A batch has one axis more, in front: images (N, H, W, 3), masks (N, H, W), and what belongs to a page
(its colours, points, profiles) with N in front as well, or once for all pages. Pages stay on the device;
small tables may come from NumPy.
"""

from __future__ import annotations

from fastecg_kernels.cuda import composite, grid, polyline, strokes
from fastecg_kernels.cuda._device import Array, Device

__all__ = ["CudaKernels", "Device", "open_cuda"]


class CudaKernels:
    """The kernels on one device.

    Parameters
    ----------
    device
        What they run on.
    """

    def __init__(self, device: Device) -> None:
        self.device = device

    def paint_grid(self, image: Array, columns: Array, rows: Array, colors: Array, dots: Array) -> None:
        """Paint paper with a minor and a major grid."""
        grid.paint_grid(self.device, image, columns, rows, colors, dots)

    def polyline_coverage(self, mask: Array, points: Array, half_width: Array | float) -> None:
        """Draw one polyline a page into coverage masks; rows of NaN fill up the shorter ones."""
        polyline.polyline_coverage(self.device, mask, points, half_width)

    def stroke_coverage(self, mask: Array, points: Array, half_widths: Array, darkness: Array) -> None:
        """Draw pen strokes of changing width and darkness into coverage masks."""
        strokes.stroke_coverage(self.device, mask, points, half_widths, darkness)

    def composite(self, image: Array, coverage: Array, color: Array, clear: bool) -> None:
        """Blend one colour a page into images by their coverage."""
        composite.composite(self.device, image, coverage, color, clear)

    def absorb(self, image: Array, coverage: Array, color: Array, clear: bool) -> None:
        """Let an ink of one colour a page absorb light from images by their coverage."""
        composite.absorb(self.device, image, coverage, color, clear)


def open_cuda(index: int = 0) -> CudaKernels:
    """Return the kernels on a GPU.

    Parameters
    ----------
    index
        Which GPU, from 0.

    Raises
    ------
    BackendError
        If CuPy is not installed, or finds no such GPU; the message says what to do.
    """
    from fastecg_kernels.cuda._cupy import CupyDevice  # noqa: PLC0415 - the doorway, opened when needed

    return CudaKernels(CupyDevice(index))
