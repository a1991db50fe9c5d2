"""NumPy kernels written to be obviously right; every other backend is tested against them."""

from fastecg_kernels.reference.composite import composite
from fastecg_kernels.reference.fields import add_smooth, add_spots
from fastecg_kernels.reference.folds import shade_folds, shift_folds, thin_folds
from fastecg_kernels.reference.grid import paint_grid
from fastecg_kernels.reference.png_filter import png_filter_none, png_filter_up, rows_equal
from fastecg_kernels.reference.polyline import polyline_coverage
from fastecg_kernels.reference.tint import carve, scale, tint

__all__ = [
    "add_smooth",
    "add_spots",
    "carve",
    "composite",
    "paint_grid",
    "png_filter_none",
    "png_filter_up",
    "polyline_coverage",
    "rows_equal",
    "scale",
    "shade_folds",
    "shift_folds",
    "thin_folds",
    "tint",
]
