"""PageSpec: every value of one page, concrete; a record and a PageSpec give one exact page."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from fastecg.errors import RecipeError
from fastecg.kit.part import Kit
from fastecg.layout import Layout
from fastecg.parts import Color, Part
from fastecg.presets import Kind, expand_preset, nearest
from fastecg.stages.creases import Creases
from fastecg.stages.damage import Damage
from fastecg.stages.handwriting import Handwriting
from fastecg.stages.header import Header
from fastecg.stages.imaging import Imaging
from fastecg.stages.perspective import Perspective
from fastecg.stages.wrinkles import Wrinkles

MM_PER_INCH: Final = 25.4
SIZES_MM: Final = {
    "A3": (420.0, 297.0),
    "A4": (297.0, 210.0),
    "letter": (279.4, 215.9),
    "legal": (355.6, 215.9),
}
"""Long and short side of the named paper sizes, in mm."""

MAX_PIXELS: Final = 200_000_000
"""Largest image; A3 at 600 dpi has 70 million pixels."""

PRESET_SECTIONS: Final[dict[str, Kind]] = {
    "paper": "papers",
    "layout": "layouts",
    "header.template": "headers",
}
"""Parts of a PageSpec, by dotted name, that may be given as the name of a preset."""

GainMmMv = Annotated[float, Field(ge=1, le=80)]


class PageFormat(Part):
    """The sheet: its size, resolution and margins.

    Parameters
    ----------
    size, orientation
        ``letter``, ``A4``, ``A3``, ``legal``, landscape or portrait; or ``custom`` with
        ``width_mm`` and ``height_mm``, which orientation leaves as they are.
    dpi
        Pixels per inch, 50 to 600.
    margin_mm
        Blank border on all sides, mm.
    header_mm, footer_mm
        Height kept free for text above and below the traces, mm.
    grid_extent
        The grid covers the whole ``page``, or only the ``frame`` of the traces.
    """

    size: Literal["letter", "A4", "A3", "legal", "custom"] = "letter"
    orientation: Literal["landscape", "portrait"] = "landscape"
    width_mm: float = Field(default=0.0, ge=0, le=2000)
    height_mm: float = Field(default=0.0, ge=0, le=2000)
    dpi: int = Field(default=200, ge=50, le=600)
    margin_mm: float = Field(default=6.0, ge=0, le=100)
    header_mm: float = Field(default=24.0, ge=0, le=200)
    footer_mm: float = Field(default=8.0, ge=0, le=200)
    grid_extent: Literal["page", "frame"] = "page"

    @model_validator(mode="before")
    @classmethod
    def _fill_in_size(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
        if not isinstance(data, dict):
            return data
        size = data.get("size", "letter")
        sides = SIZES_MM.get(size) if isinstance(size, str) else None
        if sides is None:
            return data
        long, short = sides
        if any(data.get(side, long) not in sides for side in ("width_mm", "height_mm")):
            raise ValueError("width_mm and height_mm go with size: custom")
        portrait = data.get("orientation") == "portrait"
        return {**data, "width_mm": short if portrait else long, "height_mm": long if portrait else short}

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        if min(self.width_mm, self.height_mm) < 40:
            raise ValueError("a custom page needs width_mm and height_mm of at least 40")
        height, width = self.shape_px
        if height * width > MAX_PIXELS:
            raise ValueError(
                f"{width} x {height} pixels are more than {MAX_PIXELS / 1e6:g} million; "
                "choose a smaller page or a lower dpi"
            )
        return self

    @property
    def px_per_mm(self) -> float:
        """Pixels per millimetre."""
        return self.dpi / MM_PER_INCH

    @property
    def shape_px(self) -> tuple[int, int]:
        """Height and width of the image in pixels."""
        return round(self.height_mm * self.px_per_mm), round(self.width_mm * self.px_per_mm)


class GridLines(Part):
    """One of the two grids: lines, dots at the crossings, or none; colour and width in mm."""

    style: Literal["lines", "dots", "none"] = "lines"
    color: Color = (250, 218, 219)
    width_mm: float = Field(default=0.12, gt=0, le=1.0)


class Paper(Part):
    """The paper: its tint, the 1 mm grid and the 5 mm grid."""

    name: str = ""
    description: str = ""
    tint: Color = (255, 253, 253)
    minor: GridLines = GridLines()
    major: GridLines = GridLines(color=(238, 165, 168), width_mm=0.24)


class Gains(Part):
    """Gain of limb and chest leads, mm/mV; two gains make the calibration pulse a stair of two steps."""

    limb_mm_mv: GainMmMv = 10.0
    chest_mm_mv: GainMmMv = 10.0


class Plot(Part):
    """How the leads are drawn.

    Parameters
    ----------
    speed_mm_s
        Paper speed, 5 to 200 mm/s; 25 and 50 are usual.
    gains
        Gain of limb and chest leads in mm/mV; 5, 10 and 20 are usual.
    trace_width_mm, pulse_width_mm
        Width of the traces, and of the calibration pulses and column ticks.
    ink
        Colour of traces and printed text.
    separator
        Between columns: a vertical ``tick``, a ``gap`` in the trace, or ``none``.
    pulse
        Calibration pulse (1 mV, 0.2 s) ``left`` or ``right`` of each row, or ``none``.
    lead_names
        Lead name ``above`` or ``below`` the start of its trace, ``left`` of the row, or ``none``;
        ``auto`` is above, but left where a single column of rows stands too close for that.
    text_mm
        Size of the lead names' letters (em), mm.
    font
        Typeface of lead names, speed and gain: a name, a .ttf or .otf file, or a folder of such files;
        ``auto`` is the header's if there is one, else ``aileron``.
    name_overlap
        ``allow`` a trace to run through a lead name, or ``avoid`` it: the name moves aside.
    max_row_pitch_mm
        Largest distance of two rows.
    """

    speed_mm_s: float = Field(default=25.0, ge=5, le=200)
    gains: Gains = Gains()
    trace_width_mm: float = Field(default=0.3, ge=0.05, le=2.0)
    pulse_width_mm: float = Field(default=0.3, ge=0.05, le=2.0)
    ink: Color = (20, 20, 24)
    separator: Literal["tick", "gap", "none"] = "tick"
    pulse: Literal["left", "right", "none"] = "left"
    lead_names: Literal["auto", "above", "below", "left", "none"] = "auto"
    text_mm: float = Field(default=3.2, ge=1.0, le=10.0)
    font: str = "auto"
    name_overlap: Literal["allow", "avoid"] = "allow"
    max_row_pitch_mm: float = Field(default=40.0, ge=10, le=100)


class Window(Part):
    """The part of the record on the page: its number, its first sample, and its length in seconds."""

    index: int = Field(default=0, ge=0)
    start_sample: int = Field(default=0, ge=0)
    duration_s: float = Field(default=10.0, gt=0, le=120)


class PageSpec(Part):
    """Every value of one page; validated once, here.

    Saved with the page's truth under ``spec``; rendering it again with the same record and
    version gives the same bytes. ``key`` stands for the page itself: fibres, stains and noise
    take their shapes from it, so that two pages of one recipe differ.

    Examples
    --------
    >>> spec = make_spec({"layout": "6x2", "page": {"dpi": 100}})
    >>> spec.layout.rows, spec.page.shape_px
    (6, (850, 1100))
    """

    recipe: str = ""
    seed: int = 0
    copy_index: int = Field(default=0, ge=0)
    key: int = Field(default=0, ge=0, lt=2**53)
    window: Window = Window()
    page: PageFormat = PageFormat(size="letter")
    paper: Paper = Paper()
    layout: Layout = Layout(rows=3, columns=4, rhythm=("II",))
    plot: Plot = Plot()
    header: Header = Header()
    handwriting: Handwriting = Handwriting()
    wrinkles: Wrinkles = Wrinkles()
    creases: Creases = Creases()
    damage: Damage = Damage()
    perspective: Perspective = Perspective()
    imaging: Imaging = Imaging()
    kit: Kit = Kit()

    @field_validator("paper", "layout", mode="before")
    @classmethod
    def _from_preset(cls, value: Any, info: Any) -> Any:  # noqa: ANN401 - as pydantic hands them over
        """Accept a preset's name, or a mapping with ``preset`` and the values that differ from it."""
        return expand_preset(PRESET_SECTIONS[info.field_name], value)


