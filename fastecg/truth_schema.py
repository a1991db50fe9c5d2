"""The keys of a truth, their types and units: what docs/truth.md is made from, and what checks a file.

Writing a truth does not use it: a page's truth is put together in a millisecond, checking it takes many.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Point = Annotated[tuple[float, float], "`[x, y]`"]
SamplePoint = Annotated[tuple[float, float] | tuple[None, None], "`[x, y]`"]
Quad = Annotated[tuple[Point, Point, Point, Point], "four points"]
Box = Annotated[tuple[float, float, float, float], "`[x0, y0, x1, y1]`"]
Row3 = tuple[float, float, float]
Matrix = Annotated[tuple[Row3, Row3, Row3], "3 × 3 numbers"]
GridStyle = Literal["lines", "dots", "none"]


def _key(meaning: str, unit: str = "", **bounds: Any) -> Any:  # noqa: ANN401 - what Field takes and returns
    return Field(description=meaning, json_schema_extra={"unit": unit}, **bounds)


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ImageKeys(_Keys):
    """The image file."""

    file: str = _key("name of the image file")
    width: int = _key("its width", "px", gt=0)
    height: int = _key("its height", "px", gt=0)


class RecordKeys(_Keys):
    """What was drawn."""

    name: str = _key("name of the record")
    sampling_rate_hz: float = _key("samples per second", "Hz", gt=0)
    leads: list[str] = _key("all leads of the record, in its own order")
    window: int = _key("number of the window that is on the page, from 0", ge=0)
    start_sample: int = _key("first sample of the window, from the start of the record", "samples", ge=0)
    samples: int = _key(
        "how much of the window is on the page: the largest `end_sample` of the leads", "samples", ge=0
    )


class PageKeys(_Keys):
    """Paper, speed and gain."""

    width_mm: float = _key("width of the sheet", "mm", gt=0)
    height_mm: float = _key("height of the sheet", "mm", gt=0)
    dpi: int = _key("resolution of the page", "px per inch", gt=0)
    speed_mm_s: float = _key("paper speed", "mm/s", gt=0)
    gain_mm_mv: float = _key("gain of limb leads", "mm/mV", gt=0)
    chest_gain_mm_mv: float = _key("gain of all others", "mm/mV", gt=0)


class MeshKeys(_Keys):
    """A coarse map from image to page."""

    step_px: int = _key("distance of its points in the image", "px", gt=0)
    page_xy: list[list[Point]] = _key(
        "[i][j] is the page point that is seen in the image at (`step_px` j, `step_px` i)", "page px"
    )


class CameraKeys(_Keys):
    """From page pixels to image pixels."""

    homography: Matrix = _key(
        "from page pixels to image pixels, for a flat page and a perfect lens; "
        "the identity where nothing is warped"
    )
    mesh: MeshKeys = _key(
        "only where a curl, a lens, wrinkles or creases bend the page: `step_px`, distance of its points in "
        "the image, and `page_xy`[i][j], the page point that is seen at (`step_px` j, `step_px` i)",
        default=None,
    )


class GridKeys(_Keys):
    """Where the grid lies, in page pixels."""

    origin: Point = _key("a crossing of two major lines: the top left of the traces' frame", "page px")
    minor_px: float = _key("distance of the 1 mm lines", "page px", gt=0)
    major_px: float = _key("distance of the 5 mm lines", "page px", gt=0)
    px_per_mm: float = _key("scale of the page", "page px per mm", gt=0)
    minor: GridStyle = _key("how the 1 mm lines look; dots are at their crossings")
    major: GridStyle = _key("how the 5 mm lines look")
    quad: Quad = _key("what the grid covers, in the image", "px")


class LeadKeys(_Keys):
    """One trace."""

    name: str = _key("the lead; `-aVR` is aVR inverted")
    kind: Literal["lead", "rhythm"] = _key("a lead, or a rhythm strip")
    row: int = _key("row of its cell in the layout, from 0 at the top", ge=0)
    column: int = _key("column of its cell, from 0 at the left", ge=0)
    start_sample: int = _key("first sample that is drawn, from the start of the window", "samples", ge=0)
    end_sample: int = _key("end of the samples that are drawn, not included", "samples", ge=0)
    start_s: float = _key("time in the window at which the trace's place on the paper begins", "s")
    gain_mm_mv: float = _key("gain of this lead", "mm/mV", gt=0)
    baseline: tuple[Point, Point] = _key(
        "the line of 0 mV: its ends, from where the trace's place begins to where it ends", "px"
    )
    trace: list[SamplePoint] = _key("one point for each of these samples", "px")
    box: Box | None = _key("around the trace's ink", "px")
    quad: Quad | None = _key("the same, tight", "px")
    name_box: Box | None = _key("around its printed name", "px")
    name_quad: Quad | None = _key("the same, tight", "px")


class PulseKeys(_Keys):
    """One calibration pulse."""

    row: int = _key("the row it stands in", ge=0)
    mv: float = _key("what it stands for", "mV")
    gain_mm_mv: list[float] = _key(
        "its gain, or both where limb and chest leads differ: a stair", "mm/mV", min_length=1, max_length=2
    )
    points: list[Point] = _key("its corners, from left to right", "px")
    box: Box | None = _key("around its ink", "px")
    quad: Quad | None = _key("the same, tight", "px")


class TextKeys(_Keys):
    """Something printed."""

    kind: str = _key("what it says, see below")
    text: str = _key("what is printed; what a QR code holds")
    quad: Quad = _key("around its ink", "px")


class WordKeys(_Keys):
    """One written word."""

    text: str = _key("what it says")
    quad: Quad = _key("around its ink", "px")


class WritingKeys(_Keys):
    """A note or mark of a pen."""

    kind: Literal["note", "measurement", "signature", "circle", "arrow", "underline"] = _key("what it is")
    text: str = _key(
        "what it says, a line break between its lines; "
        "empty for marks and the signature, which nobody can read"
    )
    quad: Quad = _key(
        "around its ink, clockwise from the top left of the first line; it is turned as the note is", "px"
    )
    words: list[WordKeys] = _key("`text` and `quad` of each word")
    strokes: list[list[Point]] = _key(
        "where the pen was, one list of points for each stroke; a stroke of one point is a dot", "px"
    )


class TruthFile(_Keys):
    """A page's truth, as its JSON file holds it.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record)
    >>> TruthFile.model_validate_json(page.truth.to_json("page.png")).leads[0].name
    'I'
    >>> TruthFile.model_json_schema()["properties"]["seed"]["type"]
    'integer'
    """

    fastecg: str = _key("the version that made the page")
    image: ImageKeys = _key("the image file")
    seed: int = _key("seed that the page was drawn with", ge=0)
    copy_: int = _key("number of the copy that it was drawn as, from 0", ge=0, alias="copy")
    record: RecordKeys = _key("what was drawn")
    page: PageKeys = _key("paper, speed and gain")
    camera: CameraKeys = _key("from page pixels to image pixels")
    grid: GridKeys = _key("where the grid lies")
    leads: list[LeadKeys] = _key("one entry for each trace")
    calibration_pulses: list[PulseKeys] = _key("one entry for each pulse")
    separators: list[tuple[Point, Point]] = _key("the ticks between columns, each as its two ends", "px")
    texts: list[TextKeys] = _key("everything printed")
    handwriting: list[WritingKeys] = _key("everything a pen left")
    spec: dict[str, Any] = _key("every value of the page; it can be rendered again from this")
