"""Recorded noise: reading it and cutting resampled excerpts."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastecg.errors import RecordError

_DEFAULT_RATE_HZ: Final = 360.0  # the MIT-BIH Noise Stress Test Database
_MARGIN: Final = 40  # source samples at either end that the resampling filter spoils
_MIN_SAMPLES: Final = 200


def read_source(source: str | Path | ArrayLike, rate_hz: float | None) -> tuple[NDArray[np.float64], float]:
    """Return channels, shape (channels, samples), each of mean 0 and variance 1, and their rate.

    Raises
    ------
    RecordError
        If the source cannot be read, is too short, or holds no noise.
    """
    label = str(source) if isinstance(source, (str, Path)) else "array"
    if isinstance(source, (str, Path)):
        values, found_hz = _read_file(Path(source))
    else:
        values, found_hz = np.asarray(source, dtype=np.float64), None
    rate = rate_hz or found_hz or _DEFAULT_RATE_HZ
    values = np.atleast_2d(values)
    if values.ndim != 2:
        raise RecordError(f"noise {label!r} has {values.ndim} dimensions", "2: (channels, samples)")
    if values.shape[0] > values.shape[1]:
        values = values.T
    values = values[[not _counts(channel) for channel in values]]
    if values.shape[1] < _MIN_SAMPLES or not np.isfinite(values).all():
        raise RecordError(
            f"noise {label!r} has {values.shape[1]} samples or gaps", f"{_MIN_SAMPLES} finite ones or more"
        )
    values = values - values.mean(axis=1, keepdims=True)
    spread = values.std(axis=1, keepdims=True)
    alive = spread[:, 0] > 0.0
    if not alive.any():
        raise RecordError(f"noise {label!r} is constant", "a recording that varies")
    return values[alive] / spread[alive], float(rate)


def excerpts(
    channels: NDArray[np.float64], count: int, samples: int, ratio: Fraction, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return ``count`` excerpts from random places of random channels, shape (count, samples).

    Parameters
    ----------
    channels
        Recorded noise, shape (channels, source samples).
    count, samples
        How many excerpts, and their length after resampling.
    ratio
        Sampling rate wanted over that of the source.
    rng
        Source of the places; a recording that is too short is played forth and back.
    """
    from scipy.signal import resample_poly  # noqa: PLC0415 - 0.8 s

    margin = math.ceil(_MARGIN * max(1.0, 1.0 / float(ratio)))
    need = math.ceil(samples / float(ratio)) + 2 * margin
    length = channels.shape[1]
    skip = round(margin * float(ratio))
    cut = np.empty((count, samples))
    for row in range(count):
        channel = channels[rng.integers(channels.shape[0])]
        start = int(rng.integers(max(length - need, 0) + 1)) if need <= length else int(rng.integers(length))
        turning = np.arange(start, start + need) % (2 * length)
        piece = channel[np.minimum(turning, 2 * length - 1 - turning)]
        offset = piece.mean()
        resampled = resample_poly(piece - offset, ratio.numerator, ratio.denominator)
        cut[row] = resampled[skip : skip + samples] + offset
    return cut


def _counts(channel: NDArray[np.float64]) -> bool:
    """Return whether a channel only numbers the samples, as the first column of OSET's files."""
    steps = np.diff(channel)
    return bool(steps.size and steps[0] != 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0.0))


def _read_file(path: Path) -> tuple[NDArray[np.float64], float | None]:
    try:
        if path.suffix.lower() == ".mat":
            from scipy.io import loadmat  # noqa: PLC0415 - slow to import, rarely needed

            matrices = [value for name, value in loadmat(path).items() if not name.startswith("__")]
            if len(matrices) != 1:
                raise RecordError(f"{path} holds {len(matrices)} variables", "one matrix")
            return np.asarray(matrices[0], dtype=np.float64), None
        import wfdb  # noqa: PLC0415 - 0.3 s

        record = wfdb.rdrecord(str(path.with_suffix("") if path.suffix in {".hea", ".dat"} else path))
    except (OSError, ValueError, NotImplementedError) as error:
        raise RecordError(
            f"noise {str(path)!r} cannot be read ({error})", "a WFDB record or a .mat file with one matrix"
        ) from error
    return np.asarray(record.p_signal.T, dtype=np.float64), float(record.fs)
