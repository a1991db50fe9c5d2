"""Written words and characters by writer, and notes made up from single characters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.handwriting.resample import Points, resample

TRAIN, VALIDATION, TEST = 0, 1, 2
STEP = 0.4  # x-heights that count as 1 for the network


@dataclass(frozen=True, slots=True)
class Writing:
    """One word or character as a pen's way."""

    text: str
    steps: NDArray[np.float32]
    """Shape (n, 4): dx, dy in units of STEP x-heights, end of stroke, end of word.

    The first step leads from the word's origin (left edge, baseline) to its first point.
    """


@dataclass
class Writer:
    """All that one writer wrote."""

    name: str
    words: list[Writing] = field(default_factory=list)
    characters: dict[str, list[Writing]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def capitals(self) -> list[Writing]:
        """Return the words without a small letter."""
        return [word for word in self.words if word.text.upper() == word.text]

    @property
    def weight(self) -> float:
        """Return how often this writer should come up; four characters count as a word."""
        return float((len(self.words) + sum(map(len, self.characters.values())) / 4) ** 0.8)


def load(path: Path, split: int) -> list[Writer]:
    """Load the writers of one split.

    Parameters
    ----------
    path : Path
        The stroke pack, an ``.npz`` with the arrays named in its README.
    split : int
        TRAIN, VALIDATION or TEST.

    Returns
    -------
    list[Writer]
        In the order of their numbers in the pack.
    """
    with np.load(path) as pack:
        unit = float(pack["unit"])
        split_of, kinds, labels, owner = pack["split"], pack["kind"], pack["label"], pack["writer"]
        names, offsets, xy, up = pack["writer_names"], pack["offsets"], pack["points"], pack["pen_up"]
    points = resample(Points(xy.astype(np.float32) / unit, up.astype(np.bool_), offsets))
    writers: dict[int, Writer] = {}
    for sample in np.flatnonzero(split_of == split):
        begin, end = points.offsets[sample], points.offsets[sample + 1]
        text = labels[sample].decode()
        writing = Writing(text, as_steps(points.xy[begin:end], points.pen_up[begin:end]))
        number = int(owner[sample])
        writer = writers.setdefault(number, Writer(_name(names[number])))
        if kinds[sample] == 0:
            writer.words.append(writing)
        else:
            writer.characters[text].append(writing)
    return [writers[number] for number in sorted(writers)]


def as_steps(xy: NDArray[np.float32], pen_up: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Turn points in x-heights into the steps of a Writing."""
    steps = np.zeros((len(xy), 4), np.float32)
    steps[:, :2] = np.diff(xy, axis=0, prepend=np.zeros((1, 2), np.float32)) / STEP
    steps[:, 2] = pen_up
    steps[-1, 2:] = 1
    return steps


def as_points(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn steps back into points in x-heights from the word's origin, shape (n, 2)."""
    return np.asarray(np.cumsum(steps[:, :2], axis=0) * STEP, dtype=np.float32)


def side_by_side(parts: list[Writing], gaps: NDArray[np.float64]) -> Writing:
    """Set writings one after the other on one baseline.

    Parameters
    ----------
    parts : list[Writing]
        At least one.
    gaps : NDArray[np.float64]
        Shape (len(parts),): room in front of each part in x-heights; the first counts too.

    Returns
    -------
    Writing
        Their texts joined, and one way of the pen.
    """
    ways: list[NDArray[np.float32]] = []
    right = 0.0
    for part, gap in zip(parts, gaps, strict=True):
        xy = as_points(part.steps)
        xy[:, 0] += right + gap - (xy[:, 0].min() if right else 0.0)
        right = float(xy[:, 0].max())
        ways.append(xy)
    ups = np.concatenate([part.steps[:, 2] > 0 for part in parts])
    return Writing("".join(part.text for part in parts), as_steps(np.concatenate(ways), ups))


def made_up(writer: Writer, rng: np.random.Generator) -> Writing:
    """Make up something like a number, an abbreviation or a marked word of one writer's characters."""
    wanted = _PATTERNS[rng.integers(len(_PATTERNS))]
    parts: list[Writing] = []
    for token in wanted:
        if token == "w" and writer.words:
            parts.append(writer.words[rng.integers(len(writer.words))])
            continue
        known = [c for c in _CLASSES.get(token, token) if writer.characters.get(c)]
        known = known or sorted(c for c, found in writer.characters.items() if found)
        if known:
            found = writer.characters[known[rng.integers(len(known))]]
            parts.append(found[rng.integers(len(found))])
    while sum(len(part.text) for part in parts) > 18:
        parts.pop()
    room = rng.uniform(0.15, 0.35)
    gaps = np.maximum(0.05, room + rng.normal(0, 0.05, len(parts)))
    gaps[0] = 0
    return side_by_side(parts, gaps)


def _name(raw: object) -> str:
    return raw.decode() if isinstance(raw, bytes) else str(raw)


_CLASSES = {
    "d": "0123456789",
    "1": "123",
    "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "a": "abcdefghijklmnopqrstuvwxyz",
    ".": ".,:;",
    "?": "?!",
    "*": "\"#$%&'()*+-/<=>@[\\]^_`{|}~",
}
_PATTERNS = (
    *(
        "d",
        "dd",
        "dd",
        "ddd",
        "ddd",
        "dddd",
        "d/d",
        "dd/dd",
        "dd-dd-dd",
        "dd.dd",
        "dd:dd",
        "d.d",
        "dd%",
        "+d",
    ),
    *(
        "A",
        "AA",
        "AA",
        "AAA",
        "AAA",
        "AAAA",
        "A.A.",
        "Ad",
        "A1",
        "A1-A1",
        "?AAA",
        "(AA)",
        "1A",
        "AA=d",
        "II",
        "III",
    ),
    *("Aa", "Aaa", "aa", "aaa", "aaaa", "aaaaa", "Aaaaa", "a*a", "d*d", "A*A", "**", "*d*", "?", "a."),
    *("w.", "w?", "?w", "w.", "w-d", "(w)"),
)
