"""`fastecg bench`: seconds a page beside the published table."""

from __future__ import annotations

import contextlib
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.darkroom import Gpu, Negative
from fastecg.drawing import add_writing, draw_page
from fastecg.errors import RecipeError
from fastecg.formats.jpeg import encode_jpeg
from fastecg.formats.png import encode_png
from fastecg.page import Page
from fastecg.pipeline import Generator
from fastecg.press import Press
from fastecg.record import Record
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.handwriting import Handwriting
from fastecg.stages.imaging import take
from fastecg.studio import Studio
from fastecg.synthesis import builtin_record
from fastecg_kernels import load_backend

PAGES: Final = 20
FRESH_PAGES: Final = 3
GPU_PAGES: Final = 16


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: seconds a page; None where nothing was published or measured.

    ``stage`` begins with blanks where it is a part of, or a variant beside, the row above. ``cores_s`` is
    on all processors at once, ``gpu_s`` on a GPU where there is one.
    """

    stage: str
    cluster_s: float | None
    desktop_s: float | None
    ours_s: float
    spread_s: float
    cores_s: float | None = None
    gpu_s: float | None = None


# arXiv 2307.01946, table of run times: 80-core cluster on 14 threads; desktop computer.
PUBLISHED_S: Final = {
    "distortionless": (0.035, 2.05),
    "handwritten text": (0.2, 17.11),
    "wrinkles and creases": (0.1, 5.99),
    "perspective": (0.065, 2.03),
}
"""Seconds a page on the cluster and the desktop; 4.71 s of the desktop's wrinkles were quilting."""

TOTAL: Final = "total"
ENCODED: Final = "total, with JPEG and JSON"

CRUMPLED: Final[dict[str, Any]] = {
    "wrinkles": {"enabled": True},
    "creases": {"enabled": True, "n_horizontal": 5, "n_vertical": 5, "angle_deg": 30},
    "perspective": {"enabled": True, "tilt_x_deg": 12, "roll_deg": 2, "fill": 0.95, "curl": {"height_mm": 8}},
    "imaging": {
        "enabled": True,
        "light": {"exposure_ev": -0.4, "temperature_k": 4500, "lamp": {"share": 0.3}},
        "noise": {"gaussian_sd": 2, "poisson_sd": 2},
    },
}
"""What is done to the page that the stages are timed on."""


WRITTEN: Final[dict[str, Any]] = {
    "header": {"enabled": True},
    "handwriting": {"enabled": True, "notes": 5, "lines": 1, "measurements": 0.0},
}
"""A page with as many handwritten phrases as ECG-Image-Kit puts on one."""


def measure(backend: str = "cpu", cores: int | None = None) -> list[Row]:
    """Time the stages page by page on one thread (median of 20 pages), and whole pages on all cores.

    The published seconds are of pages of the stages named, so the total is compared with their sum.

    Parameters
    ----------
    backend
        One of ``fastecg.backends.BACKENDS``. Of ``cuda``, whole pages come from the GPU and back, and its
        own stages are timed there too, for pages of a batch; what the CPU does for it is timed as ever.
    cores
        Processors that whole pages are made on at once (default: all of the machine).

    Raises
    ------
    RecipeError, MissingExtraError, DeviceError
        If the backend is unknown, or cannot be had.
    """
    record = builtin_record(0).record
    generator = Generator("clean", backend)
    spec, everything = generator.draw(record), make_spec({**WRITTEN, **CRUMPLED})
    page = generator.render_spec(record, spec)
    full = generator.render_spec(record, everything)
    dpi = spec.page.dpi

    def whole(one: Generator) -> Page:
        return one.render_spec(record, everything)

    def encoded(one: Generator) -> object:
        made = whole(one)
        return encode_jpeg(made.image, dpi), made.truth.to_json("page.jpg")

    rows = [
        _row("distortionless", lambda: generator.render_spec(record, spec)),
        *_measure_handwriting(record, page.image),
        *_measure_stages(page.image, make_spec(CRUMPLED)),
        *_measure_gpu(page.image, backend),
        _row(TOTAL, lambda: whole(generator)),
        _row("  its JSON", lambda: full.truth.to_json("page.png")),
        _row("  its PNG", lambda: encode_png(full.image, dpi)),
        _row("  its JPEG, q95", lambda: encode_jpeg(full.image, dpi)),
        _row(ENCODED, lambda: encoded(generator)),
    ]
    count = cores or os.cpu_count() or 1
    many = {
        "distortionless": _on_all(count, lambda one: one.render_spec(record, spec)),
        TOTAL: _on_all(count, whole),
        ENCODED: _on_all(count, encoded),
    }
    return [replace(row, cores_s=many.get(row.stage)) for row in rows]


