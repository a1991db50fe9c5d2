"""Truth: what is where on a page, every coordinate through one map, in final image pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastecg.drawing import Drawing, Stroke, Trace, lead_gain_mm_mv
from fastecg.geometry import BIG_SQUARE_MM, SMALL_SQUARE_MM
from fastecg.record import Record
from fastecg.spec import PageSpec
from fastecg.stages.text import Print

Points = NDArray[np.float64]
Box = tuple[float, float, float, float]

# A thousandth of a pixel is 0.5 µV on the coarsest page (50 dpi, 1 mm/mV), rounded to half of it.
DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Camera:
    """The one map from page pixels to image pixels.

    Parameters
    ----------
    homography
        Shape (3, 3), float64; the identity for a clean page.

    Examples
    --------
    >>> Camera().to_image(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 2.0]]
    """

    homography: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    is_identity: bool = field(init=False)
    """Whether image pixels are page pixels; looked at once, for every coordinate asks."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_identity", bool(np.array_equal(self.homography, np.eye(3))))

    def to_image(self, points: Points) -> Points:
        """Map page points, shape (N, 2), to image points; NaN stays NaN."""
        return points if self.is_identity else _project(self.homography, points)

    def to_page(self, points: Points) -> Points:
        """Map image points, shape (N, 2), to page points."""
        return (
            points
            if self.is_identity
            else _project(np.asarray(np.linalg.inv(self.homography), np.float64), points)
        )


def _project(matrix: NDArray[np.float64], points: Points) -> Points:
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    result: Points = mapped[:, :2] / mapped[:, 2:]
    return result