SECTIONS: Final = tuple(
    name
    for name, field in PageSpec.model_fields.items()
    if name != "window" and isinstance(field.default, BaseModel)
)
"""The parts of a PageSpec, which are the sections of a recipe."""


def make_spec(values: dict[str, Any]) -> PageSpec:
    """Return the PageSpec of a mapping of values; what is left out has its default.

    Raises
    ------
    RecipeError
        If a key is unknown (the nearest known one is named) or a value is out of range.
    """
    try:
        return PageSpec.model_validate(values)
    except ValidationError as error:
        raise explain(error, PageSpec) from None


def explain(error: ValidationError, model: type[BaseModel]) -> RecipeError:
    """Return the first problem of a validation as a RecipeError in plain words."""
    first = error.errors()[0]
    loc = [str(part) for part in first["loc"]]
    path, kind, value = ".".join(loc) or model.__name__, first["type"], first["input"]
    if kind in {"extra_forbidden", "invalid_key"}:
        known = list(_model_at(model, loc[:-1]).model_fields)
        return RecipeError(f"{path} is not a known key", ", ".join(known), nearest(loc[-1], known))
    if kind == "missing":
        return RecipeError(f"{path} is missing")
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if kind == "value_error" and isinstance(value, dict):
        return RecipeError(f"{path}: {message}")
    if kind == "too_long":
        message = f"at most {first['ctx']['max_length']}"
    if kind == "model_type":
        message = "a mapping, or the name of a preset" if path in PRESET_SECTIONS else "a mapping"
    given = f"{path} is a mapping" if isinstance(value, dict) else f"{path} is {value!r}"
    return RecipeError(given, _range(model, loc) or message if kind in _RANGE_ERRORS else message)


_RANGE_ERRORS: Final = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")


def _range(model: type[BaseModel], loc: list[str]) -> str:
    """Return both ends of a field's range in words, or "" where it has no two ends."""
    found = _model_at(model, loc[:-1]).model_fields.get(loc[-1])
    limits = [] if found is None else found.metadata
    bounds = {end: getattr(limit, end) for limit in limits for end in _ENDS if hasattr(limit, end)}
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le")
    if low is None or high is None:
        return ""
    return f"more than {low:g}, at most {high:g}" if "gt" in bounds else f"{low:g} to {high:g}"


_ENDS: Final = ("ge", "gt", "le")


def _model_at(model: type[BaseModel], loc: list[str]) -> type[BaseModel]:
    for part in loc:
        inner = model.model_fields[part].annotation if part in model.model_fields else None
        for kind in (inner, *get_args(inner)):  # of a list, the parts that it holds
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                model = kind
    return model
