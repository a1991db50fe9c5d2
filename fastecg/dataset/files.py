"""The files of one page, written where they belong."""

from __future__ import annotations

from pathlib import Path

from fastecg.formats.bands import BandMemory
from fastecg.formats.files import ensure_directory, write_atomic
from fastecg.formats.names import page_stem, wfdb_name
from fastecg.formats.page_files import ANNOTATIONS, IMAGE_FORMATS
from fastecg.formats.single_files import SingleFiles
from fastecg.page import Page

__all__ = ["ANNOTATIONS", "IMAGE_FORMATS", "Files", "page_stem", "wfdb_name"]


class Files(SingleFiles):
    """Which files a page becomes; takes what :class:`SingleFiles` takes, and writes them to a folder.

    Examples
    --------
    >>> Files(annotations=("json", "wfdb")).names("rec-0")
    ('rec-0.json', 'rec-0.hea', 'rec-0.dat', 'rec-0.png')
    """

    __slots__ = ()

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
        for piece in self.pieces(page, stem, memory):
            path = folder / piece.path
            ensure_directory(path.parent)
            write_atomic(path, piece.content)
