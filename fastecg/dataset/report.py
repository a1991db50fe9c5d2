"""What a report of a dataset says: some of its pages, what was drawn for them, how fast, and what failed."""

from __future__ import annotations

import base64
import json
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from fastecg.contact_sheet import shrunk
from fastecg.dataset.finish import FAILURES
from fastecg.dataset.ledger import Ledger
from fastecg.dataset.place import STATE
from fastecg.dataset.plan import Plan, load_plan
from fastecg.dataset.report_page import Chart, Picture, ReportPage, render_report
from fastecg.dataset.verify import REPORT
from fastecg.errors import OutputError, RecordWarning
from fastecg.formats.files import write_atomic
from fastecg.formats.jpeg import encode_jpeg
from fastecg.pipeline import Generator

PICTURES: Final = 24
_CELL_PX: Final = (300, 390)
_DRAWN: Final = 2000
"""Pages whose values are counted; the spread of more looks the same."""
_BINS: Final = 24
_FEW: Final = 12
"""Different values up to which each gets a bar of its own."""
_FAILURES: Final = 200
_POINTS: Final = 60
_NOT_DRAWN: Final = frozenset({"recipe", "seed", "copy_index", "key", "window"})


@dataclass(slots=True)
class Pace:
    """How many pages there were at which second of a run; as many points as a chart needs.

    Examples
    --------
    >>> pace = Pace()
    >>> for second in range(1000):
    ...     pace({"event": "unit", "t": float(second), "pages": 2})
    >>> len(pace.points) < 500, pace.points[-1]
    (True, (999.0, 2000))
    """

    points: list[tuple[float, int]] = field(default_factory=list)
    pages: int = 0
    begun: int = 0

    def __call__(self, event: dict[str, Any]) -> None:
        """Take note of an event of a run."""
        if event.get("event") == "start":
            self.points, self.pages, self.begun = [(float(event["t"]), 0)], 0, 0
        elif event.get("event") in {"unit", "page"}:
            self.begun += event["event"] == "page"
            self.pages = max(self.pages + event.get("pages", 0) * (not self.begun), self.begun)
            self.points.append((float(event["t"]), self.pages))
            if len(self.points) > 8 * _POINTS:
                self.points = [*self.points[:-1:2], self.points[-1]]

    def chart(self) -> Chart | None:
        """Return pages a second over time; nothing for a run that made too few."""
        if len(self.points) < 3 or self.points[-1][0] <= self.points[0][0]:
            return None
        seconds, pages = np.array(self.points, float).T
        edges = np.linspace(seconds[0], seconds[-1], min(_POINTS, len(seconds)) + 1)
        rates = np.diff(np.interp(edges, seconds, pages)) / np.diff(edges)
        return Chart("pages a second", [float(rate) for rate in rates], (0.0, float(edges[-1])), unit="s")


def write_report(output: Path, pace: Pace | None = None, plan: Plan | None = None) -> Path:
    """Write ``report.html`` into a dataset's folder: one file that needs no network.

    Parameters
    ----------
    output
        The dataset's folder.
    pace
        How fast it was made, if that is known.
    plan
        The plan; the one in the folder unless given.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If the folder holds no plan, or the report cannot be written.
    """
    plan = plan or load_plan(output)
    if plan is None:
        raise OutputError(f"{output} has no plan", "the folder of a dataset", "check the path")
    ledger = Ledger(output / STATE, plan.id)
    ledger.read()
    chosen = _spread(plan, ledger, PICTURES)
    drawn = _spread(plan, ledger, _DRAWN)
    page = ReportPage(
        facts=_facts(plan, ledger),
        pictures=list(_pictures(plan, chosen)),
        charts=_charts(plan, drawn),
        counted=len(drawn),
        pace=pace.chart() if pace is not None else None,
        failures=list(_failures(output)),
    )
    path = output / REPORT
    write_atomic(path, render_report(page).encode())
    return path


def read_pace(log: Path) -> Pace:
    """Return the pace of the last run in a log of JSON lines.

    Raises
    ------
    OutputError
        If the log cannot be read.
    """
    pace = Pace()
    try:
        with log.open(encoding="utf-8") as file:
            for line in file:
                pace(json.loads(line))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutputError(f"the log {log} cannot be read ({error})", "what --log-json wrote") from None
    return pace


