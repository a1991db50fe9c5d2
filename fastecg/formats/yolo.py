"""YOLO: a text file per page with boxes, polygons or poses, in shares of the image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from fastecg.formats.outlines import KEYPOINTS, KINDS, Outline

SHAPES: Final = ("boxes", "polygons", "pose")
"""What a line of a file tells; ``pose`` tells the keypoints of leads, and of nothing else."""
YOLO_FILE: Final = "data.yaml"
YOLO_LIST: Final = "images.txt"

_FLIPPED: Final = (1, 0, 3, 2)
"""Which keypoint each becomes when the image is mirrored: starts become ends."""


def yolo_lines(found: Iterable[Outline], shape: tuple[int, int], tell: str = "boxes") -> bytes:
    r"""Return the content of a page's file.

    Parameters
    ----------
    found
        What is on the page.
    shape
        Height and width of the image.
    tell
        One of :data:`SHAPES`.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 6.0], [0.0, 6.0]])
    >>> yolo_lines([Outline("text", square, 24.0, {}, np.empty((0, 2)))], (12, 8))
    b'3 0.250000 0.250000 0.500000 0.500000\n'

    References
    ----------
    Ultralytics, docs.ultralytics.com/datasets: detect, segment and pose.
    """
    size = np.array([shape[1], shape[0]], np.float64)
    told = (one for one in found if tell != "pose" or one.kind == "lead")
    return b"".join(_line(one, size, tell) for one in told)


def yolo_yaml(tell: str = "boxes") -> bytes:
    """Return the file that describes a dataset; what it lists serves training and validation alike.

    Examples
    --------
    >>> print(yolo_yaml().decode().splitlines()[1])
    train: images.txt
    """
    lines = [
        "# Split images.txt into two lists, or give another dataset for validation.",
        f"train: {YOLO_LIST}",
        f"val: {YOLO_LIST}",
        "names:",
        *(f"  {number}: {kind}" for number, kind in enumerate(KINDS if tell != "pose" else KINDS[:1])),
    ]
    if tell == "pose":
        lines += [f"kpt_shape: [{len(KEYPOINTS)}, 3]", f"flip_idx: {list(_FLIPPED)}"]
    return ("\n".join(lines) + "\n").encode()


def yolo_list(files: Iterable[str]) -> Iterator[bytes]:
    r"""Yield the lines that list the images of a dataset.

    Examples
    --------
    >>> list(yolo_list(["a/rec-0.png"]))
    [b'./a/rec-0.png\n']
    """
    return (f"./{file}\n".encode() for file in files)


def _line(one: Outline, size: np.ndarray[tuple[int], np.dtype[np.float64]], tell: str) -> bytes:
    if tell == "polygons":
        values = (one.polygon / size).ravel()
    else:
        low, high = one.polygon.min(axis=0) / size, one.polygon.max(axis=0) / size
        values = np.concatenate([(low + high) / 2, high - low])
    words = [str(KINDS.index(one.kind)), *(f"{value:.6f}" for value in values)]
    if tell == "pose":
        for point in one.keypoints / size:
            words += [f"{point[0]:.6f}", f"{point[1]:.6f}", "2"] if point[0] >= 0 else ["0", "0", "0"]
    return (" ".join(words) + "\n").encode()
