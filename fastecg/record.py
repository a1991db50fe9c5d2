"""Record: ECG leads in mV with names and a sampling rate, the input of everything."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastecg.errors import RecordError
from fastecg.leads import normalize_lead_name

MAX_LEADS: Final = 15
MIN_RATE_HZ: Final = 50.0
MAX_RATE_HZ: Final = 10_000.0

UNIT_IN_MV: Final[Mapping[str, float]] = MappingProxyType(
    {"v": 1e3, "mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "nv": 1e-6}
)
"""Millivolts in one physical unit, by the unit's name in lower case."""


def millivolts_per_unit(unit: str) -> float | None:
    """Return how many mV one ``unit`` is, in any letter case; None if it is no voltage.

    Examples
    --------
    >>> millivolts_per_unit("UV"), millivolts_per_unit("mmHg")
    (0.001, None)
    """
    return UNIT_IN_MV.get(unit.strip().casefold())


@dataclass(frozen=True, slots=True)
class Adc:
    """How the samples of a lead were stored: ``mV = (digital - baseline) / gain_per_mv``."""

    gain_per_mv: float
    baseline: int


@dataclass(frozen=True, eq=False, slots=True)
class Record:
    """One ECG recording: leads in millivolts at one sampling rate.

    Build one with :func:`fastecg.read_record`, :meth:`Record.from_array` or
    :func:`fastecg.synthesis.simulate`; the constructor takes values that are valid already.

    Parameters
    ----------
    name
        Name of the record, shown in the truth and used for file names.
    signals_mv
        Samples, shape (leads, samples), float32, mV; NaN where nothing was recorded.
    leads
        Lead names in the standard spelling, unique, one per row of ``signals_mv``.
    sampling_rate_hz
        Samples per second, 50 to 10,000, not necessarily a whole number.
    header
        What the file says beside the samples, such as ``{"Age": "56"}``.
    adc
        How each lead was digitised, so that a copy can be written without loss; None if unknown.
    """

    name: str
    signals_mv: NDArray[np.float32]
    leads: tuple[str, ...]
    sampling_rate_hz: float
    header: Mapping[str, str] = field(default_factory=dict)
    adc: tuple[Adc, ...] | None = None

    @property
    def samples(self) -> int:
        """Number of samples per lead."""
        return int(self.signals_mv.shape[1])

    @property
    def duration_s(self) -> float:
        """Duration in seconds."""
        return self.samples / self.sampling_rate_hz

    def lead(self, name: str) -> NDArray[np.float32]:
        """Return the samples of one lead in mV; a leading ``-`` inverts it (``-aVR``).

        Raises
        ------
        RecordError
            If the record has no such lead.
        """
        bare = name.removeprefix("-")
        if bare not in self.leads:
            raise RecordError(f"record {self.name!r} has no lead {bare!r}", ", ".join(self.leads))
        signal: NDArray[np.float32] = self.signals_mv[self.leads.index(bare)]
        return -signal if name.startswith("-") else signal

    @classmethod
    def from_array(
        cls,
        signals: ArrayLike,
        leads: Sequence[str],
        sampling_rate_hz: float,
        *,
        name: str = "record",
        unit: str = "mV",
    ) -> Record:
        """Make a record from an array of samples.

        Parameters
        ----------
        signals
            Samples, shape (leads, samples), any numeric dtype; NaN marks gaps.
        leads
            Lead names in any case and spelling, one per row.
        sampling_rate_hz
            Samples per second, 50 to 10,000.
        name
            Name of the record.
        unit
            ``V``, ``mV``, ``uV`` or ``nV`` in any letter case.

        Raises
        ------
        RecordError
            If shape, names, rate or unit are not as above, or no sample is a number.

        Examples
        --------
        >>> import numpy as np
        >>> record = Record.from_array(np.zeros((2, 5000)), ["i", "ii"], 500)
        >>> record.leads, record.duration_s
        (('I', 'II'), 10.0)
        """
        scale = millivolts_per_unit(unit)
        if scale is None:
            raise RecordError(f"unit {unit!r} is not a voltage", "V, mV, uV, nV")
        try:
            values = np.asarray(signals, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise RecordError(
                f"the samples of {name!r} are not numbers ({error})", "a numeric array"
            ) from None
        if values.ndim != 2:
            raise RecordError(f"the array of {name!r} has {values.ndim} dimensions", "2: (leads, samples)")
        with np.errstate(over="ignore"):
            millivolts = (values * scale).astype(np.float32)
        record = cls(name, millivolts, tuple(map(normalize_lead_name, leads)), float(sampling_rate_hz))
        return validated(record)


def validated(record: Record) -> Record:
    """Return the record if it can be drawn.

    Infinite samples become NaN. Readers call this once; everything after trusts the record.

    Raises
    ------
    RecordError
        If it has no leads or more than 15, duplicate names, no samples, an impossible rate,
        or not one finite sample.
    """
    count, samples = record.signals_mv.shape
    if not 1 <= count <= MAX_LEADS:
        raise RecordError(
            f"record {record.name!r} has {count} leads",
            f"1 to {MAX_LEADS}",
            "choose some with read_record(path, leads=[...])",
        )
    if len(record.leads) != count:
        raise RecordError(f"record {record.name!r} has {count} rows but {len(record.leads)} lead names")
    twice = [name for name, times in Counter(record.leads).items() if times > 1]
    if twice:
        raise RecordError(
            f"record {record.name!r} names lead {twice[0]!r} more than once",
            "unique lead names",
            "rename the leads in the header",
        )
    rate = record.sampling_rate_hz
    if not (math.isfinite(rate) and MIN_RATE_HZ <= rate <= MAX_RATE_HZ):
        raise RecordError(
            f"record {record.name!r} has a sampling rate of {rate:g} Hz",
            f"{MIN_RATE_HZ:g} to {MAX_RATE_HZ:g} Hz",
        )
    if samples < 2:
        raise RecordError(f"record {record.name!r} has {samples} samples", "at least 2")
    finite = np.isfinite(record.signals_mv)
    if not finite.any():
        raise RecordError(f"record {record.name!r} has no valid sample: every lead is NaN throughout")
    if not finite.all():
        record.signals_mv[~finite] = np.nan
    return record
