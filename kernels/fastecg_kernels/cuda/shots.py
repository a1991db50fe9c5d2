"""What one launch has to know of each image of a batch, laid out as the kernels read it (shot.cuh)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastecg_kernels.counter import BYTES_VARIANCE, split_key

SHOT: Final = np.dtype(
    [
        *((name, np.int64) for name in ("surface_start", "ground_start")),
        *((name, np.int32) for name in ("image", "page", "shade", "alpha", "mesh", "light")),
        *((name, np.int32) for name in ("surface_rows", "surface_columns", "ground_rows", "ground_columns")),
        *((name, np.float32) for name in ("frame_x", "frame_y", "frame_step", "offset", "fixed", "growing")),
        *((name, np.uint32) for name in ("key_first", "key_second", "pepper_hits", "steps")),
    ],
    align=True,
)
"""One image: its places in the batch's arrays (-1: none), its surface, its tone and its noise."""

LIGHT: Final = 1
PEPPER: Final = 2
"""Bits of ``steps``: what is done to what the camera sees."""

Shots = NDArray[Any]
"""Of the dtype ``SHOT``."""


def new_shots(count: int) -> Shots:
    """Return shots of ``count`` images, each of the page of its own number, without anything else.

    Examples
    --------
    >>> shots = new_shots(2)
    >>> shots["page"].tolist(), shots["mesh"].tolist(), shots.dtype.itemsize
    ([0, 1], [-1, -1], 96)
    """
    shots = np.zeros(count, SHOT)
    for name in ("image", "page", "light"):
        shots[name] = np.arange(count)
    for name in ("shade", "alpha", "mesh"):
        shots[name] = -1
    shots["frame_step"] = 1
    return shots


def set_noise(
    shots: Shots, offset: ArrayLike, gaussian_sd: ArrayLike, poisson_sd: ArrayLike, keys: ArrayLike
) -> None:
    """Let shots be developed; see ``reference.develop`` for what the values are.

    Parameters
    ----------
    shots
        Changed in place.
    offset, gaussian_sd, poisson_sd
        One number for all, or one for each.
    keys
        Numbers of the pages, 0 to 2**64 - 1; one for all, or one for each.

    Examples
    --------
    >>> shots = new_shots(1)
    >>> set_noise(shots, 3.0, 1.0, 0.0, 7)
    >>> float(shots["offset"][0]), int(shots["steps"][0])
    (3.0, 1)
    """
    gaussian, poisson = np.asarray(gaussian_sd, np.float64), np.asarray(poisson_sd, np.float64)
    shots["offset"] = np.asarray(offset, np.float32)
    shots["fixed"] = (gaussian**2 / BYTES_VARIANCE).astype(np.float32)
    shots["growing"] = (poisson**2 / BYTES_VARIANCE / 255).astype(np.float32)
    shots["steps"] |= LIGHT
    set_keys(shots, keys)


def set_pepper(shots: Shots, density: ArrayLike, keys: ArrayLike) -> None:
    """Let shots have salt and pepper; see ``reference.salt_pepper``.

    Examples
    --------
    >>> shots = new_shots(1)
    >>> set_pepper(shots, 0.5, 7)
    >>> int(shots["pepper_hits"][0]) == 2**30
    True
    """
    hits = np.rint(np.asarray(density, np.float64) * 2**31)
    shots["pepper_hits"] = hits.astype(np.uint32)
    shots["steps"] |= PEPPER
    set_keys(shots, keys)


def set_keys(shots: Shots, keys: ArrayLike) -> None:
    """Give shots the numbers of their pages.

    Examples
    --------
    >>> shots = new_shots(1)
    >>> set_keys(shots, 7)
    >>> (int(shots["key_first"][0]), int(shots["key_second"][0])) == split_key(7)
    True
    """
    numbers = np.asarray(keys, np.uint64).ravel().tolist()
    words = np.array([split_key(number) for number in numbers], np.uint32)
    shots["key_first"], shots["key_second"] = words[:, 0], words[:, 1]
