"""The files of ECG-Image-Kit: ``rec-0.png``, its JSON ``rec-0.json``, and a WFDB copy of each record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

import numpy as np
import orjson

from fastecg.errors import RecipeError
from fastecg.formats.bands import BandMemory
from fastecg.formats.names import page_path, wfdb_name
from fastecg.formats.png import encode_png
from fastecg.formats.rows import Row
from fastecg.formats.wfdb_copy import encode_wfdb
from fastecg.formats.writer import Encoded, PageName, Piece
from fastecg.kit.truth import kit_truth, unplotted
from fastecg.page import Page

_WHEN: Final = re.compile(r"(\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?( ?\d{1,2}/\d{1,2}/\d{4})?")
"""Time and date as a WFDB header's first line may hold them."""


@dataclass(frozen=True, slots=True)
class KitFiles:
    """Writes each page and its truth as ECG-Image-Kit does, and with its first page a record's copy.

    Parameters
    ----------
    store_config
        0 for no JSON, 1 for where things are, 2 for what was drawn as well.
    lead_bbox, lead_name_bbox
        Put the boxes of leads, and of their names, into the JSON.
    mask_unplotted
        Make samples that no page shows NaN in the WFDB copy.

    Raises
    ------
    RecipeError
        If ``store_config`` is none of these.

    Examples
    --------
    >>> KitFiles(store_config=2).describe()["store_config"]
    2
    """

    grows: ClassVar[bool] = True
    store_config: int = 0
    lead_bbox: bool = False
    lead_name_bbox: bool = False
    mask_unplotted: bool = False
    _memory: BandMemory = field(default_factory=BandMemory, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.store_config not in (0, 1, 2):
            raise RecipeError(f"store_config is {self.store_config}", "0, 1 or 2")

    @property
    def unit(self) -> int:
        """Each page has its own files."""
        return 1

    def describe(self) -> dict[str, Any]:
        """Return the settings that change the files."""
        return {
            "format": "kit",
            "store_config": self.store_config,
            "lead_bbox": self.lead_bbox,
            "lead_name_bbox": self.lead_name_bbox,
            "mask_unplotted": self.mask_unplotted,
        }

    def encode(self, page: Page, name: PageName) -> Encoded:
        """Return the files of a page, the image last."""
        path = page_path(name)
        files = []
        if self.store_config:
            said = kit_truth(
                page.truth, self.store_config, lead_boxes=self.lead_bbox, name_boxes=self.lead_name_bbox
            )
            files.append(Piece(f"{path}.json", orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY)))
        if name.window == name.copy == 0:
            files += self._copy(page, name.key)
        files.append(Piece(f"{path}.png", encode_png(page.image, page.spec.page.dpi, memory=self._memory)))
        return Encoded(name, tuple(files))

    def _copy(self, page: Page, key: str) -> Iterator[Piece]:
        """Yield the WFDB copy of a record: all of it, with what its header says."""
        truth = page.truth
        record = truth.record
        if self.mask_unplotted:
            # as Recipe.windows_in counts them: the kit makes pages of whole windows only
            part = 1e-9 if page.spec.kit.enabled else 0.5
            windows = max(1, int(record.duration_s / page.spec.window.duration_s + part))
            signals = np.where(unplotted(truth, windows), np.float32(np.nan), record.signals_mv)
            record = replace(record, signals_mv=signals)
        private = page.spec.header.privacy
        when = "" if private else _when(record.header)
        header = {k: v for k, v in record.header.items() if not (when and k in ("Date", "Time"))}
        folder, slash, stem = key.rpartition("/")
        name = wfdb_name(stem)
        text, samples = encode_wfdb(name, replace(record, header=header), with_header=not private)
        if when:
            first, _, rest = text.partition(b"\n")
            text = first + b" " + when.encode() + b"\n" + rest
        yield Piece(f"{folder}{slash}{name}.dat", samples)
        yield Piece(f"{folder}{slash}{name}.hea", text)

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:
        """Yield the files of the pages as they are."""
        del number
        for page in pages:
            yield from page.files

    def dataset_files(self, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield no files: the kit lists its pages nowhere."""
        del rows
        return iter(())


def _when(header: Any) -> str:  # noqa: ANN401 - the record's mapping
    """Return time and date for a header's first line; "" if they are not written as WFDB writes them."""
    text = " ".join(part for part in (header.get("Time", ""), header.get("Date", "")) if part)
    found = bool(header.get("Time")) and _WHEN.fullmatch(text)
    return text if found else ""
