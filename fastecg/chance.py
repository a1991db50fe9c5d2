"""Random streams by name: the same name gives the same numbers, whatever else was drawn before."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(name: str) -> np.random.Generator:
    """Return the random stream of a name, such as ``7/ptbxl/HR00001/0/2/page.dpi``.

    Examples
    --------
    >>> stream("7/a").random() == stream("7/a").random()
    True
    """
    return np.random.Generator(np.random.Philox(key=_digest(name, 16)))


def name_key(name: str) -> int:
    """Return a whole number below 2**53 that stands for a name (a JSON number holds it exactly).

    Examples
    --------
    >>> 0 <= name_key("7/a") < 2**53
    True
    """
    return _digest(name, 8) >> 11


def _digest(name: str, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=size).digest(), "little")
