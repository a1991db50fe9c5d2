"""What users do, beside what others do it with."""

from __future__ import annotations

import importlib
import io
import tempfile
from functools import cache, partial
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import fastecg
from bench.cases import Pair, drawing_of, job, record, spec_of
from bench.reference.matplotlib_page import plain_page
from bench.reference.plain_ratios import plain_2024_db
from fastecg.benchmark import CRUMPLED
from fastecg.digitize.assembly import digitize as read_page
from fastecg.evaluate import snr_2024_db
from fastecg.formats.jpeg import encode_jpeg
from fastecg.formats.png import encode_png
from fastecg.formats.wfdb_copy import write_wfdb

WORDS = ("sinus", "rhythm", "LBBB", "elevation", "AF", "anterior", "infarct", "QTc")


@cache
def clean_page() -> fastecg.Page:
    """Return a clean page at 100 dots per inch."""
    return fastecg.Generator("clean").render_spec(record(), spec_of(100))


@cache
def folder() -> Path:
    """Return a folder with a record in files and in a store; it stays until the process ends."""
    kept = tempfile.TemporaryDirectory()
    KEPT.append(kept)
    write_wfdb(Path(kept.name), "r", record())
    fastecg.pack_records(kept.name, Path(kept.name, "r.fecg"))
    return Path(kept.name)


KEPT: list[tempfile.TemporaryDirectory[str]] = []


@job
def page() -> Pair:
    """Make a clean page and its truth, beside matplotlib's page."""
    generator, spec = fastecg.Generator("clean"), spec_of(100)
    drawing = drawing_of(spec)

    def ours() -> object:
        rendered = generator.render_spec(record(), spec)
        return rendered.truth.to_dict()

    return ours, lambda: plain_page(drawing, spec)


@job
def photo() -> Pair:
    """Make a page with everything that is done to it, beside one warp of its size by OpenCV, ten times."""
    generator, spec = fastecg.Generator("clean"), spec_of(100, **CRUMPLED)
    image, matrix = clean_page().image, np.array([[1, 0.02, 3], [0.01, 1, 4], [1e-5, 2e-5, 1]])
    return (
        partial(generator.render_spec, record(), spec),
        lambda: [cv2.warpPerspective(image, matrix, image.shape[1::-1]) for _ in range(10)],
    )


@job
def png() -> Pair:
    """Encode a PNG file, beside Pillow's."""
    image = clean_page().image
    return partial(encode_png, image, 100), lambda: Image.fromarray(image).save(io.BytesIO(), "PNG")


@job
def jpeg() -> Pair:
    """Encode a JPEG file, beside Pillow's."""
    image = clean_page().image
    return partial(encode_jpeg, image, 100), lambda: Image.fromarray(image).save(
        io.BytesIO(), "JPEG", quality=95
    )


@job
def read_record() -> Pair:
    """Read a record of format 16, beside wfdb."""
    wfdb, path = importlib.import_module("wfdb"), str(folder() / "r")
    return partial(fastecg.read_record, path), partial(wfdb.rdrecord, path)


@job
def read_packed() -> Pair:
    """Read a record from a packed store, beside its own files."""
    store, path = fastecg.RecordStore(folder() / "r.fecg"), str(folder() / "r")
    return store[0].read, partial(fastecg.read_record, path)


@job
def pen() -> Pair:
    """Let the network write eight words side by side, beside one after the other."""
    from fastecg_models.pen import Pen, Word

    writer = Pen()
    words = [Word(word, writer.styles[0], k) for k, word in enumerate(WORDS)]
    return partial(writer.write, words), lambda: [writer.write([word]) for word in words]


@job
def bank() -> Pair:
    """Take eight words out of the stroke bank, beside the network."""
    from fastecg_models.bank import Bank
    from fastecg_models.pen import Pen, Word

    kept, writer, rng = Bank(), Pen(), np.random.default_rng(1)
    words = [Word(word, writer.styles[0], k) for k, word in enumerate(WORDS)]
    return lambda: [kept.write(word, kept.styles[0], rng) for word in WORDS], partial(writer.write, words)


@job
def digitize() -> Pair:
    """Read a page back, beside the middle of the ink in each column of each row, pixel by pixel."""
    image = clean_page().image
    return partial(read_page, image, dpi=100), partial(plain_reading, image)


@job
def snr() -> Pair:
    """Work out the Challenge's ratio of a lead, beside its own way of two pictures and two correlations."""
    truth = record().lead("II").astype(np.float64)
    pair = truth, truth + 0.02 * np.random.default_rng(1).standard_normal(truth.size)
    rate = record().sampling_rate_hz
    return partial(snr_2024_db, *pair, rate), partial(plain_2024_db, *pair, rate)


@job
def records() -> Pair:
    """Make up a patient and the record, beside wfdb reading one."""
    numbers, path = cycle(range(8)), str(folder() / "r")
    wfdb = importlib.import_module("wfdb")
    return lambda: fastecg.builtin_record(next(numbers)), lambda: [wfdb.rdrecord(path) for _ in range(4)]


def plain_reading(image: NDArray[np.uint8]) -> list[list[float]]:
    """Return the middle of what is dark in each column of four rows, pixel by pixel."""
    dark = (image.max(axis=2) < 110).tolist()
    height, found = len(dark) // 4, []
    for row in range(4):
        middles = []
        for column in range(len(dark[0])):
            inked = [y for y in range(row * height, (row + 1) * height) if dark[y][column]]
            middles.append(sum(inked) / len(inked) if inked else float("nan"))
        found.append(middles)
    return found
