"""Pages as single files: an image, and its truth and masks beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from fastecg.dataset.place import STATE
from fastecg.errors import OutputError
from fastecg.viewer.shelf import IMAGE, MASKS, TAIL_BYTES, TRUTH, natural, no_part, recipe_in, unreadable

IMAGES: Final = (".png", ".jpg")


class FileShelf:
    """The pages below a folder; each is an image with a JSON file of the same name beside it.

    Parameters
    ----------
    root
        The folder, without links in its path. Files that links take out of it are not handed out.
    deep
        Look into its folders too.
    """

    def __init__(self, root: Path, *, deep: bool = True) -> None:
        self.title = root.name
        self._root = root
        found = sorted(_pages(root, deep=deep), key=lambda page: natural(page[0]))
        self.names: Sequence[str] = [name for name, _ in found]
        self._suffixes = [suffix for _, suffix in found]

    def masks(self, number: int) -> tuple[str, ...]:
        """Return which masks lie beside a page's image."""
        return tuple(mask for mask in MASKS if self._path(number, mask).is_file())

    def read(self, number: int, part: str) -> bytes:
        """Return a file of a page.

        Raises
        ------
        OutputError
            If there is none, it cannot be read, or a link takes it out of the dataset.
        """
        path = self._path(number, part)
        try:
            inside = path.resolve(strict=True).is_relative_to(self._root)
            content = path.read_bytes() if inside else b""
        except FileNotFoundError:
            raise no_part(self.names[number], part) from None
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
            raise unreadable(path, error) from None
        if not inside:
            raise OutputError(f"{path} is a link out of the dataset", "files in it", "copy the file there")
        return content

    def recipes(self) -> Sequence[str]:
        """Return the recipe of each page, from the ends of the truths."""
        return self._recipes

    @cached_property
    def _recipes(self) -> list[str]:
        return [self._recipe(number) for number in range(len(self.names))]

    def _recipe(self, number: int) -> str:
        try:
            with self._path(number, TRUTH).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL_BYTES))
                found = recipe_in(file.read())
                if found is None and size > TAIL_BYTES:
                    file.seek(0)
                    found = recipe_in(file.read())
        except OSError:
            return ""  # the page itself will say so
        return found or ""

    def _path(self, number: int, part: str) -> Path:
        endings = {IMAGE: self._suffixes[number], TRUTH: ".json", **{mask: f".{mask}.png" for mask in MASKS}}
        if part not in endings:
            raise no_part(self.names[number], part)
        return self._root / (self.names[number] + endings[part])


def _pages(root: Path, *, deep: bool) -> Iterator[tuple[str, str]]:
    """Yield names of pages, relative and without suffix, and what the names of their images end in."""
    for above, folders, names in os.walk(root):
        inner = Path(above).relative_to(root)
        folders[:] = [name for name in folders if deep and inner / name != Path(STATE)]
        known = set(names)
        for name in names:
            stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a Path for each takes ten times as long
            if suffix in IMAGES and f"{stem}.json" in known:
                yield (inner / stem).as_posix(), suffix
