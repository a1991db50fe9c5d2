"""Print and handwriting, mostly beside Pillow, which sets the same words in one line each.

What is kept from page to page (glyphs, the stroke bank) is kept; words and pages differ each time.
"""

from __future__ import annotations

import io
import string
from functools import partial
from itertools import count

import numpy as np
from numpy.typing import NDArray

from bench.cases import CPU, Pair, drawing_of, in_turn, record, spec_of, stage
from bench.reference import plain_stages as plain
from fastecg.stages import font_pens as pens
from fastecg.stages.font_pens import PenFace
from fastecg.stages.fonts import Fonts
from fastecg.stages.handwriting import draw_pen
from fastecg.stages.handwriting_notes import write_page
from fastecg.stages.handwriting_places import PLACES, Desk
from fastecg.stages.handwriting_setting import Hand, set_note
from fastecg.stages.header import Header, default_template
from fastecg.stages.header_layout import Style, Zone, set_blocks
from fastecg.stages.header_lines import fill_lines
from fastecg.stages.header_template import parse_line
from fastecg.stages.header_values import header_values
from fastecg.stages.nib import curve
from fastecg.stages.nib import press as press_pen
from fastecg.stages.pen_marks import arrow, circle, signature, underline
from fastecg.stages.qr import qr_mask
from fastecg.stages.scribe import Scribe
from fastecg.stages.text import Typesetter, print_onto
from fastecg.texts import Text

PAGE = (850, 1100)
WORDS = ("sinus", "rhythm", "LBBB", "elevation", "AF", "anterior", "infarct", "QTc")
SIZE = 20.0
KEYS = range(4)
"""Pages whose words differ; a job does all of them, so that each call is the same work."""


def header_lines_of_page() -> list[str]:
    """Return what the header of a page says."""
    drawing = drawing_of(spec_of(100, header={"enabled": True, "source": "invented"}))
    return [text.text for text in drawing.texts]


@stage
def font_pens() -> Pair:
    """Draw characters of strokes, beside their distances pixel by pixel."""
    face, segments = PenFace("strokes"), [pens._load("strokes")[char].tolist() for char in "aVR6"]
    return (
        lambda: [face.glyph(char, SIZE) for char in "aVR6"],
        lambda: [plain.glyph(each, 1.0, 20) for each in segments],
    )


@stage
def fonts() -> Pair:
    """Set lines that were not set before, their glyphs warm."""
    kept, numbers = Fonts(), count()
    return (
        lambda: [kept.line("aileron", f"QTc {next(numbers)} ms", SIZE) for _ in range(8)],
        lambda: plain.set_lines([f"QTc {k} ms" for k in range(8)], (250, 200), SIZE),
    )


@stage
def text() -> Pair:
    """Set lead names and lay them onto the ink."""
    setter, page = Typesetter(), np.zeros(PAGE, np.uint8)
    lines = [Text("lead_name", name, 50.0, 100.0, SIZE) for name in WORDS]
    return (
        in_turn(*(partial(_print, page, setter, line) for line in lines)),
        lambda: plain.set_lines(WORDS, PAGE, SIZE),
    )


def _print(page: NDArray[np.uint8], setter: Typesetter, line: Text) -> None:
    print_onto(page, setter.set_line(line))


@stage
def qr() -> Pair:
    """Make a QR code, beside segno's own picture with the mask of the standard."""
    import segno

    numbers = count(9_990_000)
    return (
        lambda: qr_mask(str(next(numbers)), 100),
        lambda: segno.make_qr(str(next(numbers)), error="m").save(io.BytesIO(), kind="png", scale=4),
    )


@stage
def header() -> Pair:
    """Lay out a page with a header, beside printing its lines."""
    spec, kept, lines = (
        spec_of(100, header={"enabled": True, "source": "invented"}),
        Fonts(),
        header_lines_of_page(),
    )
    from fastecg.drawing import draw_page

    def ours() -> None:
        Header.model_validate(spec.header.model_dump())
        draw_page(record(), spec, kept)

    return ours, lambda: plain.set_lines(lines, PAGE, SIZE)


@stage
def header_layout() -> Pair:
    """Set the blocks of a header, glyphs warm."""
    spec = spec_of(100, header={"enabled": True, "source": "invented"})
    values, kept, lines = header_values(record(), spec), Fonts(), header_lines_of_page()
    blocks = [block for block in default_template().blocks if not block.in_footer]
    zone, style = Zone(20, 10, 1060, 160), Style("aileron", 16.0, 1.3, False, 8.0)
    return partial(set_blocks, blocks, values, zone, kept, style), lambda: plain.set_lines(lines, PAGE, SIZE)


