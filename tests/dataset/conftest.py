"""One small page after another, in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.pipeline import Generator
from fastecg.recipe import Recipe
from fastecg.record import Record
from fastecg.synthesis import builtin_record

Snapshot = Mapping[str, tuple[str, int]]


@pytest.fixture(scope="session")
def generator() -> Generator:
    """Return a generator of varied pages of 60 dpi."""
    return Generator("varied", overrides={"page.dpi": 60})


@pytest.fixture(scope="session")
def recipe(generator: Generator) -> Recipe:
    """Return the recipe of those pages."""
    return generator.recipe


@pytest.fixture(scope="session")
def snapshot() -> Callable[[Path], Snapshot]:
    """Return a function that gives hash and time of change of every file below a folder."""

    def of(folder: Path) -> Snapshot:
        return {
            path.relative_to(folder).as_posix(): (
                hashlib.blake2b(path.read_bytes()).hexdigest(),
                path.stat().st_mtime_ns,
            )
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return of


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes records of 1 s or more by their names, sub-folders and all."""

    def write(*names: str, duration_s: float = 10.0) -> Path:
        root = tmp_path / "archive"
        for number, name in enumerate(names):
            path = root / f"{name}.hea"
            path.parent.mkdir(parents=True, exist_ok=True)
            record = builtin_record(number).record
            repeats = int(np.ceil(duration_s / record.duration_s))
            signals = np.tile(record.signals_mv, repeats)[:, : round(duration_s * record.sampling_rate_hz)]
            long = Record("r", signals, record.leads, record.sampling_rate_hz, record.header, record.adc)
            write_wfdb(path.parent, f"r{number}", long)
            plain = path.parent / f"r{number}.hea"
            text = plain.read_text(encoding="utf-8")
            if path.stem.isalnum():  # else WFDB has no such name, and reading says so
                text = text.replace(f"r{number} 12 ", f"{path.stem} 12 ", 1)
            plain.unlink()
            path.write_text(text, encoding="utf-8")
        return root

    return write
