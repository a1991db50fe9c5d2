"""The grid as a lattice: how long a millimetre is in every part of an image, and which way it runs.

In a window of the image, a grid has a few sharp spectral peaks on two rays from the origin. The
strongest on a ray is the carrier; which harmonic of the 5 mm squares it is shows in the other
peaks on the ray. A carrier's frequency gives scale and direction, its phase the place.

Source: J. Liu, R. T. Collins and Y. Tsin, A computational model for periodic pattern perception
based on frieze and wallpaper groups, IEEE TPAMI 26 (2004), for lattices by their peaks; M. J. Hÿtch,
E. Snoeck and R. Kilaas, Ultramicroscopy 74 (1998), for displacement from the phases of Bragg peaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.harmonics import HALF_MM, millimetres, ray_profile

Floats = NDArray[np.floating[Any]]

TILE: Final = 256
LOWEST_BINS: Final = 3.5
"""Spectra below this many periods in a tile are light, text and traces."""
SHORTEST_PX: Final = 2.3
FINER_SHARE: Final = 0.7
"""Millimetre lines are followed where they are trusted at least this share as far as what stood out more."""
SPREAD: Final = 0.3
"""How much a carrier may differ from the commonest one, as a share of it: perspective."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Windows of an image: centres, shape (n, 2), and their contents, shape (n, size, size)."""

    centres: Floats
    pixels: Floats
    grid_shape: tuple[int, int]

    @property
    def size(self) -> int:
        """Pixels along a side."""
        return int(self.pixels.shape[1])


@dataclass(frozen=True, slots=True)
class Family:
    """The lines of one direction, tile by tile.

    Parameters
    ----------
    frequency
        Shape (n, 2), periods per pixel along x and y.
    phase
        Shape (n,), periods at a tile's centre, up to whole ones.
    confidence
        Shape (n,), 0 to 1.
    period_mm
        Millimetres in a period of the carrier.
    sureness
        0 to 1: how surely the period is known in millimetres.
    """

    frequency: Floats
    phase: Floats
    confidence: Floats
    period_mm: float
    sureness: float


