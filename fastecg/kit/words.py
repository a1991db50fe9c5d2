"""Handwritten words as ECG-Image-Kit places them: a block of lines near the page's upper left corner."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fastecg.chance import stream
from fastecg.phrases import writable
from fastecg.stages.handwriting_setting import Hand, Note, set_note
from fastecg.writing import Writing

if TYPE_CHECKING:
    from fastecg.phrases import Phrases
    from fastecg.spec import PageSpec
    from fastecg.stages.scribe import Scribe
    from fastecg_models.strokes import Strokes

TRIES: Final = 8
LARGEST_MM: Final = 4.0
"""Most height of a small letter, however few the words."""


def write_words(spec: PageSpec, scribe: Scribe) -> tuple[Writing, ...]:
    """Return the block of words of a page, a phrase on each line; nothing unless handwriting is enabled.

    Parameters
    ----------
    spec
        The page: ``handwriting.notes`` says how many words, ``kit`` how large and where.
    scribe
        Writes words; pass the same one for every page.
    """
    part = spec.handwriting
    if not (part.enabled and part.notes):
        return ()
    rng = stream(f"{spec.key}/kit/words")
    styles = scribe.styles(part)
    style = part.writer if part.writer != "auto" else styles[int(rng.integers(len(styles)))]
    alphabet = scribe.alphabet(part)
    lines = [writable(text, alphabet).split() for text in _chosen(scribe.phrases(part), part.notes, rng)]
    lines = [line for line in lines if line]
    if not lines:
        return ()
    strokes = iter(scribe.write([word for line in lines for word in line], part, style, spec.key))
    block = [[(word, next(strokes)) for word in line] for line in lines]
    note = _fitted(spec, block)
    width, height = note.size
    corner = spec.kit.writing_x_px, spec.kit.writing_y_px
    return (note.at((corner[0] + width / 2, corner[1] + height / 2)),)


def _chosen(phrases: Phrases, count: int, rng: np.random.Generator) -> list[str]:
    """Return phrases, no two the same as long as there are others."""
    chosen: list[str] = []
    for _ in range(count):
        tried = (phrases.draw(rng) for _ in range(TRIES))
        chosen.append(next((text for text in tried if text not in chosen), chosen[-1] if chosen else "ok"))
    return chosen


def _fitted(spec: PageSpec, block: list[list[tuple[str, Strokes]]]) -> Note:
    """Return the block as large as its share of the page lets it be."""
    part, scale = spec.handwriting, spec.page.px_per_mm
    lean = math.tan(math.radians(part.slant_deg))
    hand = Hand(scale, part.size_mm, part.width_mm * scale / 2, part.pen, part.pressure, lean)
    height, width = (spec.kit.writing_share * side for side in spec.page.shape_px)
    note = _set(spec, block, hand)
    zoom = min(width / note.size[0], height / note.size[1])
    return _set(spec, block, replace(hand, size_mm=min(part.size_mm * zoom, LARGEST_MM)))


def _set(spec: PageSpec, block: list[list[tuple[str, Strokes]]], hand: Hand) -> Note:
    return set_note("note", block, hand, stream(f"{spec.key}/kit/set"))
