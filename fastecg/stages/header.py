"""Header block and QR code."""

from __future__ import annotations

from fastecg.parts import Part


class Header(Part):
    """Header block and QR code."""

    enabled: bool = False
