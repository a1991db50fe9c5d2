"""Which records are learned from and which are not, by record: ``split.txt`` says so for the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import numpy as np

from fastecg.readers import walk_records
from fastecg.record import Record
from fastecg.synthesis import builtin_record, simulate

Part = Literal["train", "validation", "test"]
LIST: Final = Path(__file__).with_name("split.txt")

SIMULATED: Final = {"train": 1_000_000, "validation": 2_000_000, "test": 3_000_000}
"""First seed of each part's simulated records; the built-in ones (seed 0) are for tests only."""


def read_split(path: Path = LIST) -> dict[str, Part]:
    """Return the part of each real record by its key."""
    parts: dict[str, Part] = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            part, key = line.split()
            parts[key] = part  # type: ignore[assignment]
    return parts


def real_records(folder: Path, part: Part) -> list[Record]:
    """Read a part of the records of a folder, those that fill at least half a page."""
    wanted = {key for key, found in read_split().items() if found == part}
    records = (source.read() for source in walk_records(folder) if source.key in wanted)
    return [record for record in records if record.duration_s >= 5]


def simulated(part: Part, number: int, sampling_rate_hz: float = 500.0) -> Record:
    """Return the n-th simulated record of a part."""
    rng = np.random.default_rng([SIMULATED[part], number])
    snr_db = float(rng.uniform(22, 40))
    seed = SIMULATED[part] + number
    return simulate(seed=seed, sampling_rate_hz=sampling_rate_hz, noise_snr_db=snr_db).record


def builtin(count: int, sampling_rate_hz: float = 500.0) -> Iterator[Record]:
    """Yield the first built-in records, which no network has learned from."""
    for index in range(count):
        yield builtin_record(index, sampling_rate_hz=sampling_rate_hz).record
