"""Shelf: what every layout of a dataset is to the viewer, names in an order and the parts of each page."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from fastecg.errors import OutputError

IMAGE, TRUTH = "image", "truth"
MASKS: Final = ("leads", "parts")
TAIL_BYTES: Final = 1 << 14
"""What is read of a truth to find its recipe: ``spec`` comes last."""

_RECIPE: Final = re.compile(rb'"spec"\s*:\s*\{\s*"recipe"\s*:\s*("(?:[^"\\]|\\.)*")')


class Shelf(Protocol):
    """The pages of a dataset, of which only the names are held.

    Parts of a page are ``image``, ``truth`` (JSON) and the masks ``leads`` and ``parts``.
    """

    title: str
    names: Sequence[str]

    def masks(self, number: int) -> tuple[str, ...]:
        """Return which masks a page has."""
        ...

    def read(self, number: int, part: str) -> bytes:
        """Return a part of a page as it is stored.

        Raises
        ------
        OutputError
            If the page has no such part, or it cannot be read.
        """
        ...

    def recipes(self) -> Sequence[str]:
        """Return the recipe of each page, empty where it is not known; may read a little of each."""
        ...


def recipe_in(truth: bytes) -> str | None:
    """Return the recipe that a truth, or the end of one, names; None where it names none.

    Examples
    --------
    >>> recipe_in(b'..."handwriting":[],"spec":{"recipe":"photo","seed":3,...')
    'photo'
    """
    found = _RECIPE.findall(truth)
    if not found:
        return None
    try:
        return str(json.loads(found[-1]))
    except ValueError:  # no UTF-8, or an escape that is none
        return None


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts names as people do: numbers by their value.

    Examples
    --------
    >>> sorted(["page-10", "page-9", "page-9-copy2"], key=natural)
    ['page-9', 'page-9-copy2', 'page-10']
    """
    parts = (part for part in re.split(r"(\d+)", name) if part)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts]


def no_part(name: str, part: str) -> OutputError:
    """Return the error of a page without a part."""
    return OutputError(f"page {name} has no {part}", "image, truth, or a mask that was generated")


def unreadable(path: Path, error: Exception) -> OutputError:
    """Return the error of a file that cannot be read."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputError(f"{path} cannot be read ({reason})", "", "check the dataset with fastecg verify")
