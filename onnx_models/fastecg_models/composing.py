"""Puts pieces of writing side by side, as close as their ink allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_models.strokes import Strokes

GAP: Final = 0.25  # x-heights between the ink of two pieces
GAP_SPREAD: Final = 0.08
DRIFT: Final = 0.04  # x-heights that a piece leaves the baseline
OVERLAP: Final = 0.35  # x-heights that a piece may reach below or above the one before
BAND: Final = 0.5  # x-heights: ink is compared in horizontal bands
TOP: Final = -3.5
BANDS: Final = 14


def pieces(text: str, longest: int, known: Callable[[str], bool]) -> list[str] | None:
    """Cut a text into as few known pieces as possible.

    Parameters
    ----------
    text : str
        What to cut.
    longest : int
        Characters of the longest known piece.
    known : Callable[[str], bool]
        Says whether a piece is known.

    Returns
    -------
    list[str] or None
        The pieces in order; None if the text cannot be made of known ones.

    Examples
    --------
    >>> pieces("?LAD2", 3, {"?", "L", "A", "D", "2", "LAD"}.__contains__)
    ['?', 'LAD', '2']
    """
    fewest = [0] + [len(text) + 1] * len(text)
    cuts = [0] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - longest), end):
            if fewest[start] + 1 < fewest[end] and known(text[start:end]):
                fewest[end], cuts[end] = fewest[start] + 1, start
    if fewest[-1] > len(text):
        return None
    found, end = [], len(text)
    while end:
        found.append(text[cuts[end] : end])
        end = cuts[end]
    return found[::-1]


def side_by_side(parts: Sequence[Strokes], rng: np.random.Generator) -> Strokes:
    """Set pieces one after the other on one baseline.

    Parameters
    ----------
    parts : Sequence[Strokes]
        At least one.
    rng : numpy.random.Generator
        Draws the room between two pieces and how far each leaves the baseline.

    Returns
    -------
    Strokes
        One word; its leftmost ink is at 0.

    Examples
    --------
    >>> bar = Strokes(np.array([[0, -1], [0, 0]], np.float32), np.array([False, True]), True)
    >>> both = side_by_side([bar, bar], np.random.default_rng(1))
    >>> len(both.xy), bool(0.1 < both.xy[2, 0] < 0.4)
    (4, True)
    """
    chance = rng.uniform(-1, 1, (len(parts), 2)) * (GAP_SPREAD, DRIFT)
    reached = np.full(BANDS, -np.inf)
    placed: list[NDArray[np.float32]] = []
    for part, (spread, drift) in zip(parts, chance, strict=True):
        left, right = _profiles(part.xy)
        shift = -float(part.xy[:, 0].min())
        if placed:
            shift = _shift(reached, left, GAP + spread)
        placed.append(part.xy + np.array([shift, drift], np.float32))
        reached = np.maximum(reached, right + shift)
    ups = np.concatenate([part.pen_up for part in parts])
    return Strokes(np.concatenate(placed), ups, all(part.finished for part in parts))


def _profiles(xy: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the leftmost and rightmost ink in each band; infinite where there is none nearby."""
    bands = np.clip(((xy[:, 1] - TOP) / BAND).astype(np.intp), 0, BANDS - 1)
    left, right = np.full(BANDS, np.inf), np.full(BANDS, -np.inf)
    np.minimum.at(left, bands, xy[:, 0])
    np.maximum.at(right, bands, xy[:, 0])
    # Points lie half an x-height apart: the line between two of them crosses bands without a point.
    left[1:-1] = np.minimum(np.minimum(left[:-2], left[1:-1]), left[2:])
    right[1:-1] = np.maximum(np.maximum(right[:-2], right[1:-1]), right[2:])
    return left, right


def _shift(reached: NDArray[np.float64], left: NDArray[np.float64], gap: float) -> float:
    """Return how far to move a piece, so that its ink keeps its distance but no more than it must."""
    close = float((reached - left).max()) + gap  # infinite bands take no part
    return max(close, float(reached.max()) - OVERLAP + gap - float(left.min()))
