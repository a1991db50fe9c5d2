"""Printed pages: every template on every sheet stays in its zone, and the truth says what the ink shows."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg import Generator, Record, builtin_record
from fastecg.drawing import Drawing, draw_page
from fastecg.page import Page
from fastecg.presets import preset_names
from fastecg.recipe import load_recipe
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.fonts import FONTS, Fonts
from fastecg.stages.header_template import parse_line
from fastecg.stages.plot import draw_ink
from fastecg.stages.qr import qr_modules
from fastecg.stages.text import Print, Typesetter
from fastecg_kernels import load_backend

pytestmark = pytest.mark.pages

TEMPLATES = preset_names("headers")
RECORDS = [builtin_record(k, sampling_rate_hz=250).record for k in range(6)]
SHEETS: list[dict[str, Any]] = [
    {"size": size, "orientation": orientation}
    for size in ("letter", "A4", "legal", "A3")
    for orientation in ("landscape", "portrait")
]
SMALL: list[dict[str, Any]] = [
    {"size": "custom", "width_mm": 60, "height_mm": 60, "margin_mm": 2, "header_mm": 8, "footer_mm": 4},
    {"size": "custom", "width_mm": 120, "height_mm": 90, "margin_mm": 0, "header_mm": 14, "footer_mm": 6},
    {"size": "custom", "width_mm": 90, "height_mm": 200, "margin_mm": 1, "header_mm": 40, "footer_mm": 30},
    {"size": "custom", "width_mm": 90, "height_mm": 90, "margin_mm": 4, "header_mm": 0, "footer_mm": 0},
]
FONTS_KEPT = Fonts()
SETTER = Typesetter(FONTS_KEPT)


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator("clean")


def printed(
    template: str, page: dict[str, Any], record: Record = RECORDS[0], key: int = 3, **header: Any
) -> tuple[PageSpec, Drawing, list[Print]]:
    values = {"enabled": True, "template": template, **header}
    spec = make_spec({"key": key, "page": page, "layout": "3x4+1", "header": values})
    drawing = draw_page(record, spec, FONTS_KEPT)
    return spec, drawing, [SETTER.set_line(text) for text in drawing.texts]


def meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Say whether two boxes overlap; lines of 5 px letters may share a row of pixels."""
    return a[0] < b[2] and b[0] < a[2] and a[1] + 1 < b[3] and b[1] + 1 < a[3]


def lines_only(drawing: Drawing) -> NDArray[np.uint8]:
    ink = np.zeros((drawing.height, drawing.width), np.uint8)
    draw_ink(load_backend("cpu"), drawing, ink)
    return ink


def check(spec: PageSpec, drawing: Drawing, prints: list[Print]) -> None:
    """Print keeps to the page, to its zone, off the traces and off itself."""
    _, top, _, bottom = (edge * drawing.px_per_mm for edge in drawing.geometry.frame)
    boxes = [line.box for line in prints]
    for line, (x0, y0, x1, y1) in zip(prints, boxes, strict=True):
        assert 0 <= x0 < x1 <= drawing.width, line.source
        assert 0 <= y0 < y1 <= drawing.height, line.source
        assert y1 <= top or y0 >= bottom, line.source
    for (k, one), (j, other) in combinations(enumerate(boxes), 2):
        assert not meet(one, other), (prints[k].source, prints[j].source)
    ink = lines_only(drawing)
    for x0, y0, x1, y1 in boxes:
        assert not ink[int(y0) : int(y1), int(x0) : int(x1)].any()


@pytest.mark.pages
@pytest.mark.parametrize("dpi", [50, 96, 200, 300])
@pytest.mark.parametrize("template", TEMPLATES)
def test_print_stays_in_its_zone(template: str, dpi: int) -> None:
    for k, sheet in enumerate(SHEETS + SMALL):
        if dpi >= 200 and k not in {
            0,
            3,
            dpi // 100 + 8,
        }:  # large pages take long: letter, A4 upright, a small one
            continue
        corner = ("top-left", "top-right", "bottom-left", "bottom-right")[(k + dpi) % 4]
        font = ("auto", *FONTS)[(k + dpi) % 6]
        spec, drawing, prints = printed(
            template,
            {**sheet, "dpi": dpi},
            RECORDS[k % 6],
            key=k + dpi,
            statements=8,
            font=font,
            qr=bool(k % 2),
            qr_corner=corner,
        )
        check(spec, drawing, prints)


