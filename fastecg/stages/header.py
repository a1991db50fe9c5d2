"""Header block and QR code: what is printed on a page beside the traces and lead names."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from fastecg.parts import Part
from fastecg.presets import expand_preset
from fastecg.stages.header_template import Template, parse_line

DEFAULT_TEMPLATE: Final = "columns"


def _checked(text: str) -> str:
    if len(parse_line(text)) > 1:
        raise ValueError("text and placeholders without |")
    return text


class Header(Part):
    """Header block and QR code: who, when, which device, intervals, statements, speed, gain, filter.

    Parameters
    ----------
    enabled
        Print the template, and the QR code if asked for.
    template
        Name of a built-in template, path of a YAML file, or the template itself.
    source
        Values are ``invented``, or those of the ``record``'s header as far as it has them.
    fill
        What to do about values that the record's header lacks: ``invent`` them, or print ``none``.
    privacy
        Nothing from the record's header, nor the record's name, goes on the page: ``source`` is
        taken as ``invented``, and leads of unknown names are printed as Lead 1, Lead 2, ….
    text_mm
        Size of the letters (em), mm; smaller where the zone is too small, down to 0.6 of it.
    font
        Typeface: a name, a .ttf or .otf file, or a folder of such files, from which the page's key draws
        one; ``auto`` is the template's.
    statements
        Most diagnosis statements, 0 to 10.
    date_format
        How dates are written.
    qr
        Print a QR code.
    qr_mm
        Side of the QR code, mm; smaller where its zone is.
    qr_text
        What the QR code says, with the placeholders of a template.
    qr_corner
        Where the QR code stands: left or right end of the header or the footer.
    """

    enabled: bool = False
    template: Template = Template()
    source: Literal["invented", "record"] = "invented"
    fill: Literal["invent", "none"] = "invent"
    privacy: bool = False
    text_mm: float = Field(default=2.8, ge=1.0, le=10.0)
    font: str = "auto"
    statements: int = Field(default=3, ge=0, le=10)
    date_format: Literal["dd-mmm-yyyy", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "yyyy-mm-dd"] = (
        "dd-mmm-yyyy"
    )
    qr: bool = False
    qr_mm: float = Field(default=14.0, ge=5, le=60)
    qr_text: Annotated[str, Field(max_length=300), AfterValidator(_checked)] = "{id} {date} {time}"
    qr_corner: Literal["top-left", "top-right", "bottom-left", "bottom-right"] = "top-right"

    @model_validator(mode="before")
    @classmethod
    def _fill_in_template(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
        """Give a header that is printed the usual template if it names none."""
        if isinstance(data, dict) and data.get("enabled") is True and "template" not in data:
            return {**data, "template": default_template()}
        return data

    @field_validator("template", mode="before")
    @classmethod
    def _from_preset(cls, value: Any) -> Any:  # noqa: ANN401 - as pydantic hands it over
        return expand_preset("headers", value)

    @property
    def invented(self) -> bool:
        """Whether no value may come from the record's header."""
        return self.privacy or self.source == "invented"


@cache
def default_template() -> Template:
    """Return the template of headers that name none."""
    return Template.model_validate(expand_preset("headers", DEFAULT_TEMPLATE))
