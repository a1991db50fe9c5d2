"""Shards of many pages: tar files read by webdataset and tarfile, tables read by datasets and pyarrow."""

from __future__ import annotations

import builtins
import contextlib
import gc
import io
import json
import re
import tarfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fastecg.errors import MissingExtraError
from fastecg.formats.label_images import lead_labels
from fastecg.formats.names import flat_name
from fastecg.formats.parquet import Parquet
from fastecg.formats.registry import make_writer
from fastecg.formats.web_dataset import WebDataset, tar_file
from fastecg.formats.writer import Piece

pytestmark = pytest.mark.pages
Write = Callable[..., Path]


def pixels(content: bytes) -> Any:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


def test_webdataset_reads_the_shards(photos: Any, write: Write) -> None:
    import webdataset

    kinds = ("json", "wfdb", "masks", "coco", "yolo", "pairs")
    root = write(WebDataset(annotations=kinds, shard_size=4), photos)
    shards = sorted(path.name for path in root.iterdir())
    assert shards == ["instances.json", "pages-000000.tar", "pages-000001.tar"]
    urls = [str(root / name) for name in shards[1:]]
    with warnings.catch_warnings():  # webdataset leaves its files to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        samples = list(webdataset.WebDataset(urls, shardshuffle=False, empty_check=False).decode("rgb8"))
        gc.collect()
    assert [sample["__key__"] for sample in samples] == [flat_name(name) for name in photos.names]
    listed = json.loads((root / "instances.json").read_bytes())["images"]
    assert [image["file_name"] for image in listed] == [sample["__key__"] + ".png" for sample in samples]
    for sample, page in zip(samples, photos.pages, strict=True):
        endings = {"png", "json", "hea", "dat", "leads.png", "parts.png", "txt", "clean.png", "flat.png"}
        assert {key for key in sample if not key.startswith("__")} == endings
        assert np.array_equal(sample["png"], page.image)
        assert np.array_equal(sample["flat.png"], page.clean())
        assert np.array_equal(sample["leads.png"][..., 0], lead_labels(page))
        assert sample["json"]["image"]["file"] == sample["__key__"] + ".png"
        assert sample["json"]["leads"][0]["name"] == page.truth.drawing.traces[0].lead


def test_datasets_reads_the_tar_files_too(photos: Any, write: Write, tmp_path: Path) -> None:
    import datasets

    root = write(WebDataset("jpeg", shard_size=4), photos)
    loaded = datasets.load_dataset(
        "webdataset", data_files=str(root / "*.tar"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert loaded["__key__"] == [flat_name(name) for name in photos.names]
    assert np.asarray(loaded[0]["jpg"]).shape == photos.pages[0].image.shape


def test_tar_files_tell_nothing_of_their_making(photos: Any, write: Write) -> None:
    root = write(WebDataset(shard_size=100), photos)
    content = (root / "pages-000000.tar").read_bytes()
    assert len(content) % tarfile.RECORDSIZE == 0
    with tarfile.open(root / "pages-000000.tar") as tar:
        members = tar.getmembers()
        assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {
            (0, 0, 0, "", "", 0o644)
        }
        assert len(members) == 2 * len(photos.pages)
        assert all(re.fullmatch(r"[\w-]+\.(png|json)", member.name, re.ASCII) for member in members)


@pytest.mark.parametrize("name", ["a.txt", "x" * 99 + ".t", "x" * 300 + ".txt", "é.txt"])
@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 20_000])
def test_any_name_and_size(name: str, size: int) -> None:
    pieces = [Piece(name, b"a" * size), Piece("last", b"b")]
    ours = tar_file(pieces)
    theirs = io.BytesIO()
    with tarfile.open(fileobj=theirs, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for piece in pieces:
            member = tarfile.TarInfo(piece.path)
            member.size = len(piece.content)
            tar.addfile(member, io.BytesIO(piece.content))
    assert ours == theirs.getvalue()


def test_datasets_reads_the_tables(photos: Any, write: Write, tmp_path: Path) -> None:
    import datasets

    root = write(Parquet(annotations=("json", "masks", "pairs"), shard_size=4), photos)
    files = str(root / "*.parquet")
    loaded = datasets.load_dataset(
        "parquet", data_files=files, split="train", cache_dir=str(tmp_path / "cache")
    )
    for column in ("image", "leads_mask", "parts_mask", "clean", "flat"):
        assert isinstance(loaded.features[column], datasets.Image)
    assert loaded["page"] == [flat_name(name) for name in photos.names]
    for row, page, name in zip(loaded, photos.pages, photos.names, strict=True):
        assert np.array_equal(np.asarray(row["image"]), page.image)
        assert np.array_equal(np.asarray(row["leads_mask"]), lead_labels(page))
        assert np.array_equal(np.asarray(row["clean"]), page.clean(seen=True))
        assert json.loads(row["truth"]) == json.loads(page.truth.to_json(row["page"] + ".png"))
        assert (row["record"], row["copy"], row["recipe"]) == (name.key, name.copy, "photo")
        assert row["leads"] == [trace.lead for trace in page.truth.drawing.traces]
        assert (row["height"], row["width"]) == page.image.shape[:2]
    streamed = datasets.load_dataset("parquet", data_files=files, split="train", streaming=True)
    assert next(iter(streamed))["page"] == loaded[0]["page"]


def test_tables_stream_in_small_groups(flat: Any, write: Write) -> None:
    import pyarrow.parquet

    dataset = type(flat)(flat.names * 4, flat.pages * 4)
    root = write(Parquet("jpeg", annotations=(), shard_size=20), dataset)
    file = pyarrow.parquet.ParquetFile(root / "pages-000000.parquet")
    groups = [file.metadata.row_group(k).num_rows for k in range(file.metadata.num_row_groups)]
    assert groups == [8, 8, 4]
    image = file.read_row_group(2, columns=["image"])["image"][0].as_py()
    assert image["path"] == flat_name(dataset.names[16]) + ".jpg"
    assert pixels(image["bytes"]).shape == dataset.pages[16].image.shape
    assert "truth" not in file.schema_arrow.names


@pytest.mark.parametrize("format_name", ["webdataset", "parquet"])
def test_shards_are_the_same_in_any_order(format_name: str, photos: Any, write: Write) -> None:
    first, second = (
        write(make_writer(format_name, shard_size=4), photos, backwards=backwards, folder=folder)
        for backwards, folder in ((False, "a"), (True, "b"))
    )
    names = sorted(path.name for path in first.iterdir())
    assert len(names) == 2
    assert [(first / name).read_bytes() for name in names] == [(second / name).read_bytes() for name in names]


@pytest.mark.parametrize("format_name", ["webdataset", "parquet"])
def test_pages_that_failed_are_left_out(format_name: str, photos: Any) -> None:
    writer = make_writer(format_name, shard_size=3)
    encoded = [writer.encode(photos.pages[k], photos.names[k]) for k in (0, 2)]
    (piece,) = writer.unit_files(7, encoded)
    assert piece.path.startswith("pages-000007.")
    assert not list(writer.unit_files(7, []))


def test_without_pyarrow_the_pip_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r'pip install "fastecg\[shards\]"'):
        make_writer("parquet")
    with contextlib.suppress(MissingExtraError):
        make_writer("webdataset")
