"""preview: pages of a recipe on one contact sheet."""

from __future__ import annotations

import warnings
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape

from fastecg.contact_sheet import contact_sheet, shrunk
from fastecg.dataset.sources import Source, find_sources
from fastecg.errors import FastECGError, RecipeError, RecordError, RecordWarning
from fastecg.formats.files import ensure_directory, write_atomic
from fastecg.formats.png import encode_png
from fastecg.pipeline import Generator

MAX_COUNT = 100
_SHEET_DPI = 100


def write_sheet(source: str | None, output: Path, generator: Generator, *, seed: int, count: int) -> bool:
    """Write a contact sheet of the first ``count`` pages; return whether every record could be drawn.

    Where there are fewer records than pages, they are used again, as further copies. A series of
    recipes shows each by turns.

    Raises
    ------
    RecordError
        If no record can be drawn.
    RecipeError
        If the count is not 1 to 100.
    OutputError
        If the sheet cannot be written.
    """
    if not 1 <= count <= MAX_COUNT:
        raise RecipeError(f"{count} pages are asked for", f"1 to {MAX_COUNT}", "choose another --count")
    console = Console(stderr=True, soft_wrap=True)
    sources = list(find_sources(source, seed=seed, limit=count))
    failed: set[str] = set()
    images: list[NDArray[np.uint8]] = []
    for k, one in enumerate(cycle(sources)):
        if len(images) == count or len(failed) == len(sources):
            break
        if one.key in failed:
            continue
        try:
            images.append(
                _thumbnail(one, generator, seed, k if generator.recipe.series else k // len(sources))
            )
        except Exception as error:  # noqa: BLE001 - whatever a file holds must not stop the others
            failed.add(one.key)
            message = str(error) if isinstance(error, FastECGError) else f"{type(error).__name__}: {error}"
            console.print(f"[red]failed:[/] {escape(one.key)}: {escape(message)}", highlight=False)
    if not images:
        raise RecordError("none of the records can be drawn")
    ensure_directory(output.parent)
    write_atomic(output, encode_png(contact_sheet(images), _SHEET_DPI))
    console.print(f"{len(images)} pages on {escape(str(output))}", highlight=False)
    return not failed


def _thumbnail(source: Source, generator: Generator, seed: int, copy: int) -> NDArray[np.uint8]:
    """Return a page at the size that the sheet shows: a hundred whole ones would take gigabytes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RecordWarning)  # of use to a dataset, not to a look at a recipe
        record = source.read()
    spec = generator.draw(record, key=source.key, seed=seed, copy=copy)
    return shrunk(generator.render_spec(record, spec).image)
