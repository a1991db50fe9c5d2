"""What is printed on a page beside the traces: header, footer and QR code, each in its zone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fastecg.geometry import Geometry
from fastecg.stages.fonts import DEFAULT, Fonts
from fastecg.stages.header_layout import Style, Zone, set_blocks
from fastecg.stages.header_lines import fill_in
from fastecg.stages.header_values import Values, gain_text, header_values, speed_text
from fastecg.texts import Text

if TYPE_CHECKING:
    from fastecg.record import Record
    from fastecg.spec import PageSpec

LOWEST_FOOTER_MM: Final = 4.0
SLACK_MM: Final = 0.5
"""Between print and the frame of the traces, and at least between print and the page's edge."""
KEPT_SHARE: Final = 0.35
"""Traces that leave their frame push print out of their way until this much of a zone is left."""
QUIET_SHARE: Final = 0.2
"""White beside a QR code in terms of its side: 4 of 21 modules, the most there can be."""


def page_font(spec: PageSpec, fonts: Fonts, *, header: bool) -> str:
    """Return the typeface of the header or of the lead names, as :meth:`Fonts.resolve` returns it."""
    printed = spec.header.template.font if spec.header.enabled else DEFAULT
    if spec.header.enabled and spec.header.font != "auto":
        printed = spec.header.font
    chosen = printed if header or spec.plot.font == "auto" else spec.plot.font
    return fonts.resolve(chosen, spec.key)


def print_texts(
    record: Record, spec: PageSpec, geometry: Geometry, ink: tuple[float, float], fonts: Fonts
) -> tuple[Text, ...]:
    """Return everything printed on a page but the lead names.

    Parameters
    ----------
    record, spec, geometry
        The page.
    ink
        Top of the highest and bottom of the lowest trace, page px.
    fonts
        Finds typefaces and measures text.
    """
    header = spec.header
    if not header.enabled:
        return plain_footer(spec, geometry, page_font(spec, fonts, header=False))
    values, template = header_values(record, spec), header.template
    top, bottom = _zones(spec, geometry, ink)
    texts: tuple[Text, ...] = ()
    if header.qr:
        code, top, bottom = _qr(values, spec, top, bottom)
        texts = code
    scale = spec.page.px_per_mm
    font = page_font(spec, fonts, header=True)
    style = Style(font, header.text_mm * scale, template.pitch_em, template.capitals, SLACK_MM * scale)
    above = [block for block in template.blocks if not block.in_footer]
    below = [block for block in template.blocks if block.in_footer]
    texts += set_blocks(above, values, top, fonts, style)
    if not below:
        return texts + plain_footer(spec, geometry, font)
    if spec.page.footer_mm < LOWEST_FOOTER_MM:
        return texts
    return texts + set_blocks(below, values, bottom, fonts, style)


def plain_footer(spec: PageSpec, geometry: Geometry, font: str) -> tuple[Text, ...]:
    """Return speed and gain, below the traces on the left, as every electrocardiograph prints them."""
    page = spec.page
    if page.footer_mm < LOWEST_FOOTER_MM:
        return ()
    size = min(spec.plot.text_mm, 0.6 * page.footer_mm)
    y = geometry.frame[3] + 0.6 * page.footer_mm
    scale, left = page.px_per_mm, geometry.names_left
    return (
        Text("speed", speed_text(spec), left * scale, y * scale, size * scale, font),
        Text("gain", gain_text(spec), (left + 8 * size) * scale, y * scale, size * scale, font),
    )


def _zones(spec: PageSpec, geometry: Geometry, ink: tuple[float, float]) -> tuple[Zone, Zone]:
    """Return the header's and the footer's zone, px, clear of the frame and of most traces."""
    page, scale = spec.page, spec.page.px_per_mm
    left, top, right, bottom = geometry.frame
    edge = max(page.margin_mm, SLACK_MM)
    header = Zone(left * scale, edge * scale, right * scale, (top - SLACK_MM) * scale)
    footer = Zone(left * scale, (bottom + SLACK_MM) * scale, right * scale, (page.height_mm - edge) * scale)
    gap = SLACK_MM * scale
    kept = KEPT_SHARE * header.height
    header = replace(header, bottom=min(header.bottom, max(ink[0] - gap, header.top + kept)))
    kept = KEPT_SHARE * footer.height
    return header, replace(footer, top=max(footer.top, min(ink[1] + gap, footer.bottom - kept)))


def _qr(values: Values, spec: PageSpec, top: Zone, bottom: Zone) -> tuple[tuple[Text, ...], Zone, Zone]:
    """Return the QR code, and the zones without the room that it takes."""
    header = spec.header
    content = fill_in(header.qr_text, values)
    above, at_left = header.qr_corner.startswith("top"), header.qr_corner.endswith("left")
    zone = top if above else bottom
    side = int(min(header.qr_mm * spec.page.px_per_mm, zone.height, zone.width / 3))
    if side < 1 or not content.strip():
        return (), top, bottom
    x = zone.left if at_left else zone.right - side
    code = Text("qr", content.strip(), int(x), int(zone.top + side), side)
    room = side * (1 + QUIET_SHARE)
    narrowed = replace(zone, left=zone.left + room) if at_left else replace(zone, right=zone.right - room)
    return (code,), (narrowed if above else top), (bottom if above else narrowed)