def _facts(plan: Plan, ledger: Ledger) -> list[tuple[str, str]]:
    head = plan.head
    settings = ", ".join(
        f"{key} {_words(value)}"
        for key, value in head["format"].items()
        if key != "format" and value is not None
    )
    made = ledger.pages_in(plan.units())
    return [
        ("recipe", head["recipe"]["name"]),
        ("pages", f"{made:,} of {plan.pages:,}"),
        ("records", f"{len(plan.records):,}"),
        ("copies", f"{plan.copies:,}"),
        ("seed", str(plan.seed)),
        ("fastecg", head["fastecg"]),
        ("format", head["format"]["format"] + (f" ({settings})" if settings else "")),
        ("versions", ", ".join(f"{name} {version}" for name, version in head["versions"].items())),
    ]


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value).lower()


def _spread(plan: Plan, ledger: Ledger, count: int) -> list[int]:
    """Return the numbers of pages that are there, spread over the dataset."""
    spans = [(start * plan.unit, min(stop * plan.unit, plan.pages)) for start, stop in ledger.known()]
    lost = [range(one.first, one.first + one.count) for result in ledger.failed() for one in result.failures]
    whole = sum(stop - start for start, stop in spans)
    count = min(count, whole)
    places = deque(k * whole // count for k in range(count))
    found, before = [], 0
    for start, stop in spans:
        while places and places[0] < before + stop - start:
            found.append(start + places.popleft() - before)
        before += stop - start
    return [number for number in found if not any(number in pages for pages in lost)]


def _pictures(plan: Plan, numbers: Iterable[int]) -> Iterator[Picture]:
    """Yield small pictures of pages, rendered anew: the same as in the dataset, whatever its format."""
    generator = Generator(plan.recipe)
    for number in numbers:
        name = plan.page(number)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RecordWarning)
                record = plan.source_of(plan.record_of(number)).read()
            spec = generator.draw(record, key=name.key, seed=plan.seed, copy=name.copy, window=name.window)
            small = shrunk(generator.render_spec(record, spec).image, _CELL_PX)
        except Exception:  # noqa: BLE001 - a record that is gone since has no picture
            continue
        jpeg = base64.b64encode(encode_jpeg(small, 96, quality=82)).decode()
        details = f"{spec.recipe}, {spec.layout.name}, {spec.paper.name}, {spec.page.dpi} dpi"
        yield Picture(jpeg, name.key, f"window {name.window}, copy {name.copy}: {details}")


def _charts(plan: Plan, numbers: Iterable[int]) -> dict[str, list[Chart]]:
    """Return the spread of every value that varies, by section."""
    values: dict[str, list[Any]] = {}
    for number in numbers:
        name = plan.page(number)
        spec = plan.recipe.draw(name.key, seed=plan.seed, copy=name.copy, window=name.window)
        for path, value in _leaves("", spec.model_dump()):
            values.setdefault(path, []).append(value)
    charts: dict[str, list[Chart]] = {}
    for path, found in values.items():
        chart = _chart(path, found)
        if chart is not None:
            charts.setdefault(path.partition(".")[0], []).append(chart)
    return charts


def _leaves(path: str, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the values of a spec by dotted name; of a part that is switched off, only that it is."""
    off = values.get("enabled") is False
    for key, value in values.items():
        if (not path and key in _NOT_DRAWN) or (off and key != "enabled") or key == "description":
            continue
        inner = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from _leaves(inner, value)
        elif isinstance(value, bool | int | float | str):
            yield inner, value


def _chart(path: str, values: list[Any]) -> Chart | None:
    counts = Counter(values)
    if len(counts) < 2:
        return None
    if any(isinstance(value, bool | str) for value in values):
        if len(counts) > 8 * _FEW and all(isinstance(value, str) for value in values):
            return None  # names and sentences
        common = counts.most_common(_FEW)
        return Chart(path, [float(n) for _, n in common], labels=[_words(value) for value, _ in common])
    if len(counts) <= _FEW:
        few = sorted(counts.items())
        return Chart(path, [float(n) for _, n in few], labels=[f"{value:g}" for value, _ in few])
    heights, edges = np.histogram(np.array(values, float), bins=_BINS)
    return Chart(path, [float(n) for n in heights], (float(edges[0]), float(edges[-1])))


def _failures(output: Path) -> Iterator[tuple[str, str, str]]:
    path = output / FAILURES
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number == _FAILURES:
                yield "…", "", "the others are in " + FAILURES
                return
            one = json.loads(line)
            yield one["record"], one["error"], one["message"]
