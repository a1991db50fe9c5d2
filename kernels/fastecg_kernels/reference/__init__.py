"""NumPy kernels written to be obviously right; every other backend is tested against them."""

from fastecg_kernels.reference.composite import composite
from fastecg_kernels.reference.grid import paint_grid
from fastecg_kernels.reference.png_filter import png_filter_none, png_filter_up, rows_equal
from fastecg_kernels.reference.polyline import polyline_coverage
from fastecg_kernels.reference.quilting import box_sums, cut_path, quilt_blocks
from fastecg_kernels.reference.relight import relight, shade_slopes

__all__ = [
    "box_sums",
    "composite",
    "cut_path",
    "paint_grid",
    "png_filter_none",
    "png_filter_up",
    "polyline_coverage",
    "quilt_blocks",
    "relight",
    "rows_equal",
    "shade_slopes",
]
