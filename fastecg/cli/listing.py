"""Tables and texts: presets, and the benchmark."""

from __future__ import annotations

from importlib import resources
from typing import get_args

from rich import box
from rich.console import Console
from rich.table import Table

from fastecg import presets
from fastecg.benchmark import host, measure
from fastecg.errors import RecipeError
from fastecg.presets import Kind, load_preset, nearest, preset_names


def list_presets(console: Console) -> None:
    """Print the built-in presets with what each is."""
    for kind in ("recipes", "layouts", "papers", "headers"):
        table = Table(title=kind, title_justify="left", title_style="bold", box=None, show_header=False)
        table.add_column(style="cyan", no_wrap=True)
        table.add_column()
        for name in preset_names(kind):
            table.add_row(name, str(load_preset(kind, name).get("description", "")))
        console.print(table)


def preset_text(name: str) -> str:
    """Return a preset's YAML file as text.

    Raises
    ------
    RecipeError
        If there is no such preset.
    """
    known: list[str] = []
    for kind in sorted(get_args(Kind), reverse=True):
        names = preset_names(kind)
        if name in names:
            return resources.files(presets).joinpath(kind, f"{name}.yaml").read_text(encoding="utf-8")
        known += names
    raise RecipeError(
        f"there is no recipe, layout, paper or header {name!r}", ", ".join(known), nearest(name, known)
    )


def print_benchmark(console: Console, backend: str = "cpu") -> None:
    """Time the stages and print them beside the published seconds."""
    title = "Seconds a page, 2200 x 1700, 500 Hz, 3x4+1"
    table = Table(title=title, title_justify="left", box=box.SIMPLE, padding=(0, 0), pad_edge=False)
    table.add_column("stage", no_wrap=True)
    for heading in ("cluster*", "desktop*", "fastecg", "IQR", "x cluster", "x desktop"):
        table.add_column(heading, justify="right", no_wrap=True, width=max(len(heading), 6) + 1)
    for row in measure(backend):
        factors = [f"{s / row.ours_s:.0f}" if s else "" for s in (row.cluster_s, row.desktop_s)]
        published = [f"{s:g}" if s else "" for s in (row.cluster_s, row.desktop_s)]
        table.add_row(row.stage, *published, f"{row.ours_s:.4f}", f"{row.spread_s:.4f}", *factors)
    console.print(table)
    console.print(
        "* published for ECG-Image-Kit, arXiv 2307.01946: a cluster of 80 cores on 14 threads, a desktop"
    )
    console.print(f"fastecg: {host(backend)}")
