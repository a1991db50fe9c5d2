"""Damage: stains, mould, yellowing, holes and faded ink."""

from __future__ import annotations

from fastecg.parts import Part


class Damage(Part):
    """Damage: stains, mould, yellowing, holes and faded ink."""

    enabled: bool = False
