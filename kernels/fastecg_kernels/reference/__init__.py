"""NumPy kernels written to be obviously right; every other backend is tested against them."""

from fastecg_kernels.reference.composite import composite
from fastecg_kernels.reference.develop import develop, salt_pepper
from fastecg_kernels.reference.grid import paint_grid
from fastecg_kernels.reference.moire import moire
from fastecg_kernels.reference.png_filter import png_filter_none, png_filter_up, rows_equal
from fastecg_kernels.reference.polyline import polyline_coverage

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
