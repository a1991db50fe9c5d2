"""What the parts of a PageSpec are made of: each stage declares its own values as a Part."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Byte = Annotated[int, Field(ge=0, le=255)]
Color = tuple[Byte, Byte, Byte]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of a PageSpec: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
