"""`fastecg bench`: seconds a page beside the published table."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastecg.formats.jpeg import encode_jpeg
from fastecg.formats.png import encode_png
from fastecg.pipeline import Generator
from fastecg.synthesis import builtin_record

PAGES: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: seconds a page; None where nothing was published."""

    stage: str
    cluster_s: float | None
    desktop_s: float | None
    ours_s: float
    spread_s: float


# arXiv 2307.01946, table of run times: 80-core cluster on 14 threads; desktop computer.
PUBLISHED_DISTORTIONLESS: Final = (0.035, 2.05)


def measure() -> list[Row]:
    """Time the stages that are there, one page after another on one thread (median of 20 pages)."""
    record = builtin_record(0).record
    generator = Generator("clean")
    spec = generator.draw(record)
    page = generator.render_spec(record, spec)
    dpi = spec.page.dpi
    cluster, desktop = PUBLISHED_DISTORTIONLESS
    return [
        _row(
            "distortionless",
            cluster,
            desktop,
            lambda: generator.render_spec(record, spec),
        ),
        _row("  its JSON", None, None, lambda: page.truth.to_json("page.png")),
        _row("  its PNG", None, None, lambda: encode_png(page.image, dpi)),
        _row("  its JPEG, q95", None, None, lambda: encode_jpeg(page.image, dpi)),
    ]


def processor() -> str:
    """Return the name of the CPU model."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def host() -> str:
    """Return one line that says which machine was timed."""
    return f"{processor()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, one thread used"


def _row(stage: str, cluster: float | None, desktop: float | None, work: Callable[[], object]) -> Row:
    work()  # compiles kernels and fills caches
    seconds = []
    for _ in range(PAGES):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    low, _, high = statistics.quantiles(seconds, n=4)
    return Row(stage, cluster, desktop, statistics.median(seconds), high - low)
