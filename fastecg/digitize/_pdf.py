"""The one doorway to pypdfium2: pages of a PDF as pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from fastecg.digitize.pictures import USED_PIXELS, Picture
from fastecg.errors import DigitizeError, MissingExtraError

DPI: Final = 250.0
"""As fine as the strips that traces are read from."""
POINTS: Final = 72.0
LONGEST_PX: Final = 4000
SHORTEST_PX: Final = 1800
"""Longer sides that pages are drawn with: some say that they are as large as a wall, or a stamp."""
SHEET_MM: Final = (100.0, 450.0)
"""Longer sides that paper has: what such a page says of its size may be so."""


def count_pages(path: Path) -> int:
    """Return how many pages a PDF has.

    Raises
    ------
    MissingExtraError
        If pypdfium2 is not installed.
    DigitizeError
        If it is no PDF, or cannot be opened without a password.
    """
    with _opened(path) as document:
        return len(document)


def render_page(path: Path, page: int) -> Picture:
    """Draw a page of a PDF.

    Parameters
    ----------
    path
        The PDF.
    page
        Counted from 0.

    Raises
    ------
    MissingExtraError
        If pypdfium2 is not installed.
    DigitizeError
        If it is no PDF, has no such page, or cannot be opened without a password.
    """
    with _opened(path) as document:
        if page >= len(document):
            raise DigitizeError(f"{path.name} has {len(document)} pages", f"page {page + 1}")
        sheet = document[page]
        width, height = sheet.get_size()
        longest = max(width, height)
        if not (np.isfinite(longest) and min(width, height) > 0):
            raise DigitizeError(f"page {page + 1} of {path.name} is {width} x {height} points", "more than 0")
        scale = min(max(DPI / POINTS, SHORTEST_PX / longest), LONGEST_PX / longest)
        scale = min(scale, float(np.sqrt(USED_PIXELS / (width * height))))
        bitmap = sheet.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
        pixels = np.array(bitmap.to_numpy()[:, :, :3], np.uint8)
        bitmap.close()
    sized = SHEET_MM[0] <= longest / POINTS * 25.4 <= SHEET_MM[1]
    return Picture(pixels, scale * POINTS if sized else None)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    pdfium = _pdfium()
    try:
        document = pdfium.PdfDocument(path)
        try:
            yield document
        finally:
            document.close()
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise DigitizeError(
            f"{path.name} {'is locked with a password' if locked else 'cannot be read'} ({error})",
            "a PDF that opens without one" if locked else "a whole PDF",
        ) from None


def _pdfium() -> Any:  # noqa: ANN401 - an optional package
    try:
        import pypdfium2  # noqa: PLC0415 - optional
    except ImportError:
        raise MissingExtraError("a PDF needs pypdfium2", "", "pip install 'fastecg[pdf]'") from None
    return pypdfium2