@pytest.mark.pages
@pytest.mark.parametrize("template", TEMPLATES)
def test_letters_too_large_are_shrunk_or_cut_at_a_word(template: str) -> None:
    _, _, usual = printed(template, {"dpi": 150})
    words = {word for line in usual for word in line.source.text.split()}
    for text_mm in (5.0, 10.0):
        spec, drawing, prints = printed(template, {"dpi": 150}, text_mm=text_mm)
        check(spec, drawing, prints)
        for line in prints:
            assert set(line.source.text.split()) <= words, "cut inside a word"
            assert line.source.size <= 10 * 150 / 25.4 * 1.5 + 1e-6


def test_letters_shrink_before_lines_are_left_out() -> None:
    """Six lines of 5 mm and a quarter need 36 mm; the zone has 26: all of them stand there, in 3.6 mm."""
    page = {"dpi": 200, "header_mm": 24, "size": "A3"}
    _, usual, _ = printed("plain", page)
    spec, shrunk, prints = printed("plain", page, text_mm=5.0)
    check(spec, shrunk, prints)
    assert [text.text for text in shrunk.texts] == [text.text for text in usual.texts]
    sizes = {text.size / shrunk.px_per_mm for text in shrunk.texts if text.y < 400}
    assert 3.0 < min(sizes) <= max(sizes) < 4.5
    assert max(text.y for text in shrunk.texts if text.y < 400) > 23 * shrunk.px_per_mm


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("sheet", [{"size": "letter"}, {"size": "A4"}])
def test_nothing_is_cut_on_usual_sheets(template: str, sheet: dict[str, Any]) -> None:
    """Each label and each value of a template is on the page, at no less than nine tenths of its size."""
    for key in range(12):
        spec, drawing, prints = printed(
            template, {**sheet, "dpi": 200}, RECORDS[key % 6], key, qr=key % 2 == 0
        )
        shown = " ".join(text.text for text in drawing.texts).casefold()
        for block in spec.header.template.blocks:
            for line in block.lines:
                pieces = [piece for cell in parse_line(line) for piece in cell.pieces]
                for literal in (text for piece in pieces for text, _ in piece.parts):
                    assert literal.strip().casefold() in shown, literal
        sizes = {text.size / drawing.px_per_mm for text in drawing.texts if text.kind != "qr"}
        assert min(sizes) >= 0.9 * spec.header.text_mm
        check(spec, drawing, prints)


def test_tall_beats_push_the_header_up() -> None:
    tall = RECORDS[0].signals_mv.copy()
    tall[:, 300] = 3.7
    record = Record.from_array(tall, RECORDS[0].leads, 250)
    _, usual, _ = printed("columns", {"dpi": 100, "header_mm": 30})
    spec, drawing, prints = printed("columns", {"dpi": 100, "header_mm": 30}, record)
    check(spec, drawing, prints)
    assert min(text.size for text in drawing.texts) < min(text.size for text in usual.texts)
    tall[:, 300] = 1000.0  # through the whole page: print keeps a third of its zone, and is crossed
    _, drawing, prints = printed("columns", {"dpi": 100}, Record.from_array(tall, record.leads, 250))
    assert len(prints) > 5


def test_windows_without_a_sample_have_a_header() -> None:
    holes = np.full((1, 2500), np.nan)
    holes[0, -1] = 0
    record = Record.from_array(holes, ["II"], 250)
    header = {"enabled": True, "template": "plain"}
    plot = {"pulse": "none", "separator": "none", "lead_names": "none"}
    window = {"duration_s": 5}
    drawing = draw_page(record, make_spec({"header": header, "plot": plot, "window": window}))
    assert len(drawing.texts) > 20


def test_pages_without_room_have_no_print() -> None:
    page = {"size": "custom", "width_mm": 60, "height_mm": 60, "dpi": 50, "header_mm": 0, "footer_mm": 3}
    _, drawing, _ = printed("columns", {**page, "margin_mm": 0}, qr=True)
    assert not drawing.texts