def _on_all(cores: int, make: Callable[[Generator], object]) -> float:
    """Return seconds a page when so many threads make pages at once, each with a generator of its own."""
    generators = [Generator("clean", "cpu") for _ in range(cores)]

    def work(generator: Generator) -> None:
        for _ in range(PAGES):
            make(generator)

    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(make, generators))  # fills caches
        start = time.perf_counter()
        list(pool.map(work, generators))
        return (time.perf_counter() - start) / (cores * PAGES)


def _measure_handwriting(record: Record, clean: NDArray[np.uint8]) -> Iterator[Row]:
    """Time what it costs to write on a page, with words of the bank, and with words written anew."""
    press, spec = Press(load_backend("cpu")), make_spec(WRITTEN)
    plain = spec.model_copy(update={"handwriting": Handwriting()})
    printed, page = draw_page(record, plain, press.fonts), clean.copy()

    def row(stage: str, spec: PageSpec, pages: int) -> Row:
        return _row(
            stage,
            lambda: press.write(page, add_writing(printed, record, spec, press.fonts, press.scribe), spec),
            pages,
        )

    yield row("handwritten text", spec, PAGES)
    fresh = spec.model_copy(update={"handwriting": spec.handwriting.model_copy(update={"fresh": 1.0})})
    with contextlib.suppress(RecipeError):  # without ONNX Runtime there is no network
        yield row("  written anew", fresh, FRESH_PAGES)


def _measure_stages(clean: NDArray[np.uint8], spec: PageSpec) -> Iterator[Row]:
    """Time what is done to a clean page, stage by stage."""
    kernels = load_backend("cpu")
    studio = Studio(kernels)
    relief = studio.relief(spec)
    camera = studio.camera(spec, relief)
    seen = studio.photograph(clean, camera, spec)
    page = clean.copy()  # its pixels change, and no stage's time hangs on them
    fresh = spec.model_copy(update={"wrinkles": spec.wrinkles.model_copy(update={"fresh": True})})
    yield _row("wrinkles and creases", lambda: studio.crumple(page, studio.relief(spec)))
    yield _row("  quilted anew", lambda: studio.relief(fresh), FRESH_PAGES)
    yield _row("perspective", lambda: studio.photograph(clean, studio.camera(spec, relief), spec))
    yield _row("  light, colour, noise", lambda: take(seen, spec, kernels))


def _measure_gpu(clean: NDArray[np.uint8], backend: str) -> Iterator[Row]:
    """Time what a GPU does to a batch of printed pages, seconds a page: in its memory, and there and back."""
    room = Gpu(backend).darkroom
    if room is None:
        return
    spec, studio = make_spec(CRUMPLED), Studio(load_backend("cpu"))
    relief = studio.relief(spec)
    camera = studio.camera(spec, relief)
    shade = None if relief is None else relief.shade
    pages = [Negative(clean, shade, camera, studio.scene(clean.shape[:2], camera, spec), spec)] * GPU_PAGES
    loaded = room.load(pages)

    def expose() -> None:
        room.expose(loaded)
        room.wait()

    for stage, work in (
        ("  GPU, in its memory", expose),
        ("  GPU, there and back", lambda: room.develop(pages)),
    ):
        row = _row(stage, work)
        yield replace(row, ours_s=row.ours_s / GPU_PAGES, spread_s=row.spread_s / GPU_PAGES)


def processor() -> str:
    """Return the name of the CPU model."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def host(backend: str = "cpu") -> str:
    """Return one line that says which machine was timed."""
    room = Gpu(backend).darkroom
    gpu = "" if room is None else f", {room.device_name} in batches of {GPU_PAGES}"
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{processor()}, {os.cpu_count()} CPUs, {system}{gpu}"


def published(stage: str) -> tuple[float | None, float | None]:
    """Return the published seconds of a stage on the cluster and on the desktop; their sums for a total.

    Examples
    --------
    >>> published("perspective")
    (0.065, 2.03)
    >>> published("total")
    (0.4, 27.18)
    """
    if stage in (TOTAL, ENCODED):
        cluster, desktop = zip(*PUBLISHED_S.values(), strict=True)
        return round(sum(cluster), 3), round(sum(desktop), 2)
    return PUBLISHED_S.get(stage, (None, None))


def _row(stage: str, work: Callable[[], object], pages: int | None = None) -> Row:
    work()  # compiles kernels and fills caches
    seconds = []
    for _ in range(pages or PAGES):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    low, _, high = statistics.quantiles(seconds, n=4)
    cluster, desktop = published(stage)
    return Row(stage, cluster, desktop, statistics.median(seconds), high - low)
