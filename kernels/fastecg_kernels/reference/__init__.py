"""NumPy kernels written to be obviously right; every other backend is tested against them."""

from fastecg_kernels.reference.composite import composite
from fastecg_kernels.reference.grid import paint_grid
from fastecg_kernels.reference.polyline import polyline_coverage

__all__ = ["composite", "paint_grid", "polyline_coverage"]
