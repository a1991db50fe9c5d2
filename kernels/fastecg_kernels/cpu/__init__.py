"""Numba kernels: the same names and arguments as the reference, one thread, no GIL."""

from fastecg_kernels.cpu.alignment import curve_shift
from fastecg_kernels.cpu.composite import absorb, composite
from fastecg_kernels.cpu.develop import develop, salt_pepper
from fastecg_kernels.cpu.fields import add_smooth, add_spots
from fastecg_kernels.cpu.folds import shade_folds, shift_folds, thin_folds
from fastecg_kernels.cpu.grid import paint_grid
from fastecg_kernels.cpu.mesh import mesh_to_image, mesh_to_page
from fastecg_kernels.cpu.moire import moire
from fastecg_kernels.cpu.png_filter import png_filter_none, png_filter_up, rows_equal
from fastecg_kernels.cpu.polyline import polyline_coverage
from fastecg_kernels.cpu.quilting import box_sums, cut_path, quilt_blocks
from fastecg_kernels.cpu.relight import relight, shade_slopes
from fastecg_kernels.cpu.strokes import stroke_coverage
from fastecg_kernels.cpu.tint import carve, scale, tint
from fastecg_kernels.cpu.warp import warp_mask, warp_page

__all__ = [
    "absorb",
    "add_smooth",
    "add_spots",
    "box_sums",
    "carve",
    "composite",
    "curve_shift",
    "cut_path",
    "develop",
    "mesh_to_image",
    "mesh_to_page",
    "moire",
    "paint_grid",
    "png_filter_none",
    "png_filter_up",
    "polyline_coverage",
    "quilt_blocks",
    "relight",
    "rows_equal",
    "salt_pepper",
    "scale",
    "shade_folds",
    "shade_slopes",
    "shift_folds",
    "stroke_coverage",
    "thin_folds",
    "tint",
    "warp_mask",
    "warp_page",
]
