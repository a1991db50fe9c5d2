"""Tables and texts: presets, and the benchmark."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import get_args

from rich import box
from rich.console import Console
from rich.table import Table

from fastecg import presets
from fastecg.benchmark import host, measure
from fastecg.benchmark_report import HEADINGS, SETTING, SOURCE, cells, write_report
from fastecg.errors import RecipeError
from fastecg.formats.files import ensure_directory
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


def print_benchmark(console: Console, output: Path | None = None, backend: str = "cpu") -> None:
    """Time the stages and print them beside the published seconds; write the table where asked to."""
    if output is not None:
        ensure_directory(output)
    rows = measure(backend)
    table = Table(title=SETTING, title_justify="left", box=box.SIMPLE, padding=(0, 0), pad_edge=False)
    table.add_column("stage", no_wrap=True)
    for heading in HEADINGS[1:]:
        table.add_column(heading, justify="right", no_wrap=True, width=max(len(heading), 6) + 1)
    for row in rows:
        table.add_row(*cells(row))
    console.print(table)
    console.print(f"* {SOURCE}")
    console.print(f"fastecg: {host(backend)}")
    if output is not None:
        for path in write_report(rows, host(backend), output):
            console.print(str(path))
