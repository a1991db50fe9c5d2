"""Makes the pictures of the documentation anew: ``python docs/make_images.py``.

Everything is rendered from built-in synthetic records, so the pictures belong to nobody. Look at
them before they are committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import fastecg
from fastecg.digitize.assembly import digitize, overlay
from fastecg.presets import preset_names
from fastecg.stages.handwriting import Handwriting
from fastecg.stages.scribe import Scribe
from fastecg.truth import Truth

FOLDER: Final = Path(__file__).parent / "images"
GALLERY: Final = Path(__file__).parent / "gallery"
TRACE, BOX, NAME = (60, 150, 255), (0, 150, 90), (220, 110, 0)
WAVES: Final = {"P": (255, 190, 60), "QRS": (90, 150, 255), "T": (110, 200, 120)}
GREY: Final = (96, 96, 96)
QUIET: Final = {"preset": "pink", "minor": {"style": "none"}}
"""The 1 mm grid is lost in a thumbnail."""
LAYERED: Final[dict[str, Any]] = {
    "page.dpi": 200,
    "paper": "red",
    "layout": "3x4+1",
    "handwriting": {"enabled": True, "notes": 3, "marks": 1, "signature": True, "pen": "ballpoint"},
    "wrinkles": {"enabled": True, "softness": 0.6, "strength": 0.2, "dimming": 0.05, "scale": 1.6},
    "creases": {"enabled": True, "n_horizontal": 1, "n_vertical": 1, "depth": 0.16},
    "damage": {"enabled": True, "coffee": {"enabled": True, "rings": 1}},
    "perspective.tilt_x_deg": 14,
    "perspective.fill": 0.96,
    "perspective.below.surface": "wood",
}
"""The page that how-it-works.md takes apart."""
Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(exist_ok=True)
    GALLERY.mkdir(exist_ok=True)
    for recipe in preset_names("recipes"):
        gallery(recipe).save(GALLERY / f"{recipe}.jpg", quality=62, optimize=True)
    _save(page_with_truth(), "page.png")
    _save(layouts(), "layouts.png")
    _save(papers(), "papers.png")
    _save(headers(), "headers.png")
    _save(waves(), "waves.png")
    _save(varied(), "varied.jpg")
    _save(wrinkles(), "wrinkles.jpg")
    _save(wrinkled_pages(), "wrinkled.jpg")
    _save(handwriting(), "handwriting.jpg")
    _save(digitized(), "digitized.jpg")
    for name, picture in layers().items():
        _save(picture, f"layer-{name}.jpg")


def page_with_truth() -> Image.Image:
    """Show a clean page, and below it a piece four times as large with its truth drawn over it."""
    page = fastecg.render(fastecg.builtin_record(5).record)
    truth = page.truth.to_dict()
    v5 = next(lead for lead in truth["leads"] if lead["name"] == "V5")
    left, top = int(v5["name_box"][0]) - 30, int(v5["box"][1]) - 25
    window = (left, top, left + 275, top + 150)
    whole = Image.fromarray(page.image)
    ImageDraw.Draw(whole).rectangle(window, outline=BOX, width=4)
    whole = whole.resize((1100, 850), Image.Resampling.LANCZOS).crop((0, 110, 1100, 830))
    zoomed = _zoomed(page.image, window, 4)
    _draw_truth(ImageDraw.Draw(zoomed), truth, window, 4)
    picture = Image.new("RGB", (1100, 720 + 10 + 600), "white")
    picture.paste(whole, (0, 0))
    picture.paste(zoomed, (0, 730))
    return _few_colors(picture, 64)


def layouts() -> Image.Image:
    """Show every layout, small, with its name."""
    record = fastecg.builtin_record(5).record
    cells = []
    for name in preset_names("layouts"):
        page = fastecg.render(
            record, layout=name, paper=QUIET, page={"dpi": 100}, plot={"trace_width_mm": 0.5, "text_mm": 4.5}
        )
        cells.append((name, Image.fromarray(page.image).resize((440, 340), Image.Resampling.LANCZOS)))
    return _few_colors(_table(cells, 3), 16)


def papers() -> Image.Image:
    """Show a piece of every paper, at its own 200 dpi."""
    record = fastecg.builtin_record(5).record
    cells = []
    for name in preset_names("papers"):
        image = fastecg.render(record, paper=name, layout="3x4").image
        cells.append((name, Image.fromarray(image[430:670, 60:420])))
    return _few_colors(_table(cells, 4), 96)


def headers() -> Image.Image:
    """Show what every header template prints above and below the traces, at 150 dpi."""
    cells = []
    for index, name in enumerate(preset_names("headers")):
        header = {"enabled": True, "template": name, "statements": 4, "qr": index % 3 == 0}
        sheet = {"dpi": 150, "grid_extent": "page" if index % 2 else "frame", "header_mm": 22}
        page = fastecg.render(
            fastecg.builtin_record(index).record, seed=3, paper=QUIET, header=header, page=sheet
        )
        image = Image.fromarray(page.image)
        strip = Image.new("RGB", (825, 262), (236, 236, 236))
        strip.paste(image.crop((0, 15, 1650, 375)).resize((825, 180), Image.Resampling.LANCZOS))
        strip.paste(image.crop((0, 1080, 1650, 1236)).resize((825, 78), Image.Resampling.LANCZOS), (0, 184))
        cells.append((name, strip))
    return _few_colors(_table(cells, 2), 48)


def waves() -> Image.Image:
    """Show the waves of a built-in record on its page, marked where the model says they are."""
    ecg = fastecg.builtin_record(5)
    page = fastecg.render(ecg.record, layout="3x4+1")
    lead = page.truth.drawing.traces[-1]
    rate_px = page.spec.plot.speed_mm_s * page.spec.page.px_per_mm
    top, bottom = lead.origin[1] - 130, lead.origin[1] + 90
    image = Image.fromarray(page.image)
    shade = Image.new("RGB", image.size, "white")
    brush = ImageDraw.Draw(shade)
    for wave in ecg.waves:
        left, right = (lead.origin[0] + second * rate_px for second in (wave.onset_s, wave.offset_s))
        brush.rectangle((left, top, right, bottom), fill=WAVES[wave.kind])
    marked = np.minimum(np.asarray(image), np.asarray(shade) // 2 + 127)
    piece = marked[int(top) - 20 : int(bottom) + 20, 60:1260]
    return _few_colors(Image.fromarray(piece), 64)


def varied() -> Image.Image:
    """Show nine pages of the recipe ``varied``."""
    return _pages("varied", 9, (440, 340))


def gallery(recipe: str) -> Image.Image:
    """Show six pages of a recipe, or nine of a series."""
    series = fastecg.Generator(recipe).recipe.series
    return _pages(recipe, len(series) or 6, (440, 340))


def _pages(recipe: str, count: int, size: tuple[int, int]) -> Image.Image:
    generator = fastecg.Generator(recipe)
    cells = []
    for index in range(count):
        record = fastecg.builtin_record(index).record
        copy = index if generator.recipe.series else 0
        picture = Image.fromarray(
            generator.render_spec(record, generator.draw(record, seed=3, copy=copy)).image
        )
        picture.thumbnail(size, Image.Resampling.LANCZOS)
        cells.append(("", picture))
    return _table(cells, 3)


def wrinkles() -> Image.Image:
    """Show crumpled paper, the cut between two of its blocks, a sheet quilted from it, and a page."""
    from fastecg.spec import make_spec
    from fastecg.stages.wrinkle_atlas import Atlas
    from fastecg_kernels import load_backend

    kernels, spec = load_backend("cpu"), make_spec({"wrinkles": {"enabled": True, "dimming": 0.15}})
    atlas, size = Atlas(kernels), (440, 340)
    texture = atlas.texture(spec.wrinkles, 0)

    def lit(slopes: Pixels) -> Image.Image:
        shade = np.empty(size[::-1], np.uint8)
        kernels.shade_slopes(np.ascontiguousarray(slopes), (0, 0), shade, (2600, 2600, 150))
        return Image.fromarray(shade)

    page = fastecg.render(fastecg.builtin_record(5).record, paper="red", wrinkles=spec.wrinkles.model_dump())
    picture = Image.fromarray(page.image).resize(size, Image.Resampling.LANCZOS)
    cells = [
        ("crumpled paper", lit(texture[100:440, 100:540, 1:])),
        ("the cut between two blocks", _cut(texture).resize(size, Image.Resampling.LANCZOS)),
        ("a sheet quilted from it", lit(atlas.sheet(spec, 0).slopes)),
        ("a page", picture),
    ]
    return _table(cells, 2)


def _cut(texture: Pixels) -> Image.Image:
    """Show two quilted blocks as they overlap, and the cut between them, enlarged."""
    from fastecg_kernels import cpu as kernels

    block, overlap = 80, 20
    sheet, places = np.zeros((block, 2 * block - overlap, 3), np.uint8), np.empty((2, 2), np.int64)
    pair, none = np.array([[0, 0], [0, 1]]), np.empty((3, 0, 0), np.float32)
    kernels.quilt_blocks(sheet, texture, none, pair, places, block, overlap, 0.1, 600, 12)
    old, new = (texture[y : y + block, x : x + block].astype(np.int64) for y, x in places.tolist())
    path = np.empty(block, np.int64)
    kernels.cut_path(((old[:, -overlap:] - new[:, :overlap]) ** 2).sum(axis=2), path)
    shade, scale = np.empty(sheet.shape[:2], np.uint8), 8
    kernels.shade_slopes(np.ascontiguousarray(sheet[:, :, 1:]), (0, 0), shade, (2600, 2600, 150))
    picture = Image.fromarray(shade).resize((shade.shape[1] * scale, block * scale)).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for x in (block - overlap, block):
        pen.line([(x * scale, 0), (x * scale, block * scale)], fill=TRACE, width=2)
    points = [((block - overlap + x) * scale, (y + 0.5) * scale) for y, x in enumerate(path.tolist())]
    pen.line(points, fill=NAME, width=5)
    return picture.crop((200, 42, 920, 598))


def wrinkled_pages() -> Image.Image:
    """Show pages that were handled, crumpled, and crumpled hard."""
    kinds = {
        "handled": {"scale": 2.2, "softness": 0.85, "strength": 0.16, "displacement_mm": 0.8},
        "crumpled": {"dimming": 0.14},
        "crumpled hard": {"scale": 0.8, "softness": 0.1, "strength": 0.4, "dimming": 0.2},
    }
    cells = []
    for index, (name, values) in enumerate(kinds.items()):
        record = fastecg.builtin_record(index).record
        page = fastecg.render(record, paper="red", seed=2, wrinkles={"enabled": True, **values})
        cells.append((name, Image.fromarray(page.image).resize((440, 340), Image.Resampling.LANCZOS)))
    return _table(cells, 3)


def handwriting() -> Image.Image:
    """Show every hand, then the three pens, then a page that somebody wrote on."""
    record = fastecg.builtin_record(3).record
    note = {"enabled": True, "notes": 1, "tilt_deg": 0, "where": "margins", "line_mm": 150}
    pens: dict[str, dict[str, Any]] = {
        "ballpoint": {"pen": "ballpoint", "width_mm": 0.4},
        "felt": {"pen": "felt", "width_mm": 0.9, "color": [170, 30, 36]},
        "pencil": {"pen": "pencil", "width_mm": 0.55, "color": [70, 70, 76]},
    }
    hands = [(name, {"writer": name}) for name in Scribe().styles(Handwriting())]
    cells = []
    for name, values in [*hands, *pens.items()]:
        said = {"texts": ["sinus rhythm, LBBB\nHR 72, QTc 440?"], "writer": "plain", "size_mm": 2.0}
        page = fastecg.render(record, seed=4, paper="blank", handwriting={**note, **said, **values})
        box = np.array(page.truth.to_dict()["handwriting"][0]["quad"])
        left, top = (box.min(axis=0) - 12).astype(int)
        piece = Image.fromarray(np.ascontiguousarray(page.image[top : top + 150, left : left + 500]))
        cells.append((name, piece.resize((350, 105), Image.Resampling.LANCZOS)))
    page = fastecg.render(
        record,
        seed=11,
        paper="red",
        handwriting={**note, "notes": 4, "where": "mixed", "marks": 3, "signature": True},
    )
    whole = Image.fromarray(page.image).resize((1106, 855), Image.Resampling.LANCZOS).crop((0, 60, 1106, 560))
    table = _table(cells, 3)
    picture = Image.new("RGB", (table.width, table.height + whole.height + 14), (236, 236, 236))
    picture.paste(table, (0, 0))
    picture.paste(whole, ((table.width - whole.width) // 2, table.height))
    return picture.resize((picture.width * 4 // 5, picture.height * 4 // 5), Image.Resampling.LANCZOS)


def digitized() -> Image.Image:
    """Return a photograph of a page with what was read from it."""
    page = fastecg.render(fastecg.builtin_record(2).record, "photo", seed=6)
    return _fitted(overlay(page.image, digitize(page.image)), (1300, 1000))


def layers() -> dict[str, Image.Image]:
    """Show one page layer by layer, as docs/how-it-works.md tells it."""
    from fastecg.drawing import draw_page
    from fastecg.press import Press
    from fastecg.stages.handwriting import draw_pen
    from fastecg.stages.imaging import take
    from fastecg.stages.plot import draw_ink, paint_paper
    from fastecg.stages.text import print_onto
    from fastecg.studio import Studio
    from fastecg_kernels import load_backend

    record, kernels = fastecg.builtin_record(5).record, load_backend("cpu")
    generator = fastecg.Generator("photo", overrides=LAYERED)
    spec = generator.draw(record, seed=12)
    press, studio = Press(kernels), Studio(kernels)
    drawing = draw_page(record, spec, press.fonts, press.scribe)
    prints = press.set_lines(drawing)
    ink = np.zeros((drawing.height, drawing.width), np.uint8)
    pen = ink.copy()
    draw_ink(kernels, drawing, ink)
    for one in prints:
        print_onto(ink, one)
    draw_pen(kernels, drawing.writing, pen)
    whole = spec.model_copy(update={"damage": spec.damage.model_copy(update={"enabled": False})})
    page = press.print_page(drawing, spec, prints)
    relief = studio.relief(spec)
    if relief is None:
        raise SystemExit("the page of how-it-works.md has no relief")
    crumpled = page.copy()
    studio.crumple(crumpled, relief)
    camera = studio.camera(spec, relief)
    seen = studio.photograph(crumpled, camera, spec)
    truth = Truth(record, spec, drawing, camera, prints)
    image = take(seen.copy(), spec, kernels)
    pairs: dict[str, tuple[tuple[str, Pixels | Image.Image], ...]] = {
        "drawing": (("vectors", _vectors(truth)), ("ink: coverage of the pixels", 255 - ink)),
        "paper": (("paper", paint_paper(kernels, drawing, spec)), ("pen: coverage of the pixels", 255 - pen)),
        "page": (("printed and written on", press.print_page(drawing, whole, prints)), ("stained", page)),
        "relief": (("light on the relief", relief.shade), ("the page in that light", crumpled)),
        "camera": (("the camera's mesh", _meshed(seen, camera.nodes())), ("what it sees", seen)),
        "image": (("in the room's light", image), ("with its truth", _seen_truth(image, truth))),
    }
    size = (500, 386)
    return {
        name: _table([(title, _fitted(one, size)) for title, one in pair], 2) for name, pair in pairs.items()
    }


def _fitted(pixels: Pixels | Image.Image, size: tuple[int, int]) -> Image.Image:
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture = picture.convert("RGB")
    picture.thumbnail(size, Image.Resampling.LANCZOS)
    return picture


def _vectors(truth: Truth) -> Image.Image:
    """Show a drawing's lines, and the boxes of its words."""
    drawing = truth.drawing
    picture = Image.new("RGB", (drawing.width, drawing.height), "white")
    pen = ImageDraw.Draw(picture)
    for trace in drawing.traces:
        pen.line([tuple(point) for point in trace.points], fill=TRACE, width=3)
    for stroke in drawing.strokes:
        pen.line([tuple(point) for point in stroke.points], fill=BOX, width=3)
    for one in truth.prints:
        pen.rectangle(one.box, outline=NAME, width=3)
    for writing in drawing.writing:
        pen.polygon([tuple(point) for point in writing.corners], outline=GREY, width=3)
    return picture


