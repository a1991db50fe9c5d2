"""Typefaces: names, files and folders become faces, and lines of text become coverage."""

from __future__ import annotations

import math
import os
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from fastecg.chance import stream
from fastecg.errors import MissingExtraError, RecipeError
from fastecg.presets import nearest
from fastecg.stages.font_pens import PEN_FACES, PenFace

Mask = NDArray[np.uint8]

OUTLINES: Final = ("aileron", "caladea", "caladea-bold")
FONTS: Final = (*OUTLINES, *PEN_FACES)
"""Typefaces that are always there: one of Pillow's, one of the package font-caladea, and our own."""

EXTRA_FONTS: Final = ("arimo", "pt-serif", "roboto-mono", "share-tech")
"""Families that come with ``fastecg[fonts]``; other ``fontpkg-…`` packages work as well."""

SUFFIXES: Final = (".ttf", ".otf")
DEFAULT: Final = "aileron"
FALLBACKS: Final = ("aileron", "caladea")
"""Typefaces that lend others what they lack."""

KEPT_BYTES: Final = 8 << 20
"""Memory for glyphs, and as much again for lines; a page has 0.2 MB of them."""

SMALLEST_PX: Final = 4.0

# What print does without where a typeface lacks it.
_PLAIN: Final[dict[int, str]] = {
    **{ord(odd): plain for odd, plain in zip("–—‑−’‘“”µμ×øØłŁ", "----''\"\"uuxoOlL", strict=True)},
    **{ord(odd): plain for odd, plain in (("…", "..."), ("≥", ">="), ("≤", "<="), ("ß", "ss"), ("ẞ", "SS"))},
}
_UNASSIGNED: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """A character as coverage, cut to its ink: top left corner relative to the pen, and the advance.

    ``strip`` is the same with white around it, as wide as the advance, what ``sticks_out`` left out;
    ``height`` is the mask's. Both are set when a glyph is kept.
    """

    mask: Mask
    left: int
    top: int
    advance: int
    strip: Mask | None = None
    height: int = 0
    sticks_out: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of text as coverage, cut to its ink: top left corner relative to its start, and its width."""

    mask: Mask
    left: int
    top: int
    width: int


class Face(Protocol):
    """A typeface."""

    def glyph(self, char: str, size: float) -> Glyph | None:
        """Return a character at a size (em, px); None where the typeface lacks it."""
        ...


class _Outlines:
    """A typeface that FreeType reads: a file, or Aileron, which comes with Pillow."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._sizes: dict[float, Any] = {}

    def glyph(self, char: str, size: float) -> Glyph | None:
        font, nothing = self._at(size)
        glyph = _cut(font, char)
        missing = not char.isspace() and (
            not glyph.mask.size or (glyph.mask.tobytes() == nothing.mask.tobytes() and bool(glyph.advance))
        )
        return None if missing else glyph

    def _at(self, size: float) -> tuple[Any, Glyph]:
        """Return the font at a size, and what it draws for characters that it lacks."""
        if size not in self._sizes:
            from PIL import ImageFont  # noqa: PLC0415 - 20 ms, and pages without print need none

            if len(self._sizes) >= 64:  # each holds a face of FreeType's
                self._sizes.clear()
            if self._path:
                try:
                    font: Any = ImageFont.truetype(self._path, size, layout_engine=ImageFont.Layout.BASIC)
                except (OSError, ValueError) as error:
                    raise RecipeError(
                        f"font file {self._path} cannot be read ({error})", "a TrueType or OpenType file"
                    ) from None
            else:
                font = ImageFont.load_default(size)
            self._sizes[size] = font, _cut(font, _UNASSIGNED)
        found: tuple[Any, Glyph] = self._sizes[size]
        return found


def _cut(font: Any, char: str) -> Glyph:  # noqa: ANN401 - Pillow's FreeTypeFont, which is imported late
    """Return a character of a FreeType font, its mask cut to its ink."""
    image, (left, top) = font.getmask2(char, mode="L", anchor="ls")
    mask = np.array(image, dtype=np.uint8).reshape(image.size[1], image.size[0])
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    advance = round(font.getlength(char))
    if not rows.size:
        return Glyph(np.zeros((0, 0), np.uint8), 0, 0, advance)
    inked = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Glyph(np.ascontiguousarray(inked), int(left + columns[0]), int(top + rows[0]), advance)


