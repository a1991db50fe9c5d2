"""What lies in a dataset: the same pages from every layout, and a way out where there are none."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

import fastecg
from fastecg.errors import FastECGError, MissingExtraError, OutputError
from fastecg.viewer import open_shelf, shelf_table
from fastecg.viewer.shelf import recipe_in

pytestmark = pytest.mark.pages
Make = Callable[..., Path]
NAMES = ["synthetic-0000-0", "synthetic-0001-0"]


@pytest.mark.parametrize("layout", ["files", "webdataset", "parquet"])
def test_every_layout_gives_the_same_pages(layout: str, make: Make, tmp_path: Path) -> None:
    whole = make(tmp_path / "whole", "clean")
    options = {} if layout == "files" else {"shard_size": 1}
    shelf, first = open_shelf(make(tmp_path / "pages", "clean", layout, **options))
    assert (list(shelf.names), first) == (NAMES, 0)
    assert list(shelf.recipes()) == ["clean", "clean"]
    for number, name in enumerate(NAMES):
        assert shelf.masks(number) == ("leads", "parts")
        for part, ending in {"image": ".png", "leads": ".leads.png", "parts": ".parts.png"}.items():
            assert shelf.read(number, part) == (whole / (name + ending)).read_bytes()
        truth = orjson.loads(shelf.read(number, "truth"))
        assert truth["record"]["name"] == name[:-2]


@pytest.mark.parametrize("layout", ["files", "webdataset", "parquet"])
def test_what_was_not_generated_is_no_part(layout: str, make: Make, tmp_path: Path) -> None:
    shelf, _ = open_shelf(make(tmp_path, "clean", layout, limit=1, annotations=("json",)))
    assert shelf.masks(0) == ()
    for part in ("leads", "../../secret"):
        with pytest.raises(OutputError, match=re.escape(f"has no {part}")):
            shelf.read(0, part)


@pytest.mark.parametrize(("file", "first"), [("b-2.png", 0), ("b-10.json", 1)])
def test_a_page_begins_among_its_neighbours(file: str, first: int, tmp_path: Path) -> None:
    for name in ("b-10", "b-2", "inner/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.png").touch()
        (tmp_path / f"{name}.json").touch()
    (tmp_path / "b-2.leads.png").touch()
    shelf, begun = open_shelf(tmp_path / file)
    assert (list(shelf.names), begun) == (["b-2", "b-10"], first)
    assert list(open_shelf(tmp_path)[0].names) == ["b-2", "b-10", "inner/a"]


def test_a_tar_beside_pages_is_not_taken_for_them(mixed: Path, tmp_path: Path) -> None:
    for ending in (".png", ".json"):
        shutil.copy(mixed / "flat" / f"{NAMES[0]}{ending}", tmp_path)
    (tmp_path / "backup.tar").write_bytes(b"no tar file")
    assert list(open_shelf(tmp_path)[0].names) == NAMES[:1]


def test_a_shard_and_a_table_are_opened_by_their_name(make: Make, tmp_path: Path) -> None:
    for layout, ending in (("webdataset", "tar"), ("parquet", "parquet")):
        folder = make(tmp_path / layout, "clean", layout, shard_size=1)
        shelf, _ = open_shelf(folder / f"pages-000001.{ending}")
        assert list(shelf.names) == NAMES[1:]


def test_nothing_is_read_of_ten_thousand_pages_but_what_is_looked_at(mixed: Path, tmp_path: Path) -> None:
    source = mixed / "flat" / NAMES[0]
    broken = tmp_path / "broken.txt"
    broken.write_text("no JSON", encoding="utf-8")
    for number in range(10_000):
        os.link(source.with_suffix(".png"), tmp_path / f"rec-{number}.png")
        os.link(source.with_suffix(".json") if number == 9_999 else broken, tmp_path / f"rec-{number}.json")
    shelf, _ = open_shelf(tmp_path)
    assert len(shelf.names) == 10_000
    assert shelf.names[9_999] == "rec-9999"
    assert shelf.recipes()[9_998:] == ["", "clean"]
    assert orjson.loads(shelf.read(9_999, "truth"))["record"]["name"] == "synthetic-0000"


def test_a_recipe_is_found_at_the_end_and_anywhere(mixed: Path, tmp_path: Path) -> None:
    truth = orjson.loads((mixed / "flat" / f"{NAMES[0]}.json").read_bytes())
    truth["spec"]["recipe"] = 'my "own"'
    swapped = {"spec": truth.pop("spec"), **truth}
    (tmp_path / "a.json").write_bytes(orjson.dumps(swapped, option=orjson.OPT_INDENT_2))
    (tmp_path / "a.png").touch()
    assert open_shelf(tmp_path)[0].recipes() == ['my "own"']
    assert recipe_in(b"{}") is None


def test_a_link_does_not_lead_out_of_the_dataset(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}", encoding="utf-8")
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.png").touch()
    try:
        (folder / "a.json").symlink_to(tmp_path / "secret.json")
    except OSError:
        pytest.skip("this system makes no links")
    shelf, _ = open_shelf(folder)
    with pytest.raises(OutputError, match="link out of the dataset"):
        shelf.read(0, "truth")


def test_a_file_that_went_or_shrank_is_an_error_of_ours(make: Make, tmp_path: Path) -> None:
    for layout in ("files", "webdataset", "parquet"):
        shelf, _ = open_shelf(make(tmp_path / layout, "clean", layout, limit=1))
        for path in (tmp_path / layout).iterdir():
            if path.suffix in {".tar", ".parquet", ".json"}:
                path.write_bytes(path.read_bytes()[:700])
        if layout != "files":
            with pytest.raises(OutputError):
                shelf.read(0, "image")
        for path in (tmp_path / layout).iterdir():
            if path.suffix in {".tar", ".parquet", ".json"}:
                path.unlink()
        with pytest.raises(OutputError):
            shelf.read(0, "truth")


@pytest.mark.parametrize("layout", ["physionet2024", "kaggle2025", "nnunet"])
def test_a_layout_without_truth_is_named(layout: str, make: Make, tmp_path: Path) -> None:
    make(tmp_path, "clean", layout, limit=1, annotations=None)
    with pytest.raises(OutputError, match=f"format {layout}, which holds no truth.*webdataset"):
        open_shelf(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nothing", None, "is not there"),
        ("s3://bucket/pages", None, "is an address"),
        ("", None, "has no pages"),
        ("a.png", b"", "has no image and truth beside each other"),
        ("a.txt", b"", "is no page"),
        ("a.tar", b"no tar file", "cannot be read"),
        ("a.parquet", b"no table", "cannot be read"),
    ],
)
def test_what_is_no_dataset_has_a_way_out(
    name: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    path = Path(name) if "://" in name else tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FastECGError, match=said) as caught:
        open_shelf(path)
    assert caught.value.allowed or caught.value.action


def test_images_alone_and_packed_records_have_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(OutputError, match=r"images without truth.*--annotations json"):
        open_shelf(tmp_path)
    store = tmp_path / "records.fecg"
    fastecg.pack_records(fastecg.builtin_records(1), store)
    with pytest.raises(OutputError, match=r"packed store of records.*fastecg generate"):
        open_shelf(store)


def test_tables_without_pyarrow_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    (tmp_path / "a.parquet").touch()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"fastecg\[shards\]"):
        shelf_table.TableShelf("a", [tmp_path / "a.parquet"])
