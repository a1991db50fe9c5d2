"""Perspective: how the page is seen."""

from __future__ import annotations

from fastecg.parts import Part


class Perspective(Part):
    """Perspective: how the page is seen."""

    enabled: bool = False
