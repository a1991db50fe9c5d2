"""Pictures that are cut, changed or none at all: a DigitizeError or pixels, and no program is started."""

from __future__ import annotations

import io
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fastecg.digitize.assembly import digitize
from fastecg.digitize.pictures import load_picture
from fastecg.digitize.read_out import open_reader
from fastecg.errors import DigitizeError

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF", "ICO", "PPM")
MODES = ("RGB", "L", "RGBA", "P", "1", "CMYK", "LA", "I;16")


@cache
def picture(form: str, mode: str) -> bytes:
    """Return a small picture as a file; empty where the format has no such mode."""
    pixels = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    buffer = io.BytesIO()
    try:
        image = Image.fromarray(pixels)
        image = Image.new("I;16", (32, 24), 700) if mode == "I;16" else image.convert(mode)
        image.save(buffer, form, dpi=(200, 200), exif=_turned())
    except (OSError, ValueError, KeyError):
        return b""
    return buffer.getvalue()


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def load_or_say_why(data: bytes, suffix: str = ".png") -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"page{suffix}")
        path.write_bytes(data)
        try:
            found = load_picture(path)
            image, dpi = found.image, found.dpi
        except DigitizeError:
            return None
        finally:
            assert list(Path(folder).iterdir()) == [path]
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert dpi is None or 50 <= dpi <= 1200
    return image


@given(st.sampled_from(FORMATS), st.sampled_from(MODES), st.data())
def test_damaged_pictures(form: str, mode: str, data: st.DataObject) -> None:
    raw = bytearray(picture(form, mode))
    for _ in range(data.draw(st.integers(0, 8))):
        place = data.draw(st.integers(0, min(len(raw), 400)))
        raw[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    load_or_say_why(bytes(raw[: data.draw(st.integers(0, 9000))]))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    load_or_say_why(data)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_whole_pictures_are_read(form: str) -> None:
    image = load_or_say_why(picture(form, "RGB"))
    assert image is not None
    assert sorted(image.shape[:2]) == [24, 32]


def test_a_program_for_a_printer_is_not_run() -> None:
    """Pillow hands PostScript to Ghostscript, whatever the file's name ends in."""
    program = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 40\n%%EndComments\nshowpage\n%%EOF\n"
    with pytest.raises(DigitizeError, match="is no image that can be read"):
        _load(program)


def _load(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.png")
        path.write_bytes(data)
        load_picture(path)


def test_a_small_file_of_many_pixels_is_refused_before_it_is_unpacked() -> None:
    buffer = io.BytesIO()
    Image.new("1", (20_000, 9_000)).save(buffer, "PNG")
    assert buffer.tell() < 100_000
    with pytest.raises(DigitizeError):
        _load(buffer.getvalue())


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_lines_and_dots_are_no_page(shade: int) -> None:
    rng = np.random.default_rng(shade)
    image = np.full((240, 320, 3), shade, np.uint8)
    image[:: int(rng.integers(2, 9)), :: int(rng.integers(2, 9))] = rng.integers(0, 256, 3)
    with pytest.raises(DigitizeError):
        digitize(image, reader=open_reader("plain"))
