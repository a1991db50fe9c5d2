"""Numba kernels: the same names and arguments as the reference, one thread, no GIL."""

from fastecg_kernels.cpu.composite import composite
from fastecg_kernels.cpu.fields import add_smooth, add_spots
from fastecg_kernels.cpu.folds import shade_folds, shift_folds, thin_folds
from fastecg_kernels.cpu.grid import paint_grid
from fastecg_kernels.cpu.png_filter import png_filter_none, png_filter_up, rows_equal
from fastecg_kernels.cpu.polyline import polyline_coverage
from fastecg_kernels.cpu.tint import carve, scale, tint

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
