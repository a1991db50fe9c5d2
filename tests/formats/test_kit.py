"""The kit's format with pages that are not the kit's: any recipe's pages get its files."""

from __future__ import annotations

import orjson
import pytest

import fastecg
from fastecg.errors import RecipeError
from fastecg.formats.kit import KitFiles
from fastecg.formats.registry import make_writer
from fastecg.formats.writer import PageName
from fastecg.pipeline import Generator


def test_a_photographs_json_says_where_its_image_shows_the_leads() -> None:
    record = fastecg.builtin_record(0).record
    generator = Generator("photo", overrides={"page.dpi": 60, "layout": "3x4+1"})
    page = generator.render_spec(record, generator.draw(record, seed=2))
    writer = make_writer("kit", store_config=2, lead_bbox=True, mask_unplotted=True)
    encoded = writer.encode(page, PageName(0, "sub/rec", 0, 0))
    files = {piece.path: piece.content for piece in encoded.files}
    assert list(files) == ["sub/rec-0.json", "sub/rec.dat", "sub/rec.hea", "sub/rec-0.png"]
    said = orjson.loads(files["sub/rec-0.json"])
    assert (said["height"], said["width"]) == page.image.shape[:2]
    truth = page.truth.to_dict()
    by_name = {lead["name"]: lead["trace"] for lead in truth["leads"] if lead["kind"] == "lead"}
    for lead in said["leads"][:-1]:
        y, x = lead["plotted_pixels"][100]
        assert [x, y] == pytest.approx(by_name[lead["lead_name"]][100].tolist(), abs=0.006)


def test_copies_come_with_the_first_page_alone_and_without_a_private_header() -> None:
    record = fastecg.builtin_record(0, duration_s=20.0).record
    generator = Generator("clean", overrides={"page.dpi": 50, "header.privacy": True})
    for window in (0, 1):
        page = generator.render_spec(record, generator.draw(record, window=window))
        files = KitFiles().encode(page, PageName(window, "rec", window, 0)).files
        names = [piece.path for piece in files]
        assert names == (["rec.dat", "rec.hea"] if window == 0 else []) + [f"rec-{window}.png"]
        if window == 0:
            assert b"#" not in files[1].content


def test_other_levels_are_refused() -> None:
    with pytest.raises(RecipeError, match="store_config is 3"):
        KitFiles(store_config=3)