def test_a_template_without_footer_keeps_speed_and_gain() -> None:
    template = {"font": "dots", "blocks": [{"place": "left", "lines": ["{name}"]}]}
    spec = make_spec({"header": {"enabled": True, "template": template}})
    kinds = [text.kind for text in draw_page(RECORDS[0], spec).texts]
    assert kinds == ["name", "speed", "gain"]
    assert {text.font for text in draw_page(RECORDS[0], spec).texts} == {"dots"}


def test_alignment_and_stops() -> None:
    blocks = [
        {"place": "left", "lines": ["{id}", "Rate |> {rate} | /min"], "stops_em": [12, 14]},
        {"place": "centre", "lines": ["{name}"], "align": "centre"},
        {"place": "right", "lines": ["{date}"], "align": "right"},
    ]
    spec = make_spec({"header": {"enabled": True, "template": {"blocks": blocks}}})
    drawing = draw_page(RECORDS[0], spec)
    left, _, right, _ = (edge * drawing.px_per_mm for edge in drawing.geometry.frame)
    boxes = {text.kind: SETTER.set_line(text).box for text in drawing.texts[:6]}
    em, width = 2.8 * drawing.px_per_mm, right - left
    assert boxes["id"][0] == pytest.approx(left, abs=3)
    assert boxes["rate"][2] == pytest.approx(left + 12 * em, abs=3)
    assert boxes["header"][0] == pytest.approx(left + 14 * em, abs=3)
    assert (boxes["name"][0] + boxes["name"][2]) / 2 == pytest.approx(left + 0.495 * width, abs=3)
    assert boxes["date"][2] == pytest.approx(right, abs=3)
    assert boxes["id"][1] < boxes["rate"][1]


def test_long_statements_go_on_in_the_next_line() -> None:
    template = {"blocks": [{"place": "left", "end": 0.17, "lines": ["{statements}", "{rate}"]}]}
    known = Record.from_array(RECORDS[0].signals_mv, RECORDS[0].leads, 250)
    record = Record(known.name, known.signals_mv, known.leads, 250, {"Dx": "698252002"})
    header = {"enabled": True, "template": template, "source": "record"}
    drawing = draw_page(record, make_spec({"header": header}))
    said = [text for text in drawing.texts if text.kind == "statement"]
    assert [text.text for text in said] == [
        "Nonspecific intraventricular",
        "conduction delay",
        "Abnormal ECG",
    ]
    assert len({text.y for text in drawing.texts}) == 4 + 1


@pytest.mark.pages
@pytest.mark.parametrize("template", TEMPLATES)
def test_truth_says_what_the_ink_shows(generator: Generator, template: str) -> None:
    """Each quad holds ink to its edges, and all print on the page lies in one."""
    header = {"enabled": True, "template": template, "qr": True}
    plain = {"preset": "blank", "tint": [255, 255, 255]}
    spec = make_spec({"page": {"dpi": 150}, "paper": plain, "header": header, "plot": {"ink": [0, 0, 0]}})
    page = generator.render_spec(RECORDS[1], spec)
    dark = page.image.max(axis=2) < 255
    texts = page.truth.to_dict()["texts"]
    assert len(texts) > 16
    covered = lines_only(page.truth.drawing) > 0
    for text in texts:
        (x0, y0), _, (x1, y1), _ = ([int(value) for value in point] for point in text["quad"])
        part = dark[y0:y1, x0:x1]
        assert part[0].any(), text
        assert part[-1].any(), text
        assert part[:, 0].any(), text
        assert part[:, -1].any(), text
        covered[y0:y1, x0:x1] = True
    assert not (dark & ~covered).any()
    kinds = {text["kind"] for text in texts}
    assert {"lead_name", "qr"} <= kinds
    assert len(kinds) >= 5


