"""Numba kernels: the same names and arguments as the reference, one thread, no GIL."""

from fastecg_kernels.cpu.composite import composite
from fastecg_kernels.cpu.develop import develop, salt_pepper
from fastecg_kernels.cpu.grid import paint_grid
from fastecg_kernels.cpu.moire import moire
from fastecg_kernels.cpu.png_filter import png_filter_none, png_filter_up, rows_equal
from fastecg_kernels.cpu.polyline import polyline_coverage

__all__ = [
    "composite",
    "develop",
    "moire",
    "paint_grid",
    "png_filter_none",
    "png_filter_up",
    "polyline_coverage",
    "rows_equal",
    "salt_pepper",
]
