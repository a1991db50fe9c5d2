"""Camera: the one map between page pixels and image pixels, both ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.homography import project
from fastecg_kernels import Kernels, load_backend
from fastecg_kernels.nodes import NODE_STEP, nodes_shape

Points = NDArray[np.float64]

TOLD_STEP_PX: Final = 64
"""Distance of those nodes that the truth's JSON tells."""

FARTHEST_PX: Final = 1e5
"""How far off the page a node can lie: the kernels count in 32 bits."""


@dataclass(frozen=True, eq=False, slots=True)
class Camera:
    """How a page is seen: a plane through a pinhole, and what bends it.

    Parameters
    ----------
    shape
        Height and width of the image in pixels.
    homography
        Shape (3, 3), float64, page px → image px: the plane alone, without lens, curl and folds.
    mesh
        None where the image is the page itself. Else shape (ceil(H / 8) + 1, ceil(W / 8) + 1, 2),
        float32: where the image points (8 j, 8 i) lie on the page, with all that bends it; bilinear
        between. This is what an image is made by.
    bent
        Whether the mesh is more than the homography, so that points have to go through it.

    Examples
    --------
    >>> Camera((100, 200)).to_image(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 2.0]]
    """

    shape: tuple[int, int]
    homography: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    mesh: NDArray[np.float32] | None = None
    bent: bool = False
    kernels: Kernels = field(default_factory=lambda: load_backend("cpu"), repr=False)
    is_identity: bool = field(init=False)
    """Whether image points are page points; looked at once, for every coordinate asks."""

    def __post_init__(self) -> None:
        plain = not self.bent and bool(np.array_equal(self.homography, np.eye(3)))
        object.__setattr__(self, "is_identity", plain)

    def to_image(self, points: Points) -> Points:
        """Map page points, shape (N, 2), to image points; NaN stays NaN."""
        if self.is_identity:
            return points
        flat = project(self.homography, points)
        if self.mesh is None or not self.bent:
            return flat
        return self.kernels.mesh_to_image(self.mesh, np.ascontiguousarray(points, np.float64), flat)

    def to_page(self, points: Points) -> Points:
        """Map image points, shape (N, 2), to page points; NaN stays NaN."""
        if self.is_identity:
            return points
        if self.mesh is None or not self.bent:
            return project(np.asarray(np.linalg.inv(self.homography), np.float64), points)
        return self.kernels.mesh_to_page(self.mesh, np.ascontiguousarray(points, np.float64))

    def nodes(self) -> NDArray[np.float32]:
        """Return the mesh, or that of the identity."""
        return mesh_nodes(self.shape).astype(np.float32) if self.mesh is None else self.mesh

    def to_dict(self) -> dict[str, Any]:
        """Return the map as the truth tells it: the homography, and a coarse mesh where the page is bent."""
        told: dict[str, Any] = {"homography": self.homography}
        if self.mesh is not None and self.bent:
            every = TOLD_STEP_PX // NODE_STEP
            nodes = self.mesh[::every, ::every].astype(np.float64)
            told["mesh"] = {"step_px": TOLD_STEP_PX, "page_xy": np.round(nodes, 2)}
        return told


def mesh_axes(shape: tuple[int, int]) -> tuple[Points, Points]:
    """Return x and y of a mesh's nodes in the image, shapes (1, columns) and (rows, 1).

    Examples
    --------
    >>> [axis.shape for axis in mesh_axes((16, 20))]
    [(1, 4), (3, 1)]
    """
    rows, columns = nodes_shape(*shape)
    x, y = NODE_STEP * np.arange(columns), NODE_STEP * np.arange(rows)
    return x[None, :].astype(np.float64), y[:, None].astype(np.float64)


def mesh_nodes(shape: tuple[int, int]) -> Points:
    """Return the image points of a mesh's nodes, shape (rows, columns, 2).

    Examples
    --------
    >>> mesh_nodes((16, 20)).shape
    (3, 4, 2)
    """
    return np.stack(np.broadcast_arrays(*mesh_axes(shape)), axis=-1)