def _meshed(seen: Pixels, nodes: NDArray[np.float32]) -> Image.Image:
    """Show where lines of the page, 10 mm apart, are in the image: level curves of the mesh."""
    rows, columns = seen.shape[:2]
    step = 8
    where = np.stack(
        [
            np.asarray(
                Image.fromarray(nodes[:, :, axis]).resize(
                    (nodes.shape[1] * step, nodes.shape[0] * step), Image.Resampling.BILINEAR
                )
            )
            for axis in (0, 1)
        ]
    )[:, step // 2 : step // 2 + rows, step // 2 : step // 2 + columns]
    cells = np.floor(where / 100.0).astype(np.int64)
    edges = np.zeros((rows, columns), bool)
    for axis in (0, 1):
        edges[:, 1:] |= np.diff(cells[axis], axis=1) != 0
        edges[1:] |= np.diff(cells[axis], axis=0) != 0
    thick = edges.copy()
    for shift in (1, 2):
        thick[:, shift:] |= edges[:, :-shift]
        thick[shift:] |= edges[:-shift]
    pale = seen // 2 + 127
    pale[thick] = TRACE
    return Image.fromarray(pale)


def _seen_truth(image: Pixels, truth: Truth) -> Image.Image:
    picture = Image.fromarray(image)
    pen, told = ImageDraw.Draw(picture), truth.to_dict()
    for lead in told["leads"]:
        pen.line([tuple(point) for point in lead["trace"].tolist()], fill=TRACE, width=4)
        for key, color in (("quad", BOX), ("name_quad", NAME)):
            if lead[key]:
                pen.polygon([tuple(point) for point in lead[key]], outline=color, width=4)
    return picture


def _draw_truth(pen: ImageDraw.ImageDraw, truth: dict[str, Any], window: Box, scale: int) -> None:
    """Draw samples, boxes and names over a piece of a page."""

    def onto(points: Any) -> list[tuple[float, float]]:  # noqa: ANN401 - lists or arrays of [x, y]
        return [((x - window[0]) * scale, (y - window[1]) * scale) for x, y in points]

    for lead in truth["leads"]:
        pen.polygon(onto(lead["quad"]), outline=BOX, width=3)
        pen.polygon(onto(lead["name_quad"]), outline=NAME, width=3)
        for x, y in onto(lead["trace"]):
            pen.ellipse((x - 1, y - 1, x + 1, y + 1), fill=TRACE)
    labels = (
        ("V5, four times as large, with its truth:", GREY),
        ("one point for each sample", TRACE),
        ("box of a trace", BOX),
        ("box of a lead name", NAME),
    )
    font = ImageFont.load_default(22)
    pen.rectangle((580, 170, 1010, 300), fill=(255, 255, 255))
    for k, (text, color) in enumerate(labels):
        pen.text((592, 176 + 29 * k), text, fill=color, font=font)


def _zoomed(image: Pixels, window: tuple[int, int, int, int], scale: int) -> Image.Image:
    x0, y0, x1, y1 = window
    piece = Image.fromarray(np.ascontiguousarray(image[y0:y1, x0:x1]))
    return piece.resize(((x1 - x0) * scale, (y1 - y0) * scale), Image.Resampling.NEAREST)


def _table(cells: list[tuple[str, Image.Image]], columns: int) -> Image.Image:
    """Return pictures in rows, with their names below."""
    font, gap = ImageFont.load_default(22), 14
    below = 34 if any(name for name, _ in cells) else 0
    width = max(picture.width for _, picture in cells)
    height = max(picture.height for _, picture in cells)
    rows = -(-len(cells) // columns)
    table = Image.new(
        "RGB", (columns * (width + gap) + gap, rows * (height + below + gap) + gap), (236, 236, 236)
    )
    pen = ImageDraw.Draw(table)
    for k, (name, picture) in enumerate(cells):
        x, y = gap + (k % columns) * (width + gap), gap + (k // columns) * (height + below + gap)
        table.paste(picture, (x + (width - picture.width) // 2, y + (height - picture.height) // 2))
        pen.text((x + width / 2, y + height + 6), name, fill=GREY, font=font, anchor="ma")
    return table


def _few_colors(picture: Image.Image, count: int) -> Image.Image:
    """Return a picture with a palette, in which the colours of the overlay are kept as they are."""
    strip = Image.new("RGB", (picture.width, 60))
    for k, color in enumerate((TRACE, BOX, NAME)):
        strip.paste(color, (0, 20 * k, picture.width, 20 * k + 20))
    both = Image.new("RGB", (picture.width, picture.height + 60))
    both.paste(picture, (0, 0))
    both.paste(strip, (0, picture.height))
    palette = both.quantize(count, kmeans=1, dither=Image.Dither.NONE)
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def _save(picture: Image.Image, name: str) -> None:
    path = FOLDER / name
    options: dict[str, Any] = {"quality": 80} if path.suffix == ".jpg" else {"optimize": True}
    picture.save(path, **options)


if __name__ == "__main__":
    main()
