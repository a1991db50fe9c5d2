"""Writers on 2200 × 1700 pages: ours beside OpenCV's, Pillow's and wfdb's, in one run.

Run as ``pytest bench/bench_formats.py --benchmark-group-by=group``; compare within a group only.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Literal

import cv2
import numpy as np
import pytest
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from fastecg import Record
from fastecg.formats import bands, png
from fastecg.formats.files import write_atomic
from fastecg.formats.jpeg import encode_jpeg
from fastecg.formats.png import encode_png
from fastecg.formats.wfdb_copy import encode_wfdb, write_wfdb
from fastecg.leads import STANDARD_12
from fastecg_kernels.cpu import png_filter as fast
from fastecg_kernels.reference import png_filter as plain

WIDTH, HEIGHT, DPI = 2200, 1700, 200
Pixels = NDArray[np.uint8]
PAGES = ("clean", "noisy", "shaded")


def clean_page() -> Pixels:
    """Draw an antialiased millimetre grid and 12 wavy traces."""
    page = np.full((HEIGHT, WIDTH, 3), (255, 246, 240), np.uint8)
    step = DPI / 25.4
    for size, horizontal in ((HEIGHT, True), (WIDTH, False)):
        for k in range(int(size / step)):
            colour = (220, 120, 120) if k % 5 == 0 else (240, 180, 180)
            at = int(k * step * 16)
            start, end = ((0, at), (WIDTH * 16, at)) if horizontal else ((at, 0), (at, HEIGHT * 16))
            cv2.line(page, start, end, colour, 1, cv2.LINE_AA, 4)
    x = np.arange(WIDTH)
    for k in range(12):
        beats = 40 * np.sin(x / 17 + k) * np.exp(-(((x % 160 - 80) / 25) ** 2)) + 10 * np.sin(x / 60)
        points = np.stack([x, HEIGHT * (k + 1) / 13 + beats], axis=1)
        cv2.polylines(page, [np.rint(points * 16).astype(np.int32)], False, (20, 20, 30), 2, cv2.LINE_AA, 4)
    return page


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Keep OpenCV to the one thread a page has."""
    cv2.setNumThreads(1)


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest) -> Pixels:
    """Return the page clean, with N(0, 10) noise, or out of focus in uneven light."""
    clean = clean_page().astype(np.float64)
    if request.param == "noisy":
        clean += np.random.default_rng(7).normal(0, 10, clean.shape)
    if request.param == "shaded":
        light = np.linspace(0.8, 1, WIDTH)[:, None] * np.linspace(1, 0.85, HEIGHT)[:, None, None]
        clean = cv2.GaussianBlur(clean, (0, 0), 1.2) * light
    return np.clip(np.rint(clean), 0, 255).astype(np.uint8)


def with_cv2(page: Pixels) -> bytes:
    """Encode with OpenCV's defaults."""
    return cv2.imencode(".png", page)[1].tobytes()


def with_pillow(page: Pixels) -> bytes:
    """Encode as small as people usually do with Pillow."""
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def jpeg_pillow(page: Pixels) -> bytes:
    """Encode with Pillow at the same quality."""
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "JPEG", quality=95, dpi=(DPI, DPI))
    return buffer.getvalue()


def measure(benchmark: BenchmarkFixture, encode: Callable[[], bytes]) -> None:
    """Time an encoder and note the size of what it makes."""
    encode()  # compiles
    data = benchmark(encode)
    benchmark.extra_info["megabytes"] = round(len(data) / 1e6, 3)


@pytest.mark.benchmark(group="png")
@pytest.mark.parametrize("writer", [lambda page: encode_png(page, DPI), with_cv2, with_pillow], ids="fcp")
def test_png(benchmark: BenchmarkFixture, page: Pixels, writer: Callable[[Pixels], bytes]) -> None:
    """Ours (f), cv2's default (c), Pillow's level 6 (p)."""
    measure(benchmark, lambda: writer(page))


@pytest.mark.benchmark(group="png row filter")
@pytest.mark.parametrize("row_filter", ["auto", "none", "up"])
def test_png_filter(
    benchmark: BenchmarkFixture, page: Pixels, row_filter: Literal["auto", "none", "up"]
) -> None:
    """What the choice of the row filter costs and saves."""
    measure(benchmark, lambda: encode_png(page, DPI, row_filter=row_filter))