@stage
def header_lines() -> Pair:
    """Fill the placeholders of a header, beside Python's own formatting of the same lines."""
    spec = spec_of(100, header={"enabled": True, "source": "invented"})
    values = header_values(record(), spec)
    blocks = default_template().blocks
    lines = [line for block in blocks for line in block.lines]
    known = {**values.fields, "statements": "; ".join(values.statements)}
    return (
        lambda: [fill_lines(block, values, capitals=False) for block in blocks],
        lambda: [string.Formatter().vformat(line, (), known) for line in lines],
    )


@stage
def header_template() -> Pair:
    """Parse the lines of a template, beside Python's own parser."""
    lines = [line for block in default_template().blocks for line in block.lines]
    return (
        lambda: [parse_line.__wrapped__(line) for line in lines],
        lambda: [list(string.Formatter().parse(line)) for line in lines for _ in range(4)],
    )


@stage
def header_values_() -> Pair:
    """Invent a visit, beside printing it."""
    spec, lines = spec_of(100, header={"enabled": True, "source": "invented"}), header_lines_of_page()
    specs = [spec.model_copy(update={"key": key}) for key in KEYS]
    return (
        lambda: [header_values(record(), each) for each in specs],
        lambda: plain.set_lines(lines, PAGE, SIZE),
    )


@stage
def handwriting() -> Pair:
    """Draw a note with a pen, beside a spline point by point that Pillow draws with one width."""
    spec = spec_of(100, handwriting={"enabled": True, "notes": 1, "texts": ("sinus rhythm",)})
    writing, shape = drawing_of(spec).writing, spec.page.shape_px
    strokes = [note.points[~np.isnan(note.points[:, 0])].tolist() for note in writing]
    return (
        lambda: draw_pen(CPU, writing, np.zeros(shape, np.uint8)),
        lambda: plain.draw_lines([plain.spline(each, 4) for each in strokes], shape),
    )


@stage
def handwriting_notes() -> Pair:
    """Think of three notes, write them with the bank and find their places."""
    spec, scribe = spec_of(100, handwriting={"enabled": True, "notes": 3, "measurements": 0}), Scribe()
    specs = [spec.model_copy(update={"key": key}) for key in KEYS]
    drawing = drawing_of(spec)
    desk = partial(Desk, spec, drawing.geometry, drawing.traces, ())

    def ours() -> None:
        for each in specs:
            write_page(record(), each, desk(), scribe)

    return ours, lambda: plain.set_lines(WORDS, PAGE, SIZE)


@stage
def handwriting_places() -> Pair:
    """Find a place for a note, beside the areas box by box."""
    spec, rng = spec_of(100), np.random.default_rng(3)
    boxes = [(40.0 * k, 25.0 * k, 40.0 * k + 90, 25.0 * k + 20) for k in range(30)]
    drawing = drawing_of(spec)
    desk = Desk(spec, drawing.geometry, drawing.traces, tuple(boxes))
    return (
        lambda: [desk.find_place((900.0, 600.0), "anywhere", rng) for _ in range(4)],
        lambda: [plain.clear_place(boxes, (900.0, 600.0), PLACES) for _ in range(4)],
    )


@stage
def handwriting_setting() -> Pair:
    """Set a note of eight words, beside a hand's speed and line point by point."""
    from fastecg.stages.handwriting import Handwriting

    part = Handwriting()
    scribe = Scribe()
    strokes = scribe.write(WORDS, part, scribe.styles(part)[0], 1)
    hand = Hand(4.0, 2.4, 0.8, "ballpoint", 0.6, 0.0)
    lines = [list(zip(WORDS, strokes, strict=True))]
    points = [word.xy.tolist() for word in strokes]
    return (
        lambda: set_note("note", lines, hand, np.random.default_rng(0)),
        lambda: [(plain.speeds(each), plain.spline(each, 1)) for each in points],
    )


@stage
def nib() -> Pair:
    """Smooth a line of 600 points and press it, beside the same point by point."""
    t = np.linspace(0, 60, 600)
    points = np.stack([10 * t, 40 * np.sin(t)], axis=1)
    rows = points.tolist()

    def ours() -> None:
        widths, darkness = press_pen(points, "ballpoint", 0.6)
        curve(points, widths, darkness)

    return ours, lambda: (plain.speeds(rows), plain.spline(rows, 8))


@stage
def pen_marks() -> Pair:
    """Draw each kind of mark, beside a line of as many points, point by point."""
    rng = np.random.default_rng(0)

    def ours() -> list[object]:
        return [circle(rng, 40, 20), arrow(rng, 40, 10), underline(rng, 50), signature(rng, 50, 12)]

    rows = np.random.default_rng(0).random((60, 2)).tolist()
    return ours, lambda: plain.spline(rows, 10)


@stage
def scribe() -> Pair:
    """Write eight words with the bank."""
    from fastecg.stages.handwriting import Handwriting

    writer, part = Scribe(), Handwriting()
    style = writer.styles(part)[0]
    return (
        lambda: [writer.write(WORDS, part, style, key) for key in KEYS],
        lambda: plain.set_lines(WORDS, PAGE, SIZE),
    )
