"""Handwriting: what a pen left on a page, as ink that light passes through.

Source: ECG-Image-Kit (arXiv 2307.01946), section 3.4, "handwritten text artifacts": medical terms written
by a recurrent network (A. Graves, arXiv 1308.0850) in the hands of several writers. Ours are strokes on
the page, not pictures pasted into a corner, so their truth is exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from fastecg.chance import stream
from fastecg.parts import Color, Part, Share
from fastecg.stages.nib import PenKind, curve
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastecg.spec import PageSpec
    from fastecg.writing import Writing

Where = Literal["mixed", "margins", "leads", "traces", "anywhere"]

LONGEST_WORD: Final = 60
"""Characters of a word; no hand writes longer ones."""
LONGEST_TEXT: Final = 400
TOOTH_MM: Final = 0.11
"""Size of the paper's grain, on which a pencil leaves gaps."""
TOOTH_PX: Final = 256
"""Side of the tile of grain."""


def _checked(text: str) -> str:
    if not text.strip():
        raise ValueError("at least one character, or leave it out")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"at most {LONGEST_TEXT} characters a note; this one has {len(text)}")
    longest = max(text.split(), key=len)
    if len(longest) > LONGEST_WORD:
        raise ValueError(f"words of at most {LONGEST_WORD} characters; {longest[:12]}… has {len(longest)}")
    return text


class Handwriting(Part):
    """Handwriting: notes, marks at waves and a signature, by one hand with one pen.

    Parameters
    ----------
    enabled
        Whether somebody wrote on the page.
    notes
        Number of notes.
    texts
        What the first notes say, line breaks included; the others are drawn from ``phrases``.
    phrases
        Where notes come from: ``dictionary``, a file of phrases, a text file, a folder of text files, or
        a URL.
    pipeline
        Name or path of a spaCy pipeline that finds the terms in a text; without one a dictionary does.
    measurements
        Share of notes that are dates, rates, intervals, doubts and initials.
    lines
        Most phrases in a note, each on a line of its own.
    line_mm
        Where lines are broken, mm.
    where
        In the ``margins`` above and below the traces, at ``leads``, across ``traces``, ``anywhere``, or
        each note elsewhere (``mixed``).
    marks
        Number of circles and arrows at waves, and of underlines.
    signature
        Sign the page, illegibly.
    writer
        Style of the hand; ``auto`` draws one.
    size_mm
        Height of a small letter such as x, mm.
    tilt_deg
        How far notes may lean out of the level, either way.
    slant_deg
        How far letters lean to the right beyond the writer's own habit.
    tremor
        How much the hand shakes.
    pen
        ``ballpoint``, ``felt`` or ``pencil``.
    width_mm
        Width of its line, mm.
    pressure
        How much a slow hand broadens and darkens the line.
    color
        Colour of its ink on white paper.
    fresh
        Share of words written anew by the network, which needs ``fastecg[onnx]``; the others come from the
        stroke bank.
    neatness
        Of fresh words: 0 as freely as people write, 2 very neatly.
    bank, model
        ``shipped``, or the folder of a stroke bank or pen model of your own.
    """

    enabled: bool = False
    notes: int = Field(default=2, ge=0, le=40)
    texts: tuple[Annotated[str, AfterValidator(_checked)], ...] = ()
    phrases: str = "dictionary"
    pipeline: str = ""
    measurements: Share = 0.4
    lines: int = Field(default=2, ge=1, le=8)
    line_mm: float = Field(default=70.0, ge=10, le=400)
    where: Where = "mixed"
    marks: int = Field(default=0, ge=0, le=20)
    signature: bool = False
    writer: str = "auto"
    size_mm: float = Field(default=2.4, ge=0.8, le=15)
    tilt_deg: float = Field(default=3.0, ge=0, le=90)
    slant_deg: float = Field(default=0.0, ge=-40, le=40)
    tremor: Share = 0.1
    pen: PenKind = "ballpoint"
    width_mm: float = Field(default=0.4, ge=0.1, le=3)
    pressure: Share = 0.6
    color: Color = (34, 56, 140)
    fresh: Share = 0.0
    neatness: float = Field(default=0.5, ge=0, le=3)
    bank: str = "shipped"
    model: str = "shipped"


def draw_pen(kernels: Kernels, writings: Iterable[Writing], pen: NDArray[np.uint8]) -> None:
    """Draw what was written onto a pen layer, keeping the larger coverage.

    Parameters
    ----------
    kernels
        The backend.
    writings
        Notes and marks.
    pen
        Shape (H, W), uint8; changed in place.
    """
    for writing in writings:
        points, half_widths, darkness = curve(writing.points, writing.half_widths, writing.darkness)
        kernels.stroke_coverage(
            pen,
            points.astype(np.float32),
            half_widths.astype(np.float32),
            darkness.astype(np.float32),
        )


def ink_rows(writings: Iterable[Writing], height: int) -> slice:
    """Return the rows of a page, ``height`` of them in all, that writing can have touched."""
    extents = [
        (
            float(np.nanmin(writing.points[:, 1])) - float(writing.half_widths.max()) - 2,
            float(np.nanmax(writing.points[:, 1])) + float(writing.half_widths.max()) + 2,
        )
        for writing in writings
    ]
    top, bottom = min(top for top, _ in extents), max(bottom for _, bottom in extents)
    return slice(min(max(int(top), 0), height), min(max(int(bottom) + 1, 0), height))


def roughen(pen: NDArray[np.uint8], spec: PageSpec, rows: slice) -> None:
    """Leave the gaps that a pencil leaves on the grain of paper, within some rows of a pen layer."""
    if spec.handwriting.pen != "pencil":
        return
    part = pen[rows]
    tooth = _tooth(spec.key, TOOTH_MM * spec.page.px_per_mm)
    height, width = part.shape
    tiles = np.tile(tooth, (-(-height // TOOTH_PX), -(-width // TOOTH_PX)))[:height, :width]
    np.multiply(part, tiles, out=part, casting="unsafe")


def _tooth(key: int, grain_px: float) -> NDArray[np.float32]:
    """Return a tile of what share of a pencil's line stays on the paper's grain, 0 to 1."""
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415 - only a pencil needs it

    noise = stream(f"{key}/handwriting/tooth").normal(size=(TOOTH_PX, TOOTH_PX))
    grain = gaussian_filter(noise, max(grain_px / 2, 0.3), mode="wrap")
    return np.asarray(np.clip(0.72 + 0.36 * grain / grain.std(), 0.05, 1.0), np.float32)
