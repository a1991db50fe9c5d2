"""Single files: each page an image, with its truth and what else was asked for beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fastecg.errors import OutputError
from fastecg.formats.bands import BandMemory
from fastecg.formats.names import page_path, wfdb_name
from fastecg.formats.page_files import PAGE_SUFFIXES, SUFFIX, TWINS, PageFiles, encode_image
from fastecg.formats.rows import Row
from fastecg.formats.writer import Encoded, PageName, Piece
from fastecg.page import Page


@dataclass(frozen=True, slots=True)
class SingleFiles(PageFiles):
    """Writes each page as files of its own: ``rec-0.png``, ``rec-0.json``, ….

    Takes what :class:`PageFiles` takes. Twins go to folders of their own, ``clean`` and ``flat``,
    under the name of the image.

    Examples
    --------
    >>> SingleFiles(annotations=("json", "wfdb")).names("rec-0")
    ('rec-0.json', 'rec-0.hea', 'rec-0.dat', 'rec-0.png')
    """

    grows: ClassVar[bool] = True
    _memory: BandMemory = field(default_factory=BandMemory, init=False, repr=False, compare=False)

    @property
    def unit(self) -> int:
        """Each page has its own files."""
        return 1

    def describe(self) -> dict[str, Any]:
        """Return the settings that change the files."""
        return {"format": "files", **self.settings()}

    def names(self, path: str) -> tuple[str, ...]:
        """Return the files of a page by its path without suffix; the image, written last, comes last."""
        found = []
        for kind in self.annotations:
            stem = _record_path(path) if kind == "wfdb" else path
            found += [stem + suffix for suffix in PAGE_SUFFIXES.get(kind, ())]
        if "pairs" in self.annotations:
            found += [f"{twin}/{path}{SUFFIX[self.image]}" for twin in TWINS]
        return (*found, path + SUFFIX[self.image])

    def encode(self, page: Page, name: PageName) -> Encoded:
        """Return the files of a page, the image last.

        Raises
        ------
        OutputError
            If the record's folder has the name of one for twins, which are wanted.
        """
        path = page_path(name)
        if "pairs" in self.annotations and path.partition("/")[0].casefold() in TWINS:
            raise OutputError(
                f"the record {name.key} lies in a folder that is meant for twins",
                f"any but {', '.join(TWINS)}",
                "rename its folder, or leave pairs out",
            )
        files = tuple(self.pieces(page, path, self._memory))
        return Encoded(name, files, self.row(page, path + SUFFIX[self.image]))

    def pieces(self, page: Page, path: str, memory: BandMemory | None) -> Iterator[Piece]:
        """Yield the files of a page by its path without suffix; the image, which vouches for all, last."""
        record = _record_path(path)
        suffix = SUFFIX[self.image]
        image_name = path.rpartition("/")[2] + suffix
        for ending, content in self.annotation_files(page, image_name, record.rpartition("/")[2]):
            yield Piece((record if ending in PAGE_SUFFIXES["wfdb"] else path) + ending, content)
        for twin, content in self.twins(page):
            yield Piece(f"{twin}/{path}{suffix}", content)
        image = encode_image(page.image, page.spec.page.dpi, self.image, self.quality, memory)
        yield Piece(path + suffix, image)

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:
        """Yield the files of the pages as they are."""
        del number
        for page in pages:
            yield from page.files

    def dataset_files(self, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the files of COCO and YOLO, if they are wanted."""
        return self.listings(rows)


def _record_path(path: str) -> str:
    """Return where a page's WFDB copy lies, without suffix."""
    folder, slash, stem = path.rpartition("/")
    return folder + slash + wfdb_name(stem)