@pytest.mark.benchmark(group="png deflate level")
@pytest.mark.parametrize("level", [0, 1, 2])
def test_png_level(
    benchmark: BenchmarkFixture, page: Pixels, monkeypatch: pytest.MonkeyPatch, level: int
) -> None:
    """ISA-L's levels."""
    monkeypatch.setattr(png, "LEVEL", level)
    monkeypatch.setattr(bands, "LEVEL", level)
    measure(benchmark, lambda: encode_png(page, DPI))


@pytest.mark.benchmark(group="png block")
@pytest.mark.parametrize("kilobytes", [64, 256, 512, 1024, 2048, 1 << 20])
def test_png_block(
    benchmark: BenchmarkFixture, page: Pixels, monkeypatch: pytest.MonkeyPatch, kilobytes: int
) -> None:
    """How much is filtered at a time; the last is the page at once."""
    monkeypatch.setattr(png, "_BLOCK_BYTES", kilobytes * 1024)
    monkeypatch.setattr(bands, "_BAND_BYTES", kilobytes * 1024)
    measure(benchmark, lambda: encode_png(page, DPI))


@pytest.mark.benchmark(group="png filter kernels")
@pytest.mark.parametrize("name", ["png_filter_none", "png_filter_up"])
@pytest.mark.parametrize("module", [plain, fast], ids=["reference", "cpu"])
def test_png_filter_kernel(benchmark: BenchmarkFixture, module: ModuleType, name: str) -> None:
    """One 1 MB block, as the writer calls it."""
    rows = np.ascontiguousarray(clean_page()[:158].reshape(158, -1))
    benchmark(getattr(module, name), rows, np.empty((158, rows.shape[1] + 1), np.uint8))


@pytest.mark.benchmark(group="crc")
def test_png_crc(benchmark: BenchmarkFixture) -> None:
    """The checksum of 9 MB of compressed noise."""
    benchmark(isal_zlib.crc32, bytes(9_000_000))


@pytest.mark.benchmark(group="jpeg")
@pytest.mark.parametrize("writer", [lambda page: encode_jpeg(page, DPI), jpeg_pillow], ids="fp")
def test_jpeg(benchmark: BenchmarkFixture, page: Pixels, writer: Callable[[Pixels], bytes]) -> None:
    """Ours through cv2 (f), Pillow's (p), both libjpeg-turbo."""
    measure(benchmark, lambda: writer(page))


@pytest.fixture(scope="module")
def record() -> Record:
    """Return 12 leads of 10 s at 500 Hz."""
    values = np.random.default_rng(7).integers(-2000, 2000, (12, 5000)) / 1000
    return Record.from_array(values, STANDARD_12, 500)


@pytest.mark.benchmark(group="wfdb")
def test_wfdb_encode(benchmark: BenchmarkFixture, record: Record) -> None:
    """12 leads of 10 s at 500 Hz to bytes."""
    benchmark(encode_wfdb, "record", record)


@pytest.mark.benchmark(group="wfdb")
def test_wfdb_ours(benchmark: BenchmarkFixture, record: Record, tmp_path: Path) -> None:
    """The same into files."""
    benchmark(write_wfdb, tmp_path, "record", record)


@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")  # wfdb 4.3 with pandas 3
@pytest.mark.benchmark(group="wfdb")
def test_wfdb_library(benchmark: BenchmarkFixture, record: Record, tmp_path: Path) -> None:
    """wfdb.wrsamp, of the same digital values."""
    import wfdb

    values = np.rint(record.signals_mv.T * 1000).astype(np.int64)
    fields = {"fmt": ["16"] * 12, "adc_gain": [1000.0] * 12, "baseline": [0] * 12}
    benchmark(
        lambda: wfdb.wrsamp(
            "record", 500, ["mV"] * 12, list(STANDARD_12), d_signal=values, write_dir=str(tmp_path), **fields
        )
    )


@pytest.mark.benchmark(group="files")
@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "plain"])
def test_write(benchmark: BenchmarkFixture, tmp_path: Path, atomic: bool) -> None:
    """A file of 1 MB, with and without a temporary name."""
    path, data = tmp_path / "page.png", bytes(1_000_000)
    benchmark((lambda: write_atomic(path, data)) if atomic else (lambda: path.write_bytes(data)))
