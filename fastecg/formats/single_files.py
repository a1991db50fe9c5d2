"""Single files: each page an image with its truth and what else was asked for beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from fastecg.errors import RecipeError
from fastecg.formats.bands import BandMemory
from fastecg.formats.jpeg import encode_jpeg
from fastecg.formats.names import page_path, wfdb_name
from fastecg.formats.png import encode_png
from fastecg.formats.wfdb_copy import encode_wfdb
from fastecg.formats.writer import Encoded, PageName, Piece
from fastecg.page import Page

IMAGE_FORMATS: Final = ("png", "jpeg")
ANNOTATIONS: Final = ("json", "wfdb")
_SUFFIX: Final = {"png": ".png", "jpeg": ".jpg"}


@dataclass(frozen=True, slots=True)
class SingleFiles:
    """Writes each page as files of its own: ``rec-0.png``, ``rec-0.json``, ….

    Parameters
    ----------
    image
        ``png`` or ``jpeg``.
    annotations
        Any of ``json`` (the truth) and ``wfdb`` (a copy of the record as drawn).
    mask_unplotted
        Make samples that are not drawn NaN in the WFDB copy.
    quality
        Quality of JPEG images, 1 to 100.

    Raises
    ------
    RecipeError
        If a name or the quality is not one of these.

    Examples
    --------
    >>> SingleFiles(annotations=("json", "wfdb")).names("rec-0")
    ('rec-0.json', 'rec-0.hea', 'rec-0.dat', 'rec-0.png')
    """

    image: str = "png"
    annotations: tuple[str, ...] = ("json",)
    mask_unplotted: bool = False
    quality: int = 95
    grows: ClassVar[bool] = True
    _memory: BandMemory = field(default_factory=BandMemory, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.image not in IMAGE_FORMATS:
            raise RecipeError(f"image format {self.image!r} is not known", ", ".join(IMAGE_FORMATS))
        unknown = [name for name in self.annotations if name not in ANNOTATIONS]
        if unknown:
            raise RecipeError(f"annotation {unknown[0]!r} is not known", ", ".join(ANNOTATIONS))
        if not 1 <= self.quality <= 100:
            raise RecipeError(f"JPEG quality is {self.quality}", "1 to 100")

    @property
    def unit(self) -> int:
        """Each page has its own files."""
        return 1

    def describe(self) -> dict[str, Any]:
        """Return the settings that change the files."""
        return {
            "format": "files",
            "image": self.image,
            "quality": self.quality if self.image == "jpeg" else None,
            "annotations": sorted(set(self.annotations)),
            "mask_unplotted": self.mask_unplotted,
        }

    def names(self, stem: str) -> tuple[str, ...]:
        """Return the names of a page's files; the image, which is written last, comes last."""
        record = wfdb_name(stem)
        suffixes = {"json": (f"{stem}.json",), "wfdb": (f"{record}.hea", f"{record}.dat")}
        others = [name for kind in self.annotations for name in suffixes[kind]]
        return (*others, stem + _SUFFIX[self.image])

    def encode(self, page: Page, name: PageName) -> Encoded:
        """Return the files of a page, the image last."""
        return Encoded(name, tuple(self.pieces(page, page_path(name), self._memory)))

    def pieces(self, page: Page, path: str, memory: BandMemory | None) -> Iterator[Piece]:
        """Yield the files of a page by its path without suffix; the image, which vouches for all, last."""
        above, slash, stem = path.rpartition("/")
        folder = above + slash
        image_name = stem + _SUFFIX[self.image]
        if "json" in self.annotations:
            yield Piece(f"{path}.json", page.truth.to_json(image_name))
        if "wfdb" in self.annotations:
            copy = page.truth.drawn_record(mask_unplotted=self.mask_unplotted)
            private = page.spec.header.privacy
            header, samples = encode_wfdb(wfdb_name(stem), copy, with_header=not private)
            yield Piece(f"{folder}{wfdb_name(stem)}.dat", samples)
            yield Piece(f"{folder}{wfdb_name(stem)}.hea", header)
        yield Piece(folder + image_name, self._image(page, memory))

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:  # noqa: ARG002 - as every writer's
        """Yield the files of the pages as they are."""
        for page in pages:
            yield from page.files

    def dataset_files(self, rows: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield nothing: no file lists the dataset."""
        del rows
        yield from ()

    def _image(self, page: Page, memory: BandMemory | None) -> bytes:
        dpi = page.spec.page.dpi
        if self.image == "png":
            return encode_png(page.image, dpi, memory=memory)
        return encode_jpeg(page.image, dpi, quality=self.quality)
