"""The JSON of ECG-Image-Kit: its keys, with what was drawn and where it is on the final image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.geometry import BIG_SQUARE_MM
from fastecg.kit.geometry import SHEET_MM
from fastecg.stages.handwriting import Handwriting

if TYPE_CHECKING:
    from fastecg.drawing import Trace
    from fastecg.spec import PageSpec
    from fastecg.stages.text import Print
    from fastecg.truth import Truth

MM_PER_INCH: Final = 25.4
BLACK: Final = (0, 0, 0)

Corners = dict[str, list[int]]
"""Keys "0" to "3", clockwise from the top left of what the box is around: [y, x] in image pixels."""


def kit_truth(
    truth: Truth, level: int, *, lead_boxes: bool = False, name_boxes: bool = False
) -> dict[str, Any]:
    """Return what the kit's JSON file of a page says.

    Parameters
    ----------
    truth
        Any page's, whatever it is laid out like.
    level
        1 for where things are; 2 for what was drawn as well.
    lead_boxes, name_boxes
        Add the boxes of the leads, and of their names.

    Returns
    -------
    dict
        Plain values and arrays, for orjson. Points and corners are [y, x] in pixels of the image as it
        is in the file, after padding, turning and cropping, counted from its upper left corner.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record)
    >>> said = kit_truth(page.truth, 1, lead_boxes=True)
    >>> said["width"], said["x_grid"], said["leads"][0]["lead_name"], len(said["leads"])
    (2200, 39.37, 'III', 13)
    """
    spec = truth.spec
    height, width = truth.camera.shape
    grid_px = round(BIG_SQUARE_MM * spec.page.px_per_mm, 3)
    names = iter(line for line in truth.prints if line.source.kind == "lead_name")
    printed = [next(names) if trace.name else None for trace in truth.drawing.traces]
    leads = [_lead(truth, k, printed[k] if name_boxes else None, boxed=lead_boxes) for k in _kit_order(truth)]
    return {
        "sampling_frequency": truth.record.sampling_rate_hz,
        "width": width,
        "height": height,
        **(_colors(spec) if level > 1 else {}),
        "leads": leads,
        "x_grid": grid_px,
        "y_grid": grid_px,
        "resolution": spec.page.dpi,
        "pad_inches": round((spec.page.width_mm - SHEET_MM[0]) / 2 / MM_PER_INCH) if spec.kit.enabled else 0,
        **(_drawn(truth) if level > 1 else {}),
    }


def _kit_order(truth: Truth) -> list[int]:
    """Return the traces' numbers as the kit lists them: rows from the bottom, then the strips."""
    traces = truth.drawing.traces
    order = sorted(range(len(traces)), key=lambda k: (-traces[k].row, traces[k].column))
    leads = [k for k in order if traces[k].kind == "lead"]
    return leads + [k for k in range(len(traces)) if traces[k].kind == "rhythm"]


def _lead(truth: Truth, k: int, name: Print | None, *, boxed: bool) -> dict[str, Any]:
    trace = truth.drawing.traces[k]
    first = truth.spec.window.start_sample
    found: dict[str, Any] = {}
    if name is not None:
        found["text_bounding_box"] = _corners(truth, name.box)
    found["lead_name"] = trace.lead
    box = _lead_box(truth, trace) if boxed else None
    if box is not None:
        found["lead_bounding_box"] = _corners(truth, box)
    found["start_sample"] = first + trace.start_sample
    found["end_sample"] = first + trace.end_sample
    found["plotted_pixels"] = np.round(truth.trace(k)[:, ::-1], 2)
    return found


