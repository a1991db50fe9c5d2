"""Smooth fields through scattered, unequally trusted values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Nodes:
    """Where a field has its values: ``shape`` (rows, columns) of nodes, ``step`` apart from ``origin``."""

    origin: tuple[float, float]
    step: float
    shape: tuple[int, int]

    def points(self) -> Floats:
        """Return the nodes' (x, y), shape (rows, columns, 2)."""
        rows, columns = self.shape
        x = self.origin[0] + self.step * np.arange(columns)
        y = self.origin[1] + self.step * np.arange(rows)
        return np.stack(np.meshgrid(x, y), axis=-1)


def nodes_over(extent: tuple[float, float, float, float], step: float) -> Nodes:
    """Return nodes that cover an extent (x0, y0, x1, y1).

    Examples
    --------
    >>> nodes_over((0, 0, 10, 5), 5.0)
    Nodes(origin=(0.0, 0.0), step=5.0, shape=(2, 3))
    """
    x0, y0 = (float(np.floor(v / step) * step) for v in extent[:2])
    columns = int(np.ceil((extent[2] - x0) / step - 1e-9)) + 1
    rows = int(np.ceil((extent[3] - y0) / step - 1e-9)) + 1
    return Nodes((x0, y0), step, (max(rows, 2), max(columns, 2)))


def smooth_field(
    nodes: Nodes, points: Floats, values: Floats, weight: Floats, *, stiffness: float, outlier: float
) -> Floats:
    """Fit a field by penalised least squares, letting outliers go.

    The sum of squared second differences is the penalty, so that the field goes on straight where
    nothing is known.

    Parameters
    ----------
    nodes
        Where the field has values.
    points, values
        Shape (n, 2) each.
    weight
        Shape (n,), how far each is trusted.
    stiffness
        Weight of the penalty, in units of the mean weight that a node carries.
    outlier
        A value this far off counts for a quarter.

    Returns
    -------
    ndarray
        Shape (rows, columns, 2).

    References
    ----------
    P. H. C. Eilers and B. D. Marx, Flexible smoothing with B-splines and penalties, Statistical
    Science 11 (1996).
    """
    from scipy import sparse  # noqa: PLC0415 - 0.1 s to import
    from scipy.sparse.linalg import splu  # noqa: PLC0415

    rows, columns = nodes.shape
    basis = _bilinear(nodes, points)
    penalty = _bending(rows, columns)
    trust = np.maximum(weight, 0.0)
    carried = max(float(trust.sum()) / (rows * columns), 1e-9)
    flat = np.zeros((rows * columns, values.shape[1]))
    for _ in range(3):
        weighted = basis.T.multiply(trust)
        system = weighted @ basis + carried * (stiffness * penalty + 1e-6 * sparse.identity(rows * columns))
        solver = splu(system.tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
        flat = solver.solve(np.asarray(weighted @ values))
        off = np.hypot(*(basis @ flat - values).T)
        trust = np.maximum(weight, 0.0) / (1 + (off / outlier) ** 2) ** 2
    field: Floats = flat.reshape(rows, columns, values.shape[1])
    return field


def _bilinear(nodes: Nodes, points: Floats) -> Any:  # noqa: ANN401 - SciPy has no types
    from scipy import sparse  # noqa: PLC0415 - 0.1 s to import

    rows, columns = nodes.shape
    x = np.clip((points[:, 0] - nodes.origin[0]) / nodes.step, 0, columns - 1 - 1e-9)
    y = np.clip((points[:, 1] - nodes.origin[1]) / nodes.step, 0, rows - 1 - 1e-9)
    j, i = x.astype(int), y.astype(int)
    u, v = x - j, y - i
    n = np.arange(len(points))
    parts = [
        (i, j, (1 - v) * (1 - u)),
        (i, j + 1, (1 - v) * u),
        (i + 1, j, v * (1 - u)),
        (i + 1, j + 1, v * u),
    ]
    data = np.concatenate([part for _, _, part in parts])
    at = np.concatenate([a * columns + b for a, b, _ in parts])
    return sparse.csr_matrix((data, (np.tile(n, 4), at)), shape=(len(points), rows * columns))


def _bending(rows: int, columns: int) -> Any:  # noqa: ANN401 - SciPy has no types
    """Return the quadratic form of second differences along x, y and across both."""
    from scipy import sparse  # noqa: PLC0415 - 0.1 s to import

    def second(count: int) -> Any:  # noqa: ANN401 - SciPy has no types
        if count < 3:
            return sparse.csr_matrix((0, count))
        return sparse.diags([1.0, -2.0, 1.0], [0, 1, 2], shape=(count - 2, count))

    def first(count: int) -> Any:  # noqa: ANN401 - SciPy has no types
        return sparse.diags([-1.0, 1.0], [0, 1], shape=(count - 1, count))

    along = sparse.kron(sparse.identity(rows), second(columns))
    down = sparse.kron(second(rows), sparse.identity(columns))
    both = sparse.kron(first(rows), first(columns)) * np.sqrt(2)
    return along.T @ along + down.T @ down + both.T @ both
