"""Print: a header block, a QR code, and names that keep clear of the traces, each beside the page without.

2200 × 1700 pixels, 3x4+1. Every round renders another page: its patient is new while glyphs are
warm, as in a dataset.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg
from bench.conftest import Measure
from fastecg.drawing import draw_page
from fastecg.presets import preset_names
from fastecg.stages.fonts import Fonts

PATIENTS: Final = 400


def jobs(overrides: dict[str, Any]) -> Callable[[], NDArray[np.uint8]]:
    """Return a function that renders the next of some hundred pages, its glyphs warm."""
    generator, records = fastecg.Generator("clean", overrides=overrides), list(fastecg.builtin_records(8))
    pages = [(records[k % 8], generator.draw(records[k % 8], seed=k)) for k in range(PATIENTS)]
    for record, spec in pages[:40]:
        generator.render_spec(record, spec)
    turn = cycle(pages[40:])
    return lambda: generator.render_spec(*next(turn)).image


@pytest.mark.parametrize("header", ["none", *preset_names("headers"), "columns, qr"])
@pytest.mark.benchmark(group="page with a header")
def test_page(measure: Measure, header: str) -> None:
    """A page in memory."""
    template, _, code = header.partition(", ")
    values = {"enabled": True, "template": template, "qr": bool(code)}
    image = measure(jobs({} if header == "none" else {"header": values}))
    assert image.shape == (1700, 2200, 3)


@pytest.mark.parametrize("overlap", ["allow", "avoid"])
@pytest.mark.benchmark(group="lead names")
def test_names(measure: Measure, overlap: str) -> None:
    """The drawing alone, with names where they usually stand or clear of the traces."""
    generator = fastecg.Generator("clean", overrides={"plot.name_overlap": overlap})
    record, fonts = fastecg.builtin_record(1).record, Fonts()
    drawing = measure(draw_page, record, generator.draw(record), fonts)
    assert len(drawing.traces) == 13
