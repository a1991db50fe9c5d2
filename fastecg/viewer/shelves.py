"""Finding out what a folder or file is, and opening it as a shelf."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from fastecg.errors import OutputError
from fastecg.packed.store import is_store
from fastecg.viewer.shelf import Shelf
from fastecg.viewer.shelf_files import IMAGES, FileShelf
from fastecg.viewer.shelf_table import TableShelf
from fastecg.viewer.shelf_tar import TarShelf

_WITHOUT_TRUTH: Final[tuple[tuple[str, str], ...]] = (
    ("RECORDS", "physionet2024"),
    ("train.csv", "kaggle2025"),
    ("imagesTr", "nnunet"),
)
"""Files and folders by which layouts are known that hold no truth to draw."""
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""As a path it has one slash; a letter alone is a drive."""
_ALLOWED: Final = "a dataset of format files, webdataset or parquet with annotation json, or one of its pages"


def open_shelf(path: Path) -> tuple[Shelf, int]:
    """Return the pages of a dataset, and the number of the one to begin with.

    Parameters
    ----------
    path
        The folder of a dataset; a tar or Parquet file of one; or a page, by its image or its JSON file.

    Raises
    ------
    OutputError
        If there are no pages with truth.
    MissingExtraError
        If it is made of Parquet files and pyarrow is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from fastecg.dataset.request import Run, Work
    >>> from fastecg.dataset.run import generate
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = generate(None, Run(folder, limit=2), Work(workers=0))
    >>> shelf, first = open_shelf(folder / "synthetic-0001-0.png")
    >>> list(shelf.names), first
    (['synthetic-0000-0', 'synthetic-0001-0'], 1)
    """
    if _ADDRESS.match(path.as_posix()):
        raise OutputError(f"{path} is an address", "a folder or file", "copy the dataset, or mount it")
    if not path.exists():
        raise OutputError(f"{path} is not there", _ALLOWED, "check the path")
    if path.is_file():
        return _shelf_of_file(path)
    shelf = _shelf_of_folder(path)
    return shelf, 0


def _shelf_of_file(path: Path) -> tuple[Shelf, int]:
    suffix = path.suffix.casefold()
    if suffix == ".tar":
        return _filled(TarShelf(path.name, [path]), path), 0
    if suffix == ".parquet":
        return _filled(TableShelf(path.name, [path]), path), 0
    if is_store(path):
        raise OutputError(
            f"{path} is a packed store of records",
            _ALLOWED,
            f"make pages of it: fastecg generate {path} pages",
        )
    if suffix != ".json" and suffix not in IMAGES:
        raise OutputError(f"{path} is no page", _ALLOWED)
    shelf = FileShelf(path.resolve().parent, deep=False)
    if path.stem not in shelf.names:
        raise OutputError(
            f"{path} has no image and truth beside each other", _ALLOWED, "generate with --annotations json"
        )
    return shelf, shelf.names.index(path.stem)


def _shelf_of_folder(folder: Path) -> Shelf:
    shelf = FileShelf(folder.resolve())
    if shelf.names:
        return shelf
    for pattern, kind in (("*.tar", TarShelf), ("*.parquet", TableShelf)):
        shards = sorted(folder.glob(pattern))
        if shards:
            make: Callable[[str, list[Path]], Shelf] = kind
            return _filled(make(folder.resolve().name, shards), folder)
    for name, layout in _WITHOUT_TRUTH:
        if (folder / name).exists():
            raise OutputError(f"{folder} is a dataset of format {layout}, which holds no truth", _ALLOWED)
    if any(path.suffix.casefold() in IMAGES for path in _some_files(folder)):
        raise OutputError(
            f"{folder} has images without truth beside them", _ALLOWED, "generate with --annotations json"
        )
    raise OutputError(f"{folder} has no pages", _ALLOWED, "check the path")


def _filled(shelf: Shelf, path: Path) -> Shelf:
    if not shelf.names:
        raise OutputError(f"{path} has no pages with truth", _ALLOWED, "generate with --annotations json")
    return shelf


def _some_files(folder: Path) -> Iterator[Path]:
    for above, _, names in os.walk(folder):
        yield from (Path(above) / name for name in names)
