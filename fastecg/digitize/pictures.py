"""Pictures from files of any kind: right way up, in 8-bit RGB, no finer than a page needs, within bounds."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import DigitizeError

Image = NDArray[np.uint8]

FORMATS: Final = ("PNG", "JPEG", "TIFF", "BMP", "DIB", "WEBP", "GIF", "PPM", "JPEG2000", "AVIF")
"""What Pillow may take a file for: formats that start other programs are not among them."""
SUFFIXES: Final = (
    ".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".jp2", ".avif",
    ".pbm", ".pgm", ".ppm", ".pdf",
)  # fmt: skip
"""Names that are taken from folders."""
MOST_PIXELS: Final = 120_000_000
"""What is opened at all."""
USED_PIXELS: Final = 40_000_000
LONGEST_PX: Final = 16_000
"""Finer pictures are made smaller by a whole number: a page of A4 has 35 million pixels at 600 dpi."""
BAND_ROWS: Final = 256
"""Rows that are turned into RGB at a time, so that only one copy of a picture is whole."""
NO_DPI: Final = (72.0, 96.0)
"""What programs write that know nothing of it."""
ORIENTATION: Final = 0x0112
"""EXIF: how the camera was held."""


@dataclass(frozen=True, eq=False, slots=True)
class Picture:
    """A page as it should be seen.

    Parameters
    ----------
    image
        Shape (H, W, 3), uint8 RGB.
    dpi
        What the file says of its resolution, of the image as it is here.
    notes
        What the user should know of it.
    """

    image: Image
    dpi: float | None = None
    notes: tuple[str, ...] = ()


def is_pdf(path: Path) -> bool:
    """Return whether a file says that it is a PDF."""
    try:
        with path.open("rb") as file:
            return b"%PDF-" in file.read(1024)
    except OSError:
        return False


def count_pages(path: Path) -> int:
    """Return how many pages a file has: those of a PDF or a TIFF; 1 where that cannot be said.

    Parameters
    ----------
    path
        An image or a PDF.
    """
    from fastecg.digitize import _pdf  # noqa: PLC0415 - it imports this module

    try:
        if is_pdf(path):
            return _pdf.count_pages(path)
        if path.suffix.lower() in {".tif", ".tiff"}:
            with _opened(path) as file:
                return max(int(getattr(file, "n_frames", 1)), 1)
    except (DigitizeError, ImportError):
        pass  # whatever is wrong is said when the page is read
    return 1


def load_picture(path: Path, page: int = 0) -> Picture:
    """Read a page of a file.

    Parameters
    ----------
    path
        An image of one of :data:`FORMATS`, or a PDF.
    page
        Counted from 0, of a PDF or a TIFF.

    Raises
    ------
    DigitizeError
        If it is empty, cut off, no image, or has more than :data:`MOST_PIXELS`.
    MissingExtraError
        If it is a PDF and pypdfium2 is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "page.png"
    ...     Image.new("1", (300, 200)).save(file, dpi=(200, 200))
    ...     picture = load_picture(file)
    >>> picture.image.shape, round(picture.dpi)
    ((200, 300, 3), 200)
    """
    from fastecg.digitize import _pdf  # noqa: PLC0415 - it imports this module

    if is_pdf(path):
        return _pdf.render_page(path, page)
    with _opened(path) as file:
        return _read(file, path, page)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open an image; what goes wrong in the block too is said in plain words."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - 0.1 s to import

    try:
        if path.stat().st_size == 0:
            raise DigitizeError(f"{path.name} is empty", "an image")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes are checked here, and broken tags do not matter
            with Image.open(path, formats=FORMATS) as file:
                yield file
    except DigitizeError:
        raise
    except UnidentifiedImageError:
        raise DigitizeError(f"{path.name} is no image that can be read", _kinds()) from None
    except Image.DecompressionBombError:
        raise DigitizeError(f"{path.name} has too many pixels", f"at most {MOST_PIXELS:,}") from None
    except MemoryError:
        raise DigitizeError(f"{path.name} takes too much memory", "", "make it smaller") from None
    except Exception as error:  # noqa: BLE001 - Pillow raises whatever a broken file makes its decoders raise
        cut = "truncated" in str(error).lower()
        said = "is cut off" if cut else "cannot be read"
        raise DigitizeError(f"{path.name} {said} ({error})", "a whole image", "get it again") from None


def _kinds() -> str:
    return ", ".join(sorted({suffix[1:] for suffix in SUFFIXES}))


def _read(file: Any, path: Path, page: int) -> Picture:  # noqa: ANN401 - Pillow is imported late
    """Decode an opened image."""
    notes = []
    if page:
        file.seek(page)
    elif file.format not in {"TIFF", "MPO"} and getattr(file, "is_animated", False):
        notes.append("it is animated: its first picture is read")
    width, height = file.size
    if width * height > MOST_PIXELS:
        raise DigitizeError(
            f"{path.name} has {width} x {height} pixels", f"at most {MOST_PIXELS:,}", "make it smaller"
        )
    dpi, quarter = _told_dpi(file.info), _orientation(file)
    times = times_smaller(width, height)
    if times > 1:
        file.draft(None, (width // times, height // times))  # JPEG can be decoded small
    file.load()
    image = _upright(_in_bands(file, times_smaller(*file.size)), quarter)
    if times > 1:
        size = f"{image.shape[1]} x {image.shape[0]}"
        notes.append(f"it has {width} x {height} pixels: made smaller, {size}")
    if dpi is not None:
        dpi *= max(image.shape[:2]) / max(width, height)
    return Picture(image, dpi, tuple(notes))


def times_smaller(width: int, height: int) -> int:
    """Return by how much a picture of this size is to be made smaller.

    Examples
    --------
    >>> times_smaller(2200, 1700), times_smaller(11_600, 8_700), times_smaller(33_000, 500)
    (1, 2, 3)
    """
    by_area = int(np.ceil(np.sqrt(width * height / USED_PIXELS)))
    return max(by_area, -(-max(width, height) // LONGEST_PX), 1)


def _told_dpi(info: dict[Any, Any]) -> float | None:
    """Return the resolution that a file tells, if it is one of a page."""
    try:
        dpi = float(info["dpi"][0])
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return dpi if 50 <= dpi <= 1200 and round(dpi, 1) not in NO_DPI else None


def _orientation(file: Any) -> int:  # noqa: ANN401 - Pillow is imported late
    """Return EXIF's number for how the camera was held; 1, upright, where nothing says it."""
    try:
        return int(file.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken EXIF raises anything, and says nothing of the picture
        return 1


def _in_bands(file: Any, times: int) -> Image:  # noqa: ANN401 - Pillow is imported late
    """Return an image as RGB, made smaller; whatever its mode, one band of rows after another."""
    width, height = file.size
    clear = file.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in file.info
    top = _brightest(file)
    small = np.empty((max(height // times, 1), max(width // times, 1), 3), np.uint8)
    step = BAND_ROWS * times
    for y in range(0, len(small) * times, step):
        band = file.crop((0, y, small.shape[1] * times, min(y + step, len(small) * times)))
        band = _rgb(band, clear=clear, top=top)
        if times > 1:
            band = band.reduce(times)
        small[y // times : y // times + band.height] = np.asarray(band)
    return small


def _brightest(file: Any) -> float | None:  # noqa: ANN401 - Pillow is imported late
    """Return the highest value of an image with more than 8 bits; None for others."""
    if not (file.mode.startswith("I") or file.mode == "F"):
        return None
    high = float(file.getextrema()[1])
    if not np.isfinite(high):
        raise DigitizeError("its values are not finite", "finite values")
    return max(high, 1.0)


def _rgb(band: Any, *, clear: bool, top: float | None) -> Any:  # noqa: ANN401 - Pillow is imported late
    """Return a band in RGB: more bits made 8, what is clear laid on white."""
    from PIL import Image  # noqa: PLC0415 - 0.1 s to import

    if top is not None:
        values = np.asarray(band, np.float32) * np.float32(255 / top)
        band = Image.fromarray(np.clip(np.nan_to_num(values), 0, 255).astype(np.uint8))
    elif clear:
        layer = band.convert("RGBA")
        band = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        band.alpha_composite(layer)
    elif band.mode == "1":
        band = band.convert("L")
    return band.convert("RGB")


def _upright(image: Image, orientation: int) -> Image:
    """Return an image turned and mirrored as EXIF says."""
    mirrored = image[:, ::-1] if orientation in {2, 4, 5, 7} else image
    turns = {3: 2, 4: 2, 5: 1, 6: -1, 7: -1, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(mirrored, turns))
