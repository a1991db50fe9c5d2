"""Label images: for each pixel of an image a number that says what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.formats.outlines import Box, ink_box, seen_polygon
from fastecg.page import Page
from fastecg.stages.plot import draw_line
from fastecg.stages.text import Print, print_onto
from fastecg.truth import Truth
from fastecg_kernels.nodes import NODE_STEP

Labels = NDArray[np.uint8]
Seen = tuple[tuple[slice, slice], Labels]
"""Rows and columns of the image, and the coverage of its pixels there."""

PARTS: Final = (
    "background",
    "paper",
    "grid",
    "separator",
    "text",
    "calibration_pulse",
    "trace",
)
"""What the numbers of :func:`part_labels` mean, from 0; each lies over those before it."""

LEAST: Final = 64
"""Coverage from which on a pixel is a line's, of 255.

Lines are about a pixel wide and fall between two rows of pixels as often as not: at half the coverage
a trace would have gaps, and every other line of a grid be missing.
"""
_HALF: Final = 128
_REACH_PX: Final = 16
"""How far from its outline ink can be seen where a page is bent."""


def lead_labels(page: Page, least: int = LEAST) -> Labels:
    """Return a label for each pixel: 0, or 1 + k where the k-th trace covers more of it than others do.

    Each trace is looked at where it is only, which is several times faster than ``page.masks.leads()``.

    Parameters
    ----------
    page
        The page.
    least
        Least coverage that counts, 1 to 255; from 128 on, which ``page.masks.leads()`` has, thin traces
        have gaps.

    Returns
    -------
    ndarray
        Shape (H, W), uint8; k counts the truth's ``leads``.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record, page={"dpi": 50})
    >>> bool((lead_labels(page, 128) == page.masks.leads()).all())
    True
    """
    truth = page.truth
    half_width = truth.drawing.trace_half_width
    labels = np.zeros(truth.camera.shape, np.uint8)
    highest = np.full(labels.shape, least - 1, np.uint8)
    view = _View(truth)
    for k, trace in enumerate(truth.drawing.traces, start=1):
        for window, mask in view.of_line(trace.points, half_width):
            covers = mask > highest[window]
            labels[window][covers] = k
            np.maximum(highest[window], mask, out=highest[window])
    return labels


def part_labels(page: Page, leads: Labels | None = None) -> Labels:
    """Return for each pixel which of :data:`PARTS` it shows.

    Parameters
    ----------
    page
        The page.
    leads
        Its :func:`lead_labels`, if they are there already.

    Returns
    -------
    ndarray
        Shape (H, W), uint8. Damage, light and noise do not change it, but for the paper that is missing.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record, page={"dpi": 50})
    >>> sorted(PARTS[k] for k in np.unique(part_labels(page)))
    ['calibration_pulse', 'grid', 'paper', 'separator', 'text', 'trace']
    """
    truth, drawing = page.truth, page.truth.drawing
    paper = page.masks.paper() >= _HALF
    labels = paper.astype(np.uint8)
    labels[page.masks.grid() >= LEAST] = PARTS.index("grid")
    view = _View(truth)
    for kind in ("separator", "text", "calibration_pulse"):
        number = PARTS.index(kind)
        if kind == "text":
            seen = (one for line in truth.prints for one in view.of_print(line))
        else:
            lines = (stroke.points for stroke in drawing.strokes if stroke.kind == kind)
            seen = (one for points in lines for one in view.of_line(points, drawing.stroke_half_width))
        for window, mask in seen:
            labels[window][mask >= LEAST] = number
    labels[(lead_labels(page) if leads is None else leads) > 0] = PARTS.index("trace")
    labels[~paper] = 0
    return labels


class _View:
    """Looks at one thing on a page after the other, each only where it shows in the image."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._layer = np.zeros((truth.drawing.height, truth.drawing.width), np.uint8)

    def of_line(self, points: NDArray[np.float64], half_width: float) -> Iterator[Seen]:
        """Yield where a line shows, and its coverage there."""
        box = ink_box(points, half_width)
        if box is not None:
            kernels = self._truth.camera.kernels
            yield from self._of(box, lambda layer: draw_line(kernels, layer, points, half_width))

    def of_print(self, line: Print) -> Iterator[Seen]:
        """Yield where a line of print shows, and its coverage there."""
        yield from self._of(line.box, lambda layer: print_onto(layer, line))

    def _of(self, box: Box, draw: Callable[[Labels], None]) -> Iterator[Seen]:
        window = self._window(box)
        if window is not None:
            draw(self._layer)
            yield window, self._seen(window)
            self._layer[max(int(box[1]) - 2, 0) : max(int(box[3]) + 3, 0)] = 0

    def _window(self, box: Box) -> tuple[slice, slice] | None:
        """Return the rows and columns, whole cells of the mesh, that show a page box; None if none do."""
        camera = self._truth.camera
        polygon = seen_polygon(camera, box, self._layer.shape)
        if not len(polygon):
            return None
        reach = _REACH_PX if camera.mesh is not None else 1
        return (
            _cells(polygon[:, 1], reach, camera.shape[0]),
            _cells(polygon[:, 0], reach, camera.shape[1]),
        )

    def _seen(self, window: tuple[slice, slice]) -> Labels:
        """Return what a part of the image shows of the layer."""
        camera = self._truth.camera
        if camera.mesh is None:
            return self._layer[window]
        rows, columns = window
        nodes = camera.mesh[
            rows.start // NODE_STEP : -(-rows.stop // NODE_STEP) + 1,
            columns.start // NODE_STEP : -(-columns.stop // NODE_STEP) + 1,
        ]
        image = np.empty((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        camera.kernels.warp_mask(image, self._layer, np.ascontiguousarray(nodes))
        return image


def _cells(along: NDArray[np.float64], reach: int, length: int) -> slice:
    first = max(int(along.min()) - reach, 0) // NODE_STEP * NODE_STEP
    last = -(-(int(along.max()) + reach) // NODE_STEP) * NODE_STEP
    return slice(first, min(last, length))
