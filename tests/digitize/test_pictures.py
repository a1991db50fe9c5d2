"""Files of every kind: a right picture or a clear refusal, within bounded memory."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from fastecg.digitize.pictures import count_pages, load_picture, times_smaller
from fastecg.errors import DigitizeError, MissingExtraError


def drawn(height: int = 90, width: int = 140) -> NDArray[np.uint8]:
    """A picture without symmetry: a ramp with a black corner."""
    ramp = np.linspace(120, 250, width)[None, :] + np.zeros((height, 1))
    ramp[: height // 3, : width // 4] = 10
    return np.repeat(ramp[:, :, None], 3, axis=2).astype(np.uint8)


def saved(folder: Path, name: str, image: Any, **values: Any) -> Path:
    path = folder / name
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **values)
    return path


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "YCbCr", "1"])
def test_modes(tmp_path: Path, mode: str) -> None:
    image = drawn()
    name = "page.tif" if mode in {"CMYK", "YCbCr"} else "page.png"
    whole = Image.fromarray(image)
    path = saved(tmp_path, name, whole.quantize(200) if mode == "P" else whole.convert(mode))
    found = load_picture(path).image
    assert found.shape == image.shape
    assert found.dtype == np.uint8
    assert found[5, 5].max() < 40
    if mode != "1":
        off = np.abs(found.astype(int) - image)
        assert np.median(off) <= 4
    assert found[80:, 100:].mean() > 180


@pytest.mark.parametrize("bits", [np.uint16, np.int32, np.float32])
@pytest.mark.parametrize("top", [4095, 65535])
def test_more_bits_keep_their_tones(tmp_path: Path, bits: Any, top: int) -> None:
    gray = drawn()[:, :, 0] / 250.0
    path = saved(tmp_path, "page.tif", (gray * top).astype(bits))
    found = load_picture(path).image
    assert np.abs(found[:, :, 0] - gray * 255).max() < 1.5
    assert (found == found[:, :, :1]).all()


def test_what_is_clear_is_white(tmp_path: Path) -> None:
    layer = np.zeros((60, 80, 4), np.uint8)  # black ink on nothing
    layer[30, :, 3] = 255
    found = load_picture(saved(tmp_path, "page.png", layer)).image
    assert (found[30] == 0).all()
    assert (np.delete(found, 30, axis=0) == 255).all()
    palette = Image.fromarray(np.zeros((60, 80), np.uint8)).convert("P")
    assert (load_picture(saved(tmp_path, "clear.png", palette, transparency=0)).image == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_as_exif_says(tmp_path: Path, orientation: int) -> None:
    tags = Image.Exif()
    tags[0x0112] = orientation
    path = saved(tmp_path, "page.png", drawn(), exif=tags)
    with Image.open(path) as file:
        wanted = np.asarray(ImageOps.exif_transpose(file).convert("RGB"))
    assert np.array_equal(load_picture(path).image, wanted)


def test_an_animation_gives_its_first_picture(tmp_path: Path) -> None:
    image = drawn()
    path = saved(
        tmp_path,
        "page.gif",
        Image.fromarray(image),
        save_all=True,
        append_images=[Image.fromarray(255 - image)],
    )
    found = load_picture(path)
    assert "animated" in found.notes[0]
    assert found.image[5, 5].max() < 40
    assert count_pages(path) == 1


def test_a_tiff_has_pages(tmp_path: Path) -> None:
    image = drawn()
    path = saved(tmp_path, "page.tif", image, save_all=True, append_images=[Image.fromarray(255 - image)])
    assert count_pages(path) == 2
    assert np.array_equal(load_picture(path, 0).image, image)
    assert np.array_equal(load_picture(path, 1).image, 255 - image)
    with pytest.raises(DigitizeError):
        load_picture(path, 2)


@pytest.mark.parametrize(("dpi", "told"), [(200, 200.0), (72, None), (96, None), (5000, None)])
def test_resolution(tmp_path: Path, dpi: int, told: float | None) -> None:
    found = load_picture(saved(tmp_path, "page.png", drawn(), dpi=(dpi, dpi)))
    assert found.dpi == pytest.approx(told, abs=0.1) if told else found.dpi is None


def test_large_pictures_are_made_smaller(tmp_path: Path) -> None:
    large = np.kron(drawn(40, 8100)[:, :, 0], np.ones((1, 4), np.uint8))  # longer than 16,000
    for name, times, tolerance in (("page.png", 3, 0), ("page.jpg", 4, 12)):
        found = load_picture(saved(tmp_path, name, large, dpi=(300, 300)))
        assert found.image.shape == (40 // times, 32_400 // times, 3)
        assert found.dpi == pytest.approx(300 / times, abs=1)
        assert "32400 x 40 pixels" in found.notes[0]
        assert abs(found.image[2, 300, 0].astype(int) - 10) <= tolerance
    assert times_smaller(12_000, 10_000) == 2


def test_bands_join(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (700, 30, 3)).astype(np.uint8)
    assert np.array_equal(load_picture(saved(tmp_path, "page.png", image)).image, image)


def png_of(width: int, height: int, data: bytes) -> bytes:
    """A PNG that says it has this size."""

    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [12_000, 50_000, 2_000_000])
def test_a_bomb_is_not_opened(tmp_path: Path, side: int) -> None:
    (tmp_path / "page.png").write_bytes(png_of(side, side, zlib.compress(bytes(1000))))
    with pytest.raises(DigitizeError, match="pixels"):
        load_picture(tmp_path / "page.png")


@pytest.mark.parametrize("name", ["page.png", "page.jpg", "page.tif", "page.webp", "page.gif", "page.bmp"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9])
def test_what_is_cut_off_is_refused(tmp_path: Path, name: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    whole = saved(tmp_path, name, noise).read_bytes()
    (tmp_path / name).write_bytes(whole[: round(share * len(whole))])
    with pytest.raises(DigitizeError, match=r"cut off|cannot be read|no image|empty"):
        load_picture(tmp_path / name)


@pytest.mark.parametrize(
    "content", [b"\x00" * 500, b"%!PS-Adobe-3.0\n", b"<svg></svg>", b"II*\x00" + b"\xff" * 99]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page.png").write_bytes(content)
    with pytest.raises(DigitizeError):
        load_picture(tmp_path / "page.png")


def test_values_that_are_none_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, "page.tif", np.full((50, 50), np.nan, np.float32))
    with pytest.raises(DigitizeError):
        load_picture(path)


class TestPdf:
    """Pages of PDFs; Pillow writes them."""

    def test_every_page_is_a_picture(self, tmp_path: Path) -> None:
        image = drawn(850, 1100)
        path = saved(
            tmp_path,
            "pages.pdf",
            image,
            resolution=100,
            save_all=True,
            append_images=[Image.fromarray(255 - image)],
        )
        assert count_pages(path) == 2
        first, second = (load_picture(path, page) for page in (0, 1))
        assert first.image.shape == (2125, 2750, 3)
        assert first.dpi == pytest.approx(250)
        assert first.image[100, 100].max() < 40
        assert second.image[100, 100].min() > 215
        with pytest.raises(DigitizeError, match="2 pages"):
            load_picture(path, 2)

    @pytest.mark.parametrize(("resolution", "longest"), [(2, 4000), (4000, 1800)])
    def test_its_size_is_bounded(self, tmp_path: Path, resolution: int, longest: int) -> None:
        found = load_picture(saved(tmp_path, "page.pdf", drawn(850, 1100), resolution=resolution))
        assert abs(max(found.image.shape) - longest) <= 1
        assert found.dpi is None

    def test_what_is_no_pdf_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "page.pdf").write_bytes(b"%PDF-1.7\nnothing")
        assert count_pages(tmp_path / "page.pdf") == 1
        with pytest.raises(DigitizeError, match="cannot be read"):
            load_picture(tmp_path / "page.pdf")

    def test_the_extra_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = saved(tmp_path, "page.pdf", drawn())
        monkeypatch.setitem(sys.modules, "pypdfium2", None)
        assert count_pages(path) == 1
        with pytest.raises(MissingExtraError, match=r"pip install 'fastecg\[pdf\]'"):
            load_picture(path)


PEAK = """
import sys
from pathlib import Path
import cv2, PIL.Image
from fastecg.digitize.pictures import load_picture
def peak():
    return next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM"))
before = peak()
height = load_picture(Path(sys.argv[1])).image.shape[0]
print(height, peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in KiB on Linux")
@pytest.mark.parametrize(("mode", "most_mb"), [("L", 260), ("1", 260)])
def test_a_hundred_megapixels(tmp_path: Path, mode: str, most_mb: int) -> None:
    size = 10_000
    row = bytes(1 + size // (8 if mode == "1" else 1))
    data = zlib.compress(row * size, 1)
    content = bytearray(png_of(size, size, data))
    if mode == "L":
        content[24] = 8
        content[29:33] = struct.pack(">I", zlib.crc32(bytes(content[12:29])))
    (tmp_path / "page.png").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path / "page.png")], capture_output=True, text=True, check=True
    )
    height, kib = map(int, done.stdout.split())
    assert height == 5000
    assert kib < most_mb * 1024, f"{kib} KiB"