def high_pass(grid: Floats, reach: float = 9.0) -> Floats:
    """Return what is fine in a picture, with what sticks out (ink) cut to the strength of the rest."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    fine = grid - cv2.blur(grid, (int(2 * reach) + 1,) * 2)
    strength = 1.4826 * float(np.median(np.abs(fine[::3, ::3]))) + 1e-4
    clipped: Floats = np.clip(fine, -3 * strength, 4 * strength) / np.float32(strength)
    return clipped


def cut_tiles(fine: Floats, size: int = TILE) -> Tiles:
    """Cut a picture into windows that overlap by half."""
    height, width = fine.shape
    size = min(size, height // 2 * 2, width // 2 * 2)
    tops = np.linspace(0, height - size, max(round((height - size) / (size / 2)) + 1, 1)).astype(int)
    lefts = np.linspace(0, width - size, max(round((width - size) / (size / 2)) + 1, 1)).astype(int)
    pixels = np.stack([fine[y : y + size, x : x + size] for y in tops for x in lefts])
    centres = np.array([(x + size / 2, y + size / 2) for y in tops for x in lefts], np.float64)
    return Tiles(centres, pixels, (len(tops), len(lefts)))


def spectra(tiles: Tiles) -> Floats:
    """Return amplitudes, shape (n, size, size), zero frequency in the middle."""
    from scipy import fft  # noqa: PLC0415 - 0.1 s to import

    window = np.hanning(tiles.size + 2)[1:-1].astype(np.float32)
    half = np.abs(fft.rfft2(tiles.pixels * window[:, None] * window, workers=1)).astype(np.float32)
    # the other half of a real picture's spectrum is the same turned by 180 degrees
    size, middle = tiles.size, tiles.size // 2
    rows = (np.arange(size) - middle) % size
    whole = np.empty((len(half), size, size), np.float32)
    whole[:, :, middle:] = half[:, rows, :middle]
    whole[:, :, :middle] = half[:, -rows % size][:, :, middle:0:-1]
    return whole


def _polar(size: int, family: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the radius of all bins, periods per pixel, and which of them lines of a family can have."""
    axis = (np.arange(size) - size // 2) / size
    along, across = (axis[None, :], axis[:, None]) if family == 0 else (axis[:, None], axis[None, :])
    radius = np.hypot(along, across)
    allowed = (along > 0) & (np.abs(across) <= along)
    return radius, allowed & (radius >= LOWEST_BINS / size) & (radius <= 1 / SHORTEST_PX)


def _angle(size: int, family: int) -> Floats:
    """Return the angle of every bin from a family's axis."""
    axis = (np.arange(size) - size // 2) / size
    along, across = (axis[None, :], axis[:, None]) if family == 0 else (axis[:, None], axis[None, :])
    angle: Floats = np.arctan2(across, np.maximum(along, 1e-9))
    return angle


def _strongest(amplitudes: Floats, weight: Floats, allowed: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return each tile's strongest peak: bin (column, row) to a part of a bin, and how much it sticks out."""
    count, size = amplitudes.shape[:2]
    rows, columns = np.nonzero(allowed)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    box = np.s_[top:bottom, left:right]
    masked = np.where(allowed[box], weight[box], 0).astype(np.float32)
    values = (amplitudes[:, top:bottom, left:right] * masked).reshape(count, -1)
    best = values.argmax(axis=1)
    level = np.median(values[:, masked.ravel() > 0][:, ::3], axis=1) + 1e-9
    n = np.arange(count)
    peak = values[n, best] / level
    i = np.clip(top + best // (right - left), 1, size - 2)
    j = np.clip(left + best % (right - left), 1, size - 2)
    middle = np.log(amplitudes[n, i, j] + 1e-9)

    def part(low: Floats, high: Floats) -> Floats:
        low, high = np.log(low + 1e-9), np.log(high + 1e-9)
        bend = np.minimum(low + high - 2 * middle, -1e-3)
        shift: Floats = np.clip(0.5 * (low - high) / bend, -0.6, 0.6).astype(np.float64)
        return shift

    x = j + part(amplitudes[n, i, j - 1], amplitudes[n, i, j + 1])
    y = i + part(amplitudes[n, i - 1, j], amplitudes[n, i + 1, j])
    return np.column_stack([x, y]), peak


def _mode(radius: Floats, angle: Floats, votes: Floats) -> tuple[float, float]:
    """Return the commonest radius and angle of peaks, by votes in bins of 6 % and 3 degrees."""
    import cv2  # noqa: PLC0415 - 0.1 s to import

    step, turn = np.log(1.06), np.deg2rad(3)
    low = np.log(1e-3)
    histogram = np.zeros((120, 64), np.float32)
    i = np.clip(((np.log(radius) - low) / step).astype(int), 0, 119)
    j = np.clip(((angle + np.pi / 2) / turn).astype(int), 0, 63)
    np.add.at(histogram, (i, j), votes)
    smooth = cv2.GaussianBlur(histogram, (0, 0), 1.3)
    i0, j0 = np.unravel_index(int(smooth.argmax()), smooth.shape)
    near = (np.abs(i - i0) <= 3) & (np.abs(j - j0) <= 3)
    total = votes[near].sum() + 1e-9
    centre = np.exp((np.log(radius[near]) * votes[near]).sum() / total)
    return float(centre), float((angle[near] * votes[near]).sum() / total)


def find_family(tiles: Tiles, amplitudes: Floats, family: int) -> Family | None:
    """Return the lines across x (family 0) or across y (family 1); None where there are none.

    Parameters
    ----------
    tiles, amplitudes
        Windows and their spectra.
    family
        0: lines that stand; 1: lines that lie.
    """
    size = tiles.size
    radius, allowed = _polar(size, family)
    # dots have peaks on diagonals too
    upright = np.exp(-((_angle(size, family) / np.deg2rad(25)) ** 2))
    peaks, strength = _strongest(amplitudes, upright * np.sqrt(np.minimum(radius, 0.1)), allowed)
    offsets = (peaks - size // 2) / size
    along, across = (offsets[:, 0], offsets[:, 1]) if family == 0 else (offsets[:, 1], offsets[:, 0])
    votes = np.clip(strength / 8 - 1, 0, 4)
    if votes.sum() < 1:
        return None
    common, angle = _mode(np.hypot(along, across), np.arctan2(across, along), votes)
    found = _follow(tiles, amplitudes, family, common, angle)
    frequency, confidence = found
    longest = float(np.ptp(tiles.centres, axis=0).max()) + size
    profile = ray_profile(amplitudes, frequency, confidence, size)
    period_mm, sureness = millimetres(profile, _median_frequency(frequency, confidence), size, longest)
    if period_mm == HALF_MM:  # half millimetres: the millimetres themselves are easier to follow
        frequency, confidence = _multiples(tiles, amplitudes, frequency, 0.5)
        period_mm = 1.0
    elif period_mm > 1.0 and common * period_mm < 1 / SHORTEST_PX:  # millimetres, if they are seen as well
        finer, trust = _multiples(tiles, amplitudes, frequency, period_mm)
        if trust.mean() > FINER_SHARE * confidence.mean():
            frequency, confidence, period_mm = finer, trust, 1.0
    return Family(frequency, amplitudes_at(tiles, frequency)[0], confidence, period_mm, sureness)


def _median_frequency(frequency: Floats, confidence: Floats) -> float:
    """Return how many periods per pixel the carriers that are trusted have."""
    trusted = confidence > 0.1
    return float(np.median(np.hypot(*frequency[trusted].T))) if trusted.any() else 0.05


def _follow(
    tiles: Tiles, amplitudes: Floats, family: int, common: float, angle: float
) -> tuple[Floats, Floats]:
    """Return the frequencies near the commonest one, tile by tile, and how far to trust them."""
    size = tiles.size
    axis = (np.arange(size) - size // 2) / size
    a, b = (axis[None, :], axis[:, None]) if family == 0 else (axis[:, None], axis[None, :])
    radius = np.hypot(a, b)
    turn = np.abs(np.arctan2(b, a) - angle)
    near = (np.abs(radius / common - 1) < SPREAD) & (turn < np.deg2rad(14)) & (radius > 0)
    peaks, strength = _strongest(amplitudes, np.ones_like(radius), near)
    frequency = (peaks - size // 2) / size
    confidence = np.clip(strength / 4 - 1, 0, 3) / 3
    return _agreed(tiles, amplitudes, frequency, confidence)


def _multiples(tiles: Tiles, amplitudes: Floats, frequency: Floats, ratio: float) -> tuple[Floats, Floats]:
    """Return the peaks at a multiple of known frequencies, and how far to trust them."""
    size, middle = tiles.size, tiles.size // 2
    guess = frequency * ratio * size
    reach = int(np.clip(0.15 * np.median(np.hypot(*guess.T)), 2, 5))
    around = np.arange(-reach - 8, reach + 9)
    near = np.hypot(around[None, :], around[:, None]) <= reach
    found, trust = np.empty_like(frequency), np.empty(len(frequency))
    for k, (x, y) in enumerate(np.rint(guess).astype(int) + middle):
        part = amplitudes[k][np.ix_(np.clip(y + around, 0, size - 1), np.clip(x + around, 0, size - 1))]
        peak, _ = _strongest(part[None], np.ones_like(part, np.float64), near)
        i, j = np.clip(np.rint(peak[0]).astype(int)[::-1], 0, len(around) - 1)
        found[k] = (peak[0] - len(around) // 2 + np.array([x, y]) - middle) / size
        trust[k] = np.clip(part[i, j] / (np.median(part) + 1e-9) / 4 - 1, 0, 3) / 3
    return _agreed(tiles, amplitudes, found, trust)


def _agreed(tiles: Tiles, amplitudes: Floats, frequency: Floats, confidence: Floats) -> tuple[Floats, Floats]:
    """Return frequencies that change smoothly from tile to tile; those that do not lose confidence."""
    smooth = smooth_frequency(tiles.centres, frequency, confidence)
    bin_size = 1 / tiles.size
    off = np.hypot(*(frequency - smooth).T)
    far = off > 1.2 * bin_size
    if far.any():  # a second look, near where the others say
        axis = (np.arange(tiles.size) - tiles.size // 2) * bin_size
        for k in np.flatnonzero(far):
            near = np.hypot(axis[None, :] - smooth[k, 0], axis[:, None] - smooth[k, 1]) < 1.6 * bin_size
            if not near.any():  # lines closer than two pixels are in no spectrum
                frequency[k], confidence[k] = smooth[k], 0.0
                continue
            peak, _ = _strongest(amplitudes[k : k + 1], np.ones_like(near, np.float64), near)
            frequency[k] = (peak[0] - tiles.size // 2) * bin_size
            around = np.hypot(axis[None, :] - smooth[k, 0], axis[:, None] - smooth[k, 1]) < 12 * bin_size
            level = np.median(amplitudes[k][around]) + 1e-9
            i, j = np.clip(np.rint(peak[0]).astype(int)[::-1], 0, tiles.size - 1)
            confidence[k] = np.clip(amplitudes[k, i, j] / level / 5 - 1, 0, 3) / 3 * 0.7
        off = np.hypot(*(frequency - smooth).T)
    return frequency, confidence * np.exp(-0.5 * (off / bin_size) ** 2)


def smooth_frequency(centres: Floats, frequency: Floats, confidence: Floats) -> Floats:
    """Fit a frequency field, of second order where there are tiles enough, robustly."""
    scaled = (centres - centres.mean(0)) / max(float(np.ptp(centres)), 1.0)
    x, y = scaled.T
    terms = [np.ones_like(x), x, y]
    if np.count_nonzero(confidence > 0.1) >= 20:
        terms += [x * x, x * y, y * y]
    basis = np.column_stack(terms)
    weight = confidence + 1e-6
    ridge = 1e-3 * np.diag([0.0] + [1.0] * (len(terms) - 1))
    fit = np.zeros_like(frequency)
    for _ in range(12):
        normal = basis.T @ (basis * weight[:, None]) + ridge * weight.sum() * 0.01
        fit = basis @ np.linalg.solve(normal, basis.T @ (frequency * weight[:, None]))
        off = np.hypot(*(frequency - fit).T)
        scale = max(1.5 * float(np.median(off[confidence > 0.1])) if (confidence > 0.1).any() else 0.0, 1e-3)
        weight = (confidence + 1e-6) / (1 + (off / scale) ** 2) ** 2
    return fit


def amplitudes_at(tiles: Tiles, frequency: Floats) -> tuple[Floats, Floats]:
    """Return phases at the tiles' centres, in periods, and amplitudes of waves of given frequencies.

    Parameters
    ----------
    tiles
        The windows.
    frequency
        Shape (n, 2), periods per pixel along x and y.
    """
    size = tiles.size
    window = np.hanning(size + 2)[1:-1]
    at = np.arange(size) + 0.5 - size / 2
    across = window * np.exp(-2j * np.pi * frequency[:, :1] * at)
    down = (window * np.exp(-2j * np.pi * frequency[:, 1:] * at)).astype(np.complex64)
    # real products: the pixels need not become complex first
    parts = np.matmul(tiles.pixels, np.stack([across.real, across.imag], axis=-1).astype(np.float32))
    found = np.einsum("ni,ni->n", parts[:, :, 0] + 1j * parts[:, :, 1], down)
    return np.angle(found) / (2 * np.pi), np.abs(found)
