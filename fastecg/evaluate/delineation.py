"""Where the waves of a lead begin and end: QRS complexes, then the T and P wave of each beat.

All comes from slopes at three widths: the lead convolved with the derivative of a Gaussian, a wavelet
transform without phase shift. Marks are where the slope of a wave's flank has fallen to a share of its
steepest. The idea, with other wavelets and rules, is that of J. P. Martínez, R. Almeida, S. Olmos,
A. P. Rocha and P. Laguna, "A wavelet-based ECG delineator", IEEE Trans. Biomed. Eng. 51(4), 2004, sections
III.A to III.C.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastecg.errors import RecordError
from fastecg.evaluate.signals import Lead, as_lead

QRS_S, T_S, P_S = 0.006, 0.024, 0.014
"""Sigma of the Gaussian that each kind of wave is looked for with, seconds."""

_SHORTEST_S: Final = 1.0  # no rhythm can be seen in less
_REFRACTORY_S: Final = 0.22
_T_AS_QRS_S: Final = 0.40  # so long after a beat, what is much less steep than it is its T wave
_QRS_SHARE, _SEARCH_BACK_SHARE, _T_SHARE = 0.35, 0.16, 0.55
_HALF_QRS_S: Final = 0.12
_QRS_ON, _QRS_OFF = 0.08, 0.12
"""Shares of the steepest slope where a complex begins and ends; all these are set on odd records of LUDB."""

_RULES: Final = {
    "T": ("slow", 0.003, (0.40, 0.45), 0.3),
    "P": ("middle", 0.006, (0.40, 0.60), 0.3),
}
"""Of each wave: the slope it is looked for in, the least flank as a share of the QRS complex's, the shares of
a flank where onset and offset are, and the weight of the steeper flank beside the other."""

_ST_S: Final = 0.08  # of an RR interval of 1 s: so long after the complex, its end is no T wave's flank
_AGREE_S: Final = {"T": 0.06, "P": 0.04}
_AGREE_SHARE: Final = 0.6
_LEAST_MV: Final = 0.008  # of a P or T wave, from peak to line


@dataclass(frozen=True, slots=True)
class Beat:
    """The marks of one beat, seconds after the first sample; NaN for a wave that was not found.

    Parameters
    ----------
    r_s
        The largest deflection of the QRS complex.
    qrs_on_s, qrs_off_s
        Where the QRS complex begins and ends.
    t_on_s, t_s, t_off_s
        Where the T wave begins, peaks and ends.
    p_on_s, p_s, p_off_s
        Where the P wave begins, peaks and ends.
    """

    r_s: float
    qrs_on_s: float
    qrs_off_s: float
    t_on_s: float = math.nan
    t_s: float = math.nan
    t_off_s: float = math.nan
    p_on_s: float = math.nan
    p_s: float = math.nan
    p_off_s: float = math.nan


@dataclass(frozen=True, slots=True)
class _Wave:
    on: float
    peak: float
    off: float


def delineate(signal_mv: ArrayLike, sampling_rate_hz: float) -> tuple[Beat, ...]:
    """Find the beats of one lead and the marks of their waves.

    Gaps are bridged by straight lines, in which no wave is found. Less than one second gives no beats.

    Parameters
    ----------
    signal_mv
        Samples of one lead, mV, NaN where unknown.
    sampling_rate_hz
        Samples per second, 50 or more.

    Raises
    ------
    RecordError
        If the signal is no one-dimensional array of numbers, or the rate is too low.

    Examples
    --------
    >>> from fastecg.synthesis import EcgModel, simulate
    >>> record = simulate(EcgModel(heart_rate_bpm=60.0), seed=1).record
    >>> len(delineate(record.lead("II"), record.sampling_rate_hz)) in (9, 10, 11)
    True
    """
    if not sampling_rate_hz >= 50:
        raise RecordError(f"the sampling rate is {sampling_rate_hz} Hz", "50 or more")
    lead = as_lead(signal_mv, "signal")
    there = np.flatnonzero(np.isfinite(lead))
    if there.size < _SHORTEST_S * sampling_rate_hz:
        return ()
    start = int(there[0])
    part = lead[start : there[-1] + 1]
    known = np.isfinite(part)
    filled = np.interp(np.arange(part.size), np.flatnonzero(known), part[known])
    beats = _Lead(filled, known, sampling_rate_hz).beats()
    return tuple(_moved(beat, start, sampling_rate_hz) for beat in beats if known[round(beat[0])])


def _moved(marks: tuple[float, ...], start: int, rate: float) -> Beat:
    return Beat(*((mark + start) / rate for mark in marks))


class _Lead:
    """One lead with its gaps bridged, and its slopes."""

    def __init__(self, signal: Lead, known: NDArray[np.bool_], rate: float) -> None:
        self.signal = signal
        self.known = known
        self.rate = rate
        self.steep = self._slope(QRS_S)
        self.middle = self._slope(P_S)
        self.slow = self._slope(T_S)
        self.envelope = _smoothed(np.abs(self.steep), 0.008 * rate)

    def _slope(self, sigma_s: float) -> Lead:
        """Return the slope at one width, mV per second."""
        from scipy.ndimage import gaussian_filter1d  # noqa: PLC0415 - 60 ms that few commands need

        sigma = max(sigma_s * self.rate, 0.6)  # narrower ones are no Gaussians any more
        slope: Lead = gaussian_filter1d(self.signal, sigma, order=1, mode="nearest") * self.rate
        return slope

    def beats(self) -> list[tuple[float, ...]]:
        """Return the marks of all beats in samples, in the order of :class:`Beat`."""
        complexes = [self._qrs(place) for place in self._places()]
        sizes = [float(self.envelope[on : off + 1].max()) for _, on, off in complexes]
        t_waves = self._alike(
            [self._t_window(complexes, k) for k in range(len(complexes))], complexes, "T", sizes
        )
        ends = [wave.off if wave else float(place[2]) for wave, place in zip(t_waves, complexes, strict=True)]
        p_windows = [self._p_window(place[1], ends[k - 1] if k else 0.0) for k, place in enumerate(complexes)]
        p_waves = self._alike(p_windows, complexes, "P", sizes)
        nothing = _Wave(math.nan, math.nan, math.nan)
        marks: list[tuple[float, ...]] = []
        for (peak, on, off), t, p in zip(complexes, t_waves, p_waves, strict=True):
            others = [
                mark for wave in (t or nothing, p or nothing) for mark in (wave.on, wave.peak, wave.off)
            ]
            marks.append((float(peak), float(on), float(off), *others))
        return marks

    def _alike(
        self,
        windows: list[tuple[int, int]],
        complexes: list[tuple[int, int, int]],
        kind: str,
        sizes: list[float],
    ) -> list[_Wave | None]:
        """Return the wave of each beat; one far from where most beats have it is looked for there again.

        Where beats do not agree there is no such wave: only fibrillation and noise.
        """
        waves = [self._wave(kind, *window, size) for window, size in zip(windows, sizes, strict=True)]
        edge = [place[2] if kind == "T" else place[1] for place in complexes]
        found = [wave.peak - edge[k] for k, wave in enumerate(waves) if wave]
        if len(found) < 3:
            return waves
        usual = float(np.median(found))
        tolerance = _AGREE_S[kind] * self.rate
        agree = sum(abs(distance - usual) <= tolerance for distance in found)
        if agree < _AGREE_SHARE * len(found):
            return [None] * len(waves) if kind == "P" else waves
        for k, wave in enumerate(waves):
            if wave and abs(wave.peak - edge[k] - usual) > tolerance:
                middle, half = edge[k] + usual, 2.2 * tolerance
                low, high = max(int(middle - half), windows[k][0]), min(int(middle + half), windows[k][1])
                again = self._wave(kind, low, high, sizes[k])
                waves[k] = again if again and abs(again.peak - middle) <= tolerance else None
        return waves

    def _places(self) -> list[int]:
        """Return about where the QRS complexes are."""
        energy = np.sqrt(_smoothed(self._slope(0.010) ** 2, 0.030 * self.rate)) * self.known
        peaks = np.flatnonzero((energy[1:-1] > energy[:-2]) & (energy[1:-1] >= energy[2:])) + 1
        window = max(round(1.5 * self.rate), 1)
        starts = range(0, max(energy.size - window // 2, 1), window)
        parts = [slice(start, start + window) for start in starts]
        tops = [energy[part].max() for part in parts if self.known[part].mean() > 0.5]
        if not (peaks.size and tops):
            return []
        usual = float(np.median(tops))
        kept = self._chosen(peaks[energy[peaks] > _QRS_SHARE * usual], energy, [])
        if len(kept) > 2:
            gaps = np.diff(kept)
            longest = 1.6 * float(np.median(gaps))
            for begin, gap in zip(kept[:-1], gaps, strict=True):
                if gap > longest:
                    low = _SEARCH_BACK_SHARE * usual
                    inside = (peaks > begin) & (peaks < begin + gap) & (energy[peaks] > low)
                    kept = self._chosen(peaks[inside], energy, kept)
        return kept

    def _chosen(self, peaks: np.ndarray, energy: Lead, kept: list[int]) -> list[int]:
        """Add peaks to those kept, the steepest first, if they are not too near and not T waves."""
        kept = list(kept)
        for peak in sorted(peaks.tolist(), key=lambda place: -energy[place]):
            near = [abs(peak - other) / self.rate for other in kept]
            before = [energy[other] for other in kept if 0 < (peak - other) / self.rate < _T_AS_QRS_S]
            if min(near, default=9.0) < _REFRACTORY_S or energy[peak] < _T_SHARE * max(before, default=0.0):
                continue
            kept.append(peak)
        return sorted(kept)

    def _qrs(self, place: int) -> tuple[int, int, int]:
        """Return peak, onset and offset of the complex at a place."""
        reach = round(_HALF_QRS_S * self.rate)
        low, high = max(place - reach, 0), min(place + reach + 1, self.signal.size)
        part = self.envelope[low:high]
        near = part[max(place - low - reach // 2, 0) : place - low + reach // 2 + 1]
        size = float(near.max())
        rest = float(np.percentile(part, 10))
        steep = np.flatnonzero(part > rest + 0.35 * (size - rest))
        steep = steep[np.abs(steep + low - place) < 0.09 * self.rate]
        first, last = (int(steep[0]), int(steep[-1])) if steep.size else (place - low, place - low)
        on = low + first - _fall(part[first::-1], max(_QRS_ON * size, 1.15 * rest))
        off = low + last + _fall(part[last:], max(_QRS_OFF * size, 1.15 * rest))
        line = np.linspace(self.signal[on], self.signal[off], off - on + 1)
        peak = on + int(np.argmax(np.abs(self.signal[on : off + 1] - line)))
        return peak, on, off

    def _t_window(self, complexes: list[tuple[int, int, int]], k: int) -> tuple[int, int]:
        peak, _, off = complexes[k]
        begin, rr_s = self.signal.size, 1.0
        if k + 1 < len(complexes):
            begin, rr_s = complexes[k + 1][1], (complexes[k + 1][0] - peak) / self.rate
        latest = peak + (0.09 + 0.48 * math.sqrt(min(rr_s, 1.6))) * self.rate
        return off + round(_ST_S * math.sqrt(min(rr_s, 1.6)) * self.rate), int(
            min(latest, begin - 0.02 * self.rate)
        )

    def _p_window(self, on: int, earliest: float) -> tuple[int, int]:
        low = int(max(on - 0.28 * self.rate, earliest + 0.01 * self.rate, 0))
        return low, on - round(0.012 * self.rate)

    def _wave(self, kind: str, low: int, high: int, size: float) -> _Wave | None:
        """Return the wave with the steepest flanks between two samples."""
        slope, least, (on_share, off_share), mix = _RULES[kind]
        part = (self.slow if slope == "slow" else self.middle)[low:high]
        if part.size < 0.06 * self.rate:
            return None
        sign = np.sign(part)
        turns = np.flatnonzero(sign[1:] * sign[:-1] < 0) + 1
        edges = [0, *turns.tolist(), part.size]
        steep = np.abs(part)
        flanks = [begin + int(np.argmax(steep[begin:end])) for begin, end in pairwise(edges)]
        signal = self.signal[low:high]
        best, chosen = 0.0, -1
        for k in range(turns.size):
            gentle, steepest = sorted((steep[flanks[k]], steep[flanks[k + 1]]))
            here = gentle + mix * steepest
            if here > best:
                best, chosen = here, k
        if chosen < 0:
            return None
        left, right, top = flanks[chosen], flanks[chosen + 1], int(turns[chosen])
        if min(steep[left], steep[right]) < least * size:
            return None
        on = left - _fall(steep[left::-1], on_share * steep[left])
        off = right + _fall(steep[right:], off_share * steep[right])
        height = abs(signal[top] - 0.5 * (signal[on] + signal[min(off, signal.size - 1)]))
        if height < _LEAST_MV:
            return None
        return _Wave(float(low + on), float(low + top), float(low + off))


def _smoothed(values: Lead, sigma: float) -> Lead:
    from scipy.ndimage import gaussian_filter1d  # noqa: PLC0415 - as above

    smooth: Lead = gaussian_filter1d(values, max(sigma, 0.6), mode="nearest")
    return smooth


def _fall(values: Lead, threshold: float) -> int:
    """Return how far it is from the first value to the first below a threshold, or the least before a rise.

    A new rise counts only where it reaches half as much again: ripples are no new wave.
    """
    least, place = math.inf, 0
    for index, value in enumerate(values.tolist()):
        if value < threshold:
            return index
        if value < least:
            least, place = value, index
        elif value > 1.5 * least and index > place + 1:
            return place
    return place
