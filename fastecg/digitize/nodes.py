"""From a lattice to a map: which point of the paper, in mm, every part of an image shows."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.lattice import Family, Tiles, amplitudes_at, smooth_frequency

Floats = NDArray[np.floating[Any]]

PERIODS_MM: Final = (1.0, 5.0, 2.5, 1.25, 5 / 3, 0.5)
LONGEST_MM: Final = 480.0
SHORTEST_MM: Final = 35.0


@dataclass(frozen=True, slots=True)
class Lattice:
    """Places on paper of the tiles' centres.

    Parameters
    ----------
    image, paper
        Shape (n, 2): pixels and millimetres.
    confidence
        Shape (n,), 0 to 1.
    sureness
        0 to 1: how surely a millimetre is one.
    """

    image: Floats
    paper: Floats
    confidence: Floats
    sureness: float


def common_period_px(family: Family) -> float:
    """Return the median of a carrier's period in pixels."""
    trusted = family.confidence > 0.1
    frequency = family.frequency[trusted] if trusted.any() else family.frequency
    return float(1 / np.median(np.hypot(*frequency.T)))


def periods_mm(across: Family, down: Family, longest_px: float) -> tuple[float, float, float]:
    """Return both carriers' periods in mm, and how surely they are known.

    Squares are squares: what one direction does not tell, the other does. Where both are silent,
    the page has to have the size of one.
    """
    px = common_period_px(across), common_period_px(down)
    said = across.period_mm, down.period_mm
    best, best_cost = (1.0, 1.0), np.inf
    for first in {*PERIODS_MM, *said} - {0.0}:
        for second in {*PERIODS_MM, *said} - {0.0}:
            scale = np.sqrt(px[0] / first * px[1] / second)
            cost = 4.0 * abs(np.log(px[0] / first / (px[1] / second)))
            for period, family in ((first, across), (second, down)):
                if family.period_mm and abs(family.period_mm - period) > 0.01:
                    cost += 0.3 + 2.0 * family.sureness
                elif not family.period_mm:
                    cost += 0.1 if period == 1.0 else 0.2 if period == 5.0 else 0.8
            length = longest_px / scale
            cost += 3.0 * (length > LONGEST_MM) + 3.0 * (length < SHORTEST_MM) + 0.3 * (length < 100)
            if cost < best_cost:
                best, best_cost = (first, second), cost
    sure = max(across.sureness * (said[0] == best[0]), down.sureness * (said[1] == best[1]), 0.2)
    return best[0], best[1], float(sure * np.exp(-0.3 * max(best_cost - 0.5, 0)))


def walk(tiles: Tiles, across: Family, down: Family, periods: tuple[float, float]) -> tuple[Floats, Floats]:
    """Give every tile's centre its place on paper, walking from the surest to its neighbours.

    Parameters
    ----------
    tiles
        The windows.
    across, down
        Lines that stand and that lie.
    periods
        Periods of both in mm.

    Returns
    -------
    paper, confidence
        Shape (n, 2), mm from an arbitrary line of the grid; shape (n,), 0 to 1.
    """
    rows, columns = tiles.grid_shape
    trust = np.sqrt(across.confidence * down.confidence)
    paper = np.zeros((len(trust), 2))
    reached = np.zeros(len(trust), bool)
    start = int(np.argmax(_blurred(trust.reshape(rows, columns)).ravel() * (trust > 0)))
    families = ((across, periods[0]), (down, periods[1]))
    paper[start] = [period * family.phase[start] for family, period in families]
    reached[start] = True
    squares = [_squares(tiles, family, period) for family, period in families]
    for axis in (0, 1):  # the first tile stands on a line of the squares
        here = squares[axis]
        if here is not None and here[1][start] > 0:
            paper[start, axis] += np.round(5 * here[0][start] - paper[start, axis])
    steady = [_steady(tiles, family) for family, _ in families]
    loose = [_loose(tiles, family) for family, _ in families]
    queue: list[tuple[float, int, int]] = []

    def push(k: int) -> None:
        for other in _neighbours(k, rows, columns):
            if not reached[other]:
                heapq.heappush(queue, (-trust[other] * trust[k], other, k))

    push(start)
    left_over = np.zeros(len(trust))
    while queue:
        _, k, _ = heapq.heappop(queue)
        if reached[k]:
            continue
        reached[k] = True
        around = [n for n in _neighbours(k, rows, columns) if reached[n]]
        weight = trust[around] + 1e-3
        steps = tiles.centres[k] - tiles.centres[around]
        for axis, (family, period) in enumerate(families):
            mean = (steady[axis][k] + steady[axis][around]) / 2
            guesses = paper[around, axis] / period + (mean * steps).sum(axis=1)
            guess = float(guesses[np.argmax(weight)])
            close = np.abs(guesses - guess) < 0.5
            guess = float((guesses * weight)[close].sum() / weight[close].sum())
            off = (family.phase[k] - guess + 0.5) % 1 - 0.5
            off += _whole(guess + off, (off, loose[axis]), period, squares[axis], k)
            paper[k, axis] = period * (guess + off)
            left_over[k] = max(left_over[k], abs(off))
        push(k)
    return paper, trust * np.exp(-0.5 * (left_over / 0.22) ** 2)


