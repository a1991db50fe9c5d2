"""Pages in tar files, as the format ``webdataset`` writes them."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from fastecg.errors import OutputError
from fastecg.viewer.shelf import IMAGE, MASKS, TAIL_BYTES, TRUTH, no_part, recipe_in, unreadable

_PARTS: Final = {
    "png": IMAGE,
    "jpg": IMAGE,
    "json": TRUTH,
    **{f"{mask}.png": mask for mask in MASKS},
}
_Places = dict[str, tuple[int, int]]
"""First byte and size of each part of a page in its shard."""


class TarShelf:
    """The pages of shards; of each it is known where its parts begin, and nothing is unpacked.

    Parameters
    ----------
    title
        What the dataset is called.
    shards
        The tar files, in their order.

    Raises
    ------
    OutputError
        If a shard is no tar file.
    """

    def __init__(self, title: str, shards: Sequence[Path]) -> None:
        self.title = title
        found = [
            (shard, key, places)
            for shard in shards
            for key, places in _pages(shard)
            if {IMAGE, TRUTH} <= places.keys()
        ]
        self.names: Sequence[str] = [key for _, key, _ in found]
        self._places = [(shard, places) for shard, _, places in found]

    def masks(self, number: int) -> tuple[str, ...]:
        """Return which masks a page has."""
        return tuple(mask for mask in MASKS if mask in self._places[number][1])

    def read(self, number: int, part: str) -> bytes:
        """Return a member of a page.

        Raises
        ------
        OutputError
            If there is none, or it cannot be read.
        """
        shard, places = self._places[number]
        if part not in places:
            raise no_part(self.names[number], part)
        start, size = places[part]
        content = _bytes_of(shard, start, size)
        if len(content) != size:
            raise OutputError(f"{shard} is shorter than it was", "", "copy the file again")
        return content

    def recipes(self) -> Sequence[str]:
        """Return the recipe of each page, from the ends of the truths."""
        return self._recipes

    @cached_property
    def _recipes(self) -> list[str]:
        return [self._recipe(*place) for place in self._places]

    def _recipe(self, shard: Path, places: _Places) -> str:
        start, size = places[TRUTH]
        tail = min(size, TAIL_BYTES)
        found = recipe_in(_bytes_of(shard, start + size - tail, tail))
        return found or recipe_in(_bytes_of(shard, start, size)) or ""


def _pages(shard: Path) -> Iterator[tuple[str, _Places]]:
    """Yield the keys of a shard and where their parts are, in its order."""
    pages: dict[str, _Places] = {}
    try:
        with tarfile.open(shard, "r:") as tar:
            for member in tar:
                folder, slash, name = member.name.rpartition("/")
                key, _, ending = name.partition(".")
                if member.isreg() and ending in _PARTS:
                    places = pages.setdefault(folder + slash + key, {})
                    places[_PARTS[ending]] = (member.offset_data, member.size)
    except (OSError, tarfile.TarError) as error:
        raise unreadable(shard, error) from None
    yield from pages.items()


def _bytes_of(shard: Path, start: int, size: int) -> bytes:
    try:
        with shard.open("rb") as file:
            file.seek(start)
            return file.read(size)
    except OSError as error:
        raise unreadable(shard, error) from None
