"""A stroke bank: words written once by the pen, from which pages draw; needs numpy only."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg_models.cards import read_checked
from fastecg_models.composing import pieces, side_by_side
from fastecg_models.errors import ModelError
from fastecg_models.strokes import Strokes

SHIPPED_BANK: Final = Path(__file__).parent / "stroke_bank"
BANK: Final = "bank.npz"
FORMAT: Final = 1
UNIT: Final = 1 / 256  # x-heights; a step may be 127 of them long
MOST_VARIANTS: Final = 255


@dataclass(frozen=True, slots=True)
class _Pack:
    """The content of a bank's file."""

    styles: dict[str, int]
    texts: dict[str, int]
    first: NDArray[np.int64]
    """Shape (texts * styles + 1,): the first word of each text and style."""
    offsets: NDArray[np.int64]
    """Shape (words + 1,): the first point of each word."""
    steps: NDArray[np.int16]
    pen_up: NDArray[np.bool_]
    unit: float
    longest: int


class Bank:
    """Words in several styles, ready to be drawn.

    Parameters
    ----------
    folder : Path
        Where the bank lies, with its card; as a rule the shipped one. A process reads it once.

    Raises
    ------
    ModelError
        If the bank is missing, damaged or of another format.

    Examples
    --------
    >>> bank = Bank()
    >>> strokes = bank.write("HR", bank.styles[0], np.random.default_rng(1))
    >>> strokes.xy.shape == (len(strokes.pen_up), 2)
    True
    """

    def __init__(self, folder: Path = SHIPPED_BANK) -> None:
        path = folder / BANK
        self._pack = _load(folder, path.stat().st_mtime_ns if path.exists() else 0)

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles."""
        return tuple(self._pack.styles)

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts, in at least one style each."""
        return tuple(self._pack.texts)

    @property
    def alphabet(self) -> str:
        """The characters that it has alone, of which other words are composed."""
        alone = (text for text in self._pack.texts if len(text) == 1)
        return "".join(text for text in alone if all(self.variants(text, style) for style in self.styles))

    def variants(self, text: str, style: str) -> int:
        """Say how often the bank has a text in a style; 0 if it has to be composed.

        Parameters
        ----------
        text : str
            Any text.
        style : str
            One of the bank's styles.

        Raises
        ------
        ModelError
            If the style is unknown.
        """
        begin, end = self._words(text, style)
        return end - begin

    def strokes(self, text: str, style: str, variant: int) -> Strokes:
        """Take a word out of the bank.

        Parameters
        ----------
        text : str
            One of the bank's texts.
        style : str
            One of its styles.
        variant : int
            0 to ``variants(text, style) - 1``.

        Raises
        ------
        ModelError
            If the style is unknown or the bank has no such word.
        """
        begin, end = self._words(text, style)
        if not 0 <= variant < end - begin:
            raise ModelError(
                f"the bank has no variant {variant} of {text!r:.40} in style {style!r} "
                f"(it has {end - begin}); write() composes other words"
            )
        pack = self._pack
        span = slice(pack.offsets[begin + variant], pack.offsets[begin + variant + 1])
        xy = np.cumsum(pack.steps[span], axis=0, dtype=np.int32) * np.float32(pack.unit)
        return Strokes(xy.astype(np.float32, copy=False), pack.pen_up[span], True)

    def write(self, text: str, style: str, rng: np.random.Generator) -> Strokes:
        """Write any word: one of the bank's variants of it, or one composed of the longest pieces it has.

        Parameters
        ----------
        text : str
            At least one character of the bank's alphabet, no space.
        style : str
            One of the bank's styles.
        rng : numpy.random.Generator
            Chooses the variants, and the room between pieces.

        Raises
        ------
        ModelError
            If the text is empty or holds characters outside the alphabet, or the style is unknown.
        """
        if not text:
            raise ModelError("there is nothing to write: the text is empty; give at least one character")
        own = self.variants(text, style)
        if own:
            return self.strokes(text, style, int(rng.integers(own)))
        parts = pieces(text, self._pack.longest, lambda piece: self.variants(piece, style) > 0)
        if parts is None:
            unknown = sorted(set(text) - set(self.alphabet))
            raise ModelError(f"the bank cannot write {unknown} of {text!r:.40} (allowed: {self.alphabet})")
        chosen = [int(rng.integers(self.variants(part, style))) for part in parts]
        written = [self.strokes(part, style, variant) for part, variant in zip(parts, chosen, strict=True)]
        return side_by_side(written, rng)

    def _words(self, text: str, style: str) -> tuple[int, int]:
        """Return the first word of a text in a style and the one behind its last."""
        pack = self._pack
        column, row = pack.styles.get(style), pack.texts.get(text)
        if column is None:
            raise ModelError(f"style {style!r} is unknown (allowed: {', '.join(self.styles)})")
        if row is None:
            return 0, 0
        place = row * len(pack.styles) + column
        return int(pack.first[place]), int(pack.first[place + 1])


