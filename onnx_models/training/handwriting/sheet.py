"""Draw a sheet of phrases for the eye: ``python -m training.handwriting.sheet --help``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from fastecg_models.pen import Pen, Word
from fastecg_models.pen_graph import Precision
from fastecg_models.strokes import Strokes

if TYPE_CHECKING:
    from numpy.typing import NDArray

PHRASES = (
    "sinus rhythm",
    "AF with RVR",
    "HR 72 bpm",
    "?LAD lesion",
    "old anterior MI",
    "LVH strain",
    "ST elevation V2-V4",
    "no acute change",
    "1st degree block",
    "RBBB + LAFB",
    "QTc 460 ms",
    "reviewed 12/03/98",
    "pacemaker spikes",
    "compare previous",
    "chest pain 14:30",
    "T inversion III",
    "please repeat",
    "normal axis",
    "ventricular ectopics",
    "discharge home",
)
SPACE = 0.7  # x-heights between two words
LINE = 4.2  # x-heights from line to line
SCALE = 16  # pixels per x-height


def curve(xy: NDArray[np.float32], pieces: int = 6) -> NDArray[np.float64]:
    """Lay a smooth line through points (Catmull-Rom)."""
    if len(xy) < 3:
        return xy.astype(np.float64)
    around = np.concatenate([2 * xy[:1] - xy[1:2], xy, 2 * xy[-1:] - xy[-2:-1]])
    before, start, end, after = around[:-3], around[1:-2], around[2:-1], around[3:]
    t = (np.arange(pieces) / pieces)[None, :, None]
    a, b, c, d = (part[:, None] for part in (before, start, end, after))
    points = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([points.reshape(-1, 2), xy[-1:]])


def note(pen: Pen, phrase: str, style: str, seed: int, bias: float) -> list[Strokes]:
    """Write the words of a phrase."""
    return pen.write([Word(text, style, seed + i, bias) for i, text in enumerate(phrase.split())])


def draw(lines: list[list[Strokes]], columns: int, width: float) -> NDArray[np.uint8]:
    """Draw lines of words, in columns, black on white."""
    import cv2  # noqa: PLC0415 - only for pictures

    rows = -(-len(lines) // columns)
    shape = (int((rows * LINE + 2) * SCALE), int(columns * width * SCALE))
    image = np.full(shape, 255, np.uint8)
    for number, line in enumerate(lines):
        left, base = (number // rows) * width + 0.5, (number % rows) * LINE + 3
        for strokes in line:
            xy = strokes.xy - np.array([strokes.xy[:, 0].min(), 0])
            for part in np.split(xy, np.flatnonzero(strokes.pen_up)[:-1] + 1):
                points = np.round((curve(part) + np.array([left, base])) * SCALE * 16).astype(np.int32)
                cv2.polylines(image, [points[:, None]], False, 0, 2, cv2.LINE_AA, 4)
                if len(part) == 1:
                    cv2.circle(image, tuple(points[0] // 16), 2, 0, -1, cv2.LINE_AA)
            left += float(xy[:, 0].max()) + SPACE
    return image


def main() -> None:
    """Read the command line and draw."""
    import cv2  # noqa: PLC0415 - only for pictures

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of an exported model")
    parser.add_argument("--out", type=Path, required=True, help="the picture, a .png")
    parser.add_argument("--precision", choices=get_args(Precision), default="fp32")
    parser.add_argument("--bias", type=float, default=0.5)
    parser.add_argument("--lines", type=int, default=60)
    wanted = parser.parse_args()
    pen = Pen(wanted.model, wanted.precision)
    lines = [
        note(pen, PHRASES[i % len(PHRASES)], pen.styles[i % len(pen.styles)], 100 * i, wanted.bias)
        for i in range(wanted.lines)
    ]
    cv2.imwrite(str(wanted.out), draw(lines, 3, 24))


if __name__ == "__main__":
    main()
