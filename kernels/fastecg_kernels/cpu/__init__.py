"""Numba kernels: the same names and arguments as the reference, one thread, no GIL."""

from fastecg_kernels.cpu.composite import composite
from fastecg_kernels.cpu.grid import paint_grid
from fastecg_kernels.cpu.mesh import mesh_to_image, mesh_to_page
from fastecg_kernels.cpu.png_filter import png_filter_none, png_filter_up, rows_equal
from fastecg_kernels.cpu.polyline import polyline_coverage
from fastecg_kernels.cpu.warp import warp_mask, warp_page

__all__ = [
    "composite",
    "mesh_to_image",
    "mesh_to_page",
    "paint_grid",
    "png_filter_none",
    "png_filter_up",
    "polyline_coverage",
    "rows_equal",
    "warp_mask",
    "warp_page",
]