def test_the_same_spec_gives_the_same_bytes(generator: Generator) -> None:
    spec = load_recipe("clean", {"header.enabled": True, "header.qr": True, "page.dpi": 100}).draw(
        "a", seed=9
    )
    page = generator.render_spec(RECORDS[2], spec)
    again = Generator("clean").render_spec(RECORDS[2], make_spec(json.loads(spec.model_dump_json())))
    assert page.image.tobytes() == again.image.tobytes()
    assert page.truth.to_json() == again.truth.to_json()
    other = load_recipe("clean", {"header.enabled": True, "page.dpi": 100}).draw("a", seed=10)
    assert names(generator.render_spec(RECORDS[2], other)) != names(page)


def names(page: Page) -> list[str]:
    return [text["text"] for text in page.truth.to_dict()["texts"] if text["kind"] == "name"]


def test_a_header_that_is_off_changes_nothing(generator: Generator) -> None:
    plain = make_spec({"page": {"dpi": 100}})
    off = make_spec({"page": {"dpi": 100}, "header": {"template": "matrix", "qr": True, "text_mm": 9}})
    assert (
        generator.render_spec(RECORDS[0], plain).image.tobytes()
        == generator.render_spec(RECORDS[0], off).image.tobytes()
    )


@pytest.mark.parametrize("font", FONTS)
def test_lead_names_have_the_typeface_that_is_asked_for(font: str) -> None:
    spec = make_spec({"plot": {"font": font}, "header": {"enabled": True, "template": "matrix"}})
    drawing = draw_page(RECORDS[0], spec)
    assert {trace.name.font for trace in drawing.traces if trace.name} == {font}
    assert {text.font for text in drawing.texts} == {"dots"}
    auto = draw_page(RECORDS[0], make_spec({"header": {"enabled": True, "font": font}}))
    assert {trace.name.font for trace in auto.traces if trace.name} == {font}


def read_code(image: NDArray[np.uint8]) -> str:
    """Read a page's code; at twice the size if OpenCV's reader, which misses one in a hundred, sees none."""
    reader = cv2.QRCodeDetector()
    return (
        reader.detectAndDecode(image)[0]
        or reader.detectAndDecode(image.repeat(2, axis=0).repeat(2, axis=1))[0]
    )


@pytest.mark.pages
@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
def test_qr_codes_are_read_from_the_page(generator: Generator, dpi: int, corner: str) -> None:
    """From the whole page where no grid runs through the code; else by its ink, darker than any grid."""
    for k, paper in enumerate(("pink", "green", "pink", "gray-dots")):
        header = {"enabled": True, "qr": True, "qr_corner": corner, "qr_mm": 14, "template": TEMPLATES[k]}
        page = {"dpi": dpi, "footer_mm": 16, "header_mm": 20, "grid_extent": ("frame", "page")[k // 2]}
        spec = make_spec({"key": 77 + k, "page": page, "paper": paper, "header": header})
        rendered = generator.render_spec(RECORDS[k], spec)
        (code,) = [text for text in rendered.truth.to_dict()["texts"] if text["kind"] == "qr"]
        assert code["text"].startswith("999")
        ink = np.where(rendered.image > 80, np.uint8(255), np.uint8(0))
        assert read_code(ink if k // 2 else rendered.image) == code["text"]
        (x0, y0), _, (x1, y1), _ = code["quad"]
        middle = ((x0 + x1) / 2 / rendered.image.shape[1], (y0 + y1) / 2 / rendered.image.shape[0])
        assert (middle[0] < 0.5, middle[1] < 0.5) == (corner.endswith("left"), corner.startswith("top"))
        modules = len(qr_modules(code["text"]))
        assert (x1 - x0) == (y1 - y0) == int(14 * dpi / 25.4) // modules * modules


def test_qr_text_is_a_template() -> None:
    header = {"enabled": True, "qr": True, "qr_text": "ID={id};{statements};{{x}}"}
    drawing = draw_page(RECORDS[0], make_spec({"header": header}))
    (code,) = [text.text for text in drawing.texts if text.kind == "qr"]
    said = [text.text for text in drawing.texts if text.kind == "statement"]
    assert code.endswith(f";{'; '.join(said)};{{x}}")
    none = make_spec({"header": {**header, "qr_text": " "}})
    assert "qr" not in {text.kind for text in draw_page(RECORDS[0], none).texts}