class Fonts:
    """Finds typefaces and sets lines in them; keeps glyphs and lines, up to a bound.

    A typeface is given by name (``aileron``, ``caladea``, ``caladea-bold``, ``strokes``, ``dots``,
    or a family of an installed ``fontpkg-…`` package), as the path of a .ttf or .otf file, or
    as a folder of such files.

    Examples
    --------
    >>> fonts = Fonts()
    >>> fonts.line("strokes", "V1", 24.0).width
    30
    """

    def __init__(self) -> None:
        self._faces: dict[str, Face] = {}
        self._folders: dict[str, tuple[str, ...]] = {}
        self._glyphs: dict[tuple[str, str, float], Glyph | None] = {}
        self._lines: dict[tuple[str, str, float], Line] = {}
        self._glyph_bytes = self._line_bytes = 0

    def resolve(self, font: str, key: int) -> str:
        """Return the typeface of a page: of a folder, the file that the page's key draws.

        Raises
        ------
        RecipeError
            If there is no such typeface, file or folder, or the folder has no font file.
        """
        if font in FONTS or font.lower().endswith(SUFFIXES) or not _is_path(font):
            return font
        if font not in self._folders:
            folder = Path(font)
            if not folder.is_dir():
                raise RecipeError(f"font folder {font} does not exist", "a folder of .ttf or .otf files")
            files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
            self._folders[font] = tuple(sorted(path.as_posix() for path in files))
        names = self._folders[font]
        if not names:
            raise RecipeError(f"font folder {font} holds no font", "files that end in .ttf or .otf")
        return names[int(stream(f"{key}/font").integers(len(names)))]

    def check(self, font: str) -> None:
        """Load a typeface, or every one of a folder.

        Raises
        ------
        RecipeError, MissingExtraError
            If it cannot be found or read.
        """
        first = self.resolve(font, 0)
        for name in self._folders.get(font, (first,)):
            self._face(name).glyph("A", 16.0)

    def line(self, font: str, text: str, size: float) -> Line:
        """Return a line of text set in a typeface.

        Parameters
        ----------
        font
            Name or file, as :meth:`resolve` returns it.
        text
            The text; what the typeface lacks is set in plainer characters (é as e) or in another one.
        size
            Em in px; quarters cannot be told apart, and less than 4 px is set as 4.

        Raises
        ------
        RecipeError
            If no typeface at hand has one of the characters.
        """
        # Quarter pixels bound what is kept where a recipe draws sizes freely.
        key = font, text, max(round(size * 4) / 4, SMALLEST_PX)
        line = self._lines.get(key)
        if line is None:
            line = _join(self._set(*key), key[2])
            self._line_bytes += line.mask.nbytes + 200
            if self._line_bytes > KEPT_BYTES:
                self._lines.clear()
                self._line_bytes = line.mask.nbytes + 200
            self._lines[key] = line
        return line

    def _set(self, font: str, text: str, size: float) -> list[Glyph]:
        glyphs = [self._glyph(font, char, size) for char in text]
        whole = [glyph for glyph in glyphs if glyph is not None]
        if len(whole) == len(glyphs):
            return whole
        chosen: list[Glyph] = []
        for char, glyph in zip(text, glyphs, strict=True):
            chosen += [glyph] if glyph is not None else self._substitute(font, char, size)
        return chosen

    def _substitute(self, font: str, char: str, size: float) -> list[Glyph]:
        """Return a character that a typeface lacks: in plainer ones, or from another typeface."""
        plain = unicodedata.normalize("NFKD", char.translate(_PLAIN))
        plain = "".join(c for c in plain.translate(_PLAIN) if not unicodedata.combining(c))
        lent = [(words, face) for words in (char, plain) for face in FALLBACKS]
        for words, face in ((plain, font), *lent):
            glyphs = [self._glyph(face, c, size) for c in words]
            found = [glyph for glyph in glyphs if glyph is not None]
            if words and len(found) == len(glyphs):
                return found
        raise RecipeError(
            f"font {font!r} has no glyph for {char!r} (U+{ord(char):04X}), nor has {' or '.join(FALLBACKS)}",
            "characters of the typeface",
            "choose a font that has it with header.font and plot.font",
        )

    def _glyph(self, font: str, char: str, size: float) -> Glyph | None:
        key = font, char, size
        if key in self._glyphs:
            return self._glyphs[key]
        glyph = self._face(font).glyph(char, size)
        if glyph is not None:
            glyph = _with_strip(glyph, size)
            self._glyph_bytes += glyph.mask.nbytes + (0 if glyph.strip is None else glyph.strip.nbytes)
        self._glyph_bytes += 400
        if self._glyph_bytes > KEPT_BYTES:
            self._glyphs.clear()
            self._glyph_bytes = 0
        self._glyphs[key] = glyph
        return glyph

    def _face(self, font: str) -> Face:
        if font not in self._faces:
            self._faces[font] = PenFace(font) if font in PEN_FACES else _Outlines(_font_file(font))
        return self._faces[font]


def _is_path(font: str) -> bool:
    return "/" in font or os.sep in font or Path(font).is_dir()


