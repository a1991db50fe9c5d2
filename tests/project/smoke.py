"""Checks what ``fastecg generate FOLDER --limit N`` has written; a script, run by ``nox -s build``.

It runs with the installed package, outside the checkout: ``python -P smoke.py FOLDER N``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PIL import Image

import fastecg


def check(folder: Path, pages: int) -> None:
    """Fail unless the folder has so many pages, each a readable PNG beside the JSON that describes it."""
    location = Path(fastecg.__file__)
    assert location.is_relative_to(sys.prefix), f"fastecg comes from {location}, not from the installed wheel"
    images = sorted(folder.rglob("*.png"))
    assert len(images) == pages, f"{len(images)} PNG files in {folder}, not {pages}"
    for path in images:
        with Image.open(path) as image:
            image.load()
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert (truth["image"]["width"], truth["image"]["height"]) == image.size, path
        assert truth["leads"], f"{path} has no leads"
        sys.stdout.write(f"{path}: {image.size}, {len(truth['leads'])} leads\n")


if __name__ == "__main__":
    check(Path(sys.argv[1]), int(sys.argv[2]))
