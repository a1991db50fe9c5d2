"""NumPy kernels written to be obviously right; every other backend is tested against them."""

from fastecg_kernels.reference.composite import composite
from fastecg_kernels.reference.grid import paint_grid
from fastecg_kernels.reference.mesh import mesh_to_image, mesh_to_page
from fastecg_kernels.reference.png_filter import png_filter_none, png_filter_up, rows_equal
from fastecg_kernels.reference.polyline import polyline_coverage
from fastecg_kernels.reference.warp import warp_mask, warp_page

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
