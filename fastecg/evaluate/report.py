"""Reports of comparisons: JSON, CSV with a row for each lead, and one HTML page that needs nothing else."""

from __future__ import annotations

import csv
import html
import io
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from fastecg.evaluate.compare import LeadResult, RecordResult
from fastecg.evaluate.intervals import INTERVALS
from fastecg.evaluate.summary import MEASURES, Spread, Summary, histogram

_WORST: Final = 20
_WIDTH, _HEIGHT = 320, 90
_STYLE: Final = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .7em;border-bottom:1px solid #ddd;"
    "text-align:right}td:first-child,th:first-child{text-align:left}svg{margin:.3em 1em .3em 0}"
    "svg rect{fill:#3b6ea5}svg text{font:10px system-ui,sans-serif;fill:#555}"
)


def as_json(results: Sequence[RecordResult], summary: Summary, extra: Sequence[str] = ()) -> bytes:
    """Return everything as JSON; what is no number is null.

    Parameters
    ----------
    results, summary
        What was found.
    extra
        Estimates without a reference.

    Examples
    --------
    >>> from fastecg.evaluate.summary import summarize
    >>> orjson.loads(as_json([], summarize([])))["summary"]["records"]
    0
    """
    spreads = {
        spread.measure.key: {
            "unit": spread.measure.unit,
            "records": len(spread.values),
            "mean": spread.mean,
            "sd": spread.sd,
            "median": spread.median,
            "worst": spread.worst,
            "worst_record": spread.worst_key or None,
        }
        for spread in summary.spreads
    }
    agreements = {
        name: {
            "beats": found.count,
            "bias_ms": found.bias,
            "sd_ms": found.sd,
            "limits_ms": [found.low, found.high],
        }
        for name, found in summary.intervals.items()
    }
    whole = {
        "summary": {
            "records": summary.records,
            "missing": summary.missing,
            "failed": summary.failed,
            "extra_estimates": list(extra),
            "leads": summary.leads,
            "snr_2024_db": summary.snr_2024_db,
            "snr_2025_db": summary.snr_2025_db,
            "measures": spreads,
            "beats": summary.beats,
            "beats_missed": summary.beats_missed,
            "beats_extra": summary.beats_extra,
            "intervals": agreements,
        },
        "records": [_record(result) for result in results],
    }
    return orjson.dumps(_finite(whole), option=orjson.OPT_INDENT_2)


def as_csv(results: Iterable[RecordResult]) -> str:
    """Return a table with a row for each lead; a record without any has a row with the reason.

    Examples
    --------
    >>> print(as_csv([RecordResult("r1", None, (), "unreadable")]).splitlines()[1])
    r1,,,unreadable,,,,,,,,,,,,,,,,
    """
    out = io.StringIO()
    columns = list(_lead_row(None))
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["record", "estimate", "lead", "reason", *columns])
    for result in results:
        for lead in result.leads or (None,):
            row = _lead_row(lead)
            name = lead.lead if lead else ""
            values = ["" if _absent(value) else value for value in row.values()]
            writer.writerow([result.key, result.estimate or "", name, result.reason or "", *values])
    return out.getvalue()


def as_html(results: Sequence[RecordResult], summary: Summary, title: str) -> str:
    """Return a page with tables, histograms and the worst records, with its pictures in it.

    Parameters
    ----------
    results, summary
        What was found.
    title
        What was compared.

    Examples
    --------
    >>> from fastecg.evaluate.summary import summarize
    >>> "<h1>a &amp; b</h1>" in as_html([], summarize([]), "a & b")
    True
    """
    spreads = "".join(
        f"<tr><td>{_heading(spread)}</td>{_cells(spread)}<td>{html.escape(spread.worst_key)}</td></tr>"
        for spread in summary.spreads
    )
    agreements = "".join(
        f"<tr><td>{name}</td><td>{found.count}</td>"
        + "".join(f"<td>{_number(value)}</td>" for value in (found.bias, found.sd, found.low, found.high))
        + "</tr>"
        for name, found in summary.intervals.items()
    )
    pictures = [_bars(spread.values, _heading(spread)) for spread in summary.spreads]
    pictures += [_bars(values, f"{name} difference, ms") for name, values in summary.differences_ms.items()]
    worst = sorted(results, key=lambda result: (bool(result.leads), _low(result.snr_2024_db)))[:_WORST]
    rows = "".join(
        f"<tr><td>{html.escape(result.key)}</td>"
        + "".join(f"<td>{_number(measure.of(result))}</td>" for measure in MEASURES)
        + f"<td>{html.escape(result.reason or '')}</td></tr>"
        for result in worst
    )
    heads = "".join(f"<th>{measure.name} {measure.unit}</th>" for measure in MEASURES)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{html.escape(title)}</h1>"
        f"<p>{html.escape(counts(summary))}</p>"
        f"<p>Score of the PhysioNet Challenge 2024: <b>{_number(summary.snr_2024_db)} dB</b>. "
        f"Score of the Kaggle competition 2025: <b>{_number(summary.snr_2025_db)} dB</b>.</p>"
        "<table><tr><th>Measure</th><th>records</th><th>mean</th><th>sd</th><th>median</th><th>worst</th>"
        f"<th>worst record</th></tr>{spreads}</table>{''.join(pictures)}"
        "<h2>Intervals</h2><table><tr><th>Interval</th><th>beats</th><th>bias, ms</th><th>sd</th>"
        f"<th colspan=2>limits of agreement</th></tr>{agreements}</table>"
        f"<h2>Lowest scores</h2><table><tr><th>Record</th>{heads}<th></th></tr>{rows}</table></html>\n"
    )


