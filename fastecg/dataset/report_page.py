"""The report as one HTML file: pictures as data, charts as SVG, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

_WIDTH: Final = 300
_HEIGHT: Final = 84
_STYLE: Final = """
:root { color-scheme: light dark; --bg: #f6f5f2; --card: #fff; --ink: #1d2126; --soft: #6b7280;
  --line: #e2e0da;
  --bar: #c2483f; --pale: #f0d9d5; }
@media (prefers-color-scheme: dark) { :root { --bg: #16181c; --card: #1f2228; --ink: #e8e6e1;
  --soft: #9aa1ac;
  --line: #343841; --bar: #e0746a; --pale: #4a2f2d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 18px; margin: 40px 0 12px; }
h3 { font-size: 12px; margin: 22px 0 8px; color: var(--soft); letter-spacing: 0.08em;
  text-transform: uppercase; }
p { margin: 0; color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px;
  margin: 20px 0 0; }
dl div { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 10px 14px; }
dl div.wide { grid-column: 1 / -1; }
dt { color: var(--soft); font-size: 12px; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.wide dd { font-weight: 400; font-size: 13px; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 14px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 8px; }
figure img { display: block; width: 100%; height: 150px; object-fit: contain; }
figcaption { font-size: 12px; margin-top: 6px; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 14px; }
.chart { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 10px 14px; }
.chart b { font: 600 13px ui-monospace, monospace; overflow-wrap: anywhere; }
.chart svg { display: block; width: 100%; height: auto; margin-top: 6px; }
.chart .ends { display: flex; justify-content: space-between; font-size: 11px; color: var(--soft); }
rect { fill: var(--bar); } rect.back { fill: var(--pale); } path.area { fill: var(--pale); }
path.line { fill: none; stroke: var(--bar); stroke-width: 2; vector-effect: non-scaling-stroke; }
.rows { display: grid; grid-template-columns: minmax(48px, auto) 1fr auto; gap: 3px 10px;
  font-size: 12px;
  margin-top: 6px; align-items: center; }
.rows i { height: 10px; background: var(--pale); border-radius: 3px; overflow: hidden; }
.rows i i { display: block; background: var(--bar); border-radius: 3px; }
.rows span:nth-child(3n) { color: var(--soft); text-align: right; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line);
  font-size: 13px; }
th, td { text-align: left; padding: 7px 12px; border-top: 1px solid var(--line); vertical-align: top;
  overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; border-top: 0; }
"""
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Picture:
    """A small page: JPEG in base64, whose it is, and what it is."""

    jpeg: str
    key: str
    details: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Heights of bars: one for each of ``labels``, or equally wide ones between two ``ends``."""

    title: str
    heights: Sequence[float]
    ends: tuple[float, float] = (0.0, 0.0)
    labels: Sequence[str] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """All that a report shows.

    Parameters
    ----------
    facts
        Names and values for its head.
    pictures
        The contact sheet.
    charts
        What was drawn, by section.
    counted
        Of how many pages.
    pace
        Pages a second over time.
    failures
        Record, kind of error and message.
    """

    facts: Sequence[tuple[str, str]]
    pictures: Sequence[Picture] = ()
    charts: dict[str, list[Chart]] = field(default_factory=dict)
    counted: int = 0
    pace: Chart | None = None
    failures: Sequence[tuple[str, str, str]] = ()


def render_report(page: ReportPage) -> str:
    """Return a report as HTML.

    Examples
    --------
    >>> "<h1>clean</h1>" in render_report(ReportPage([("recipe", "clean")]))
    True
    """
    return "\n".join(_lines(page)) + "\n"


def _lines(page: ReportPage) -> Iterator[str]:
    title = escape(dict(page.facts).get("recipe", "dataset"))
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title} - fastecg</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>"
    yield f"<h1>{title}</h1>\n<p>A dataset of paper ECGs</p>\n<dl>"
    for name, value in page.facts:
        wide = ' class="wide"' if len(value) > 40 else ""
        yield f"<div{wide}><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
    yield "</dl>"
    if page.failures:
        yield from _table(page.failures)
    if page.pictures:
        yield '<h2>Pages</h2>\n<div class="sheet">'
        for one in page.pictures:
            alt = escape(f"{one.key}, {one.details}", quote=True)
            source = f"data:image/jpeg;base64,{one.jpeg}"
            yield f'<figure title="{alt}"><img alt="{alt}" src="{source}"><figcaption>{escape(one.key)}'
            yield "</figcaption></figure>"
        yield "</div>"
    if page.pace is not None:
        yield f'<h2>Pace</h2>\n<div class="chart">{_pace(page.pace)}</div>'
    if page.charts:
        yield f"<h2>What was drawn</h2>\n<p>Values that vary, counted on {page.counted:,} pages. "
        yield "Those of a part that can be switched off count where it is on.</p>"
        for section, charts in page.charts.items():
            yield f'<h3>{escape(section)}</h3>\n<div class="charts">'
            yield from (_chart(chart) for chart in charts)
            yield "</div>"
    yield "</main>\n</body>\n</html>"


def _table(failures: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    yield "<h2>Failures</h2>\n<table><thead><tr><th>Record</th><th>Error</th><th>Message</th></tr></thead>"
    yield "<tbody>"
    for row in failures:
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table>"


def _chart(chart: Chart) -> str:
    body = _rows(chart) if chart.labels else _bars(chart)
    return f'<div class="chart"><b>{escape(chart.title)}</b>{body}</div>'


def _rows(chart: Chart) -> str:
    top, whole = max(chart.heights), sum(chart.heights)
    rows = [
        f'<span>{escape(label) or "(none)"}</span><i><i style="width:{100 * height / top:.1f}%;height:10px">'
        f"</i></i><span>{100 * height / whole:.0f} %</span>"
        for label, height in zip(chart.labels, chart.heights, strict=True)
    ]
    return f'<div class="rows">{"".join(rows)}</div>'


def _bars(chart: Chart) -> str:
    top, step = max(chart.heights) or 1.0, _WIDTH / len(chart.heights)
    bars = [
        f'<rect x="{k * step + 0.5:.1f}" y="{_HEIGHT * (1 - height / top):.1f}" width="{step - 1:.1f}" '
        f'height="{_HEIGHT * height / top:.1f}" rx="1"/>'
        for k, height in enumerate(chart.heights)
    ]
    base = f'<rect class="back" x="0" y="{_HEIGHT}" width="{_WIDTH}" height="1"/>'
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 1}" role="img">{"".join(bars)}{base}</svg>{_ends(chart)}'


def _pace(chart: Chart) -> str:
    top, width, height = max(chart.heights) or 1.0, 1160, 150
    step = width / max(1, len(chart.heights) - 1)
    points = [
        f"{k * step:.1f},{height * (1 - 0.95 * rate / top):.1f}" for k, rate in enumerate(chart.heights)
    ]
    line = "M" + " L".join(points)
    mean = sum(chart.heights) / len(chart.heights)
    svg = (
        f'<svg viewBox="0 0 {width} {height}" role="img"><path class="area" d="{line} L{width},{height} '
        f'L0,{height} Z"/><path class="line" d="{line}"/></svg>'
    )
    return f"<b>{escape(chart.title)}</b> <small>mean {mean:.1f}, top {top:.1f}</small>{svg}{_ends(chart)}"


def _ends(chart: Chart) -> str:
    unit = f" {chart.unit}" if chart.unit else ""
    low, high = (f"{end:.4g}{unit}" for end in chart.ends)
    return f'<div class="ends"><span>{escape(low)}</span><span>{escape(high)}</span></div>'
