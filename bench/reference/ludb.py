"""Delineation beside that of cardiologists: the marks of LUDB, lead by lead."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Final

import numpy as np

import fastecg
from fastecg.evaluate import delineate

NEAR_S: Final = 0.150
SYMBOLS: Final = {"p": "P", "N": "QRS", "t": "T"}
FIELDS: Final = {
    "P": ("p_on_s", "p_s", "p_off_s"),
    "QRS": ("qrs_on_s", "r_s", "qrs_off_s"),
    "T": ("t_on_s", "t_s", "t_off_s"),
}


@dataclass
class Found:
    """What was found of one kind of wave: counts, and errors in ms of onsets, peaks and offsets."""

    right: int = 0
    missed: int = 0
    extra: int = 0
    errors_ms: tuple[list[float], list[float], list[float]] = field(default_factory=lambda: ([], [], []))

    @property
    def sensitivity(self) -> float:
        """Share of the marked waves that were found."""
        return self.right / (self.right + self.missed)

    @property
    def precision(self) -> float:
        """Share of the found waves that are marked."""
        return self.right / (self.right + self.extra)

    def bias_ms(self, mark: int) -> float:
        """Return the mean error of onset, peak or offset."""
        return float(np.nanmean(self.errors_ms[mark]))

    def sd_ms(self, mark: int) -> float:
        """Return the standard deviation of these errors."""
        return float(np.nanstd(self.errors_ms[mark]))


def marks(wfdb: ModuleType, record: Path, lead: str) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """Yield the kind of each wave that was marked, and its onset, peak and offset in samples."""
    told = wfdb.rdann(str(record), lead.lower())
    symbols, samples = ["", *told.symbol, ""], [math.nan, *told.sample.tolist(), math.nan]
    for place, symbol in enumerate(symbols):
        if symbol in SYMBOLS:
            onset = samples[place - 1] if symbols[place - 1] == "(" else math.nan
            offset = samples[place + 1] if symbols[place + 1] == ")" else math.nan
            yield SYMBOLS[symbol], (onset, samples[place], offset)


def compare_with_ludb(folder: Path, wfdb: ModuleType, remainder: int) -> dict[str, Found]:
    """Delineate the records whose number divided by 2 leaves a remainder; 1: those used to set the rules."""
    found = {kind: Found() for kind in FIELDS}
    for header in sorted(folder.glob("*.hea")):
        if int(header.stem) % 2 != remainder:
            continue
        record = fastecg.read_record(header)
        for lead in record.leads:
            if not header.with_suffix(f".{lead.lower()}").exists():
                continue
            told = list(marks(wfdb, header.with_suffix(""), lead))
            beats = delineate(record.lead(lead), record.sampling_rate_hz)
            complexes = [wave[1] for kind, wave in told if kind == "QRS"]
            if not complexes:
                continue
            rate = record.sampling_rate_hz
            # the first and last beats of a lead are not marked
            span = (min(complexes) / rate - NEAR_S, max(complexes) / rate + NEAR_S)
            for kind, names in FIELDS.items():
                waves = [tuple(getattr(beat, name) for name in names) for beat in beats]
                seen = [wave for wave in waves if not math.isnan(wave[1])]
                wanted = [tuple(mark / rate for mark in wave) for own, wave in told if own == kind]
                _count(found[kind], wanted, seen, span)
    return found


def _count(
    found: Found, wanted: list[tuple[float, ...]], seen: list[tuple[float, ...]], span: tuple[float, float]
) -> None:
    free = list(seen)
    for wave in wanted:
        nearest = min(free, key=lambda other: abs(other[1] - wave[1]), default=None)
        if nearest is None or abs(nearest[1] - wave[1]) > NEAR_S:
            found.missed += 1
            continue
        free.remove(nearest)
        found.right += 1
        for mark in range(3):
            found.errors_ms[mark].append(1000 * (nearest[mark] - wave[mark]))
    found.extra += sum(span[0] <= wave[1] <= span[1] for wave in free)
