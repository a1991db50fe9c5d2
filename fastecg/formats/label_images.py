"""Label images: for each pixel of an image a number that says what it shows."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.formats.outlines import Box, ink_box, seen_polygon
from fastecg.page import Page
from fastecg.stages.plot import draw_line
from fastecg.truth import Truth
from fastecg_kernels.nodes import NODE_STEP

Labels = NDArray[np.uint8]

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
    drawing = truth.drawing
    labels = np.zeros(truth.camera.shape, np.uint8)
    highest = np.full(labels.shape, least - 1, np.uint8)
    layer = np.zeros((drawing.height, drawing.width), np.uint8)
    for k, trace in enumerate(drawing.traces):
        box = ink_box(trace.points, drawing.trace_half_width)
        window = None if box is None else _window(truth, box)
        if box is None or window is None:
            continue
        draw_line(truth.camera.kernels, layer, trace.points, drawing.trace_half_width)
        mask = _seen(truth, layer, window)
        covers = mask > highest[window]
        labels[window][covers] = k + 1
        np.maximum(highest[window], mask, out=highest[window])
        layer[_rows(box)] = 0
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
    masks = page.masks
    leads = lead_labels(page) if leads is None else leads
    labels = (masks.paper() >= _HALF).astype(np.uint8)
    on_paper = labels > 0
    layers = (
        masks.grid() >= LEAST,
        masks.separators() >= LEAST,
        masks.text() >= LEAST,
        masks.pulses() >= LEAST,
        leads > 0,
    )
    for number, shows in enumerate(layers, start=PARTS.index("grid")):
        labels[shows & on_paper] = number
    return labels


def _window(truth: Truth, box: Box) -> tuple[slice, slice] | None:
    """Return the rows and columns, whole cells of the mesh, that show a page box; None if none do."""
    camera, page = truth.camera, (truth.drawing.height, truth.drawing.width)
    polygon = seen_polygon(camera, box, page)
    if not len(polygon):
        return None
    reach = _REACH_PX if camera.mesh is not None else 1
    return (
        _cells(polygon[:, 1], reach, camera.shape[0]),
        _cells(polygon[:, 0], reach, camera.shape[1]),
    )


def _cells(along: NDArray[np.float64], reach: int, length: int) -> slice:
    first = max(int(along.min()) - reach, 0) // NODE_STEP * NODE_STEP
    last = -(-(int(along.max()) + reach) // NODE_STEP) * NODE_STEP
    return slice(first, min(last, length))


def _seen(truth: Truth, layer: Labels, window: tuple[slice, slice]) -> Labels:
    """Return what a part of the image shows of a layer of the page."""
    camera = truth.camera
    if camera.mesh is None:
        return layer[window]
    rows, columns = window
    nodes = camera.mesh[
        rows.start // NODE_STEP : -(-rows.stop // NODE_STEP) + 1,
        columns.start // NODE_STEP : -(-columns.stop // NODE_STEP) + 1,
    ]
    image = np.empty((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    camera.kernels.warp_mask(image, layer, np.ascontiguousarray(nodes))
    return image


def _rows(box: Box) -> slice:
    """Return the rows of a page layer that a line in this box can have inked."""
    return slice(max(int(box[1]) - 2, 0), max(int(box[3]) + 3, 0))
