"""Press: prints a drawing onto paper, which may be old or stained, and keeps what the next page can use."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.drawing import Drawing
from fastecg.kept import Kept
from fastecg.spec import PageSpec
from fastecg.stages.creases import wear_ink
from fastecg.stages.damage import damage_ink, damage_paper, damage_pen
from fastecg.stages.handwriting import draw_pen, ink_rows, roughen
from fastecg.stages.plot import draw_ink, paint_paper
from fastecg.stages.scribe import Scribe
from fastecg.stages.text import Print, Typesetter, print_onto
from fastecg_kernels import Kernels

KEPT_PAPER_BYTES: Final = 64 << 20
"""Memory for papers kept for the next pages; a 2200 x 1700 one is 11 MB."""


class Press:
    """Prints pages on one backend; use one per thread.

    Parameters
    ----------
    kernels
        The backend.
    """

    def __init__(self, kernels: Kernels) -> None:
        self._kernels = kernels
        self._typesetter = Typesetter()
        self.fonts = self._typesetter.fonts
        self.scribe = Scribe()
        self._papers = Kept(KEPT_PAPER_BYTES)
        self._ink = np.zeros((0, 0), np.uint8)

    def set_lines(self, drawing: Drawing) -> tuple[Print, ...]:
        """Return the lines of print of a drawing: lead names in the traces' order, then the others."""
        names = [trace.name for trace in drawing.traces if trace.name is not None]
        return tuple(self._typesetter.set_line(line) for line in (*names, *drawing.texts))

    def print_page(self, drawing: Drawing, spec: PageSpec, prints: tuple[Print, ...]) -> NDArray[np.uint8]:
        """Return a page with what is printed and written on it, shape (H, W, 3), uint8 RGB."""
        page = self._paper(drawing, spec).copy()
        ink = self._take_layer(drawing)
        draw_ink(self._kernels, drawing, ink)
        for line in prints:
            print_onto(ink, line)
        wear_ink(self._kernels, ink, spec)
        damage_ink(self._kernels, ink, spec)
        self._kernels.composite(page, ink, np.array(spec.plot.ink, np.uint8), True)
        self._ink = ink
        if spec.handwriting.enabled:
            self.write(page, drawing, spec)
        damage_paper(self._kernels, page, spec)
        return page

    def write(self, page: NDArray[np.uint8], drawing: Drawing, spec: PageSpec) -> None:
        """Let the ink of a drawing's handwriting sink into a page, shape (H, W, 3), in place."""
        if not drawing.writing:
            return
        pen = self._take_layer(drawing)
        draw_pen(self._kernels, drawing.writing, pen)
        rows = ink_rows(drawing.writing, drawing.height)
        roughen(pen, spec, rows)
        wear_ink(self._kernels, pen, spec)
        damage_pen(self._kernels, pen, spec)
        color = np.array(spec.handwriting.color, np.uint8)
        self._kernels.absorb(page[rows], pen[rows], color, True)
        self._ink = pen

    def _take_layer(self, drawing: Drawing) -> NDArray[np.uint8]:
        """Return an empty layer for ink; compositing leaves it empty again.

        It is taken out, and put back only after that: an interrupted page leaves no ink behind.
        """
        ink, self._ink = self._ink, np.zeros((0, 0), np.uint8)
        shape = drawing.height, drawing.width
        return ink if ink.shape == shape else np.zeros(shape, np.uint8)

    def _paper(self, drawing: Drawing, spec: PageSpec) -> NDArray[np.uint8]:
        """Return the paper of a spec, painted anew only if the last few pages had none like it."""
        geometry = drawing.geometry
        key = f"{spec.page!r}{spec.paper!r}{geometry.frame}{geometry.origin}{geometry.plain}"
        return self._papers.get(key, lambda: paint_paper(self._kernels, drawing, spec))
