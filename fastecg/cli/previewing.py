"""preview: pages of a recipe on one contact sheet."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from fastecg.contact_sheet import contact_sheet
from fastecg.dataset.sources import find_sources
from fastecg.errors import FastECGError, RecordError
from fastecg.formats.files import ensure_directory, write_atomic
from fastecg.formats.png import encode_png
from fastecg.pipeline import Generator

_SHEET_DPI = 100


def write_sheet(source: str | None, output: Path, generator: Generator, *, seed: int, count: int) -> None:
    """Write a contact sheet of the first ``count`` pages; records are used again if there are too few.

    Raises
    ------
    RecordError
        If no record can be drawn.
    """
    console = Console(stderr=True, soft_wrap=True)
    sources = list(find_sources(source, seed=seed, limit=count))
    images = []
    for k, one in enumerate(islice(cycle(sources), count)):
        try:
            record = one.read()
            spec = generator.draw(record, key=one.key, seed=seed, copy=k // len(sources))
            images.append(generator.render_spec(record, spec).image)
        except FastECGError as error:
            console.print(f"[red]failed:[/] {escape(one.key)}: {escape(str(error))}", highlight=False)
    if not images:
        raise RecordError("none of the records can be drawn")
    ensure_directory(output.parent)
    write_atomic(output, encode_png(contact_sheet(images), _SHEET_DPI))
    console.print(f"{len(images)} pages on {escape(str(output))}", highlight=False)
