"""Wrinkles: image quilting of crumpled paper, as a relief."""

from __future__ import annotations

from fastecg.parts import Part


class Wrinkles(Part):
    """Wrinkles: image quilting of crumpled paper, as a relief."""

    enabled: bool = False
