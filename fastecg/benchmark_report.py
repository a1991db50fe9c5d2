"""The table of `fastecg bench` as Markdown, JSON and a picture of bars."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from fastecg.benchmark import Row
from fastecg.formats.files import write_atomic

SOURCE: Final = (
    "published for ECG-Image-Kit, arXiv 2307.01946: a cluster of 80 cores on 14 threads, a desktop; "
    "totals are sums"
)
SETTING: Final = "Seconds a page, 2200 x 1700, 500 Hz, 3x4+1; in memory, but for the rows that name a format."

HEADINGS: Final = (
    "stage",
    "cluster*",
    "desktop*",
    "1 thread",
    "IQR",
    "all cores",
    "GPU",
    "x cluster",
    "x desktop",
)
_BAR_PX, _LEFT_PX, _ROW_PX = 420, 190, 58
_COLORS: Final = {
    "cluster": "#9aa5b1",
    "desktop": "#c3cad2",
    "1 thread": "#c8443c",
    "all cores": "#e58a84",
    "GPU": "#3c6ac8",
}


def cells(row: Row) -> tuple[str, ...]:
    """Return a row's texts; factors are of one thread.

    Examples
    --------
    >>> cells(Row("perspective", 0.065, 2.03, 0.01, 0.001))
    ('perspective', '0.065', '2.03', '0.0100', '0.0010', '', '', '6.5', '203')
    """
    published = (row.cluster_s, row.desktop_s)
    said = ["" if value is None else f"{value:g}" for value in published]
    ours = [
        "" if value is None else f"{value:.4f}"
        for value in (row.ours_s, row.spread_s, row.cores_s, row.gpu_s)
    ]
    factors = ["" if value is None else _factor(value / row.ours_s) for value in published]
    return (row.stage, *said, *ours, *factors)


def _factor(times: float) -> str:
    return f"{times:.1f}" if times < 10 else f"{times:.0f}"


def as_markdown(rows: Sequence[Row], host: str) -> str:
    """Return the table as Markdown, with the host and what the columns are."""
    lines = [" | ".join(HEADINGS), " | ".join(["---", *["---:"] * (len(HEADINGS) - 1)])]
    lines += [" | ".join(_indented(cells(row))) for row in rows]
    table = "\n".join(f"| {line} |" for line in lines)
    return f"{SETTING}\n\n{table}\n\n\\* {SOURCE}.\n\nfastecg: {host}.\n"


def _indented(texts: tuple[str, ...]) -> tuple[str, ...]:
    name = texts[0]
    return (name.replace("  ", "\u2003", 1) if name.startswith("  ") else name, *texts[1:])


def as_json(rows: Sequence[Row], host: str) -> bytes:
    """Return the table as JSON: host, source, and a mapping for each row."""
    columns = ("cluster_s", "desktop_s", "ours_s", "spread_s", "cores_s", "gpu_s")
    told: list[dict[str, Any]] = [
        {
            "stage": row.stage.strip(),
            "part": row.stage.startswith(" "),
            **{name: getattr(row, name) for name in columns},
        }
        for row in rows
    ]
    facts = {"setting": SETTING, "published": SOURCE, "host": host, "rows": told}
    return orjson.dumps(facts, option=orjson.OPT_INDENT_2) + b"\n"


def as_svg(rows: Sequence[Row], host: str) -> str:
    """Return bars of the published stages beside ours, on a logarithmic scale."""
    shown = [row for row in rows if row.cluster_s is not None]
    values = [value for row in shown for value in _bars(row).values()]
    low, high = (
        (math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))) if values else (-3, 1)
    )
    height = 46 + _ROW_PX * len(shown) + 58
    size = f'width="{_LEFT_PX + _BAR_PX + 90}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="10" y="20" font-size="14">{html.escape(SETTING)}</text>',
    ]
    for k, row in enumerate(shown):
        top, bars = 40 + _ROW_PX * k, _bars(row)
        parts.append(f'<text x="10" y="{top + 24}">{html.escape(row.stage)}</text>')
        thick = (_ROW_PX - 10) / len(bars)
        for number, (name, value) in enumerate(bars.items()):
            length = _BAR_PX * (math.log10(value) - low) / max(high - low, 1)
            y = top + number * thick
            parts.append(
                f'<rect x="{_LEFT_PX}" y="{y:.1f}" width="{length:.1f}" height="{thick - 1:.1f}" '
                f'fill="{_COLORS[name]}"><title>{name}: {value:.4g} s</title></rect>'
            )
            at = f'x="{_LEFT_PX + length + 4:.1f}" y="{y + thick - 2:.1f}"'
            parts.append(f'<text {at} font-size="9">{value:.3g} s</text>')
    parts += _legend(height)
    parts.append(
        f'<text x="10" y="{height - 8}" font-size="10">{html.escape(f"fastecg: {host}")}</text></svg>'
    )
    return "\n".join(parts) + "\n"


def _bars(row: Row) -> dict[str, float]:
    """Return the seconds of a row that are there, by column."""
    columns = (row.cluster_s, row.desktop_s, row.ours_s, row.cores_s, row.gpu_s)
    return {name: value for name, value in zip(_COLORS, columns, strict=True) if value}


def _legend(height: int) -> list[str]:
    parts = []
    for k, (name, color) in enumerate(_COLORS.items()):
        x = _LEFT_PX + 84 * k
        parts.append(f'<rect x="{x}" y="{height - 50}" width="10" height="10" fill="{color}"/>')
        parts.append(f'<text x="{x + 14}" y="{height - 41}">{name}</text>')
    parts.append(f'<text x="10" y="{height - 24}" font-size="10">Logarithmic. {html.escape(SOURCE)}</text>')
    return parts


def write_report(rows: Sequence[Row], host: str, folder: Path) -> list[Path]:
    """Write bench.md, bench.json and bench.svg into a folder.

    Raises
    ------
    OutputError
        If they cannot be written.
    """
    contents = {
        "bench.md": as_markdown(rows, host).encode(),
        "bench.json": as_json(rows, host),
        "bench.svg": as_svg(rows, host).encode(),
    }
    for name, content in contents.items():
        write_atomic(folder / name, content)
    return [folder / name for name in contents]
