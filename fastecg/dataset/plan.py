"""The plan of a dataset: what is to be made, fixed before the first page; any process can make any part."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from fastecg.dataset.place import STATE
from fastecg.dataset.records import RecordRow, Records, RecordTable
from fastecg.dataset.remote import at_hand, is_url, plain_path
from fastecg.dataset.request import Run, SourceLike
from fastecg.dataset.sources import BuiltinSource, Source, duration_s, find_sources
from fastecg.errors import FastECGError, OutputError
from fastecg.formats.files import write_atomic
from fastecg.formats.writer import PageName, Writer
from fastecg.packed.store import RecordStore, is_store
from fastecg.readers import RecordSource
from fastecg.recipe import Recipe

PLAN: Final = "plan.json"
_PACKAGES: Final = (
    ("numpy", ("numpy",)),
    ("numba", ("numba",)),
    ("opencv", ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless")),
    ("scipy", ("scipy",)),
    ("pillow", ("pillow",)),
    ("isal", ("isal",)),
)
"""What has a say in the bytes of a page."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Every page of a dataset, by arithmetic: copies and windows are not listed, only records are.

    Page ``n`` is a copy of a window of a record: all copies of a window follow each other, then
    all windows of a record, then the records in their order. A unit is what is written at a
    time; units of a plan can be made in any order, by any process.

    Parameters
    ----------
    head
        Recipe, seed, copies, format and versions; what ``run.json`` says.
    source
        Where the records are: ``kind`` (``builtin``, ``folder`` or ``given``), ``root`` and ``limit``.
    records
        The records and how many windows each fills.

    Examples
    --------
    >>> from fastecg.dataset.request import Run
    >>> plan = make_plan(None, Run(Path("pages"), copies=10**9, limit=2))
    >>> plan.pages, plan.page(10**9 + 5)
    (2000000000, PageName(number=1000000005, key='synthetic-0001', window=0, copy=5))
    """

    head: dict[str, Any]
    source: dict[str, Any]
    records: Records
    given: dict[str, Source] = field(default_factory=dict, repr=False)

    @property
    def seed(self) -> int:
        """Seed of the dataset."""
        return int(self.head["seed"])

    @property
    def copies(self) -> int:
        """Pages of each window."""
        return int(self.head["copies"])

    @property
    def unit(self) -> int:
        """Pages that are written at a time."""
        return int(self.head["unit"])

    @property
    def pages(self) -> int:
        """Pages of all records."""
        return self.records.windows * self.copies

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe as it was when the plan was made."""
        return _recipe_of(self.head["recipe"])

    @cached_property
    def _base(self) -> Path:
        root = at_hand(self.source["root"])
        return root if root.is_dir() else root.parent

    @cached_property
    def _store(self) -> RecordStore | None:
        root = at_hand(self.source["root"])
        return RecordStore(root) if is_store(root) else None

    @cached_property
    def id(self) -> str:
        """What stands for the whole plan; another plan has another."""
        return hashlib.sha256(_json(self.head) + self.records.digest.encode()).hexdigest()[:16]

    def units(self) -> range:
        """Return the numbers of all units."""
        return range(-(-self.pages // self.unit))

    def pages_of(self, unit: int) -> range:
        """Return the numbers of a unit's pages."""
        return range(unit * self.unit, min((unit + 1) * self.unit, self.pages))

    def record_of(self, page: int) -> int:
        """Return the number of the record that a page shows."""
        return self.records.at_window(page // self.copies)

    def pages_of_record(self, record: int) -> range:
        """Return the numbers of a record's pages."""
        first = self.records.windows_before(record) * self.copies
        return range(first, first + self.records.windows_of(record) * self.copies)

    def page(self, number: int) -> PageName:
        """Return which page a number stands for.

        Raises
        ------
        IndexError
            If there is no such page.
        """
        if not 0 <= number < self.pages:
            raise IndexError(f"page {number} of {self.pages}")
        window, copy = divmod(number, self.copies)
        record = self.records.at_window(window)
        return PageName(number, self.records[record].key, window - self.records.windows_before(record), copy)

    def number(self, record: int, window: int, copy: int) -> int:
        """Return the number of a page."""
        return (self.records.windows_before(record) + window) * self.copies + copy

    def source_of(self, record: int) -> Source:
        """Return where to read a record.

        Raises
        ------
        OutputError
            If the records were given as objects to another process.
        """
        row = self.records[record]
        if self.source["kind"] == "builtin":
            return BuiltinSource(row.key, record, self.seed)
        if self.source["kind"] == "folder" and self._store is not None:
            return self._store.find(row.key)
        if self.source["kind"] == "folder":
            return RecordSource(row.key, self._base / (row.path or row.key), row.message or None)
        try:
            return self.given[row.key]
        except KeyError:
            raise OutputError(
                f"record {row.key} was given to another process", "records in a folder"
            ) from None

    def save(self, output: Path) -> None:
        """Write the plan into the dataset's folder; in one moment it is there, or the one before is."""
        folder = output / STATE
        name = self.records.save(folder)
        data = {"plan": self.head, "source": self.source, "records": name, "id": self.id}
        write_atomic(folder / PLAN, orjson.dumps(data, option=orjson.OPT_INDENT_2), fsync=True)
        for stale in folder.glob("records-*"):
            if stale.stem != name:
                stale.unlink(missing_ok=True)


def load_plan(output: Path) -> Plan | None:
    """Return the plan of a dataset's folder; None if it has none.

    Raises
    ------
    OutputError
        If it cannot be read.
    """
    path = output / STATE / PLAN
    try:
        data = orjson.loads(path.read_bytes())
        head, source, name = data["plan"], data["source"], data["records"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise OutputError(
            f"{path} cannot be read ({error})", "", "remove the folder and begin again"
        ) from None
    return Plan(head, source, Records.load(output / STATE, name))


def make_plan(source: SourceLike, run: Run) -> Plan:
    """Fix what a dataset is: walk the records once, and look how long each is.

    Parameters
    ----------
    source
        A folder, a ``RECORDS`` file or a record; None for the built-in records; or sources.
    run
        Which pages to make of them.

    Raises
    ------
    RecordError
        If there are no such records.
    RecipeError
        If a value of the run is out of range.
    OutputError
        If the output is the folder of the records.
    """
    recipe, copies = run.loaded()
    head = head_of(recipe, run.files, seed=run.seed, copies=copies)
    given: dict[str, Source] = {}
    if source is not None and not isinstance(source, str | os.PathLike):
        records = plan_records(islice(source, run.limit), recipe, None, given)
        return Plan(head, {"kind": "given"}, records, given)
    root = None if source is None else Path(os.path.abspath(at_hand(source)))  # noqa: PTH100 - no links
    found = find_sources(root, seed=run.seed, limit=run.limit, output=run.output)
    base = None if root is None else root if root.is_dir() else root.parent
    return Plan(head, source_head(source, run), plan_records(found, recipe, base))


def source_head(source: SourceLike, run: Run) -> dict[str, Any]:
    """Return which records are asked for, as plain JSON."""
    if source is None:
        return {"kind": "builtin", "limit": run.limit}
    if not isinstance(source, str | os.PathLike):
        return {"kind": "given"}
    root = os.fspath(source) if is_url(source) else os.path.abspath(plain_path(source))  # noqa: PTH100 - as above
    return {"kind": "folder", "root": root, "limit": run.limit}


def head_of(recipe: Recipe, writer: Writer, *, seed: int, copies: int) -> dict[str, Any]:
    """Return all that decides about a dataset's bytes but the records."""
    from fastecg import __version__  # noqa: PLC0415 - the package imports this module

    values = recipe_values(recipe)
    head = {
        "fastecg": __version__,
        "versions": versions(),
        "seed": seed,
        "copies": copies,
        "recipe": values,
        "recipe_sha256": hashlib.sha256(_json(values)).hexdigest(),
        "format": writer.describe(),
        "unit": writer.unit,
    }
    return dict(orjson.loads(_json(head)))  # as it is read back: no tuples


def plan_records(
    sources: Iterable[Source], recipe: Recipe, root: Path | None, given: dict[str, Source] | None = None
) -> Records:
    """Return the table of records: how many windows each fills, or why it has none.

    Parameters
    ----------
    sources
        The records.
    recipe
        Says how long a window is.
    root
        Folder that the paths of the records are relative to; None if they have none.
    given
        Is filled with the sources by their keys, if wanted.
    """
    table = RecordTable()
    for source in sources:
        row, windows = _row(source, recipe, root)
        table.add(row, windows)
        if given is not None:
            given[source.key] = source
    return table.records()


def _row(source: Source, recipe: Recipe, root: Path | None) -> tuple[RecordRow, int]:
    path = ""
    if root is not None and isinstance(source, RecordSource):
        path = Path(os.path.relpath(source.path, root)).as_posix()
    try:
        length_s = duration_s(source)
    except Exception as error:  # noqa: BLE001 - whatever a file holds must not stop the others
        return RecordRow(source.key, path, type(error).__name__, message_of(error)), 0
    windows = window_count(recipe, length_s)
    if not windows:
        message = f"{source.key} lasts {length_s:g} s, which fills no page of {recipe.window_s:g} s"
        return RecordRow(source.key, path, "RecordError", message), 0
    return RecordRow(source.key, "" if path == source.key else path), windows


def window_count(recipe: Recipe, length_s: float) -> int:
    """Return how many pages a record of a length in seconds fills."""
    return recipe.windows_in(length_s)


def message_of(error: Exception) -> str:
    """Return an error in plain words; a name that is no Unicode has no place in JSON."""
    text = str(error) if isinstance(error, FastECGError) else f"{type(error).__name__}: {error}"
    return text.encode(errors="backslashreplace").decode()


def recipe_values(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe, series and all, as plain JSON."""
    return {
        "name": recipe.name,
        "description": recipe.description,
        "window_s": recipe.window_s,
        "windows": recipe.windows,
        "copies": recipe.copies,
        "values": recipe.values,
        "series": [recipe_values(one) for one in recipe.series],
    }


def _recipe_of(values: dict[str, Any]) -> Recipe:
    return Recipe(**{**values, "series": tuple(_recipe_of(one) for one in values["series"])})


def versions() -> dict[str, str]:
    """Return the versions of what has a say in the bytes of a page, and the kind of processor."""
    found = {name: _version(distributions) for name, distributions in _PACKAGES}
    return {**found, "machine": platform.machine()}


def _version(distributions: Iterable[str]) -> str:
    for name in distributions:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return ""


def _json(value: Any) -> bytes:  # noqa: ANN401 - plain JSON
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def shard_of(units: range, shard: tuple[int, int]) -> range:
    """Return one of so many equal parts of the units, counted from 1.

    Examples
    --------
    >>> [list(shard_of(range(5), (k, 2))) for k in (1, 2)]
    [[0, 1], [2, 3, 4]]
    """
    part, parts = shard
    return range(len(units) * (part - 1) // parts, len(units) * part // parts)
