"""The characters the pen knows: the end of a text, then printable ASCII without the space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

END = 0
CHARACTERS = "".join(chr(code) for code in range(33, 127))
SIZE = len(CHARACTERS) + 1


def encode(text: str) -> NDArray[np.int64]:
    """Give the numbers of a text's characters, with the end behind them.

    Parameters
    ----------
    text : str
        Characters from ``CHARACTERS``.

    Returns
    -------
    NDArray[np.int64]
        Shape (len(text) + 1,), in 0..94; the last is ``END``.

    Raises
    ------
    ValueError
        If a character is not in the alphabet.

    Examples
    --------
    >>> encode("!~").tolist()
    [1, 94, 0]
    """
    unknown = sorted(set(text) - set(CHARACTERS))
    if unknown:
        raise ValueError(f"the pen cannot write {unknown}: it knows printable ASCII without the space")
    return np.array([CHARACTERS.index(character) + 1 for character in text] + [END], dtype=np.int64)
