"""Meshes of a batch of cameras, and points through a mesh, both ways (CUDA)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cuda._device import Array, Device, blocks
from fastecg_kernels.cuda.camera import send_records
from fastecg_kernels.nodes import nodes_shape

THREADS = 256
PLANE: Final = np.dtype([("back", np.float64, (9,)), ("k1", np.float64), ("k2", np.float64)])


def plane_meshes(
    device: Device, meshes: Array, backs: NDArray[np.float64], lenses: NDArray[np.float64]
) -> None:
    """Write the meshes of cameras that see flat pages: a plane through a pinhole and a lens.

    Parameters
    ----------
    device
        Where the meshes are.
    meshes
        Shape (N, ceil(H / 8) + 1, ceil(W / 8) + 1, 2), float32: written, as ``reference.warp_page`` takes
        one.
    backs
        Shape (N, 3, 3), float64: homographies from image points to page points.
    lenses
        Shape (N, 4), float64: the lens's k1 and k2, then height and width of the image in pixels.
    """
    planes = np.zeros(len(backs), PLANE)
    planes["back"] = backs.reshape(-1, 9)
    planes["k1"], planes["k2"] = lenses[:, 0], lenses[:, 1]
    height, width = lenses[0, 2:].astype(np.int32)
    nodes = int(np.prod(nodes_shape(int(height), int(width))))
    args = meshes, send_records(device, planes), np.int32(height), np.int32(width)
    device.launch("mesh", "plane_meshes", (blocks(nodes, THREADS), len(planes)), (THREADS,), args)


def mesh_to_page(device: Device, mesh: Array, points: Array) -> Array:
    """Return where image points lie on the page; see the reference of this name."""
    found = device.empty(points.shape, np.float64)
    _map(device, "mesh_to_page", found, mesh, points)
    return found


def mesh_to_image(device: Device, mesh: Array, points: Array, guess: Array) -> Array:
    """Return where page points are seen in the image; see the reference of this name."""
    found = device.send(device.fetch(guess), np.float64)
    _map(device, "mesh_to_image", found, mesh, points)
    return found


def _map(device: Device, kernel: str, found: Array, mesh: Array, points: Array) -> None:
    rows, columns, count = np.int32(mesh.shape[0]), np.int32(mesh.shape[1]), len(points)
    if count:
        args = found, mesh, points, rows, columns, np.int32(count)
        device.launch("mesh", kernel, (blocks(count, THREADS),), (THREADS,), args)
