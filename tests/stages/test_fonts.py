"""Typefaces: lines compared with Pillow's own, dots with their file, and what is missing said in words."""

from __future__ import annotations

import sys
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageFont

from fastecg import presets
from fastecg.errors import MissingExtraError, RecipeError
from fastecg.leads import STANDARD_12
from fastecg.recipe import load_recipe
from fastecg.stages.fonts import FONTS, KEPT_BYTES, Fonts

ASCII = "".join(map(chr, range(33, 127)))
LINES = (
    *STANDARD_12,
    "-aVR",
    "MLII",
    "25 mm/s",
    "10 mm/mV",
    "Limb: 10 mm/mV  Chest: 5 mm/mV",
    "To WAVE, fjord  ",
)


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return Fonts()


@pytest.fixture(scope="module")
def folder() -> Path:
    """Return a folder with a few dozen typefaces of every kind."""
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf"


def whole_line(font: Any, text: str) -> tuple[NDArray[np.uint8], int, int]:
    """Set a line as Pillow does, in one go."""
    image, (dx, dy) = font.getmask2(text, mode="L", anchor="ls")
    mask = np.array(image, dtype=np.uint8).reshape(image.size[1], image.size[0])
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    cut = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cut, int(dx + columns[0]), int(dy + rows[0])


def kerned(font: Any, text: str) -> bool:
    """Say whether two letters that are neighbours stand closer than their widths say."""
    return any(font.getlength(a + b) != font.getlength(a) + font.getlength(b) for a, b in pairwise(text))


@pytest.mark.parametrize("size", [4.0, 5.5, 6.25, 7.0, 11.5, 13.0, 25.25, 38.0, 80.0])
def test_aileron_is_set_as_pillow_sets_it(fonts: Fonts, size: float) -> None:
    """To the pixel, also where letters overlap: the ink of seeds that exist must not change."""
    pillow = ImageFont.load_default(size)
    for text in LINES:
        line = fonts.line("aileron", text, size)
        mask, left, top = whole_line(pillow, text)
        np.testing.assert_array_equal(line.mask, mask, err_msg=text)
        assert (line.left, line.top) == (left, top)
        assert line.width == pytest.approx(pillow.getlength(text), abs=0.5 * len(text))


@pytest.mark.parametrize("name", ["cmr10.ttf", "DejaVuSerif-BoldItalic.ttf", "STIXGeneralItalic.ttf"])
def test_files_are_set_as_pillow_sets_them(fonts: Fonts, folder: Path, name: str) -> None:
    """Italics reach into their neighbours; basic layout, so that no kerning comes between."""
    path = str(folder / name)
    for size in (9.0, 30.0, 61.0):
        pillow = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
        for text in ("fff", "jgfy", "Wfi Q", "iiii", "hmnop"):
            line = fonts.line(path, text, size)
            if kerned(pillow, text):
                continue
            mask, left, top = whole_line(pillow, text)
            assert (line.left, line.top, line.mask.shape) == (left, top, mask.shape), (text, size)
            assert abs(line.mask.astype(int) - mask).max() <= 2  # three letters at one pixel: order matters


@pytest.mark.parametrize("font", FONTS)
def test_typefaces_that_are_always_there_have_what_is_printed(font: str) -> None:
    fonts = Fonts()
    masks = {}
    for char in ASCII + "°±":
        glyph = fonts._glyph(font, char, 24.0)
        assert glyph is not None, char
        assert glyph.mask.max() > 120, char
        masks[char] = glyph.mask.tobytes() + bytes([glyph.top % 256, glyph.left % 256])
    alike = set("Il1|") if font == "aileron" else set()
    assert len(set(masks.values())) >= len(masks) - len(alike)


def test_all_letters_of_our_own_typefaces_are_as_wide(fonts: Fonts) -> None:
    for font in ("strokes", "dots"):
        assert len({fonts.line(font, char, 30.0).width for char in ASCII + "° "}) == 1


def test_dots_strike_where_their_file_says(fonts: Fonts) -> None:
    """10 px a dot: the needle's middle is black, and a place without a dot white."""
    text = resources.files(presets).joinpath("fonts", "dots.txt").read_text(encoding="utf-8")
    drawn = [line for line in text.splitlines() if not line.startswith("## ")]
    assert len(drawn) == len(ASCII) + 3
    for line in drawn:
        glyph = fonts._glyph("dots", line[0], 95.0)
        assert glyph is not None
        page = np.zeros((200, 100), np.uint8)
        page[100 + glyph.top :][: glyph.mask.shape[0], 10 + glyph.left :][:, : glyph.mask.shape[1]] = (
            glyph.mask
        )
        for y, row in enumerate(line[2:].split("|")):
            for x, cell in enumerate(row):
                middle = page[100 - 65 + 10 * y, 10 + 10 * x + 10]
                assert (middle == 255) == (cell == "x"), (line[0], x, y)
                assert middle in {0, 255} or cell == "."