@dataclass(frozen=True, eq=False, slots=True)
class Truth:
    """Everything that is known about a page; made by the Generator.

    Parameters
    ----------
    record
        The record that is drawn.
    spec, drawing, camera
        The page's values, its vectors in page pixels, and the map to image pixels.
    prints
        Lines of print as they were set: lead names in the traces' order, then the others.
    """

    record: Record
    spec: PageSpec
    drawing: Drawing
    camera: Camera
    prints: tuple[Print, ...]

    def trace(self, k: int) -> Points:
        """Return the k-th trace in image pixels, shape (samples, 2), float64, NaN at gaps."""
        return self.camera.to_image(self.drawing.traces[k].points)

    def to_dict(self, file: str = "") -> dict[str, Any]:
        """Return the truth as plain values and arrays, keyed as in docs/truth.md.

        Parameters
        ----------
        file
            Name of the image file, for the key ``image.file``.
        """
        from fastecg import __version__  # noqa: PLC0415 - the package imports this module

        spec, drawing = self.spec, self.drawing
        return {
            "fastecg": __version__,
            "image": {"file": file, "width": drawing.width, "height": drawing.height},
            "seed": spec.seed,
            "copy": spec.copy_index,
            "record": self._record(),
            "page": {
                "width_mm": spec.page.width_mm,
                "height_mm": spec.page.height_mm,
                "dpi": spec.page.dpi,
                "speed_mm_s": spec.plot.speed_mm_s,
                "gain_mm_mv": spec.plot.gains.limb_mm_mv,
                "chest_gain_mm_mv": spec.plot.gains.chest_mm_mv,
            },
            "camera": {"homography": self.camera.homography},
            "grid": self._grid(),
            "leads": self._leads(),
            "calibration_pulses": [self._pulse(s) for s in drawing.strokes if s.kind == "calibration_pulse"],
            "separators": [self._line(s.points) for s in drawing.strokes if s.kind == "separator"],
            "texts": self._texts(),
            "spec": spec.model_dump(),
        }

    def to_json(self, file: str = "") -> bytes:
        """Return the truth as JSON (UTF-8); gaps are ``null``."""
        import orjson  # noqa: PLC0415 - only writers need it

        return orjson.dumps(self.to_dict(file), option=orjson.OPT_SERIALIZE_NUMPY)

    def drawn_record(self, *, mask_unplotted: bool = False) -> Record:
        """Return the part of the record that is on the page, as a record of its own.

        Parameters
        ----------
        mask_unplotted
            Make every sample that is not drawn NaN; else the whole window is kept.
        """
        record, start = self.record, self.spec.window.start_sample
        length = max((trace.end_sample for trace in self.drawing.traces), default=0)
        signals = record.signals_mv[:, start : start + length].copy()
        if mask_unplotted:
            drawn = np.zeros(signals.shape, dtype=bool)
            for trace in self.drawing.traces:
                row = record.leads.index(trace.lead.removeprefix("-"))
                drawn[row, trace.start_sample : trace.end_sample] = True
            signals[~drawn] = np.nan
        return Record(record.name, signals, record.leads, record.sampling_rate_hz, record.header, record.adc)

    def _record(self) -> dict[str, Any]:
        record, window = self.record, self.spec.window
        return {
            "name": record.name,
            "sampling_rate_hz": record.sampling_rate_hz,
            "leads": list(record.leads),
            "window": window.index,
            "start_sample": window.start_sample,
            "samples": max((trace.end_sample for trace in self.drawing.traces), default=0),
        }

    def _grid(self) -> dict[str, Any]:
        """Return the grid in page pixels: lines at origin + k * period, both ways, then the camera."""
        spec, scale = self.spec, self.drawing.px_per_mm
        left, top, right, bottom = (edge * scale for edge in self.drawing.geometry.frame)
        whole = spec.page.grid_extent == "page"
        extent = (0.0, 0.0, float(self.drawing.width), float(self.drawing.height))
        return {
            "origin": [left, top],
            "minor_px": SMALL_SQUARE_MM * scale,
            "major_px": BIG_SQUARE_MM * scale,
            "px_per_mm": scale,
            "minor": spec.paper.minor.style,
            "major": spec.paper.major.style,
            "quad": self._quad(extent if whole else (left, top, right, bottom)),
        }

    def _leads(self) -> list[dict[str, Any]]:
        names = iter(line for line in self.prints if line.source.kind == "lead_name")
        return [self._lead(trace, next(names) if trace.name else None) for trace in self.drawing.traces]

    def _texts(self) -> list[dict[str, Any]]:
        """Return every line of print that shows on the page."""
        quads = [(line.source, self._visible(line.box)) for line in self.prints]
        return [{"kind": text.kind, "text": text.text, "quad": quad} for text, quad in quads if quad]

    def _lead(self, trace: Trace, name: Print | None) -> dict[str, Any]:
        points = self.camera.to_image(trace.points)
        rounded = np.round(points, DECIMALS)
        gaps = np.isnan(rounded[:, 1])
        if gaps.any():
            rounded[gaps] = np.nan
        (x, y), width = trace.origin, trace.width
        quad = self._ink_quad(trace.points, self.drawing.trace_half_width)
        name_quad = None if name is None else self._visible(name.box)
        return {
            "name": trace.lead,
            "kind": trace.kind,
            "row": trace.row,
            "column": trace.column,
            "start_sample": trace.start_sample,
            "end_sample": trace.end_sample,
            "start_s": trace.start_s,
            "gain_mm_mv": trace.gain_mm_mv,
            "baseline": self._line(np.array([[x, y], [x + width, y]])),
            "trace": rounded,
            "box": None if quad is None else _bounds(quad),
            "quad": quad,
            "name_box": None if name_quad is None else _bounds(name_quad),
            "name_quad": name_quad,
        }

    def _ink_quad(self, points: Points, half_width: float) -> list[list[float]] | None:
        """Corners around a line's ink; None where nothing of it is on the page."""
        gaps = np.isnan(points[:, 1])
        drawn = points[~gaps] if gaps.any() else points
        if not len(drawn):
            return None
        x, y = drawn[:, 0], drawn[:, 1]  # each alone: numpy reduces over rows of two four times slower
        low, high = (float(x.min()), float(y.min())), (float(x.max()), float(y.max()))
        return self._visible(
            (low[0] - half_width, low[1] - half_width, high[0] + half_width, high[1] + half_width)
        )

    def _pulse(self, stroke: Stroke) -> dict[str, Any]:
        quad = self._ink_quad(stroke.points, self.drawing.stroke_half_width)
        return {
            "row": stroke.row,
            "mv": 1.0,
            "gain_mm_mv": list(dict.fromkeys(lead_gain_mm_mv(self.spec, lead) for lead in ("I", "V1"))),
            "points": self._line(stroke.points),
            "box": None if quad is None else _bounds(quad),
            "quad": quad,
        }

    def _visible(self, box: Box) -> list[list[float]] | None:
        """Corners of a page box, cut at the page's edge; None where nothing of it is on the page."""
        width, height = float(self.drawing.width), float(self.drawing.height)
        x0, x1 = (min(max(x, 0.0), width) for x in (box[0], box[2]))
        y0, y1 = (min(max(y, 0.0), height) for y in (box[1], box[3]))
        return self._quad((x0, y0, x1, y1)) if x1 > x0 and y1 > y0 else None

    def _line(self, points: Points) -> list[list[float]]:
        mapped: list[list[float]] = np.round(self.camera.to_image(points), DECIMALS).tolist()
        return mapped

    def _quad(self, box: Box) -> list[list[float]]:
        """Corners of a page box in the image, clockwise from the page's top left."""
        x0, y0, x1, y1 = box
        if self.camera.is_identity:  # most of a clean page's truth is boxes: no arrays of four points
            x0, y0, x1, y1 = (round(edge, DECIMALS) for edge in box)
            return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
        return self._line(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))


def _bounds(quad: list[list[float]]) -> list[float]:
    xs, ys = zip(*quad, strict=True)
    return [min(xs), min(ys), max(xs), max(ys)]


def read_back(truth: dict[str, Any]) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Return each trace's samples in mV, read from a page's truth alone.

    The inverse of drawing: image pixels → page pixels (camera) → mV (gain, baseline). Useful as
    an example, and to check that a truth file is whole.

    Parameters
    ----------
    truth
        A truth, as loaded from a page's JSON file.

    Returns
    -------
    dict
        (lead name, ``lead`` or ``rhythm``) → samples in mV, float64, NaN at gaps.

    Examples
    --------
    >>> import fastecg, json
    >>> page = fastecg.render(fastecg.builtin_record(0).record)
    >>> mv = read_back(json.loads(page.truth.to_json()))
    >>> bool(abs(mv["II", "rhythm"] - page.truth.record.lead("II")).max() < 0.001)
    True
    """
    camera = Camera(np.array(truth["camera"]["homography"]))
    scale = truth["grid"]["px_per_mm"]
    samples = {}
    for lead in truth["leads"]:
        trace = np.array(lead["trace"], dtype=np.float64).reshape(-1, 2)
        page_y = camera.to_page(trace)[:, 1]
        baseline = camera.to_page(np.array(lead["baseline"]))[0, 1]
        samples[lead["name"], lead["kind"]] = (baseline - page_y) / (lead["gain_mm_mv"] * scale)
    return samples
