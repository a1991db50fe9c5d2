"""Read-out: a rectified strip of paper to the trace's height in each column, and to samples in mV."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from fastecg.digitize.ends import follow_ends
from fastecg.digitize.plain import read_plain
from fastecg.digitize.reading import Reading, decode
from fastecg.digitize.sampling import fit_samples
from fastecg.digitize.strips import COLUMNS_MM, HEIGHT, Y_PX_MM, darkness
from fastecg.errors import DigitizeError
from fastecg_models.errors import ModelError
from fastecg_models.traces import SHIPPED, STEP, Precision, TraceReader

Method = Literal["auto", "network", "plain"]

LEAST: Final = 0.1
"""A column that is less sure than this counts as unread."""

EDGES_MM: Final = (0.4, 0.2)
"""How far from its two ends a lead is read with less trust: separators and other leads begin there."""

LONGEST_GAP_MM: Final = 1.0
"""Unread columns between read ones are bridged up to this length, and at the ends carried on."""

HELD: Final = 0.1
"""How sure samples are that are carried on."""


class StripReader(Protocol):
    """Reads strips; ``method`` tells how: ``network`` or ``plain``."""

    method: str

    def read(self, strip: NDArray[np.uint8]) -> Reading:
        """Read the trace of the row in the middle; see :func:`read_strip`."""


class NetworkReader:
    """Reads strips with the shipped network.

    Parameters
    ----------
    precision
        ``int8`` (fastest), ``fp16`` or ``fp32``.
    threads
        Threads, at least 1.
    folder
        Where the model lies; as a rule the shipped one.

    Raises
    ------
    ModelError
        If ONNX Runtime is not installed or the model is damaged.
    """

    method = "network"

    def __init__(self, precision: Precision = "int8", threads: int = 1, folder: Path = SHIPPED) -> None:
        self._network = TraceReader(folder, precision, threads=threads)

    def read(self, strip: NDArray[np.uint8]) -> Reading:
        """Read the trace of the row in the middle."""
        answer = self._network.read(darkness(strip).transpose(2, 0, 1), clean=False)
        return decode(answer.place, answer.there)

    def clean(self, strip: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the ink of the row's trace alone, shape (H, W), 0 to 1: no grid, print or neighbours."""
        return np.clip(self._network.read(darkness(strip).transpose(2, 0, 1)).clean, 0, 1)


class PlainReader:
    """Reads strips without a network.

    It costs several dB on clean pages, and takes print and handwriting that touch a trace for it.
    """

    method = "plain"

    def read(self, strip: NDArray[np.uint8]) -> Reading:
        """Read the trace of the row in the middle."""
        return read_plain(darkness(strip))


def open_reader(method: Method = "auto", precision: Precision = "int8", threads: int = 1) -> StripReader:
    """Open a reader of strips.

    Parameters
    ----------
    method
        ``network``; ``plain``, which needs no ONNX Runtime; ``auto`` is the network where it can be
        opened. The reader's ``method`` tells which it became.
    precision, threads
        For the network.

    Raises
    ------
    ModelError
        If the network is asked for and cannot be opened.

    Examples
    --------
    >>> open_reader("plain").method
    'plain'
    """
    if method == "plain":
        return PlainReader()
    try:
        return NetworkReader(precision, threads)
    except ModelError:
        if method == "network":
            raise
        return PlainReader()


