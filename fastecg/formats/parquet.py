"""Parquet: tables of pages, the images in them, as Hugging Face datasets reads them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from fastecg.errors import MissingExtraError, RecipeError
from fastecg.formats.bands import BandMemory
from fastecg.formats.names import flat_name
from fastecg.formats.page_files import (
    SUFFIX,
    TWINS,
    PageFiles,
    check_shard_size,
    encode_image,
)
from fastecg.formats.rows import Row
from fastecg.formats.writer import Encoded, PageName, Piece
from fastecg.page import Page

PARQUET_ANNOTATIONS: Final = ("json", "masks", "pairs")
_MASKS: Final = {"leads_mask": ".leads.png", "parts_mask": ".parts.png"}
_VALUES: Final = {
    "page": "string",
    "record": "string",
    "window": "int32",
    "copy": "int32",
    "recipe": "string",
    "layout": "string",
    "leads": "strings",
    "sampling_rate_hz": "float64",
    "samples": "int32",
    "dpi": "int32",
    "width": "int32",
    "height": "int32",
    "speed_mm_s": "float64",
    "gain_mm_mv": "float64",
}
"""Columns of plain values, and their types."""
_STATISTICS: Final = ("record", "recipe", "layout", "dpi")
"""Columns that readers may choose pages by."""
_ROW_GROUP: Final = 8
"""Pages that a reader holds at a time."""


@dataclass(frozen=True, slots=True)
class Parquet(PageFiles):
    """Writes tables ``pages-000000.parquet`` with a row for each page.

    Parameters
    ----------
    image, quality
        As :class:`PageFiles` takes them.
    annotations
        Any of ``json`` (a column ``truth``), ``masks`` (``leads_mask``, ``parts_mask``) and ``pairs``
        (``clean``, ``flat``).
    shard_size
        Pages in a table, 1 or more; a worker holds them in memory.

    Raises
    ------
    RecipeError
        If a value is not one of these.
    MissingExtraError
        If pyarrow is not installed.

    Examples
    --------
    >>> Parquet("jpeg", shard_size=100).unit
    100
    """

    shard_size: int = 64
    mask_unplotted: bool = field(default=False, init=False, repr=False)
    yolo: str = field(default="boxes", init=False, repr=False)
    _memory: BandMemory = field(default_factory=BandMemory, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        PageFiles.__post_init__(self)
        check_shard_size(self.shard_size)
        unfit = [name for name in self.annotations if name not in PARQUET_ANNOTATIONS]
        if unfit:
            raise RecipeError(f"annotation {unfit[0]!r} has no column", ", ".join(PARQUET_ANNOTATIONS))
        _pyarrow()

    @property
    def unit(self) -> int:
        """A table's pages."""
        return self.shard_size

    def describe(self) -> dict[str, Any]:
        """Return the settings that change the files."""
        return {"format": "parquet", **self.settings(), "shard_size": self.shard_size}

    def encode(self, page: Page, name: PageName) -> Encoded:
        """Return a page's images and values, each named as its column."""
        key = flat_name(name)
        suffix = SUFFIX[self.image]
        image = encode_image(page.image, page.spec.page.dpi, self.image, self.quality, self._memory)
        endings = {ending: column for column, ending in (*_MASKS.items(), ("truth", ".json"))}
        annotations = self.annotation_files(page, key + suffix, key)
        files = [
            Piece("values", orjson.dumps(_values(page, name, key))),
            Piece("image", image),
            *(Piece(endings[ending], content) for ending, content in annotations),
            *(Piece(twin, content) for twin, content in self.twins(page)),
        ]
        return Encoded(name, tuple(files))

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:
        """Yield the table, unless no page is left in it."""
        if pages:
            yield Piece(f"pages-{number:06d}.parquet", self._table(pages))

    def dataset_files(self, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield nothing: the tables tell everything."""
        del rows
        yield from ()

    def _images(self) -> dict[str, str]:
        """Return the columns of images, and what the names of the images end in."""
        suffix = SUFFIX[self.image]
        columns = {"image": suffix}
        if "masks" in self.annotations:
            columns |= _MASKS
        if "pairs" in self.annotations:
            columns |= {twin: f".{twin}{suffix}" for twin in TWINS}
        return columns

    def _table(self, pages: Sequence[Encoded]) -> bytes:
        """Return the pages as a Parquet file."""
        pa, parquet = _pyarrow()
        schema, file = self._schema(pa), io.BytesIO()
        # without dictionaries and with the statistics of few columns: images are neither repeated nor ordered
        how = {"use_dictionary": False, "write_statistics": [*_STATISTICS], "version": "2.6"}
        with parquet.ParquetWriter(file, schema, compression={"truth": "ZSTD"}, **how) as writer:
            for start in range(0, len(pages), _ROW_GROUP):  # one by one: an array holds up to 2 GB
                writer.write_table(
                    pa.Table.from_pylist(
                        [self._cells(page) for page in pages[start : start + _ROW_GROUP]], schema
                    )
                )
        return file.getvalue()

    def _cells(self, page: Encoded) -> dict[str, Any]:
        """Return a row of the table."""
        content = {piece.path: piece.content for piece in page.files}
        cells: dict[str, Any] = orjson.loads(content["values"])
        for name, ending in self._images().items():
            cells[name] = {"bytes": content[name], "path": cells["page"] + ending}
        if "truth" in content:
            cells["truth"] = content["truth"].decode()
        return cells

    def _schema(self, pa: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Return the columns and their types, and what Hugging Face datasets makes of them."""
        picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        columns = {
            name: pa.list_(pa.string()) if kind == "strings" else pa.type_for_alias(kind)
            for name, kind in _VALUES.items()
        }
        columns |= dict.fromkeys(self._images(), picture)
        if "json" in self.annotations:
            columns["truth"] = pa.string()
        told = orjson.dumps({"info": {"features": self._features(columns)}})
        return pa.schema(list(columns.items()), {"huggingface": told})

    def _features(self, columns: Iterable[str]) -> dict[str, Any]:
        """Return what Hugging Face datasets makes of the columns."""
        features: dict[str, Any] = {}
        for name in columns:
            kind = _VALUES.get(name, "string")
            if name in self._images():
                features[name] = {"_type": "Image"}
            elif kind == "strings":
                features[name] = {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"}
            else:
                features[name] = {"dtype": kind, "_type": "Value"}
        return features


def _values(page: Page, name: PageName, key: str) -> dict[str, Any]:
    """Return what the columns of plain values hold."""
    spec, truth = page.spec, page.truth
    height, width = truth.camera.shape
    return {
        "page": key,
        "record": name.key,
        "window": name.window,
        "copy": name.copy,
        "recipe": spec.recipe,
        "layout": spec.layout.name,
        "leads": [trace.lead for trace in truth.drawing.traces],
        "sampling_rate_hz": truth.record.sampling_rate_hz,
        "samples": max((trace.end_sample for trace in truth.drawing.traces), default=0),
        "dpi": spec.page.dpi,
        "width": width,
        "height": height,
        "speed_mm_s": spec.plot.speed_mm_s,
        "gain_mm_mv": spec.plot.gains.limb_mm_mv,
    }


def _pyarrow() -> tuple[Any, Any]:
    """Return pyarrow and its parquet module.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, and 0.1 s
        from pyarrow import parquet  # noqa: PLC0415 - as above
    except ImportError:
        raise MissingExtraError(
            "Parquet files need pyarrow", action='python -m pip install "fastecg[shards]"'
        ) from None
    return pa, parquet
