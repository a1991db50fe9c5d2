"""Kaggle 2025, PhysioNet - Digitization of ECG Images: a folder for each page, samples as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import numpy as np
import orjson

from fastecg.formats.bands import BandMemory
from fastecg.formats.names import flat_name
from fastecg.formats.page_files import SUFFIX, check_image, encode_image
from fastecg.formats.rows import Row
from fastecg.formats.writer import Encoded, PageName, Piece
from fastecg.leads import standard_order
from fastecg.page import Page
from fastecg.record import Record

_FOLDER: Final = "train"
_FIRST_IMAGE: Final = "0001"
"""The competition's number for an image as it was made, before it was printed."""


@dataclass(frozen=True, slots=True)
class Kaggle2025:
    """Writes each page as ``train/ID/ID-0001.png`` and ``train/ID/ID.csv``; ``train.csv`` lists them.

    The samples are in mV, a column for each lead in the usual order, empty where they are not drawn.
    Each page is an ID of its own since pages of one record may show other samples.

    Parameters
    ----------
    image, quality
        ``png`` or ``jpeg``, and the quality of JPEG images, 1 to 100.

    Raises
    ------
    RecipeError
        If a value is not one of these.

    Examples
    --------
    >>> Kaggle2025().describe()["image"]
    'png'

    References
    ----------
    kaggle.com/competitions/physionet-ecg-image-digitization, data.
    """

    image: str = "png"
    quality: int = 95
    grows: ClassVar[bool] = True
    _memory: BandMemory = field(default_factory=BandMemory, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_image(self.image, self.quality)

    @property
    def unit(self) -> int:
        """Each page has its own files."""
        return 1

    def describe(self) -> dict[str, Any]:
        """Return the settings that change the files."""
        quality = self.quality if self.image == "jpeg" else None
        return {"format": "kaggle2025", "image": self.image, "quality": quality}

    def encode(self, page: Page, name: PageName) -> Encoded:
        """Return samples and image of a page, the image last."""
        key = flat_name(name)
        path = f"{_FOLDER}/{key}/{key}"
        drawn = page.truth.drawn_record(mask_unplotted=True)
        image = encode_image(page.image, page.spec.page.dpi, self.image, self.quality, self._memory)
        files = (
            Piece(f"{path}.csv", samples_csv(drawn)),
            Piece(f"{path}-{_FIRST_IMAGE}{SUFFIX[self.image]}", image),
        )
        return Encoded(name, files, {"id": key, "fs": drawn.sampling_rate_hz, "sig_len": drawn.samples})

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:
        """Yield the files of the pages as they are."""
        del number
        for page in pages:
            yield from page.files

    def dataset_files(self, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the table of pages."""
        yield "train.csv", _table(rows)


def samples_csv(record: Record) -> bytes:
    r"""Return samples as CSV: leads in standard order, mV in as many digits as they have, gaps empty.

    Examples
    --------
    >>> samples_csv(Record.from_array(np.array([[0.5, np.nan], [1, -0.1]]), ["II", "I"], 100))
    b'I,II\n1.0,0.5\n-0.1,\n'
    """
    leads = standard_order(record.leads)
    rows = np.ascontiguousarray(record.signals_mv[[record.leads.index(lead) for lead in leads]].T)
    text = orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)  # ten times as fast as csv
    body = text[2:-2].replace(b"],[", b"\n").replace(b"null", b"")
    return ",".join(map(_quoted, leads)).encode() + b"\n" + body + b"\n"


def _quoted(name: str) -> str:
    """Return a lead's name as CSV has it."""
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\r\n') else name


def _table(rows: Iterable[Row]) -> Iterator[bytes]:
    yield b"id,fs,sig_len\n"
    for row in rows:
        yield f"{row['id']},{row['fs']:.12g},{row['sig_len']}\n".encode()
