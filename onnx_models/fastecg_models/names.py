"""The net that finds lead names, speeds and gains in print: what it can say, and running it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_models._onnx import open_model
from fastecg_models.errors import ModelError

CLASSES: Final = (
    "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6", "-aVR",
    "V7", "V8", "V9", "V3R", "V4R", "mm/s", "mm/mV",
    "2.5", "5", "10", "12.5", "20", "25", "50", "100",
)  # fmt: skip
"""What the net tells apart, in the order of its outputs; the last output is none of these."""

STRIDE: Final = 4
"""Pixels between two answers."""

PX_PER_MM: Final = 5.0
"""The scale it reads at."""

SHIPPED: Final = Path(__file__).parent / "names" / "names.onnx"

INPUT: Final = "darkness"
OUTPUT: Final = "found"
"""Names in the file."""


class Names:
    """The net, opened: by ONNX Runtime, which takes half the time, or by OpenCV where that is missing.

    Parameters
    ----------
    path
        An ONNX file.
    """

    def __init__(self, path: Path = SHIPPED) -> None:
        self._run = _by_runtime(path) or _by_opencv(path)

    def scores(self, darkness: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return how likely each word stands around each fourth pixel, and its box.

        Parameters
        ----------
        darkness
            Shape (H, W), 0 paper to 1 ink, at 5 pixels per mm.

        Returns
        -------
        probabilities, boxes
            Shape (classes + 1, H / 4, W / 4), the last for none; shape (4, H / 4, W / 4): pixels to the
            word's left, top, right and bottom.
        """
        height, width = darkness.shape
        rows, columns = -(-height // 16) * 16, -(-width // 16) * 16
        padded = np.zeros((1, 1, rows, columns), np.float32)
        padded[0, 0, :height, :width] = darkness
        found = self._run(padded)[0][:, : -(-height // STRIDE), : -(-width // STRIDE)]
        logits = found[: len(CLASSES) + 1]
        likely = np.exp(logits - logits.max(axis=0))
        likely /= likely.sum(axis=0)
        return likely, 16 * found[len(CLASSES) + 1 :]


Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def _by_runtime(path: Path) -> Run | None:
    try:
        session = open_model(path.read_bytes())
    except ModelError:
        return None
    return lambda padded: session.run([OUTPUT], {INPUT: padded})[0]


def _by_opencv(path: Path) -> Run:
    import cv2  # noqa: PLC0415 - 0.1 s to import

    net = cv2.dnn.readNetFromONNX(str(path))

    def run(padded: NDArray[np.float32]) -> NDArray[np.float32]:
        net.setInput(padded)
        return np.asarray(net.forward(), np.float32)

    return run
