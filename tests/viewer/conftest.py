"""Small datasets to look at, in each layout that the viewer reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.formats.registry import make_writer
from fastecg.recipe import load_recipe

Make = Callable[..., Path]


def made(folder: Path, recipe: str, layout: str = "files", limit: int = 2, **options: Any) -> Path:
    """Write pages of built-in records, 72 dpi."""
    options = {"annotations": ("json", "masks"), **options}
    run = Run(
        folder,
        load_recipe(recipe, {"page.dpi": 72}),
        seed=3,
        limit=limit,
        files=make_writer(layout, **options),
    )
    assert generate(None, run, Work(workers=0)).ok
    return folder


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three clean pages in ``flat`` and two photographs in ``seen``."""
    folder = tmp_path_factory.mktemp("viewer") / "mixed"
    made(folder / "flat", "clean", limit=3)
    made(folder / "seen", "photo", image="jpeg")
    return folder


@pytest.fixture(scope="session")
def make() -> Make:
    """Return the function that writes pages."""
    return made
