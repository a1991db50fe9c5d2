"""PhysioNet/CinC Challenge 2024: WFDB records whose headers name their images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

from fastecg.formats.bands import BandMemory
from fastecg.formats.names import page_path, wfdb_name
from fastecg.formats.page_files import SUFFIX, check_image, encode_image
from fastecg.formats.rows import Row
from fastecg.formats.wfdb_copy import encode_wfdb
from fastecg.formats.writer import Encoded, PageName, Piece
from fastecg.page import Page

_IMAGE: Final = "Image"


@dataclass(frozen=True, slots=True)
class PhysioNet2024:
    """Writes each page as a record of the Challenge: ``rec-0.hea``, ``rec-0.dat``, ``rec-0.png``.

    The header has the line ``# Image: rec-0.png``. Each page is a record of its own since pages of one
    record may show other samples. ``RECORDS`` lists them.

    Parameters
    ----------
    image, quality
        ``png`` or ``jpeg``, and the quality of JPEG images, 1 to 100.
    mask_unplotted
        Make samples that are not drawn NaN, as the Challenge's evaluation expects.

    Raises
    ------
    RecipeError
        If a value is not one of these.

    Examples
    --------
    >>> PhysioNet2024().describe()["mask_unplotted"]
    True

    References
    ----------
    M. A. Reyna et al., ECG-Image-Database and the George B. Moody PhysioNet Challenge 2024:
    moody-challenge.physionet.org/2024.
    """

    image: str = "png"
    mask_unplotted: bool = True
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
        return {
            "format": "physionet2024",
            "image": self.image,
            "quality": quality,
            "mask_unplotted": self.mask_unplotted,
        }

    def encode(self, page: Page, name: PageName) -> Encoded:
        """Return samples, header and image of a page, the image last."""
        folder, slash, stem = page_path(name).rpartition("/")
        record = wfdb_name(stem)
        path, image_name = folder + slash + record, record + SUFFIX[self.image]
        drawn = page.truth.drawn_record(mask_unplotted=self.mask_unplotted)
        # a record of the Challenge names images already, which are not here
        kept = {key: value for key, value in drawn.header.items() if key.strip() != _IMAGE}
        private = page.spec.header.privacy
        header, samples = encode_wfdb(record, replace(drawn, header=kept), with_header=not private)
        image = encode_image(page.image, page.spec.page.dpi, self.image, self.quality, self._memory)
        files = (
            Piece(f"{path}.dat", samples),
            Piece(f"{path}.hea", header + f"# {_IMAGE}: {image_name}\n".encode()),
            Piece(folder + slash + image_name, image),
        )
        return Encoded(name, files, {"record": path})

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:
        """Yield the files of the pages as they are."""
        del number
        for page in pages:
            yield from page.files

    def dataset_files(self, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the list of records."""
        yield "RECORDS", (f"{row['record']}\n".encode() for row in rows)
