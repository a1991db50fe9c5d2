"""The command digitize: images in, WFDB records, reports and pictures out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from fastecg.digitize.assembly import Digitized, digitize, overlay
from fastecg.digitize.read_out import StripReader, open_reader
from fastecg.errors import DigitizeError, FastECGError
from fastecg.formats.files import write_atomic
from fastecg.formats.wfdb_copy import write_wfdb

SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
FORMATS: Final = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
"""What Pillow may take a file for, whatever its name: it would hand PostScript to another program."""
MOST_PIXELS: Final = 120_000_000


def find_images(paths: list[Path]) -> list[Path]:
    """Return the images among files and, recursively, in folders.

    Raises
    ------
    FastECGError
        If a path does not exist, or there is no image.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
        elif path.exists():
            found.append(path)
        else:
            raise FastECGError(f"{path} does not exist", "an image or a folder of images")
    if not found:
        raise FastECGError("there is no image", ", ".join(SUFFIXES), "name an image or a folder of images")
    return found


def load_image(path: Path) -> tuple[NDArray[np.uint8], float | None]:
    """Read an image as it should be seen, and the resolution in dpi that it tells.

    Raises
    ------
    DigitizeError
        If it cannot be read, or is too large.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - 0.1 s to import

    try:
        with Image.open(path, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise DigitizeError(
                    f"{path.name} has {picture.width} x {picture.height} pixels", f"at most {MOST_PIXELS:g}"
                )
            dpi = picture.info.get("dpi")
            upright = ImageOps.exif_transpose(picture)
            if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
                clear = upright.convert("RGBA")
                upright = Image.new("RGBA", clear.size, (255, 255, 255, 255))
                upright.alpha_composite(clear)
            image = np.array(upright.convert("RGB"))
    except DigitizeError:
        raise
    except Exception as error:  # noqa: BLE001 - Pillow raises whatever a broken file makes its decoders raise
        raise DigitizeError(f"{path.name} cannot be read ({error})", "an image") from None
    told = (
        float(dpi[0])
        if isinstance(dpi, tuple) and 50 <= float(dpi[0]) <= 1200 and float(dpi[0]) not in {72, 96}
        else None
    )
    return image, told


def digitize_images(paths: list[Path], output: Path, rate_hz: float) -> bool:
    """Digitize images into a folder; return whether all of them could be read."""
    images = find_images(paths)
    output.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    reader = open_reader()
    reports: dict[str, Any] = {}
    for name, path in track(list(_named(images)), "digitizing", console=console):
        reports[name] = _one(path, name, output, rate_hz, reader)
        for problem in (reports[name].get("error"), *reports[name].get("warnings", ())):
            if problem:
                console.print(f"{path}: {problem}", style="yellow", highlight=False, markup=False)
    write_atomic(output / "report.json", json.dumps(reports, indent=1).encode())
    failed = sum("error" in report for report in reports.values())
    console.print(f"{len(images) - failed} of {len(images)} images digitized into {output}")
    return failed == 0


def _named(images: list[Path]) -> Iterator[tuple[str, Path]]:
    """Give every image a record name of its own."""
    taken: set[str] = set()
    for path in images:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "_", path.stem) or "page"
        name, k = plain, 1
        while name in taken:
            k += 1
            name = f"{plain}-{k}"
        taken.add(name)
        yield name, path


def _one(path: Path, name: str, output: Path, rate_hz: float, reader: StripReader) -> dict[str, Any]:
    """Digitize one image; whatever is wrong with it goes into its report."""
    try:
        image, dpi = load_image(path)
        result = digitize(image, name=name, sampling_rate_hz=rate_hz, dpi=dpi, reader=reader)
    except FastECGError as error:
        return {"file": str(path), "error": str(error)}
    except (ArithmeticError, LookupError, ValueError, MemoryError) as error:
        return {"file": str(path), "error": f"{type(error).__name__}: {error}"}
    _write(image, result, name, output)
    return {"file": str(path), **result.report}


def _write(image: NDArray[np.uint8], result: Digitized, name: str, output: Path) -> None:
    import cv2  # noqa: PLC0415 - 0.1 s to import

    write_wfdb(output, name, result.record)
    write_atomic(output / f"{name}.json", json.dumps(result.report, indent=1).encode())
    picture = cv2.imencode(".png", overlay(image, result)[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
    write_atomic(output / f"{name}-overlay.png", picture.tobytes())
