"""The files of one page: image, truth and what else was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastecg.errors import RecipeError
from fastecg.formats.bands import BandMemory
from fastecg.formats.files import ensure_directory, write_atomic
from fastecg.formats.jpeg import encode_jpeg
from fastecg.formats.png import encode_png
from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.page import Page

IMAGE_FORMATS: Final = ("png", "jpeg")
ANNOTATIONS: Final = ("json", "wfdb")
_SUFFIX: Final = {"png": ".png", "jpeg": ".jpg"}
_WFDB_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED: Final = re.compile(r"_[0-9a-f]+_")
"""What an escaped character looks like; a name that holds one is escaped itself, so that no two are one."""


@dataclass(frozen=True, slots=True)
class Files:
    """Which files a page becomes.

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
    >>> Files(annotations=("json", "wfdb")).names("rec-0")
    ('rec-0.json', 'rec-0.hea', 'rec-0.dat', 'rec-0.png')
    """

    image: str = "png"
    annotations: tuple[str, ...] = ("json",)
    mask_unplotted: bool = False
    quality: int = 95

    def __post_init__(self) -> None:
        if self.image not in IMAGE_FORMATS:
            raise RecipeError(f"image format {self.image!r} is not known", ", ".join(IMAGE_FORMATS))
        unknown = [name for name in self.annotations if name not in ANNOTATIONS]
        if unknown:
            raise RecipeError(f"annotation {unknown[0]!r} is not known", ", ".join(ANNOTATIONS))
        if not 1 <= self.quality <= 100:
            raise RecipeError(f"JPEG quality is {self.quality}", "1 to 100")

    def names(self, stem: str) -> tuple[str, ...]:
        """Return the names of a page's files; the image, which is written last, comes last."""
        record = wfdb_name(stem)
        suffixes = {"json": (f"{stem}.json",), "wfdb": (f"{record}.hea", f"{record}.dat")}
        others = [name for kind in self.annotations for name in suffixes[kind]]
        return (*others, stem + _SUFFIX[self.image])

    def write(self, page: Page, folder: Path, stem: str, memory: BandMemory | None = None) -> None:
        """Write a page's files, each whole or not at all; the image last, so that it vouches for all.

        Parameters
        ----------
        page
            The page.
        folder, stem
            Where its files go, and their name without suffix.
        memory
            Passed from page to page it makes writing PNG files faster; see :func:`encode_png`.

        Raises
        ------
        OutputError
            If a file cannot be written.
        """
        ensure_directory(folder)
        image_name = stem + _SUFFIX[self.image]
        if "json" in self.annotations:
            write_atomic(folder / f"{stem}.json", page.truth.to_json(image_name))
        if "wfdb" in self.annotations:
            copy = page.truth.drawn_record(mask_unplotted=self.mask_unplotted)
            private = page.spec.header.privacy
            write_wfdb(folder, wfdb_name(stem), copy, with_header=not private)
        write_atomic(folder / image_name, self._encode(page, memory))

    def _encode(self, page: Page, memory: BandMemory | None) -> bytes:
        dpi = page.spec.page.dpi
        if self.image == "png":
            return encode_png(page.image, dpi, memory=memory)
        return encode_jpeg(page.image, dpi, quality=self.quality)


def wfdb_name(stem: str) -> str:
    """Return a record name that WFDB allows (letters, digits, ``-`` and ``_``), another for every stem.

    Examples
    --------
    >>> wfdb_name("rec_1-0"), wfdb_name("rec 1-0"), wfdb_name("rec_20_1-0")
    ('rec_1-0', 'rec_20_1-0', 'rec_5f_20_5f_1-0')
    """
    if _WFDB_NAME.fullmatch(stem) and not _ESCAPED.search(stem):
        return stem
    return re.sub(r"[^A-Za-z0-9-]", lambda match: f"_{ord(match[0]):02x}_", stem)


def page_stem(key: str, window: int, copy: int) -> str:
    """Return the file name of a page without suffix: key, window, and the copy if it is not the first.

    Examples
    --------
    >>> page_stem("ptbxl/HR00001", 0, 0), page_stem("ptbxl/HR00001", 1, 2)
    ('HR00001-0', 'HR00001-1-copy2')
    """
    name = key.rpartition("/")[2]
    return f"{name}-{window}" + (f"-copy{copy}" if copy else "")