def _font_file(font: str) -> str:
    """Return the file of a typeface; "" for Pillow's own."""
    if font == DEFAULT:
        return ""
    if font in OUTLINES:
        from importlib.resources import files  # noqa: PLC0415 - only pages with this typeface

        weight = "Bold" if font.endswith("-bold") else "Regular"
        return str(files("font_caladea").joinpath("files", f"Caladea-{weight}.ttf"))
    if font.lower().endswith(SUFFIXES):
        if not Path(font).is_file():
            raise RecipeError(f"font file {font} does not exist", "a TrueType or OpenType file")
        return font
    return _family_file(font)


def _family_file(font: str) -> str:
    """Return the file of a family among the installed ``fontpkg-…`` packages."""
    try:
        import fontpkg  # noqa: PLC0415 - an extra
    except ImportError:
        known: list[str] = []
    else:
        known = sorted(fontpkg.families())
        if font in known:
            return str(fontpkg.path(font, nearest=True))
    if font in EXTRA_FONTS:
        raise MissingExtraError(
            f"font {font!r} is not installed", "", "python -m pip install 'fastecg[fonts]'"
        )
    hint = nearest(font, (*FONTS, *known, *EXTRA_FONTS))
    names = ", ".join((*FONTS, *known))
    raise RecipeError(f"font {font!r} is not known", f"{names}, a .ttf or .otf file, a folder of them", hint)


def _join(glyphs: list[Glyph], size: float) -> Line:
    """Set glyphs side by side; where two overlap, the paper shows through both."""
    above, below = _reach(size)
    pad = np.zeros((above + below, above), np.uint8)
    strips, sticking = [pad], []
    pen, left, right, top, bottom = 0, 1 << 30, 0, below, -above
    for glyph in glyphs:
        if glyph.strip is None:
            return _overlay(glyphs)
        strips.append(glyph.strip)
        if glyph.height:
            begin, end = pen + glyph.left, pen + glyph.left + glyph.mask.shape[1]
            left, right = begin if begin < left else left, end if end > right else right
            end = glyph.top + glyph.height
            top, bottom = glyph.top if glyph.top < top else top, end if end > bottom else bottom
            if glyph.sticks_out:
                sticking.append((pen + above, glyph))
        pen += glyph.advance
    if bottom <= top:
        return Line(np.zeros((0, 0), np.uint8), 0, 0, pen)
    # Four times as fast as laying them down one by one: a line is a row of strips.
    strips.append(pad)
    row = np.concatenate(strips, axis=1)
    for x, glyph in sticking:
        rows = slice(glyph.top + above, glyph.top + above + glyph.height)
        if glyph.left < 0:
            _blend(row[rows, x + glyph.left : x], glyph.mask[:, : -glyph.left])
        beyond = glyph.mask[:, max(glyph.advance - glyph.left, 0) :]
        begin = x + max(glyph.advance, glyph.left)
        _blend(row[rows, begin : begin + beyond.shape[1]], beyond)
    mask = np.ascontiguousarray(row[top + above : bottom + above, left + above : right + above])
    return Line(mask, left, top, pen)


def _blend(target: Mask, mask: Mask) -> None:
    """Lay coverage over coverage as Pillow does: what either leaves of the paper, both leave less of."""
    both = target.astype(np.uint32) * mask + 128
    target += mask - ((both + (both >> 8)) >> 8).astype(np.uint8)


def _reach(size: float) -> tuple[int, int]:
    """Return how many rows a strip has above and below the writing line."""
    return math.ceil(1.1 * size), math.ceil(0.4 * size)


def _with_strip(glyph: Glyph, size: float) -> Glyph:
    """Return a glyph with its strip; without it, where it is larger than typefaces' letters are."""
    above, below = _reach(size)
    (height, width), left, advance = glyph.mask.shape, glyph.left, glyph.advance
    first, last = max(left, 0), min(left + width, advance)
    if glyph.top < -above or glyph.top + height > below or left < -above or left + width > advance + above:
        return glyph
    strip = np.zeros((above + below, advance), np.uint8)
    if last > first:
        inner = glyph.mask[:, first - left : last - left]
        strip[glyph.top + above : glyph.top + above + height, first:last] = inner
    return replace(glyph, strip=strip, height=height, sticks_out=left < 0 or left + width > advance)


def _overlay(glyphs: list[Glyph]) -> Line:
    """Lay glyphs down one by one, however large they are."""
    pen, placed = 0, []
    for glyph in glyphs:
        if glyph.mask.size:
            x, (height, width) = pen + glyph.left, glyph.mask.shape
            placed.append((x, glyph.top, x + width, glyph.top + height, glyph.mask))
        pen += glyph.advance
    left, top = min(item[0] for item in placed), min(item[1] for item in placed)
    right, bottom = max(item[2] for item in placed), max(item[3] for item in placed)
    line = np.zeros((bottom - top, right - left), np.uint8)
    for x0, y0, x1, y1, mask in placed:
        _blend(line[y0 - top : y1 - top, x0 - left : x1 - left], mask)
    return Line(line, left, top, pen)
