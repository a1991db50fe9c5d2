"""Imaging: light, colour, blur, noise and the scanner's or camera's own traces."""

from __future__ import annotations

from fastecg.parts import Part


class Imaging(Part):
    """Imaging: light, colour, blur, noise and the scanner's or camera's own traces."""

    enabled: bool = False
