"""A reader of traces: runs the ONNX model that finds a line in a strip of paper."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastecg_models._onnx import open_model
from fastecg_models.cards import read_checked
from fastecg_models.errors import ModelError

Precision = Literal["fp32", "fp16", "int8"]

SHIPPED: Final = Path(__file__).parent / "digitizer"
MULTIPLE: Final = 8
"""Widths are padded to a multiple of this."""

STEP: Final = 16
"""Heights are the model's, or more by a multiple of this."""

OUTPUTS: Final = ("place", "there", "clean")


class Answer(NamedTuple):
    """What the network says about one strip of W pixels.

    Examples
    --------
    >>> Answer(np.zeros((176, 4)), np.zeros(4), np.zeros((352, 2))).place.shape
    (176, 4)
    """

    place: NDArray[np.float32]
    """Shape (H / 2, 2 W): logits of the line's place in each column, from top to bottom."""
    there: NDArray[np.float32]
    """Shape (2 W,): logits that there is one."""
    clean: NDArray[np.float32]
    """Shape (H, W): darkness of the wanted line's ink alone, about 0 to 1; empty where not wanted."""


class TraceReader:
    """Finds the line of the middle row in strips of paper.

    Parameters
    ----------
    folder : Path
        Where the model lies, with its card; as a rule the shipped one.
    precision : Precision
        ``fp32``, ``fp16`` or ``int8``.
    provider : str
        ``cpu``, ``cuda`` or ``tensorrt``.
    threads : int
        Threads, at least 1.

    Raises
    ------
    ModelError
        If the model cannot be read or is damaged, or the provider does not come up.
    """

    def __init__(
        self,
        folder: Path = SHIPPED,
        precision: Precision = "int8",
        *,
        provider: str = "cpu",
        threads: int = 1,
    ) -> None:
        content = read_checked(folder, f"traces-{precision}.onnx")
        self._session = open_model(content, provider, threads=threads)
        self.height = int(self._session.properties["height"])

    def read(self, dark: NDArray[np.float32], *, clean: bool = True) -> Answer:
        """Read one strip.

        Parameters
        ----------
        dark : NDArray[np.float32]
            Shape (3, H, W): how much darker than the paper each pixel is, 0 paper, 1 black; H as the
            model's ``height`` or more by a multiple of 16, with the row's baseline in the middle.
        clean : bool
            Whether the clean ink is wanted; it takes a fifth of the time, and is empty otherwise.

        Returns
        -------
        Answer
            Logits and clean ink.

        Raises
        ------
        ModelError
            If the strip has another height.
        """
        more = dark.shape[1] - self.height if dark.ndim == 3 else -1
        if more < 0 or more % STEP or dark.shape[0] != 3 or not dark.shape[2]:
            raise ModelError(
                f"the strip has shape {dark.shape}; the model takes (3, {self.height} + {STEP} k, width)"
            )
        width = dark.shape[2]
        missing = -width % MULTIPLE
        padded = np.pad(dark, ((0, 0), (0, 0), (0, missing))) if missing else dark
        wanted = OUTPUTS if clean else OUTPUTS[:2]
        found = self._session.run(wanted, {"dark": np.ascontiguousarray(padded)[None]})
        ink = found[2][0, :, :width] if clean else np.empty((0, 0), np.float32)
        return Answer(found[0][0, :, : 2 * width], found[1][0, : 2 * width], ink)
