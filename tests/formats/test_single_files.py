"""Single files as a writer, compared with what is written to a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastecg.dataset.files import Files
from fastecg.errors import RecipeError
from fastecg.formats.names import flat_name, page_path
from fastecg.formats.registry import FORMATS, make_writer, options_of
from fastecg.formats.single_files import SingleFiles
from fastecg.formats.writer import PageName
from fastecg.pipeline import Generator
from fastecg.synthesis import builtin_record


@pytest.mark.pages
@pytest.mark.parametrize("image", ["png", "jpeg"])
def test_a_unit_is_what_files_write(tmp_path: Path, image: str) -> None:
    record = builtin_record(0).record
    generator = Generator("clean", overrides={"page.dpi": 60})
    page = generator.render_spec(record, generator.draw(record))
    name = PageName(0, "some folder/r 1", 0, 1)
    writer = SingleFiles(image, ("json", "wfdb"), mask_unplotted=True)
    pieces = list(writer.unit_files(0, [writer.encode(page, name)]))
    folder = tmp_path / "some folder"
    Files(image, ("json", "wfdb"), mask_unplotted=True).write(page, folder, "r 1-0-copy1")
    written = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in folder.iterdir()}
    assert {piece.path: piece.content for piece in pieces} == written
    assert pieces[-1].path == page_path(name) + {"png": ".png", "jpeg": ".jpg"}[image]
    again = writer.encode(page, name)  # with bands in memory
    assert [piece.content for piece in again.files] == [piece.content for piece in pieces]
    assert not list(writer.dataset_files([]))


def test_names_never_meet() -> None:
    keys = ["a", "a-0", "b/a", "b_2f_a", "a-0-copy1", "b-0/a"]
    names = [PageName(0, key, window, copy) for key in keys for window in (0, 1) for copy in (0, 1)]
    assert len({page_path(name) for name in names}) == len(names)
    assert len({flat_name(name) for name in names}) == len(names)
    assert not any(set(flat_name(name)) & set("./ ") for name in names)


def test_the_table_makes_every_format() -> None:
    for name, entry in FORMATS.items():
        writer = make_writer(name)
        assert writer.unit >= 1
        assert writer.describe()["format"] == name
        assert entry.help.endswith(".")
        assert "image" in options_of(name) or "quality" not in options_of(name)


def test_settings_that_change_nothing_are_no_other_dataset() -> None:
    assert SingleFiles(quality=80).describe() == SingleFiles(quality=90).describe()
    assert SingleFiles("jpeg", quality=80).describe() != SingleFiles("jpeg", quality=90).describe()
    assert SingleFiles(mask_unplotted=True).describe() == SingleFiles().describe()
    copies = SingleFiles(annotations=("wfdb",)), SingleFiles(annotations=("wfdb",), mask_unplotted=True)
    assert copies[0].describe() != copies[1].describe()


def test_unknown_formats_and_options() -> None:
    with pytest.raises(RecipeError, match=r"format 'tar' is not known \(allowed: files"):
        make_writer("tar")
    with pytest.raises(RecipeError, match=r"has no option 'shard_size' \(allowed: image, annotations"):
        make_writer("files", shard_size=3)
    assert make_writer("files", shard_size=None).unit == 1