def counts(summary: Summary) -> str:
    """Return how much was compared, in words.

    Examples
    --------
    >>> from fastecg.evaluate.summary import summarize
    >>> counts(summarize([]))
    '0 records, 0 leads: 0 without an estimate, 0 failed; 0 beats: 0 missed, 0 extra'
    """
    return (
        f"{summary.records} records, {summary.leads} leads: {summary.missing} without an estimate, "
        f"{summary.failed} failed; {summary.beats} beats: {summary.beats_missed} missed, "
        f"{summary.beats_extra} extra"
    )


def _record(result: RecordResult) -> dict[str, Any]:
    return {
        "record": result.key,
        "estimate": result.estimate,
        "reason": result.reason,
        "snr_2025_ratio": result.ratio_2025 if result.leads else None,
        **{measure.key: measure.of(result) if result.leads else None for measure in MEASURES},
        "leads": [{"lead": lead.lead, **_lead_row(lead)} for lead in result.leads],
    }


def _lead_row(lead: LeadResult | None) -> dict[str, Any]:
    """Return the values of a lead by their names in files; None for all of none."""
    plain = lead.errors if lead else None
    score, power = (lead.score_2024, lead.power_2025) if lead else (None, None)
    beats = lead.beats if lead else None
    row: dict[str, Any] = {
        "snr_raw_db": plain and plain.snr_db,
        "snr_2024_db": score and score.snr_db,
        "psnr_db": plain and plain.psnr_db,
        "mse_uv2": plain and 1e6 * plain.mse_mv2,
        "mae_uv": plain and 1e3 * plain.mae_mv,
        "correlation": plain and plain.correlation,
        "coverage": plain and plain.coverage,
        "lag_s": score and score.lag_s,
        "offset_mv": score and score.offset_mv,
        "moved": score and score.moved,
        "signal_2025_mv2": power and power.signal_mv2,
        "noise_2025_mv2": power and power.noise_mv2,
    }
    for name in INTERVALS:
        values = beats.differences_ms[name] if beats else ()
        row[f"{name.lower()}_difference_ms"] = sum(values) / len(values) if values else None
    return row


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _finite(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _low(value: float) -> float:
    """Sort what has no score, since it is perfect, behind all others."""
    return math.inf if math.isnan(value) else value


def _heading(spread: Spread) -> str:
    return f"{spread.measure.name}, {spread.measure.unit}" if spread.measure.unit else spread.measure.name


def _cells(spread: Spread) -> str:
    values = (spread.mean, spread.sd, spread.median, spread.worst)
    return f"<td>{len(spread.values)}</td>" + "".join(f"<td>{_number(value)}</td>" for value in values)


def _number(value: float) -> str:
    return "–" if not math.isfinite(value) else f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def _bars(values: Sequence[float], title: str) -> str:
    """Return a histogram as SVG."""
    numbers, low, high = histogram(values, 32)
    most, step = max(*numbers, 1), _WIDTH / len(numbers)
    bars = "".join(
        f'<rect x="{k * step:.1f}" y="{15 + _HEIGHT * (1 - number / most):.1f}" width="{step - 1:.1f}" '
        f'height="{_HEIGHT * number / most:.1f}"/>'
        for k, number in enumerate(numbers)
        if number
    )
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT + 32}" role="img"><text x="0" y="10">{html.escape(title)} '
        f"(largest bar: {most})</text>{bars}<text x='0' y='{_HEIGHT + 28}'>{_number(low)}</text>"
        f"<text x='{_WIDTH}' y='{_HEIGHT + 28}' text-anchor='end'>{_number(high)}</text></svg>"
    )
