"""One Generator used by several threads: they render by turns, and no page has the ink of another."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg
from fastecg.drawing import Drawing
from fastecg.press import Press
from fastecg.spec import PageSpec
from fastecg.stages.text import Print

pytestmark = pytest.mark.pages


def test_threads_may_share_a_generator() -> None:
    record = fastecg.builtin_record(0).record
    generator = fastecg.Generator("clean", overrides={"page.dpi": 100})
    specs = [generator.draw(record, copy=copy) for copy in range(2)]
    specs += [fastecg.Generator("clean", overrides={"page.dpi": 100, "layout": "6x2"}).draw(record)]
    alone = [generator.render_spec(record, spec).image.tobytes() for spec in specs]
    numbers = [number % 3 for number in range(60)]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda number: generator.render_spec(record, specs[number]).image.tobytes(), numbers)
        )
    assert together == [alone[number] for number in numbers]


def test_they_render_by_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pages at once would share an ink layer once in a long while: too seldom for a test to meet it."""
    inside: list[int] = []
    most: list[int] = []
    print_page = Press.print_page

    def watched(
        press: Press, drawing: Drawing, spec: PageSpec, prints: tuple[Print, ...]
    ) -> NDArray[np.uint8]:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.002)
        page = print_page(press, drawing, spec, prints)
        inside.pop()
        return page

    monkeypatch.setattr(Press, "print_page", watched)
    record = fastecg.builtin_record(0).record
    generator = fastecg.Generator("clean", overrides={"page.dpi": 50})
    spec = generator.draw(record)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: generator.render_spec(record, spec), range(12)))
    assert most == [1] * 12