def _squares(tiles: Tiles, family: Family, period: float) -> tuple[Floats, Floats] | None:
    """Return the phases of the big squares at the tiles' centres, and how far they stand out; else None."""
    if period != 1.0:
        return None
    phase, size = amplitudes_at(tiles, family.frequency / 5)
    _, beside = amplitudes_at(tiles, family.frequency * 0.3)
    return phase, np.clip(size / (beside + 1e-9) / 2.5 - 1, 0, 1) * family.confidence


def _loose(tiles: Tiles, family: Family) -> float:
    """Return how many periods a guess from a neighbour may be off: hardly any where all go alike."""
    smooth = smooth_frequency(tiles.centres, family.frequency, family.confidence)
    off = np.hypot(*(family.frequency - smooth).T)[family.confidence > 0.1]
    usual = float(np.median(off)) if len(off) else 1.0
    return float(np.clip(6 * usual * tiles.size / 2, 0.25, 0.8))


def _whole(
    place: float, off: tuple[float, float], period: float, squares: tuple[Floats, Floats] | None, k: int
) -> int:
    """Return how many periods a tile lies from the nearest guess, seeing where the squares are."""
    if squares is None or squares[1][k] <= 0:
        return 0
    n = np.arange(-2, 3)
    wrapped = (squares[0][k] - (place + n) * period / 5 + 0.5) % 1 - 0.5
    cost = ((off[0] + n) / off[1]) ** 2 + squares[1][k] * np.minimum((wrapped / 0.1) ** 2, 9.0)
    return int(n[cost.argmin()])


def _neighbours(k: int, rows: int, columns: int) -> list[int]:
    """Return the tiles above, below and beside one."""
    i, j = divmod(k, columns)
    places = ((i, j + 1), (i + 1, j), (i, j - 1), (i - 1, j))
    return [a * columns + b for a, b in places if 0 <= a < rows and 0 <= b < columns]


def _steady(tiles: Tiles, family: Family) -> Floats:
    """Return the frequencies, those of unsure tiles as the others have it there."""
    smooth = smooth_frequency(tiles.centres, family.frequency, family.confidence)
    share = np.clip(family.confidence * 2, 0, 1)[:, None]
    return share * family.frequency + (1 - share) * smooth


def _blurred(values: Floats) -> Floats:
    import cv2  # noqa: PLC0415 - 0.1 s to import

    return np.asarray(cv2.blur(values, (3, 3), borderType=cv2.BORDER_CONSTANT), np.float64)


def fit_homography(paper: Floats, image: Floats, weight: Floats, scale_px: float) -> Floats:
    """Return the homography from mm to pixels, by iterated least squares that let outliers go.

    Parameters
    ----------
    paper, image
        Shape (n, 2), n at least 4.
    weight
        Shape (n,).
    scale_px
        Distances that are none, in pixels.
    """
    a, to_a = _normalised(paper)
    b, to_b = _normalised(image)
    x, y = a.T
    zero, one = np.zeros_like(x), np.ones_like(x)
    trust = weight.copy()
    matrix = np.eye(3)
    for _ in range(15):
        u, v = b.T
        system = np.concatenate(
            [
                np.column_stack([x, y, one, zero, zero, zero, -u * x, -u * y]),
                np.column_stack([zero, zero, zero, x, y, one, -v * x, -v * y]),
            ]
        )
        twice = np.sqrt(np.concatenate([trust, trust]))[:, None]
        # the two terms of perspective are kept small where nothing speaks for them
        small = np.zeros((2, 8))
        small[0, 6] = small[1, 7] = 0.05 * np.sqrt(trust.sum())
        solution = np.linalg.lstsq(
            np.vstack([system * twice, small]),
            np.concatenate([np.concatenate([u, v]) * twice[:, 0], [0, 0]]),
            rcond=None,
        )[0]
        matrix = np.append(solution, 1.0).reshape(3, 3)
        full = np.linalg.inv(to_b) @ matrix @ to_a
        off = np.hypot(*(project(full, paper) - image).T)
        scale = max(2.0 * float(np.median(off[weight > 0.05])) if (weight > 0.05).any() else 0.0, scale_px)
        trust = weight / (1 + (off / scale) ** 2) ** 2
    result: Floats = full / full[2, 2]
    return result


def project(matrix: Floats, points: Floats) -> Floats:
    """Map points, shape (..., 2), by a homography."""
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    result: Floats = mapped[..., :2] / mapped[..., 2:]
    return result


def _normalised(points: Floats) -> tuple[Floats, Floats]:
    centre, spread = points.mean(0), max(float(points.std()), 1e-9)
    matrix = np.array([[1 / spread, 0, -centre[0] / spread], [0, 1 / spread, -centre[1] / spread], [0, 0, 1]])
    return (points - centre) / spread, matrix
