"""Masks: what each pixel of an image shows, rendered from the truth when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.stages.damage import cut_paper
from fastecg.stages.handwriting import draw_pen
from fastecg.stages.plot import draw_line, paint_paper
from fastecg.stages.text import print_onto

if TYPE_CHECKING:
    from fastecg.truth import Truth

Mask = NDArray[np.uint8]

BLACK: Final = (0, 0, 0)
WHITE: Final = (255, 255, 255)


class Masks:
    """Coverage of an image's pixels by what is on the page, each shape (H, W), uint8, 255 where whole.

    They are drawn anew from the vectors and go through the camera once, as the image did, so they fit
    it to the subpixel. Damage, light and noise do not touch them.

    Parameters
    ----------
    truth
        The truth of the page.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record, page={"dpi": 50})
    >>> page.masks.trace(0).shape, int(page.masks.paper().min())
    ((425, 550), 255)
    """

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._kernels = truth.camera.kernels

    def trace(self, k: int) -> Mask:
        """Return the ink of the k-th trace of the truth's ``leads``."""
        return self._lines([self._truth.drawing.traces[k].points], self._truth.drawing.trace_half_width)

    def traces(self) -> Mask:
        """Return the ink of all traces."""
        drawing = self._truth.drawing
        return self._lines((trace.points for trace in drawing.traces), drawing.trace_half_width)

    def leads(self) -> Mask:
        """Return a label for each pixel: 0, or 1 + k where the k-th trace covers most of it."""
        labels = np.zeros(self._truth.camera.shape, np.uint8)
        highest = np.full(labels.shape, 127, np.uint8)
        for k in range(len(self._truth.drawing.traces)):
            mask = self.trace(k)
            covers = mask > highest
            labels[covers] = k + 1
            np.maximum(highest, mask, out=highest)
        return labels

    def pulses(self) -> Mask:
        """Return the ink of the calibration pulses."""
        return self._strokes("calibration_pulse")

    def separators(self) -> Mask:
        """Return the ink of the ticks between columns."""
        return self._strokes("separator")

    def text(self) -> Mask:
        """Return the ink of everything printed that is not a line."""
        layer = self._layer()
        for line in self._truth.prints:
            print_onto(layer, line)
        return self.seen(layer)

    def handwriting(self) -> Mask:
        """Return the ink of notes, marks and the signature."""
        layer = self._layer()
        draw_pen(self._kernels, self._truth.drawing.writing, layer)
        return self.seen(layer)

    def grid(self) -> Mask:
        """Return the lines or dots of both grids, under the ink too."""
        truth = self._truth
        paper = truth.spec.paper
        lit = paper.model_copy(
            update={
                "tint": BLACK,
                "minor": paper.minor.model_copy(update={"color": WHITE}),
                "major": paper.major.model_copy(update={"color": WHITE}),
            }
        )
        spec = truth.spec.model_copy(update={"paper": lit})
        return self.seen(np.ascontiguousarray(paint_paper(self._kernels, truth.drawing, spec)[:, :, 0]))

    def paper(self) -> Mask:
        """Return where the page itself is seen: not beyond its edges, nor through its holes."""
        alpha = cut_paper(self._kernels, self._truth.spec)
        return self.seen(np.asarray(255 - self._layer(), np.uint8) if alpha is None else alpha)

    def background(self) -> Mask:
        """Return where the page is not."""
        return np.asarray(255 - self.paper(), np.uint8)

    def _strokes(self, kind: str) -> Mask:
        drawing = self._truth.drawing
        chosen = (stroke.points for stroke in drawing.strokes if stroke.kind == kind)
        return self._lines(chosen, drawing.stroke_half_width)

    def _lines(self, lines: Iterable[NDArray[np.float64]], half_width: float) -> Mask:
        layer = self._layer()
        for points in lines:
            draw_line(self._kernels, layer, points, half_width)
        return self.seen(layer)

    def _layer(self) -> Mask:
        return np.zeros((self._truth.drawing.height, self._truth.drawing.width), np.uint8)

    def seen(self, layer: Mask) -> Mask:
        """Return any layer of the page, shape (page's H, page's W), uint8, as the camera sees it."""
        camera = self._truth.camera
        if camera.mesh is None:
            return layer
        image = np.empty(camera.shape, np.uint8)
        self._kernels.warp_mask(image, layer, camera.mesh)
        return image
