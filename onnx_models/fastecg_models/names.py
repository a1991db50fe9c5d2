"""The net that finds lead names, speeds and gains in print: what it can say, and running it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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
