"""nnU-Net v2: images and label images, whose classes are the leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import numpy as np
import orjson

from fastecg.formats.bands import BandMemory
from fastecg.formats.label_images import Labels, lead_labels
from fastecg.formats.names import flat_name
from fastecg.formats.png import encode_png
from fastecg.formats.rows import Row
from fastecg.formats.writer import Encoded, PageName, Piece
from fastecg.leads import STANDARD_12
from fastecg.page import Page

CLASSES: Final = ("background", *STANDARD_12, "other")
"""What the numbers of a label image mean, from 0; an inverted lead is the lead."""


@dataclass(frozen=True, slots=True)
class NnUNet:
    """Writes each page as ``imagesTr/CASE_0000.png`` and ``labelsTr/CASE.png``, and ``dataset.json``.

    The folder is meant to be one of nnU-Net's raw datasets, such as ``Dataset101_ECG``.

    Examples
    --------
    >>> NnUNet().describe()
    {'format': 'nnunet'}

    References
    ----------
    F. Isensee et al., nnU-Net, Nature Methods 18 (2021), 203-211; its documentation/dataset_format.md.
    """

    grows: ClassVar[bool] = True
    _memory: BandMemory = field(default_factory=BandMemory, init=False, repr=False, compare=False)

    @property
    def unit(self) -> int:
        """Each page has its own files."""
        return 1

    def describe(self) -> dict[str, Any]:
        """Return the name: there are no settings."""
        return {"format": "nnunet"}

    def encode(self, page: Page, name: PageName) -> Encoded:
        """Return label image and image of a page, the image last."""
        case, dpi = flat_name(name), page.spec.page.dpi
        files = (
            Piece(f"labelsTr/{case}.png", encode_png(class_labels(page), dpi, row_filter="none")),
            Piece(f"imagesTr/{case}_0000.png", encode_png(page.image, dpi, memory=self._memory)),
        )
        return Encoded(name, files, {})

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:
        """Yield the files of the pages as they are."""
        del number
        for page in pages:
            yield from page.files

    def dataset_files(self, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the description of the dataset."""
        told = {
            "channel_names": {"0": "R", "1": "G", "2": "B"},
            "labels": {name: number for number, name in enumerate(CLASSES)},
            "numTraining": sum(1 for _ in rows),
            "file_ending": ".png",
            "overwrite_image_reader_writer": "NaturalImage2DIO",
        }
        yield "dataset.json", iter([orjson.dumps(told, option=orjson.OPT_INDENT_2)])


def class_labels(page: Page) -> Labels:
    """Return for each pixel which of :data:`CLASSES` it shows, shape (H, W), uint8.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record, page={"dpi": 50})
    >>> np.unique(class_labels(page)).tolist()
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    """
    names = (trace.lead.removeprefix("-") for trace in page.truth.drawing.traces)
    classes = (CLASSES.index(name) if name in STANDARD_12 else len(CLASSES) - 1 for name in names)
    return np.array([0, *classes], np.uint8)[lead_labels(page)]
