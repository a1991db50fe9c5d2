"""Reports: what they show is counted anew, and nothing in them comes from elsewhere."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from PIL import Image

from fastecg.contact_sheet import shrunk
from fastecg.dataset.ledger import Ledger
from fastecg.dataset.plan import make_plan
from fastecg.dataset.report import Pace, _charts, _spread, read_pace, write_report
from fastecg.dataset.report_page import Chart, ReportPage, render_report
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.dataset.verify import verify
from fastecg.errors import OutputError
from fastecg.pipeline import Generator
from fastecg.recipe import Recipe, load_recipe
from fastecg.synthesis import builtin_record

VOID = {"meta", "img", "rect", "path", "!doctype"}


class Checked(HTMLParser):
    """Collects what a page has, and checks that its elements are closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.pictures: list[tuple[str, bytes]] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        found = dict(attrs)
        self.links += [value for key, value in attrs if key in {"src", "href", "action", "data"}]
        if tag == "img":
            self.pictures.append((found["alt"], base64.b64decode(found["src"].partition("base64,")[2])))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(path: Path) -> Checked:
    page = Checked()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert page.open == []
    return page


@pytest.mark.pages
def test_a_report_shows_pages_and_needs_nothing(tmp_path: Path, recipe: Recipe) -> None:
    run = Run(tmp_path, recipe, limit=30)
    pace = Pace()
    generate(None, run, Work(workers=0), on_event=pace)
    before = verify(tmp_path)
    page = parsed(write_report(tmp_path, pace))
    assert verify(tmp_path) == before
    assert len(page.pictures) == 24
    assert all(link.startswith("data:image/jpeg;base64,") for link in page.links)
    text = re.sub('base64,[^"]*', "", (tmp_path / "report.html").read_text("utf-8"))
    assert not re.search(r"https?:|//[a-z]|@import|url\(|<script", text)
    assert "default-src 'none'" in text
    assert "30 of 30" in page.text
    for words in ("pages a second", "layout.name", "plot.trace_width_mm", "What was drawn"):
        assert words in page.text
    alt, jpeg = page.pictures[0]
    assert alt.startswith("synthetic-0000, window 0, copy 0: varied")
    generator, record = Generator(recipe), builtin_record(0).record
    drawn = shrunk(generator.render_spec(record, generator.draw(record)).image, (300, 390))
    with Image.open(io.BytesIO(jpeg)) as image:
        assert np.abs(np.asarray(image).astype(int) - drawn).mean() < 6


@pytest.mark.pages
def test_failures_are_listed_and_have_no_picture(tmp_path: Path) -> None:
    crowded = load_recipe("clean", {"page.dpi": 60, "layout": {"choice": ["3x4", {"rows": 1, "columns": 1}]}})
    summary = generate(None, Run(tmp_path, crowded), Work(workers=0))
    assert 0 < summary.failed < 10
    page = parsed(write_report(tmp_path))
    assert len(page.pictures) == summary.written
    assert "Failures" in page.text
    assert "pages a second" not in page.text
    for failure in summary.failures:
        assert failure.key in page.text
        assert failure.message in page.text


def test_what_is_drawn_is_counted() -> None:
    recipe = load_recipe(
        "clean", {"page.dpi": {"choice": [60, 120]}, "plot.text_mm": {"uniform": [2, 4]}, "layout": "6x2"}
    )
    plan = make_plan(None, Run(Path("unused"), recipe, copies=20))
    charts = {chart.title: chart for found in _charts(plan, range(200)).values() for chart in found}
    specs = [recipe.draw(plan.page(k).key, copy=plan.page(k).copy) for k in range(200)]
    assert charts["page.dpi"].labels == ["60", "120"]
    assert charts["page.dpi"].heights == [sum(spec.page.dpi == dpi for spec in specs) for dpi in (60, 120)]
    texts = [spec.plot.text_mm for spec in specs]
    assert charts["plot.text_mm"].ends == (min(texts), max(texts))
    assert charts["plot.text_mm"].heights == np.histogram(texts, 24)[0].tolist()
    assert "layout.name" not in charts


def test_a_part_that_is_off_is_not_counted() -> None:
    values = {"enabled": {"choice": [True, False]}, "strength": {"uniform": [0.1, 0.5]}}
    recipe = load_recipe("clean", {"wrinkles": values})
    plan = make_plan(None, Run(Path("unused"), recipe, copies=10))
    charts = {chart.title: chart for found in _charts(plan, range(100)).values() for chart in found}
    switched = dict(zip(charts["wrinkles.enabled"].labels, charts["wrinkles.enabled"].heights, strict=True))
    assert switched["true"] + switched["false"] == 100
    assert sum(charts["wrinkles.strength"].heights) == switched["true"]


def test_the_pages_shown_are_spread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(None, Run(tmp_path, copies=10**6))
    ledger = Ledger(tmp_path, plan.id)
    spans: list[tuple[int, int]] = [(0, 10), (10**6, 10**6 + 90)]
    monkeypatch.setattr(Ledger, "known", lambda _: spans)
    found = _spread(plan, ledger, 20)
    assert found == [0, 5, *range(10**6, 10**6 + 90, 5)]
    assert _spread(plan, ledger, 1000) == [*range(10), *range(10**6, 10**6 + 90)]


def test_pace(tmp_path: Path) -> None:
    events = [{"event": "start", "t": 0.0}]
    events += [{"event": "unit", "t": k / 4, "pages": 2} for k in range(1, 4001)]
    log = tmp_path / "log"
    log.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in events))
    chart = read_pace(log).chart()
    assert chart is not None
    np.testing.assert_allclose(chart.heights, 8.0, rtol=0.01)
    assert chart.ends == (0.0, 1000.0)
    assert Pace().chart() is None
    log.write_text("[]\n")
    with pytest.raises(OutputError, match="cannot be read"):
        read_pace(log)
    with pytest.raises(OutputError, match="has no plan"):
        write_report(tmp_path)


def test_names_are_no_markup() -> None:
    odd = '<script>"&'
    chart = Chart(odd, [1.0], labels=[odd])
    text = render_report(ReportPage([("recipe", odd)], charts={odd: [chart]}, failures=[(odd, odd, odd)]))
    assert odd not in text
    assert "&lt;script&gt;" in text