def _lead_box(truth: Truth, trace: Trace) -> tuple[float, float, float, float] | None:
    """Return the page box of a lead's samples, with its row's calibration pulse if it is the first."""
    lines = [trace.points]
    if trace.column == 0:
        pulses = (one for one in truth.drawing.strokes if one.kind == "calibration_pulse")
        lines += [pulse.points for pulse in pulses if pulse.row == trace.row]
    boxes = [box for box in (_extent(points) for points in lines) if box is not None]
    if not boxes:
        return None
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _extent(points: NDArray[np.float64]) -> tuple[float, float, float, float] | None:
    """Return the box of points, gaps left out; None where there are no others."""
    if len(points) and np.isnan(points[:, 1].sum()):
        points = points[~np.isnan(points[:, 1])]
    if not len(points):
        return None
    x, y = points[:, 0], points[:, 1]  # each alone: numpy reduces over rows of two four times slower
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _corners(truth: Truth, box: tuple[float, float, float, float]) -> Corners:
    x0, y0, x1, y1 = box
    seen = truth.camera.to_image(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64))
    return {str(k): [round(y), round(x)] for k, (x, y) in enumerate(seen.tolist())}


def _colors(spec: PageSpec) -> dict[str, Any]:
    if not _has_grid(spec):
        return {}
    paper = spec.paper
    return {
        "grid_line_color_major": [float(level) for level in paper.major.color],
        "grid_line_color_minor": [float(level) for level in paper.minor.color],
        "ecg_plot_color": [float(level) for level in spec.plot.ink],
    }


def _drawn(truth: Truth) -> dict[str, Any]:
    """Return what was drawn by chance, as it was drawn."""
    spec, drawing = truth.spec, truth.drawing
    strips = [trace.lead for trace in drawing.traces if trace.kind == "rhythm"]
    written = spec.handwriting if spec.handwriting.enabled else Handwriting(notes=0)
    seen, taken, folds = spec.perspective, spec.imaging, spec.creases
    turned = seen.enabled
    return {
        "dc_pulse": spec.plot.pulse != "none",
        "bw": spec.plot.ink == BLACK and not (_has_grid(spec) and _is_colored(spec)),
        "gridlines": _has_grid(spec),
        "printed_text": spec.kit.print_header or spec.header.enabled,
        "number_of_columns_in_image": drawing.geometry.columns,
        "full_mode_lead": strips[0] if len(strips) == 1 else strips or "None",
        "handwritten_text": bool(written.notes),
        "num_words": written.notes,
        "x_offset_for_handwritten_text": spec.kit.writing_x_px if written.notes else 0,
        "y_offset_for_handwritten_text": spec.kit.writing_y_px if written.notes else 0,
        "wrinkles": spec.wrinkles.enabled,
        "crease_angle": _plain(folds.angle_deg) if folds.enabled else 0,
        "number_of_creases_horizontally": folds.n_horizontal if folds.enabled else 0,
        "number_of_creases_vertically": folds.n_vertical if folds.enabled else 0,
        "augment": turned or taken.enabled,
        "crop": round((1 - 1 / seen.fill) / 2, 6) if turned and seen.fit == "page" else 0,
        "temperature": _plain(taken.light.temperature_k) if taken.enabled else 0,
        "rotate": _plain(seen.roll_deg) if turned else 0,
        "noise": _plain(taken.noise.gaussian_sd) if taken.enabled else 0,
    }


def _plain(value: float) -> float:
    """Return a whole number without a point, as the kit writes its own."""
    return int(value) if value == int(value) else value


def _has_grid(spec: PageSpec) -> bool:
    return not spec.paper.minor.style == spec.paper.major.style == "none"


def _is_colored(spec: PageSpec) -> bool:
    return any(len(set(lines.color)) > 1 for lines in (spec.paper.minor, spec.paper.major))


def unplotted(truth: Truth, windows: int) -> NDArray[np.bool_]:
    """Return which samples no page of a record shows, shape (leads, samples).

    Parameters
    ----------
    truth
        That of the record's first page.
    windows
        How many pages of the same layout the record has, one after the other.
    """
    record, spec = truth.record, truth.spec
    hidden = np.ones(record.signals_mv.shape, np.bool_)
    step_s = spec.window.duration_s
    for trace in truth.drawing.traces:
        row = record.leads.index(trace.lead.removeprefix("-"))
        for window in range(windows):
            first = round(window * step_s * record.sampling_rate_hz)
            hidden[row, first + trace.start_sample : first + trace.end_sample] = False
    return hidden
