"""CUDA kernels: the same names and arguments as the reference, on arrays of a GPU, one page or a batch.

A batch has one axis more, in front: images (N, H, W, 3), masks (N, H, W), and what belongs to a page
(its colours, points, profiles) with N in front as well, or once for all pages. Pages stay on the device;
small tables may come from NumPy.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from fastecg_kernels.cuda import (
    camera,
    composite,
    develop,
    grid,
    mask,
    mesh,
    polyline,
    quilting,
    relight,
    strokes,
)
from fastecg_kernels.cuda._device import Array, Device

__all__ = ["CudaKernels", "Device", "has_cupy", "open_cuda"]


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

    def warp_page(
        self, image: Array, page: Array, alpha: Array, mesh: Array, surface: Array, light: Array, frame: Array
    ) -> None:
        """Paint an image of a page that lies on a surface; ``camera.camera`` takes a batch."""
        camera.warp_page(self.device, image, page, alpha, mesh, surface, light, frame)

    def warp_mask(self, image: Array, layer: Array, nodes: Array) -> None:
        """Paint what images show of their pages' masks."""
        mask.warp_mask(self.device, image, layer, nodes)

    def mesh_to_page(self, nodes: Array, points: Array) -> Array:
        """Return where image points lie on the page."""
        return mesh.mesh_to_page(self.device, nodes, points)

    def mesh_to_image(self, nodes: Array, points: Array, guess: Array) -> Array:
        """Return where page points are seen in the image."""
        return mesh.mesh_to_image(self.device, nodes, points, guess)

    def box_sums(self, texture: Array, sums: Array) -> None:
        """Sum a texture over every square of some size."""
        quilting.box_sums(self.device, texture, sums)

    def quilt_blocks(
        self,
        sheet: Array,
        texture: Array,
        sums: Array,
        blocks: Array,
        places: Array,
        block: int,
        overlap: int,
        tolerance: float,
        candidates: int,
        key: int,
    ) -> None:
        """Choose some blocks of a sheet from a texture, and sew them to their neighbours, in waves."""
        sizes = block, overlap, tolerance, candidates, key
        quilting.quilt_blocks(self.device, sheet, texture, sums, blocks, places, *sizes)

    def relight(self, image: Array, shade: Array) -> None:
        """Multiply each pixel of images by its shade / 128."""
        relight.relight(self.device, image, shade)

    def shade_slopes(
        self, slopes: Array, corner: tuple[int, int], shade: Array, weights: tuple[int, int, int]
    ) -> None:
        """Light a piece of a field of slopes."""
        relight.shade_slopes(self.device, slopes, corner, shade, weights)

    def develop(
        self,
        image: Array,
        light: Array,
        offset: ArrayLike,
        gaussian_sd: ArrayLike,
        poisson_sd: ArrayLike,
        key: ArrayLike,
    ) -> None:
        """Multiply images by their light, and add the noise of a sensor, one key an image."""
        develop.develop(self.device, image, light, offset, gaussian_sd, poisson_sd, key)

    def salt_pepper(self, image: Array, density: ArrayLike, key: ArrayLike) -> None:
        """Make pixels black or white, one key an image."""
        develop.salt_pepper(self.device, image, density, key)

    def moire(self, image: Array, phase: Array, depth: float) -> None:
        """Darken an image by waves of a phase."""
        develop.moire(self.device, image, phase, depth)


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


def has_cupy() -> bool:
    """Say whether CuPy is installed; it is not imported.

    Examples
    --------
    >>> has_cupy() in (True, False)
    True
    """
    from fastecg_kernels.cuda._cupy import is_installed  # noqa: PLC0415 - as above

    return is_installed()
