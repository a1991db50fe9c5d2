"""What each format of datasets takes to write a page, beside PNG and JSON as single files.

Run as ``pytest bench/bench_writers.py --benchmark-group-by=group``; compare within a group only.
"""

from __future__ import annotations

from itertools import cycle
from typing import Final

import pytest

from bench.conftest import Measure
from fastecg.formats.registry import make_writer
from fastecg.formats.writer import PageName
from fastecg.page import Page
from fastecg.pipeline import Generator
from fastecg.synthesis import builtin_record

PAGES: Final = 4
"""As many as a page's paper is kept for: each has bands that are known, and others."""
WAYS: Final = {
    "files": ("files", ("json",)),
    "files, no truth": ("files", ()),
    "files, wfdb": ("files", ("json", "wfdb")),
    "files, masks": ("files", ("json", "masks")),
    "files, coco": ("files", ("json", "coco")),
    "files, yolo": ("files", ("json", "yolo")),
    "files, pairs": ("files", ("json", "pairs")),
    "webdataset": ("webdataset", ("json",)),
    "parquet": ("parquet", ("json",)),
    "physionet2024": ("physionet2024", None),
    "kaggle2025": ("kaggle2025", None),
    "nnunet": ("nnunet", None),
}


@pytest.fixture(scope="module", params=["clean", "photo"])
def pages(request: pytest.FixtureRequest) -> list[Page]:
    """Return pages of several records."""
    generator = Generator(request.param)
    records = [builtin_record(number).record for number in range(PAGES)]
    return [generator.render_spec(record, generator.draw(record, key=record.name)) for record in records]


@pytest.mark.benchmark(group="a page in each format")
@pytest.mark.parametrize("way", WAYS)
def test_format(measure: Measure, pages: list[Page], way: str) -> None:
    """From a page to the bytes of its files, its share of a shard included."""
    name, annotations = WAYS[way]
    writer = make_writer(name, annotations=annotations)
    following = cycle(enumerate(pages))

    def write() -> int:
        number, page = next(following)
        encoded = writer.encode(page, PageName(number, f"record{number}", 0, 0))
        return sum(len(piece.content) for piece in writer.unit_files(0, [encoded]))

    for _ in pages:
        write()
    assert measure(write) > 0


@pytest.mark.benchmark(group="the list of a dataset")
@pytest.mark.parametrize("count", [10, 1000])
def test_lists(measure: Measure, pages: list[Page], count: int) -> None:
    """COCO's file and YOLO's, for so many pages."""
    writer = make_writer("files", annotations=("coco", "yolo"))
    row = writer.encode(pages[0], PageName(0, "record", 0, 0)).row
    assert row is not None

    def write() -> int:
        found = writer.dataset_files(iter([row] * count))
        return sum(len(chunk) for _, chunks in found for chunk in chunks)

    assert measure(write) > 1000 * count