def packed(words: Mapping[tuple[str, str], Sequence[Strokes]]) -> bytes:
    """Pack written words into the content of a bank's file.

    Parameters
    ----------
    words : Mapping
        For each text and style, its variants, at most 255.

    Returns
    -------
    bytes
        An ``.npz``: ``steps`` (points, 2) int16 in units of 1/256 x-height, ``pen_up`` in bits, the number
        of points of each word and the number of variants of each text and style.

    Raises
    ------
    ModelError
        If there are no words, or one of them is too large for the format.

    Examples
    --------
    >>> dot = Strokes(np.zeros((1, 2), np.float32), np.array([True]), True)
    >>> len(packed({(".", "plain"): [dot]})) > 0
    True
    """
    if not words:
        raise ModelError("there is nothing to pack: the bank has no words; give some")
    texts = sorted({text for text, _ in words}, key=lambda text: (len(text), text))
    styles = list(dict.fromkeys(style for _, style in words))
    cells = [words.get((text, style), ()) for text in texts for style in styles]
    all_words = [strokes for cell in cells for strokes in cell]
    if max(map(len, cells)) > MOST_VARIANTS:
        raise ModelError(f"a word has {max(map(len, cells))} variants (allowed: {MOST_VARIANTS} at most)")
    steps = [np.diff(np.round(strokes.xy / UNIT), axis=0, prepend=np.zeros((1, 2))) for strokes in all_words]
    joined = np.concatenate(steps)
    if np.abs(joined).max() > np.iinfo(np.int16).max:
        raise ModelError("a word has a step of more than 127 x-heights; leave it out of the bank")
    target = io.BytesIO()
    np.savez(
        target,
        allow_pickle=False,
        format=np.array(FORMAT),
        unit=np.array(UNIT),
        styles=np.array(styles),
        texts=np.array(texts),
        counts=np.array(list(map(len, cells)), np.uint8),
        lengths=np.array(list(map(len, steps)), np.uint16),
        steps=joined.astype(np.int16),
        pen_up=np.packbits(np.concatenate([strokes.pen_up for strokes in all_words])),
    )
    return target.getvalue()


@lru_cache(maxsize=4)
def _load(folder: Path, _changed: int) -> _Pack:
    """Read a bank, once as long as its file does not change."""
    content = read_checked(folder, BANK)
    try:
        with np.load(io.BytesIO(content)) as pack:
            if int(pack["format"]) != FORMAT:
                raise ModelError(
                    f"{folder / BANK} has format {int(pack['format'])} (allowed: {FORMAT}); "
                    "make it again: fastecg models bank"
                )
            return _unpacked({name: pack[name] for name in pack.files})
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder / BANK} is no stroke bank: {error}; make it again") from error


def _unpacked(pack: Mapping[str, NDArray[np.generic]]) -> _Pack:
    texts, styles = pack["texts"].tolist(), pack["styles"].tolist()
    first = np.concatenate([[0], np.cumsum(pack["counts"], dtype=np.int64)])
    offsets = np.concatenate([[0], np.cumsum(pack["lengths"], dtype=np.int64)])
    steps = pack["steps"]
    points = int(offsets[-1])
    found = (len(first), steps.shape, len(pack["pen_up"]))
    if found != (len(texts) * len(styles) + 1, (points, 2), -(-points // 8)):
        raise ValueError("its parts do not belong together")
    if first[-1] != len(offsets) - 1:
        raise ValueError("it lacks words")
    return _Pack(
        {style: i for i, style in enumerate(styles)},
        {text: i for i, text in enumerate(texts)},
        first,
        offsets,
        steps.astype(np.int16, copy=False),
        np.unpackbits(pack["pen_up"].astype(np.uint8, copy=False), count=len(steps)).astype(np.bool_),
        float(pack["unit"]),
        max(map(len, texts)),
    )
