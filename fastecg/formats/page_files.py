"""What a page becomes beside its image: truth, copy of the record, masks, boxes, twins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import RecipeError
from fastecg.formats.bands import BandMemory
from fastecg.formats.coco import COCO_FILE, coco_annotations, coco_file
from fastecg.formats.jpeg import encode_jpeg
from fastecg.formats.label_images import lead_labels, part_labels
from fastecg.formats.outlines import outlines
from fastecg.formats.png import encode_png
from fastecg.formats.rows import Row, rereadable
from fastecg.formats.wfdb_copy import encode_wfdb
from fastecg.formats.yolo import SHAPES, YOLO_FILE, YOLO_LIST, yolo_lines, yolo_list, yolo_yaml
from fastecg.page import Page

IMAGE_FORMATS: Final = ("png", "jpeg")
SUFFIX: Final = {"png": ".png", "jpeg": ".jpg"}
ANNOTATIONS: Final = ("json", "wfdb", "masks", "coco", "yolo", "pairs")
PAGE_SUFFIXES: Final = {
    "json": (".json",),
    "wfdb": (".hea", ".dat"),
    "masks": (".leads.png", ".parts.png"),
    "coco": (),
    "yolo": (".txt",),
}
"""What the annotations' files end in; those of ``pairs`` end as the image does."""
TWINS: Final = ("clean", "flat")
"""The clean twins of ``pairs``: as the image sees the page, and flat as it was printed."""


@dataclass(frozen=True, slots=True)
class PageFiles:
    """Which files a page becomes, whatever holds them.

    Parameters
    ----------
    image
        ``png`` or ``jpeg``, of the twins too.
    annotations
        Any of ``json`` (the truth), ``wfdb`` (a copy of the record as drawn), ``masks`` (label images
        of the leads and of the parts of a page), ``coco`` (boxes, polygons and keypoints, one file for
        all), ``yolo`` (the same, a file for each page) and ``pairs`` (the page without what befell it).
    mask_unplotted
        Make samples that are not drawn NaN in the WFDB copy.
    quality
        Quality of JPEG images, 1 to 100.
    yolo
        What the YOLO files tell: ``boxes``, ``polygons`` or ``pose``.

    Raises
    ------
    RecipeError
        If a name or the quality is not one of these.
    """

    image: str = "png"
    annotations: tuple[str, ...] = ("json",)
    mask_unplotted: bool = False
    quality: int = 95
    yolo: str = "boxes"

    def __post_init__(self) -> None:
        check_image(self.image, self.quality)
        unknown = [name for name in self.annotations if name not in ANNOTATIONS]
        if unknown:
            raise RecipeError(f"annotation {unknown[0]!r} is not known", ", ".join(ANNOTATIONS))
        if self.yolo not in SHAPES:
            raise RecipeError(f"yolo is {self.yolo!r}", ", ".join(SHAPES))

    def settings(self) -> dict[str, Any]:
        """Return what changes the files, as plain JSON."""
        return {
            "image": self.image,
            "quality": self.quality if self.image == "jpeg" else None,
            "annotations": sorted(set(self.annotations)),
            "mask_unplotted": self.mask_unplotted if "wfdb" in self.annotations else None,
            "yolo": self.yolo if "yolo" in self.annotations else None,
        }

    def annotation_files(self, page: Page, image_name: str, record: str) -> Iterator[tuple[str, bytes]]:
        """Yield what each annotation file of a page ends in, and its content.

        Parameters
        ----------
        page
            The page.
        image_name, record
            Names that the files hold: the image's, and that of the WFDB copy.
        """
        wanted = self.annotations
        if "json" in wanted:
            yield ".json", page.truth.to_json(image_name)
        if "wfdb" in wanted:
            header, samples = copy_of(page, record, mask_unplotted=self.mask_unplotted)
            yield ".dat", samples
            yield ".hea", header
        if "masks" in wanted:
            leads = lead_labels(page)
            yield ".leads.png", encode_png(leads, page.spec.page.dpi, row_filter="none")
            yield ".parts.png", encode_png(part_labels(page, leads), page.spec.page.dpi, row_filter="none")
        if "yolo" in wanted:
            yield ".txt", yolo_lines(outlines(page.truth), page.truth.camera.shape, self.yolo)

    def twins(self, page: Page) -> Iterator[tuple[str, bytes]]:
        """Yield the name of each twin, if they are wanted, and its image."""
        if "pairs" in self.annotations:
            for name in TWINS:
                twin = page.clean(seen=name == "clean")
                yield name, encode_image(twin, page.spec.page.dpi, self.image, self.quality)

    def row(self, page: Page, file: str) -> Row | None:
        """Return what the files that list the dataset need to know of a page."""
        if "coco" not in self.annotations and "yolo" not in self.annotations:
            return None
        row: Row = {"file": file}
        if "coco" in self.annotations:
            height, width = page.truth.camera.shape
            found = coco_annotations(outlines(page.truth))
            row["coco"] = {"width": width, "height": height, "annotations": found}
        return row

    def listings(self, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the files that list the dataset: path and content in chunks."""
        if "coco" not in self.annotations and "yolo" not in self.annotations:
            return
        kept = rereadable(rows)
        if "coco" in self.annotations:
            yield COCO_FILE, coco_file(_coco_pages(kept), _coco_pages(kept))
        if "yolo" in self.annotations:
            yield YOLO_FILE, iter([yolo_yaml(self.yolo)])
            yield YOLO_LIST, yolo_list(row["file"] for row in kept)


def _coco_pages(rows: Iterable[Row]) -> Iterator[Row]:
    return ({"file_name": row["file"], **row["coco"]} for row in rows)


def copy_of(page: Page, record: str, *, mask_unplotted: bool) -> tuple[bytes, bytes]:
    """Return header and samples of a WFDB copy of what is drawn; without comments if that is private."""
    drawn = page.truth.drawn_record(mask_unplotted=mask_unplotted)
    return encode_wfdb(record, drawn, with_header=not page.spec.header.privacy)


def encode_image(
    pixels: NDArray[np.uint8], dpi: float, image: str, quality: int, memory: BandMemory | None = None
) -> bytes:
    """Return pixels as a ``png`` or ``jpeg`` file."""
    if image == "png":
        return encode_png(pixels, dpi, memory=memory)
    return encode_jpeg(pixels, dpi, quality=quality)


def check_image(image: str, quality: int, allowed: tuple[str, ...] = IMAGE_FORMATS) -> None:
    """Refuse an image format or a quality that is not known.

    Raises
    ------
    RecipeError
        If it is none.
    """
    if image not in allowed:
        raise RecipeError(f"image format {image!r} is not known", ", ".join(allowed))
    if not 1 <= quality <= 100:
        raise RecipeError(f"JPEG quality is {quality}", "1 to 100")


def check_shard_size(shard_size: int) -> None:
    """Refuse shards without pages.

    Raises
    ------
    RecipeError
        If the size is less than 1.
    """
    if shard_size < 1:
        raise RecipeError(f"a shard has {shard_size} pages", "1 or more")
