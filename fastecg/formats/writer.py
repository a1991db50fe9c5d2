"""What a format of datasets is to a run: pages become files, a unit of pages at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from fastecg.page import Page


@dataclass(frozen=True, slots=True)
class PageName:
    """Which page of a dataset: its place in the plan from 0, and what it is drawn by."""

    number: int
    key: str
    window: int
    copy: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A finished file: its path under the dataset's folder, with ``/``, and its content."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Encoded:
    """A page as files, and as a row (plain JSON) for the files that list a whole dataset."""

    name: PageName
    files: tuple[Piece, ...]
    row: dict[str, Any] | None = None


class Writer(Protocol):
    """A format of datasets; each worker has its own, which may keep scratch memory.

    The same pages give the same bytes, whoever encodes them and in whatever order.
    """

    @property
    def unit(self) -> int:
        """Pages written at a time, 1 or more: a shard's pages, or 1 where each page has its own files."""

    def describe(self) -> dict[str, Any]:
        """Return the settings as plain JSON; a dataset with others is another dataset."""

    def encode(self, page: Page, name: PageName) -> Encoded:
        """Return a page's files and row; called in a worker."""

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:
        """Yield the files of the unit with this number; pages that failed are left out of it."""

    def dataset_files(self, rows: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the path and content, in chunks, of each file that lists the dataset; rows come in order."""
