"""Truth: what is where on a page, every coordinate through one map, in final image pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastecg.camera import Camera
from fastecg.drawing import Drawing, Stroke, Trace, lead_gain_mm_mv
from fastecg.errors import FastECGError
from fastecg.geometry import BIG_SQUARE_MM, SMALL_SQUARE_MM
from fastecg.record import Record
from fastecg.spec import PageSpec
from fastecg.stages.text import Print
from fastecg.writing import Writing

Points = NDArray[np.float64]
Box = tuple[float, float, float, float]

# A thousandth of a pixel is 0.5 µV on the coarsest page (50 dpi, 1 mm/mV), rounded to half of it.
DECIMALS = 3


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
            "image": {"file": file, "width": self.camera.shape[1], "height": self.camera.shape[0]},
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
            "camera": self.camera.to_dict(),
            "grid": self._grid(),
            "leads": self._leads(),
            "calibration_pulses": [self._pulse(s) for s in drawing.strokes if s.kind == "calibration_pulse"],
            "separators": [self._line(s.points) for s in drawing.strokes if s.kind == "separator"],
            "texts": self._texts(),
            "handwriting": [self._writing(writing) for writing in drawing.writing],
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
            "origin": [at * scale for at in self.drawing.geometry.origin],
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
        places = [(line.source, self._place(line.box)) for line in self.prints]
        return [
            {"kind": text.kind, "text": text.text, "quad": place["quad"]}
            for text, place in places
            if place["quad"]
        ]

    def _lead(self, trace: Trace, name: Print | None) -> dict[str, Any]:
        points = self.camera.to_image(trace.points)
        rounded = np.round(points, DECIMALS)
        gaps = np.isnan(rounded[:, 1])
        if gaps.any():
            rounded[gaps] = np.nan
        (x, y), width = trace.origin, trace.width
        ink = self._place(_outline(trace.points, self.drawing.trace_half_width))
        printed = self._place(None if name is None else name.box)
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
            "box": ink["box"],
            "quad": ink["quad"],
            "name_box": printed["box"],
            "name_quad": printed["quad"],
        }

    def _pulse(self, stroke: Stroke) -> dict[str, Any]:
        return {
            "row": stroke.row,
            "mv": 1.0,
            "gain_mm_mv": list(dict.fromkeys(lead_gain_mm_mv(self.spec, lead) for lead in ("I", "V1"))),
            "points": self._line(stroke.points),
            **self._place(_outline(stroke.points, self.drawing.stroke_half_width)),
        }

    def _writing(self, writing: Writing) -> dict[str, Any]:
        """Return a note or mark: what it says, where it is, and the pen's way stroke by stroke."""
        gaps = np.isnan(writing.points[:, 0])
        seen = np.round(self.camera.to_image(writing.points[~gaps]), DECIMALS)
        strokes = np.split(seen, np.flatnonzero(gaps) - np.arange(np.count_nonzero(gaps)))
        return {
            "kind": writing.kind,
            "text": writing.text,
            "quad": self._line(writing.corners),
            "words": [{"text": word.text, "quad": self._line(word.corners)} for word in writing.words],
            "strokes": strokes,
        }

    def _place(self, box: Box | None) -> dict[str, Any]:
        """Return box and quad in the image of a page box cut at the page's edge; None where it does not show.

        The box is cut at the image's edge too; the quad is not, for its corners are the page's.
        """
        nowhere = {"box": None, "quad": None}
        if box is None:
            return nowhere
        width, height = float(self.drawing.width), float(self.drawing.height)
        x0, x1 = (min(max(x, 0.0), width) for x in (box[0], box[2]))
        y0, y1 = (min(max(y, 0.0), height) for y in (box[1], box[3]))
        if x1 <= x0 or y1 <= y0:
            return nowhere
        quad = self._quad((x0, y0, x1, y1))
        if self.camera.is_identity:
            return {"box": [*quad[0], *quad[2]], "quad": quad}
        rows, columns = self.camera.shape
        rim = self._line(_rim(x0, y0, x1, y1)) if self.camera.bent else quad
        xs = [min(max(x, 0.0), float(columns)) for x, _ in rim]
        ys = [min(max(y, 0.0), float(rows)) for _, y in rim]
        found = [min(xs), min(ys), max(xs), max(ys)]
        return {"box": found, "quad": quad} if found[2] > found[0] and found[3] > found[1] else nowhere

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


def _outline(points: Points, half_width: float) -> Box | None:
    """Box around a line's ink; None where there is none."""
    gaps = np.isnan(points[:, 1])
    drawn = points[~gaps] if gaps.any() else points
    if not len(drawn):
        return None
    x, y = drawn[:, 0], drawn[:, 1]  # each alone: numpy reduces over rows of two four times slower
    low, high = (float(x.min()), float(y.min())), (float(x.max()), float(y.max()))
    return low[0] - half_width, low[1] - half_width, high[0] + half_width, high[1] + half_width


def _rim(x0: float, y0: float, x1: float, y1: float) -> Points:
    """Points around a box, close enough that what bends it does not slip between them."""
    share = np.linspace(0.0, 1.0, 9)
    x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
    left, top = np.full(9, x0), np.full(9, y0)
    right, bottom = np.full(9, x1), np.full(9, y1)
    return np.column_stack([np.concatenate([x, right, x, left]), np.concatenate([top, y, bottom, y])])


def read_back(truth: dict[str, Any]) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Return each trace's samples in mV, read from a page's truth alone.

    The inverse of drawing: image pixels → page pixels (camera) → mV (gain, baseline). Useful as
    an example, and to check that a truth file is whole. Where the page is bent, the camera is made
    again from the spec: the mesh in the truth is a coarse one.

    Parameters
    ----------
    truth
        A truth, as loaded from a page's JSON file.

    Returns
    -------
    dict
        (lead name, ``lead`` or ``rhythm``) → samples in mV, float64, NaN at gaps.

    Raises
    ------
    FastECGError
        If it is no truth of a page, or damaged.

    Examples
    --------
    >>> import fastecg, json
    >>> page = fastecg.render(fastecg.builtin_record(0).record)
    >>> mv = read_back(json.loads(page.truth.to_json()))
    >>> bool(abs(mv["II", "rhythm"] - page.truth.record.lead("II")).max() < 0.001)
    True
    """
    try:
        with np.errstate(all="ignore"):
            return _read_back(truth)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise FastECGError(
            f"the truth cannot be read back ({type(error).__name__}: {error})",
            "the JSON of a page as it was written",
            "make the page again",
        ) from None


def _read_back(truth: dict[str, Any]) -> dict[tuple[str, str], NDArray[np.float64]]:
    camera = _camera_of(truth)
    scale = truth["grid"]["px_per_mm"]
    samples = {}
    for lead in truth["leads"]:
        trace = np.array(lead["trace"], dtype=np.float64).reshape(-1, 2)
        page_y = camera.to_page(trace)[:, 1]
        baseline = camera.to_page(np.array(lead["baseline"]))[0, 1]
        samples[lead["name"], lead["kind"]] = (baseline - page_y) / (lead["gain_mm_mv"] * scale)
    return samples


def _camera_of(truth: dict[str, Any]) -> Camera:
    if "mesh" in truth["camera"]:
        from fastecg.pipeline import Generator  # noqa: PLC0415 - it imports this module
        from fastecg.spec import make_spec  # noqa: PLC0415 - only bent pages need it

        return Generator().camera(make_spec(truth["spec"]))
    image = truth["image"]
    return Camera((image["height"], image["width"]), np.array(truth["camera"]["homography"]))
