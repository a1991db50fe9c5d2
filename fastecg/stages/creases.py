"""Creases: folds across the page."""

from __future__ import annotations

from fastecg.parts import Part


class Creases(Part):
    """Creases: folds across the page."""

    enabled: bool = False
