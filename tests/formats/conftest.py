"""A dataset of a few pages in any format, made as a run makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fastecg.formats.writer import Encoded, PageName, Writer
from fastecg.page import Page
from fastecg.pipeline import Generator
from fastecg.record import Record
from fastecg.synthesis import builtin_record

KEYS = ("HR1", "sub/HR 2", "HR.3")


@dataclass(frozen=True)
class Made:
    """Pages and what they are called."""

    names: tuple[PageName, ...]
    pages: tuple[Page, ...]


def made(recipe: str, overrides: dict[str, Any], keys: Sequence[str] = KEYS) -> Made:
    """Return the pages of two copies of each record."""
    generator = Generator(recipe, overrides=overrides)
    names: list[PageName] = []
    pages: list[Page] = []
    for number, key in enumerate(keys):
        record = builtin_record(number).record
        comments = {"Age": "56", "Image": "elsewhere.png"}
        record = Record(key, record.signals_mv, record.leads, record.sampling_rate_hz, comments, record.adc)
        for copy in range(2):
            names.append(PageName(len(names), key, 0, copy))
            pages.append(generator.render_spec(record, generator.draw(record, key=key, copy=copy)))
    return Made(tuple(names), tuple(pages))


@pytest.fixture(scope="session")
def flat() -> Made:
    """Return flat pages, whose leads follow one another, so that each shows a quarter of the window."""
    return made("clean", {"page.dpi": 60, "layout": "3x4+1"})


@pytest.fixture(scope="session")
def photos() -> Made:
    """Return photographs of bent pages."""
    return made("photo", {"page.dpi": 72})


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes pages in the order of their encoding, and the lists at the end."""

    def written(writer: Writer, dataset: Made, *, backwards: bool = False, folder: str = "out") -> Path:
        root = tmp_path / folder
        order: Iterable[int] = range(len(dataset.names))
        encoded: dict[int, Encoded] = {}
        for k in reversed(list(order)) if backwards else order:
            encoded[k] = writer.encode(dataset.pages[k], dataset.names[k])
        for number, start in enumerate(range(0, len(encoded), writer.unit)):
            unit = [encoded[k] for k in range(start, min(start + writer.unit, len(encoded)))]
            for piece in writer.unit_files(number, unit):
                path = root / piece.path
                path.parent.mkdir(parents=True, exist_ok=True)
                assert not path.exists(), piece.path
                path.write_bytes(piece.content)
        rows = (row for k in sorted(encoded) if (row := encoded[k].row) is not None)
        for name, chunks in writer.dataset_files(rows):
            (root / name).write_bytes(b"".join(chunks))
        return root

    return written