def read_strip(strip: NDArray[np.uint8], reader: StripReader | None = None) -> Reading:
    """Read the trace of the row whose baseline runs through the middle of a strip.

    Parameters
    ----------
    strip
        Shape (352, W, 3), uint8 RGB: the paper at 10 px per mm along and 8 across, 22 mm to both sides
        of the baseline. Neighbours' traces may be in it. Where the reading ``leaves_strip``, read it
        again from a taller one (:data:`fastecg.digitize.strips.TALL_HALF_MM`): H is 352 + 16 k.
    reader
        From :func:`open_reader`; open it once for many strips.

    Returns
    -------
    Reading
        Height and confidence, two columns per pixel: 20 per mm.

    Raises
    ------
    DigitizeError
        If the strip has another shape or type.

    Examples
    --------
    >>> strip = np.full((352, 64, 3), 250, np.uint8)
    >>> strip[199:202] = 20
    >>> reading = read_strip(strip, open_reader("plain"))
    >>> bool(np.abs(reading.y_px - 200.5).max() < 0.1)
    True
    """
    more = strip.shape[0] - HEIGHT if strip.ndim == 3 else -1
    if more < 0 or more % STEP or strip.dtype != np.uint8 or strip.shape[2] != 3 or strip.shape[1] < 8:
        raise DigitizeError(
            f"the strip has shape {strip.shape} and type {strip.dtype}",
            f"({HEIGHT} + {STEP} k, at least 8, 3) and uint8",
        )
    return (reader or open_reader()).read(strip)


def samples_mv(
    reading: Reading, *, x_mm: NDArray[np.float64], gain_mm_mv: float, drop_mm: float = 0.0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the samples of a lead from the reading of its row.

    Parameters
    ----------
    reading
        Of the whole strip.
    x_mm
        Shape (samples,), equally spaced: where the samples lie, in mm from the strip's left edge:
        start of the segment + time x paper speed.
    gain_mm_mv
        Height of 1 mV in mm.
    drop_mm
        How far below the strip's middle the lead's 0 mV lies.

    Returns
    -------
    tuple
        Samples in mV, NaN where nothing can be said, and their confidence 0 to 1; float32.

    Examples
    --------
    >>> flat = Reading(np.full(400, 168.0, np.float32), np.ones(400, np.float32))
    >>> mv, confidence = samples_mv(flat, x_mm=np.arange(2.0, 18.0, 0.25), gain_mm_mv=10.0)
    >>> round(float(mv.mean()), 3), round(float(confidence.max()), 3)
    (0.1, 1.0)
    """
    if not len(x_mm):
        return np.empty(0, np.float32), np.empty(0, np.float32)
    columns = (np.arange(len(reading.y_px)) + 0.5) / COLUMNS_MM
    margin = max(float(x_mm[1] - x_mm[0]) if len(x_mm) > 1 else 0.0, 1 / COLUMNS_MM)
    part = slice(*np.searchsorted(columns, [x_mm[0] - margin, x_mm[-1] + margin]))
    millimetres = (reading.middle_px - reading.y_px[part].astype(np.float64)) / Y_PX_MM + drop_mm
    sure = reading.confidence[part].astype(np.float64)
    from_ends = (columns[part] - x_mm[0]) / EDGES_MM[0], (x_mm[-1] - columns[part]) / EDGES_MM[1]
    weight = np.where(sure >= LEAST, sure, 0.0) * np.clip(np.minimum(*from_ends), 0.02, 1.0)
    weight = follow_ends(columns[part], millimetres, weight, (float(x_mm[0]), float(x_mm[-1])))
    samples, rested = fit_samples(columns[part], millimetres / gain_mm_mv, weight, x_mm, LONGEST_GAP_MM)
    _hold_ends(samples, rested, x_mm)
    return samples.astype(np.float32), rested.astype(np.float32)


def _hold_ends(samples: NDArray[np.float64], rested: NDArray[np.float64], x_mm: NDArray[np.float64]) -> None:
    """Carry the first and last samples that are known on to the ends, if these are near, in place."""
    known = np.flatnonzero(np.isfinite(samples))
    if not len(known):
        return
    for at, part in ((known[0], np.s_[: known[0]]), (known[-1], np.s_[known[-1] + 1 :])):
        if len(samples[part]) and np.abs(x_mm[part] - x_mm[at]).max() <= LONGEST_GAP_MM:
            samples[part] = samples[at]
            rested[part] = HELD
