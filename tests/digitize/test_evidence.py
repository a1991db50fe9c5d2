"""Pictures that are no ECG are refused; pages that are held wrongly are read or refused: never made up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg
from fastecg.digitize.assembly import Digitized, digitize
from fastecg.digitize.evidence import limb_leads_say
from fastecg.digitize.read_out import open_reader
from fastecg.errors import DigitizeError
from fastecg.record import Record

pytestmark = pytest.mark.pages

Image = NDArray[np.uint8]
DPI = 100
PX = DPI / 25.4
HEIGHT, WIDTH = 520, 700


@cache
def page(recipe: str = "clean", mask: float = 1.0) -> Image:
    """A small page; its record's samples times a number."""
    record = fastecg.builtin_record(0).record
    other = Record(record.name, record.signals_mv * np.float32(mask), record.leads, record.sampling_rate_hz)
    return fastecg.render(other, recipe, seed=3, page={"dpi": DPI}).image


def read(image: Image) -> Digitized:
    return digitize(np.ascontiguousarray(image), reader=open_reader())


def white() -> Image:
    return np.full((HEIGHT, WIDTH, 3), 255, np.uint8)


def squared(thin: int = 225, thick: int = 180) -> Image:
    """Graph paper: millimetres and squares of 5."""
    image = white()
    for step, shade in ((1, thin), (5, thick)):
        for axis, length in ((0, HEIGHT), (1, WIDTH)):
            lines = np.rint(np.arange(0, length / PX, step) * PX).astype(int)
            lines = lines[lines < length]
            if axis == 0:
                image[lines] = (255, shade, shade)
            else:
                image[:, lines] = (255, shade, shade)
    return image


def written(image: Image) -> Image:
    """Text about leads, all over."""
    words = ["the", "II", "leads", "aVR", "and", "V1", "of", "III", "at", "25", "mm/s", "with", "V5", "or"]
    for k, y in enumerate(range(30, HEIGHT - 10, 18)):
        line = " ".join(np.roll(words, k))
        cv2.putText(image, line, (20, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 1, cv2.LINE_AA)
    return image


def table(image: Image) -> Image:
    for y in range(30, HEIGHT - 20, 30):
        image[y, 20 : WIDTH - 20] = 30
        for x in range(20, WIDTH - 20, 75):
            cv2.putText(
                image,
                f"{x * y % 997}",
                (x + 8, y + 20),
                cv2.FONT_HERSHEY_SIMPLEX,
                0.45,
                (0, 0, 0),
                1,
                cv2.LINE_AA,
            )
    image[30 : HEIGHT - 20, 20 : WIDTH - 19 : 75] = 30
    return image


def curves(image: Image, kind: str, count: int = 4) -> Image:
    """Charts, one above the other."""
    rng = np.random.default_rng(1)
    x = np.arange(30, WIDTH - 30)
    for k in range(count):
        y = {
            "sine": np.sin(x / 13.0),
            "walk": np.cumsum(rng.standard_normal(len(x))) / 8,
            "noise": rng.standard_normal(len(x)) / 2,
            "line": np.linspace(1, -1, len(x)),
        }[kind]
        places = np.column_stack([x, (k + 0.5) * HEIGHT / count + 20 * np.clip(y, -2, 2)])
        cv2.polylines(image, [np.rint(places).astype(np.int32)], False, (20, 20, 20), 1, cv2.LINE_AA)
    return image


def photograph() -> Image:
    """Light and dark on all scales, as of anything."""
    rng = np.random.default_rng(2)
    total = np.zeros((HEIGHT, WIDTH, 3))
    for size in (2, 8, 32, 128):
        noise = rng.standard_normal((HEIGHT // size + 2, WIDTH // size + 2, 3))
        total += cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) * size**0.6
    return np.asarray((total - total.min()) / np.ptp(total) * 255, np.uint8)


def gray(values: NDArray[np.floating]) -> Image:
    return np.repeat(np.asarray(values, np.uint8)[:, :, None], 3, axis=2)


NONE: dict[str, Callable[[], Image]] = {
    "black": lambda: np.zeros((HEIGHT, WIDTH, 3), np.uint8),
    "ramp": lambda: gray(np.tile(np.linspace(90, 250, WIDTH), (HEIGHT, 1))),
    "photograph": photograph,
    "graph paper": squared,
    "dark graph paper": lambda: squared(120, 30),
    "text": lambda: written(white()),
    "text on graph paper": lambda: written(squared()),
    "table": lambda: table(white()),
    "table on graph paper": lambda: table(squared()),
    "ruled paper": lambda: np.where(np.arange(HEIGHT)[:, None, None] % 30 < 2, 40, white()).astype(np.uint8),
    "checkers": lambda: gray(np.kron(np.indices((26, 35)).sum(0) % 2 * 255, np.ones((20, 20)))),
    "sines": lambda: curves(squared(), "sine"),
    "walks": lambda: curves(squared(), "walk"),
    "noises": lambda: curves(squared(), "noise", 6),
    "lines": lambda: curves(squared(), "line"),
    "one chart": lambda: curves(squared(), "walk", 1),
    "charts on white": lambda: curves(white(), "walk"),
    "a page without traces": lambda: page(mask=np.nan),
    "a negative": lambda: 255 - page(),
}  # fmt: skip


@pytest.mark.parametrize("kind", NONE)
def test_what_is_no_ecg_is_refused(kind: str) -> None:
    with pytest.raises(DigitizeError):
        read(NONE[kind]())


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_page_is_read(turns: int) -> None:
    result = read(np.rot90(page(), turns))
    assert result.report["turned_deg"] == 360 - 90 * turns
    assert result.report["layout"] == "3x4+1"
    upright = read(page()).record.signals_mv
    off = result.record.signals_mv - upright
    assert np.nanmedian(np.abs(off)) < 0.02


@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirrored_page_is_refused(axis: int) -> None:
    with pytest.raises(DigitizeError, match="mirrored"):
        read(np.flip(page(), axis))


def test_a_crop_with_three_leads_shows_no_others() -> None:
    shown = fastecg.render(
        fastecg.builtin_record(0).record, "clean", seed=3, page={"dpi": DPI}, layout="12x1"
    )
    drawing = shown.truth.drawing
    below = round(drawing.px_per_mm * float(np.mean(drawing.geometry.baselines[2:4])))
    leads: set[str] = set()  # what is refused shows none
    with suppress(DigitizeError):
        leads = set(read(shown.image[:below]).record.leads)
    assert leads <= {"I", "II", "III"}


def test_a_crop_without_names_is_refused() -> None:
    image = page()
    height, width = image.shape[:2]
    with pytest.raises(DigitizeError):
        read(image[height * 4 // 10 : height * 6 // 10, width * 32 // 100 : width * 48 // 100])


def test_flat_traces_are_flat() -> None:
    signals = read(page(mask=0.0)).record.signals_mv
    assert np.nanmax(np.abs(signals)) < 0.05


def test_limb_leads_witness() -> None:
    record = fastecg.builtin_record(0).record
    assert limb_leads_say(record) > 0.95
    mixed = [*(record.leads[k] for k in (1, 3, 0, 5, 4, 2)), *record.leads[6:]]
    shuffled = Record.from_array(record.signals_mv, mixed, record.sampling_rate_hz)
    assert limb_leads_say(shuffled) < 0.7
    same = Record.from_array(np.tile(record.lead("II"), (3, 1)), ["I", "II", "III"], 500)
    assert limb_leads_say(same) == 0
