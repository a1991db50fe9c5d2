"""Pages in Parquet files, as the format ``parquet`` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

from fastecg.errors import MissingExtraError, OutputError
from fastecg.viewer.shelf import IMAGE, MASKS, TRUTH, no_part, unreadable

_COLUMNS: Final = {IMAGE: "image", TRUTH: "truth", **{mask: f"{mask}_mask" for mask in MASKS}}


class TableShelf:
    """The rows of tables; only their names and recipes are held.

    Parameters
    ----------
    title
        What the dataset is called.
    tables
        The Parquet files, in their order.

    Raises
    ------
    OutputError
        If a file is no Parquet file, or has no page names, images and truth.
    MissingExtraError
        If pyarrow is not installed.
    """

    def __init__(self, title: str, tables: Sequence[Path]) -> None:
        self.title = title
        self._lock = Lock()
        names: list[str] = []
        self._recipes: list[str] = []
        self._columns: dict[Path, frozenset[str]] = {}
        self._places: list[tuple[Path, int]] = []
        for table in tables:
            file = _parquet_file(table)
            columns = frozenset(file.schema_arrow.names)
            if not {"page", "image", "truth"} <= columns:
                raise OutputError(
                    f"{table} has no columns page, image and truth",
                    "tables of format parquet with annotation json",
                )
            self._columns[table] = columns
            told = file.read(columns=["page", *({"recipe"} & columns)]).to_pylist()
            names += [row["page"] for row in told]
            self._recipes += [row.get("recipe") or "" for row in told]
            self._places += [(table, k) for k in range(len(told))]
        self.names: Sequence[str] = names

    def masks(self, number: int) -> tuple[str, ...]:
        """Return which masks a page has."""
        return tuple(mask for mask in MASKS if _COLUMNS[mask] in self._columns[self._places[number][0]])

    def read(self, number: int, part: str) -> bytes:
        """Return a cell of a page's row.

        Raises
        ------
        OutputError
            If there is none, or it cannot be read.
        """
        table, row = self._places[number]
        column = _COLUMNS.get(part)
        if column not in self._columns[table]:
            raise no_part(self.names[number], part)
        with self._lock:  # a row group of images at a time
            cell = _cell(table, row, str(column))
        value = cell["bytes"] if isinstance(cell, dict) else cell
        if value is None:
            raise no_part(self.names[number], part)
        return value.encode() if isinstance(value, str) else bytes(value)

    def recipes(self) -> Sequence[str]:
        """Return the recipe of each page."""
        return self._recipes


def _cell(table: Path, row: int, column: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    file = _parquet_file(table)
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if row < rows:
            try:
                return file.read_row_group(group, columns=[column])[column][row].as_py()
            except (OSError, ValueError) as error:  # pyarrow's own are ValueErrors
                raise unreadable(table, error) from None
        row -= rows
    raise OutputError(f"{table} has fewer rows than it had", "", "start the viewer again")


def _parquet_file(path: Path) -> Any:  # noqa: ANN401 - pyarrow has no types
    try:
        from pyarrow import parquet  # noqa: PLC0415 - an extra, and 0.1 s
    except ImportError:
        raise MissingExtraError(
            "Parquet files need pyarrow", action='python -m pip install "fastecg[shards]"'
        ) from None
    try:
        return parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