def test_strokes_grow_in_proportion(fonts: Fonts) -> None:
    ink = [fonts.line("strokes", "Sinus rhythm", size).mask.sum() / size**2 for size in (25, 50, 100)]
    assert ink == pytest.approx([ink[2]] * 3, rel=0.05)
    thin = fonts.line("strokes", "Sinus rhythm", 5.0).mask
    assert thin.max() < 230, "a pen thinner than a pixel is paler"


def test_what_a_typeface_lacks_is_set_in_plainer_letters(fonts: Fonts) -> None:
    for odd, plain in (
        ("é", "e"),
        ("Ø", "O"),
        ("µ", "u"),
        ("ź", "z"),
        ("ẞ", "SS"),
    ):
        assert fonts._glyph("aileron", odd, 24.0) is None
        np.testing.assert_array_equal(
            fonts.line("aileron", odd, 24.0).mask, fonts.line("aileron", plain, 24.0).mask
        )
    assert fonts._glyph("caladea", "é", 24.0) is not None  # has it
    assert fonts.line("caladea", "é", 24.0).mask.shape != fonts.line("caladea", "e", 24.0).mask.shape
    np.testing.assert_array_equal(fonts.line("dots", "€", 24).mask, fonts.line("caladea", "€", 24).mask)


def test_what_no_typeface_has_is_an_error(fonts: Fonts) -> None:
    for font in ("aileron", "dots"):
        with pytest.raises(
            RecipeError, match=rf"font '{font}' has no glyph for '王' \(U\+738B\).*header.font"
        ):
            fonts.line(font, "V王", 24.0)


def test_a_folder_is_drawn_from(fonts: Fonts, folder: Path) -> None:
    chosen = [fonts.resolve(str(folder), key) for key in range(200)]
    assert chosen == [Fonts().resolve(str(folder), key) for key in range(200)]
    assert len(set(chosen)) > 20
    assert all(Path(name).parent == folder for name in chosen)
    assert fonts.resolve("aileron", 5) == "aileron"


def test_a_family_of_a_package(fonts: Fonts) -> None:
    assert fonts.line("share-tech", "V1", 24.0).width < fonts.line("aileron", "V1", 24.0).width


@pytest.mark.parametrize(
    ("font", "problem"),
    [
        ("aileronn", "font 'aileronn' is not known .*dots.*did you mean 'aileron'"),
        ("no/such/folder", "font folder no/such/folder does not exist"),
        ("none.ttf", "font file none.ttf does not exist"),
        ("EMPTY", "font folder .* holds no font"),
        ("BAD", r"font file .*bad.OTF cannot be read .*TrueType or OpenType"),
    ],
)
def test_typefaces_that_cannot_be_used(tmp_path: Path, font: str, problem: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "readme.txt").write_text("no font")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "bad.OTF").write_bytes(b"not a font" * 100)
    font = {"EMPTY": str(tmp_path / "empty"), "BAD": str(tmp_path / "bad")}.get(font, font)
    with pytest.raises(RecipeError, match=problem):
        Fonts().check(font)
    for key in ("plot.font", "header.font", "header.template.font"):
        with pytest.raises(RecipeError, match=problem):
            load_recipe("clean", {key: font})


def test_an_extra_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fontpkg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'fastecg\[fonts\]'"):
        Fonts().check("share-tech")


def test_what_is_kept_is_bounded_and_nothing_changes_when_it_goes(fonts: Fonts) -> None:
    before = fonts.line("caladea", "Sinus rhythm", 60.0)
    for size in np.arange(40, 190, 0.25):
        fonts.line("caladea", "Nonspecific ST and T wave abnormality", float(size))
        kept = sum(g.mask.nbytes for g in fonts._glyphs.values() if g) + sum(
            line.mask.nbytes for line in fonts._lines.values()
        )
        assert kept <= 2 * KEPT_BYTES
    after = fonts.line("caladea", "Sinus rhythm", 60.0)
    assert after is not before
    np.testing.assert_array_equal(after.mask, before.mask)
